"""A whole alphabet drawn in one style, as a font needs it."""

from __future__ import annotations

from collections.abc import Sequence

from tensho.ascii_art.drawing import draw_letters
from tensho.ascii_art.styles import MOST_SHOWN, TELLING, Style, style_of_letters
from tensho.datasets.letters.fonts import LetterFonts
from tensho.models.letterer import Letterer
from tensho.text.ascii_grid import lines_of

__all__ = ["draw_alphabet"]


def draw_alphabet(
    network: Letterer,
    fonts: LetterFonts,
    style: Style,
    letters: Sequence[str],
    *,
    lent: bool,
    seed: int = 0,
    steps: int | None = None,
) -> dict[str, list[str]]:
    """The lines of each letter, all of one height.

    Args:
        network: what draws.
        fonts: the set of letter fonts.
        style: what it follows.
        letters: visible characters, more than the style shows.
        lent: whether the letters that the style shows are those of a font. They are drawn anew then, like the others, so that
            the alphabet holds none of it.
        seed: any integer.
        steps: network evaluations; None: the model's default.
    """
    drawn = {
        letter: grids[-1]
        for letter, grids in draw_letters(network, fonts, style, letters, seed=seed, steps=steps).items()
    }
    anew = [letter for letter in letters if letter in style.given]
    if lent and anew:
        shown = [
            letter for letter in dict.fromkeys([*TELLING, *letters]) if letter in drawn and letter not in anew
        ]
        follows = style_of_letters({letter: drawn[letter] for letter in shown[:MOST_SHOWN]}, fonts)
        follows = follows._replace(neighbour=style.neighbour, metric=style.metric, height=style.height)
        again = draw_letters(network, fonts, follows, anew, seed=seed, steps=steps)
        drawn |= {letter: grids[-1] for letter, grids in again.items()}
    return {letter: lines_of(drawn[letter]) for letter in letters}
