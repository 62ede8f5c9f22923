"""Styles of lettering, and letters drawn in them by the letterer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from tensho.data.kinship import nearness
from tensho.data.lettering import LETTERS, Lettering, figlet_font
from tensho.data.specimens import Metric, letter_shapes, metric_of
from tensho.data.symbols import PAD, SYMBOLS, boxes, empty_grid
from tensho.errors import TenshoError
from tensho.models.letterer import UNKNOWN, Letterer, Request
from tensho.reference import parse_reference
from tensho.seeds import SampleNoise, derived_seed

__all__ = [
    "NAMED_STYLES",
    "Style",
    "draw_letters",
    "named_style",
    "style_by_lot",
    "style_like",
    "style_of_letters",
]

NAMED_STYLES = tuple(
    sorted(
        item.name.removesuffix(".txt")
        for item in (files("tensho.data") / "resources" / "lettering").iterdir()
        if item.name.endswith(".txt")
    )
)
"""Styles that come with the package, each as a few drawn letters in the format of `tensho.reference`."""

_GIVEN, _FIRST, _LATER = 6, 4, 10
"""Most letters that are shown to the network, and that it draws at once when few are shown and when enough are."""

_PLAIN_FILLS = "#@%&$8MWHXO0*+=o"
_TELLING = "HamburgefonstivRQ38"
"""Letters that show most of a font, in the order in which they are taken as references."""

Grid = NDArray[np.uint8]


class Style(NamedTuple):
    """What letters are drawn from.

    Attributes:
        given: letters that are drawn already, as grids.
        neighbour: a font near them, a row of the lettering set; None: none is.
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


def style_of_letters(given: Mapping[str, Grid], fonts: Lettering) -> Style:
    """The style of drawn letters: their metric, and the training font that is nearest to them."""
    known = [letter for letter in given if letter in LETTERS]
    grids = np.stack(list(given.values()))
    height = int(boxes(grids)[:, 0].max())
    metric = metric_of(grids, letter_shapes(list(given)).extents)
    if not known:
        return Style(given, None, metric, height)
    train = fonts.split("train")
    places = np.array([LETTERS.index(letter) for letter in known])
    near = nearness(np.stack([given[letter] for letter in known])[None], fonts.grids[train[:, None], places])
    return Style(given, int(train[near[0].argmax()]), metric, height)


def draw_letters(
    network: Letterer,
    fonts: Lettering,
    style: Style,
    letters: Sequence[str],
    *,
    seed: int = 0,
    steps: int | None = None,
) -> dict[str, list[Grid]]:
    """Draw letters in a style; each is the list of its grids after every evaluation, the finished one last.

    Letters that the style holds are not drawn again. The first letters that are drawn become references of the
    later ones where the style has few.
    """
    done = {letter: [style.given[letter]] for letter in letters if letter in style.given}
    shown = dict(list(style.given.items())[:_GIVEN])
    waiting = [letter for letter in letters if letter not in done]
    part = 0
    while waiting:
        count = _LATER if len(shown) >= _FIRST else _FIRST
        chosen, waiting = waiting[:count], waiting[count:]
        request = _request(style, shown, chosen, fonts)
        stages = [
            codes[0, len(shown) :].to(torch.uint8).numpy()
            for codes in network.uncover(request, SampleNoise(seed, [part]), steps=steps)
        ]
        for place, letter in enumerate(chosen):
            done[letter] = [stage[place] for stage in stages]
            if len(shown) < _GIVEN:
                shown = {**shown, letter: done[letter][-1]}
        part += 1
    if style.fills is None:
        return done
    return {letter: [style.fills[grid] for grid in grids] for letter, grids in done.items()}


def _request(style: Style, shown: Mapping[str, Grid], asked: Sequence[str], fonts: Lettering) -> Request:
    letters = [*shown, *asked]
    shapes = letter_shapes(letters)
    codes = np.array([LETTERS.index(letter) if letter in LETTERS else UNKNOWN for letter in letters])
    absent = np.stack([empty_grid(0, 0)] * len(letters))
    neighbour = absent.copy()
    if style.neighbour is not None:
        known = codes != UNKNOWN
        neighbour[known] = fonts.grids[style.neighbour, codes[known]]
    given = np.concatenate([np.stack(list(shown.values())), absent[len(shown) :]]) if shown else absent
    fields = (
        codes,
        shapes.bitmaps,
        style.metric.places(shapes.extents, style.height),
        given,
        neighbour,
        np.int64(style.height),
    )
    return Request(*(torch.from_numpy(np.asarray(field)[None]) for field in fields))


def style_like(name: str, letters: Sequence[str], fonts: Lettering) -> Style:
    """The style of a FIGlet font, for drawing ``letters``.

    Raises:
        TenshoError: there is no such font, or its letters are not of the kind that the letterer draws.
    """
    given = _others(figlet_font(name), letters)
    if len(given) < _FIRST:
        raise TenshoError(
            f"FIGlet's {name} has too few letters of at most 12 × 24 ASCII symbols; choose another font"
        )
    return style_of_letters(given, fonts)


def style_by_lot(number: int, letters: Sequence[str], fonts: Lettering) -> Style:
    """A style that only a number names, for drawing ``letters``.

    A training font shows a few other letters, a font near it lends its forms to those that are drawn, and what
    fills them is drawn by lot.
    """
    generator = np.random.default_rng(derived_seed("style", number))
    font = int(generator.choice(fonts.split("train")))
    style = style_of_letters(_others(fonts.grids[font], letters), fonts)
    neighbour = int(generator.choice(fonts.neighbours[font]))
    return style._replace(neighbour=neighbour, fills=_fills(number))


def _others(grids: NDArray[np.uint8], letters: Sequence[str]) -> dict[str, Grid]:
    """A few letters of a font, if possible other ones than ``letters``."""
    order = sorted(dict.fromkeys(_TELLING + LETTERS), key=lambda letter: letter in letters)
    drawn = {letter: grids[LETTERS.index(letter)] for letter in order}
    present = {letter: grid for letter, grid in drawn.items() if (grid != PAD).any()}
    return dict(list(present.items())[:_GIVEN])


def _fills(number: int) -> NDArray[np.uint8]:
    """For each code, another of those that only fill, by lot; all others stay."""
    generator = np.random.default_rng(derived_seed("fill", number))
    plain = np.array([SYMBOLS.index(symbol) for symbol in _PLAIN_FILLS])
    table = np.arange(PAD + 1, dtype=np.uint8)
    table[plain] = generator.permutation(plain)
    return table


def named_style(name: str, fonts: Lettering) -> Style:
    """A style that comes with the package.

    Raises:
        TenshoError: there is none of that name.
    """
    if name not in NAMED_STYLES:
        raise TenshoError(
            f"unknown style {name!r}; there are {', '.join(NAMED_STYLES)}, and every number is one"
        )
    file = files("tensho.data") / "resources" / "lettering" / f"{name}.txt"
    return style_of_letters(parse_reference(file.read_text(encoding="utf-8")), fonts)
