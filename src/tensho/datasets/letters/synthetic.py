"""Synthetic letter fonts: outline fonts set in ASCII symbols, a few rows high.

A letter is set in a face, made heavier, wider or slanted, and seen through a grid whose cells are twice as high as
they are wide. What a cell holds of it, and what its neighbours hold, says which symbol stands there: that is the
*treatment*. The symbols are drawn at random, a palette for each style.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from tensho.text.ascii_grid import COLUMNS, ROWS, SYMBOLS, empty_grid

__all__ = ["TREATMENTS", "SyntheticStyle", "random_style"]

_EM = 64
"""Size of the outline font that is set in symbols, in pixels to the em."""

_SOLID = "#@%&$8MWHXO0*+=o"
_LIGHT = ".:'`,-~^\"_"
_DARK = "#@%&$8MWHXO0B"
_ANY = "".join(sorted(set(SYMBOLS) - set(" `'.,")))

Cells = NDArray[np.bool_]
Quadrants = NDArray[np.float64]
Codes = NDArray[np.uint8]
Treatment = Callable[[Quadrants, str], Codes]


@dataclasses.dataclass(frozen=True)
class SyntheticStyle:
    """One style of the engine; `draw` sets a letter in it.

    Attributes:
        font: path of an outline font, or "" for the face that comes with Pillow.
        capital: height of a capital letter, in rows.
        weight: pixels of a 64-pixel em by which strokes grow.
        stretch: width over the face's own.
        slant: columns by which the top leans over the foot, for each row.
        treatment: a key of `TREATMENTS`.
        palette: the treatment's symbols.
    """

    font: str
    capital: int
    weight: float
    stretch: float
    slant: float
    treatment: str
    palette: str

    def draw(self, letters: str) -> list[NDArray[np.uint8]]:
        """The letters as grids (ROWS, COLUMNS) of one common height; one that does not fit is blank, without a box."""
        seen = [self._quadrants(letter) for letter in letters]
        drawn = [
            TREATMENTS[self.treatment](np.pad(quadrants, ((2, 2), (2, 2))), self.palette)
            for quadrants in seen
        ]
        inked = np.any([(grid > 0).any(1) for grid in drawn], axis=0)
        first, last = (int(row) for row in np.flatnonzero(inked)[[0, -1]])
        return [_boxed(grid[first : last + 1]) for grid in drawn]

    def _quadrants(self, letter: str) -> Quadrants:
        """Coverage in [0, 1] of half cells by the letter, float64 (2 · rows, 2 · columns)."""
        font = _font(self.font)
        fine = Image.new("L", (2 * _EM, 2 * _EM))
        ImageDraw.Draw(fine).text(
            (_EM // 2, round(1.4 * _EM)), letter, fill=255, font=font, anchor="ls", stroke_width=self.weight
        )
        # Half a cell is half a row high and a quarter of a row wide.
        row = 0.74 * _EM / self.capital
        lean = self.slant / 2
        columns, rows = round(4 * 2 * _EM / row * self.stretch), round(2 * 2 * _EM / row)
        supersampled = fine.transform(
            (2 * columns, 2 * rows),
            Image.Transform.AFFINE,
            (row / 8 / self.stretch, lean * row / 8, -lean * 1.4 * _EM, 0, row / 4, 0),
            Image.Resampling.BILINEAR,
        )
        coverage = np.asarray(supersampled.reduce(2)) / 255
        return coverage[: rows - rows % 2, : columns - columns % 2]


def random_style(generator: np.random.Generator, fonts: tuple[str, ...]) -> SyntheticStyle:
    """A style drawn at random, among them ones that hold a letter's form better or worse."""
    treatment = str(generator.choice(sorted(TREATMENTS)))
    few_rows = 4 if treatment in ("halves", "strokes") else 5
    return SyntheticStyle(
        font=str(generator.choice(fonts)),
        capital=int(generator.integers(few_rows, 9)),
        weight=float(generator.choice([0, 1, 2, 3])),
        stretch=float(generator.uniform(0.7, 1.15)),
        slant=float(generator.choice([0.0, 0.0, 0.0, 0.5, 1.0, -0.5])),
        treatment=treatment,
        palette=_palette(treatment, generator),
    )


def _palette(treatment: str, generator: np.random.Generator) -> str:
    if treatment == "shades":
        steps = np.sort(generator.choice(np.arange(1, len(SYMBOLS)), 3, replace=False))
        return "".join(SYMBOLS[step] for step in steps)
    if treatment == "halves":
        return str(generator.choice(["'.:", '".#', "`.|", "^_8", "'o8", '"_H', "'.#", "`,;"]))
    if treatment == "strokes":
        return str(generator.choice(["'.|/\\_#", "`,I/\\=H", '".!()-8', "'.|/\\-@"]))
    if treatment == "shadow":
        return str(generator.choice(list(_DARK))) + str(generator.choice(list(_LIGHT)))
    if treatment in ("outline", "wire"):
        frame = str(generator.choice(["|-+", "|_.", "#=#", "!~*", ":.:", "I-o", "|-'"]))
        return frame + str(generator.choice([" ", " ", ".", ":", "#"]))
    symbols = _SOLID if generator.random() < 0.7 else _ANY
    return "".join(generator.choice(list(symbols), 2, replace=False))


def _cells(quadrants: Quadrants, threshold: float = 0.45) -> Cells:
    rows, columns = quadrants.shape
    filled: Cells = quadrants.reshape(rows // 2, 2, columns // 2, 2).mean((1, 3)) > threshold
    return filled


def _coded(symbols: str) -> NDArray[np.uint8]:
    return np.array([SYMBOLS.index(symbol) for symbol in symbols], np.uint8)


def _solid(quadrants: Quadrants, palette: str) -> Codes:
    drawn: Codes = _cells(quadrants) * _coded(palette)[0]
    return drawn


def _striped(quadrants: Quadrants, palette: str) -> Codes:
    cells = _cells(quadrants)
    stripes = (
        np.indices(cells.shape).sum(0) % 2 if palette[0] < palette[1] else np.indices(cells.shape)[0] % 2
    )
    drawn: Codes = cells * _coded(palette)[stripes]
    return drawn


def _shades(quadrants: Quadrants, palette: str) -> Codes:
    rows, columns = quadrants.shape
    coverage = quadrants.reshape(rows // 2, 2, columns // 2, 2).mean((1, 3))
    drawn: Codes = _coded(" " + palette)[np.digitize(coverage, [0.15, 0.4, 0.7])]
    return drawn


def _halves(quadrants: Quadrants, palette: str) -> Codes:
    rows, columns = quadrants.shape
    upper, lower = (quadrants.reshape(rows // 2, 2, columns // 2, 2).mean(3) > 0.45).transpose(1, 0, 2)
    drawn: Codes = _coded(" " + palette)[upper + 2 * lower]
    return drawn


def _strokes(quadrants: Quadrants, palette: str) -> Codes:
    """Each cell as the symbol that its four quadrants look like."""
    above, below, upright, rising, falling, level, full = tuple(palette)
    rows, columns = quadrants.shape
    filled = quadrants.reshape(rows // 2, 2, columns // 2, 2) > 0.45
    pattern = np.einsum("iajb,ab->ij", filled, np.array([[1, 2], [4, 8]]))
    symbols = {
        0: " ", 1: above, 2: above, 3: above, 4: below, 8: below, 12: level, 5: upright, 10: upright,
        6: rising, 9: falling, 7: rising, 14: rising, 11: falling, 13: falling, 15: full,
    }  # fmt: skip
    drawn: Codes = _coded("".join(symbols[k] for k in range(16)))[pattern]
    return drawn


def _shadow(quadrants: Quadrants, palette: str) -> Codes:
    cells = _cells(quadrants)
    thrown = np.roll(cells, (1, 1), (0, 1)) & ~cells
    ink, shade = _coded(palette)
    drawn: Codes = cells * ink + thrown * shade
    return drawn


def _outline(quadrants: Quadrants, palette: str) -> Codes:
    cells = _cells(quadrants)
    up, down, left, right = _neighbours(cells)
    side, flat, corner, inside = _coded(palette)
    beside, over = ~(left & right), ~(up & down)
    edge = np.where(beside & over, corner, np.where(beside, side, np.where(over, flat, inside)))
    drawn: Codes = (cells * edge).astype(np.uint8)
    return drawn


def _wire(quadrants: Quadrants, palette: str) -> Codes:
    """The outline, drawn in the cells around the letter."""
    cells = _cells(quadrants)
    up, down, left, right = _neighbours(cells)
    side, flat, corner, inside = _coded(palette)
    beside, over = left | right, up | down
    diagonal = _neighbours(left)[0] | _neighbours(left)[1] | _neighbours(right)[0] | _neighbours(right)[1]
    around = np.where(
        beside & over, corner, np.where(beside, side, np.where(over, flat, np.where(diagonal, corner, 0)))
    )
    return np.where(cells, inside, around).astype(np.uint8)


def _neighbours(cells: Cells) -> tuple[Cells, Cells, Cells, Cells]:
    """Whether the cell above, below, to the left and to the right is filled."""
    shifts = ((1, 0), (-1, 0), (0, 1), (0, -1))
    above, below, left, right = (np.roll(cells, shift, (0, 1)) for shift in shifts)
    return above, below, left, right


TREATMENTS: Mapping[str, Treatment] = {
    "solid": _solid,
    "striped": _striped,
    "shades": _shades,
    "halves": _halves,
    "strokes": _strokes,
    "shadow": _shadow,
    "outline": _outline,
    "wire": _wire,
}
"""From the coverage of half cells and a palette to codes (rows, columns)."""


def _boxed(drawn: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The drawn rows in a grid, without blank columns at the sides."""
    columns = np.flatnonzero(drawn.any(0))
    if not len(columns) or len(drawn) > ROWS or columns[-1] - columns[0] >= COLUMNS:
        return empty_grid(0, 0)
    letter = drawn[:, columns[0] : columns[-1] + 1]
    grid = empty_grid(*letter.shape)
    grid[: letter.shape[0], : letter.shape[1]] = letter
    return grid


@lru_cache(maxsize=16)
def _font(path: str) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    if not path:
        return ImageFont.load_default(_EM)
    return ImageFont.truetype(path, _EM, layout_engine=ImageFont.Layout.BASIC)
