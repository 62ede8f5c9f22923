import numpy as np
from PIL import Image

from tensho.ascii_art.drawing import draw_letters
from tensho.ascii_art.styles import named_style, style_of_letters
from tensho.datasets.letters.fonts import LETTERS
from tensho.fonts.letter_bitmaps import letter_shape
from tensho.models import loading
from tensho.models.letterer import Letterer
from tensho.text.ascii_grid import MASK


def test_given_letters_are_not_drawn_again(letterer, fonts):
    given = {letter: fonts.grids[fonts.names.index("big"), LETTERS.index(letter)] for letter in "abcd"}
    style = style_of_letters(given, fonts)
    drawn = draw_letters(letterer, fonts, style, list("abxy"))
    assert (drawn["a"][-1] == given["a"]).all()
    assert len(drawn["x"]) == 3
    alone = draw_letters(letterer, fonts, style, list("xy"))
    assert (alone["x"][-1] == drawn["x"][-1]).all()


def test_letters_that_come_out_as_a_fonts_own_are_drawn_again(fonts):
    """At its first attempt the shipped letterer draws seven of these ten just as a font of the set has them."""
    letterer = loading.load("letterer")
    assert isinstance(letterer, Letterer)
    given = {letter: fonts.grids[fonts.names.index("banner"), LETTERS.index(letter)] for letter in "ABCD"}
    assert all(fonts.holds(letter, grid) for letter, grid in given.items())
    drawn = draw_letters(letterer, fonts, style_of_letters(given, fonts), list("EFHILTUXYZ"))
    assert sum(fonts.holds(letter, stages[-1]) for letter, stages in drawn.items()) <= 3


def test_letters_of_the_shipped_letterer_look_like_what_they_are(fonts):
    """They are told apart by nothing but the overlap with the outlines of a face."""
    letters = "ABCEFHIJKLMNOPTUXYZ"
    style = named_style("block", fonts)
    letterer = loading.load("letterer")
    assert isinstance(letterer, Letterer)
    drawn = draw_letters(letterer, fonts, style, letters)
    shapes = np.stack([_square(letter_shape(letter).bitmap > 127) for letter in letters])
    right = 0
    for place, letter in enumerate(letters):
        grid = drawn[letter][-1]
        ink = (grid > 0) & (grid < MASK)
        found = _square(ink[np.ix_(ink.any(1), ink.any(0))])
        overlap = np.minimum(found, shapes).sum((1, 2)) / np.maximum(found, shapes).sum((1, 2))
        right += overlap.argmax() == place
    assert right >= 0.7 * len(letters)


def _square(ink):
    """Ink as a square of 12 x 12 shares."""
    image = Image.fromarray(ink.astype(np.uint8) * 255)
    return np.asarray(image.resize((12, 12), Image.Resampling.BOX), float) / 255
