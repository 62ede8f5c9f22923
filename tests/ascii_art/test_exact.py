import numpy as np
import pytest

from tensho.ascii_art.exact import exact_letter
from tensho.fonts.letter_bitmaps import letter_shape

DOTS = {
    0x01: (0, 0),
    0x02: (1, 0),
    0x04: (2, 0),
    0x40: (3, 0),
    0x08: (0, 1),
    0x10: (1, 1),
    0x20: (2, 1),
    0x80: (3, 1),
}


def pixels(lines, kind):
    """The dots of braille or half blocks, read back one by one."""
    down, across = (4, 2) if kind == "braille" else (2, 1)
    image = np.zeros((len(lines) * down, len(lines[0]) * across), bool)
    for row, line in enumerate(lines):
        for column, sign in enumerate(line):
            if kind == "braille":
                on = [place for bit, place in DOTS.items() if sign != " " and (ord(sign) - 0x2800) & bit]
            else:
                on = {" ": [], "▀": [(0, 0)], "▄": [(1, 0)], "█": [(0, 0), (1, 0)]}[sign]
            for y, x in on:
                image[row * down + y, column * across + x] = True
    return image


@pytest.mark.parametrize("kind", ["braille", "blocks"])
@pytest.mark.parametrize("letter", ["A", "g", "é", "Ж", "漢"])
def test_the_ink_is_the_letters(kind, letter):
    lines = exact_letter(letter, kind)
    assert len(lines) == 8
    assert len({len(line) for line in lines}) == 1
    image = pixels(lines, kind)
    ink = image[np.ix_(image.any(1), image.any(0))]
    true = letter_shape(letter).bitmap
    rows = (np.arange(ink.shape[0]) * 48 // ink.shape[0])[:, None]
    columns = np.arange(ink.shape[1]) * 48 // ink.shape[1]
    shared = np.corrcoef(ink.ravel(), true[rows, columns].ravel())[0, 1]
    assert shared > 0.3


def test_letters_keep_their_proportions():
    """Dots and half blocks are square, so an em is as wide as it is high."""
    wide, high = letter_shape("漢").width, letter_shape("漢").top - letter_shape("漢").bottom
    image = pixels(exact_letter("漢", "braille"), "braille")
    found = image.any(0).sum() / image.any(1).sum()
    assert found == pytest.approx(wide / high, rel=0.1)
