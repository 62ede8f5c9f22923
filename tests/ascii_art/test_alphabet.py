from tensho.ascii_art.alphabet import draw_alphabet
from tensho.ascii_art.styles import named_style, style_like
from tensho.text.ascii_grid import lines_of
from tensho.text.figlet_font import REQUIRED

LETTERS = REQUIRED[1:]


def test_an_alphabet_has_one_height_and_no_letter_that_was_lent(letterer, fonts):
    style = style_like("big", LETTERS, fonts)
    assert style.given
    drawn = draw_alphabet(letterer, fonts, style, LETTERS, lent=True)
    assert list(drawn) == list(LETTERS)
    assert {len(lines) for lines in drawn.values()} == {style.height}
    assert all(len({len(line) for line in lines}) == 1 for lines in drawn.values())
    assert all(drawn[letter] != lines_of(grid) for letter, grid in style.given.items())


def test_letters_that_somebody_drew_for_it_stay(letterer, fonts):
    style = named_style("brick", fonts)
    drawn = draw_alphabet(letterer, fonts, style, LETTERS, lent=False)
    assert all(drawn[letter] == lines_of(grid) for letter, grid in style.given.items())
