"""Styles of lettering: a few drawn letters, a font near them, and where letters stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tensho.ascii_art.reference import parse_reference
from tensho.datasets.letters.fonts import LETTERS, LetterFonts, figlet_font
from tensho.datasets.letters.groups import Metric, letter_shapes, metric_of
from tensho.datasets.letters.similarity import font_similarity
from tensho.errors import TenshoError
from tensho.seeds import derived_seed
from tensho.text.ascii_grid import PAD, SYMBOLS, boxes

__all__ = [
    "MOST_SHOWN",
    "NAMED_STYLES",
    "TELLING",
    "Grid",
    "Style",
    "letters_of_style",
    "named_style",
    "random_style_of_seed",
    "style_like",
    "style_of_letters",
]

NAMED_STYLES = tuple(
    sorted(
        item.name.removesuffix(".txt")
        for item in (files("tensho.ascii_art") / "named_styles").iterdir()
        if item.name.endswith(".txt")
    )
)
"""Styles that come with the package, each as a few drawn letters in the format of `tensho.ascii_art.reference`."""

MOST_SHOWN = 6
"""Most letters that are shown to the network."""

_FEWEST = 4
"""Letters below which a font is taken not to be drawn in ASCII."""

_PLAIN_FILLS = "#@%&$8MWHXO0*+=o"
TELLING = "HamburgefonstivRQ38"
"""Letters that show most of a font, in the order in which they are taken as references."""

Grid = NDArray[np.uint8]


class Style(NamedTuple):
    """What letters are drawn from.

    Attributes:
        given: letters that are drawn already, as grids.
        neighbour: a font near them, a row of the set of letter fonts; None: none is.
        metric: where letters stand.
        height: rows of all boxes.
        fills: uint8 (PAD + 1,), the code that each code of a drawn letter becomes; None: itself. The network reads
            symbols by where they stand, so this is the same style in other symbols.
    """

    given: Mapping[str, Grid]
    neighbour: int | None
    metric: Metric
    height: int
    fills: NDArray[np.uint8] | None = None


def style_of_letters(given: Mapping[str, Grid], fonts: LetterFonts) -> Style:
    """The style of drawn letters: their metric, and the training font that is nearest to them."""
    known = [letter for letter in given if letter in LETTERS]
    grids = np.stack(list(given.values()))
    height = int(boxes(grids)[:, 0].max())
    metric = metric_of(grids, letter_shapes(list(given)).extents)
    if not known:
        return Style(given, None, metric, height)
    train = fonts.split("train")
    places = np.array([LETTERS.index(letter) for letter in known])
    near = font_similarity(
        np.stack([given[letter] for letter in known])[None], fonts.grids[train[:, None], places]
    )
    return Style(given, int(train[near[0].argmax()]), metric, height)


def style_like(name: str, letters: Sequence[str], fonts: LetterFonts) -> Style:
    """The style of a FIGlet font, for drawing ``letters``.

    Raises:
        TenshoError: there is no such font, or its letters are not of the kind that the letterer draws.
    """
    given = _others(figlet_font(name), letters)
    if len(given) < _FEWEST:
        raise TenshoError(
            f"FIGlet's {name} has too few letters of at most 12 × 24 ASCII symbols; choose another font"
        )
    return style_of_letters(given, fonts)


def random_style_of_seed(number: int, letters: Sequence[str], fonts: LetterFonts) -> Style:
    """A style that only a number names, for drawing ``letters``.

    A training font shows a few other letters, a font near it lends its forms to those that are drawn, and what
    fills them is drawn at random.
    """
    generator = np.random.default_rng(derived_seed("style", number))
    font = int(generator.choice(fonts.split("train")))
    style = style_of_letters(_others(fonts.grids[font], letters), fonts)
    neighbour = int(generator.choice(fonts.neighbours[font]))
    return style._replace(neighbour=neighbour, fills=_fills(number))


def _others(grids: NDArray[np.uint8], letters: Sequence[str]) -> dict[str, Grid]:
    """A few letters of a font, if possible other ones than ``letters``."""
    order = sorted(dict.fromkeys(TELLING + LETTERS), key=lambda letter: letter in letters)
    drawn = {letter: grids[LETTERS.index(letter)] for letter in order}
    present = {letter: grid for letter, grid in drawn.items() if (grid != PAD).any()}
    return dict(list(present.items())[:MOST_SHOWN])


def _fills(number: int) -> NDArray[np.uint8]:
    """For each code, another of those that only fill, at random; all others stay."""
    generator = np.random.default_rng(derived_seed("fill", number))
    plain = np.array([SYMBOLS.index(symbol) for symbol in _PLAIN_FILLS])
    table = np.arange(PAD + 1, dtype=np.uint8)
    table[plain] = generator.permutation(plain)
    return table


def named_style(name: str, fonts: LetterFonts) -> Style:
    """A style that comes with the package.

    Raises:
        TenshoError: there is none of that name.
    """
    return style_of_letters(letters_of_style(name), fonts)


def letters_of_style(name: str) -> dict[str, Grid]:
    """The letters that say a style that comes with the package.

    Raises:
        TenshoError: there is none of that name.
    """
    if name not in NAMED_STYLES:
        raise TenshoError(
            f"unknown style {name!r}; there are {', '.join(NAMED_STYLES)}, and every number is one"
        )
    file = files("tensho.ascii_art") / "named_styles" / f"{name}.txt"
    return parse_reference(file.read_text(encoding="utf-8"))
