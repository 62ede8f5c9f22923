"""Letters drawn in a style by the letterer, a few at a time: the first are shown to it when it draws the later ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from tensho.ascii_art.styles import MOST_SHOWN, Grid, Style
from tensho.datasets.letters.fonts import LETTERS, LetterFonts
from tensho.datasets.letters.groups import letter_shapes
from tensho.models.letterer import UNKNOWN, Letterer, Request
from tensho.seeds import SampleNoise
from tensho.text.ascii_grid import empty_grid

__all__ = ["draw_letters"]

_ENOUGH = 4
"""Letters that tell a style."""

_FIRST, _LATER = 4, 10
"""Letters that are drawn at once, while fewer than enough are shown and then."""

_ATTEMPTS = 4
"""Times that a letter is drawn at most, if it comes out as a font's own."""

_PARTS = 1000
"""More parts than any text has; the noise of another attempt comes after theirs."""


def draw_letters(
    network: Letterer,
    fonts: LetterFonts,
    style: Style,
    letters: Sequence[str],
    *,
    seed: int = 0,
    steps: int | None = None,
) -> dict[str, list[Grid]]:
    """Draw letters in a style; each is the list of its grids after every evaluation, the finished one last.

    Letters that the style holds are not drawn again. The first letters that are drawn become references of the
    later ones where the style has few. A letter that comes out just as a font of the train split has it is drawn again,
    now without sight of the near font.
    """
    done = {letter: [style.given[letter]] for letter in letters if letter in style.given}
    shown = dict(list(style.given.items())[:MOST_SHOWN])
    waiting = [letter for letter in letters if letter not in done]

    def drawn(asked: Sequence[str], manner: Style, part: int) -> dict[str, list[Grid]]:
        stages = [
            codes[0, len(shown) :].to(torch.uint8).numpy()
            for codes in network.uncover(
                _request(manner, shown, asked, fonts), SampleNoise(seed, [part]), steps=steps
            )
        ]
        return {letter: [stage[place] for stage in stages] for place, letter in enumerate(asked)}

    part = 0
    while waiting:
        count = _LATER if len(shown) >= _ENOUGH else _FIRST
        chosen, waiting = waiting[:count], waiting[count:]
        found, copies = drawn(chosen, style, part), chosen
        for attempt in range(1, _ATTEMPTS):
            copies = [letter for letter in copies if _copied(found[letter][-1], letter, style, fonts)]
            if not copies:
                break
            found |= drawn(copies, style._replace(neighbour=None), part + attempt * _PARTS)
        for letter in chosen:
            done[letter] = found[letter]
            if len(shown) < MOST_SHOWN:
                shown = {**shown, letter: done[letter][-1]}
        part += 1
    if style.fills is None:
        return done
    return {letter: [style.fills[grid] for grid in grids] for letter, grids in done.items()}


def _copied(grid: Grid, letter: str, style: Style, fonts: LetterFonts) -> bool:
    seen = grid if style.fills is None else style.fills[grid]
    return letter in LETTERS and fonts.holds(letter, seen)


def _request(style: Style, shown: Mapping[str, Grid], asked: Sequence[str], fonts: LetterFonts) -> Request:
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
