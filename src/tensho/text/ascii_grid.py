"""A letter made of symbols: a small grid of codes, and what the codes stand for.

A grid is uint8 (ROWS, COLUMNS). Its letter stands in the upper left corner, in a box of so many rows and columns, and
is made of the 95 printable ASCII characters, as codes 0 to 94 in the order of the ink that they hold; 0 is the
space. Cells outside the box are `PAD`. `MASK` is a cell of which nothing is known yet.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "COLUMNS",
    "MASK",
    "PAD",
    "ROWS",
    "SYMBOLS",
    "boxes",
    "codes_of",
    "empty_grid",
    "grid_of",
    "lines_of",
]

ROWS, COLUMNS = 12, 24
"""Of a grid, in character cells."""

SYMBOLS = " `.-',:~\";^_!*r/\\+()><|=?lcvi[]zLx7jtfsY}1T{JunCyIF%ow2Vkh3eZ4X5aSPm$AEbdpGqUK6&9HOgD0R#Q8@WNBM"
"""From light to dark, by the ink of each in DejaVu Sans Mono."""

MASK, PAD = len(SYMBOLS), len(SYMBOLS) + 1

_CODES = np.full(128, MASK, np.uint8)
_CODES[[ord(symbol) for symbol in SYMBOLS]] = np.arange(len(SYMBOLS))


def empty_grid(rows: int, columns: int) -> NDArray[np.uint8]:
    """A grid whose box of ``rows`` × ``columns`` is blank."""
    grid = np.full((ROWS, COLUMNS), PAD, np.uint8)
    grid[:rows, :columns] = 0
    return grid


def grid_of(lines: Sequence[str]) -> NDArray[np.uint8]:
    """The grid of a letter, given as at most `ROWS` lines of at most `COLUMNS` printable ASCII characters each."""
    grid = empty_grid(len(lines), max(map(len, lines), default=0))
    for row, line in zip(grid, lines, strict=False):
        row[: len(line)] = codes_of(line)
    return grid


def codes_of(symbols: str) -> NDArray[np.uint8]:
    """The code of each of some printable ASCII characters, uint8 (len(symbols),)."""
    codes: NDArray[np.uint8] = _CODES[np.frombuffer(symbols.encode("ascii"), np.uint8)]
    return codes


def lines_of(grid: NDArray[np.uint8], hidden: str = " ") -> list[str]:
    """The inverse of `grid_of`: the lines of the box, all of its width; masked cells are shown as ``hidden``."""
    rows, columns = (int(side) for side in boxes(grid))
    shown = SYMBOLS + hidden
    return ["".join(shown[code] for code in row[:columns]) for row in grid[:rows]]


def boxes(grids: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Rows and columns of the boxes of grids (…, ROWS, COLUMNS), int64 (…, 2); zeros where there is no box."""
    inside = grids != PAD
    return np.stack([inside.any(-1).sum(-1), inside.any(-2).sum(-1)], -1)
