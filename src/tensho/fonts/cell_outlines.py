"""Outlines of symbols as a terminal shows them: each in a cell of its own, half an em wide, one em high.

Letters are the half-width forms (OpenType feature ``hwid``) of the faces at hand, whose wide characters take two cells. Box
drawing and blocks are squeezed into one cell, which they fill. Braille is drawn as dots.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from fontTools.ttLib import TTFont
from numpy.typing import NDArray

from tensho.fonts.letter_bitmaps import letter_faces
from tensho.fonts.outline_reader import OutlineReader
from tensho.fonts.outlines import CUBIC, ON_CURVE, Outline, joined

__all__ = ["ASCENT", "COLUMN", "ROW", "cell_outline"]

COLUMN, ROW = 500, 1000
"""Width and height of a cell, in font units."""

ASCENT = 880
"""Upper edge of a cell over its baseline, in font units."""

_BRAILLE = range(0x2800, 0x2900)
_DOTS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
"""Column and row of the dot that each bit stands for."""

_RADIUS = 90
_ROUND = 0.5523
"""Length of the handles of a quarter of a circle, in radii."""


@lru_cache(maxsize=4096)
def cell_outline(symbol: str, columns: int = 1) -> Outline:
    """A symbol, in font units, y up, the baseline's left end at the origin; an empty frame if no face has it.

    Args:
        symbol: a character, with any combining marks.
        columns: cells that it takes.
    """
    if ord(symbol[0]) in _BRAILLE:
        bits = ord(symbol[0]) - _BRAILLE.start
        return joined([_dot(*place) for bit, place in enumerate(_DOTS) if bits >> bit & 1])
    if symbol.isspace():
        return joined([])
    for path in letter_faces():
        found = _face(path).outline(symbol, columns * COLUMN)
        if found is not None:
            return found
    return _frame(columns * COLUMN)


class _CellFace:
    def __init__(self, path: Path) -> None:
        self._reader = OutlineReader(path)
        with TTFont(path, lazy=True) as font:
            self._names: dict[int, str] = font.getBestCmap()
            self._half_width = _single_substitutions(font, "hwid")
            self._advances = {name: advance for name, (advance, _) in font["hmtx"].metrics.items()}
            self._numbers: dict[str, int] = font.getReverseGlyphMap()

    def outline(self, symbol: str, width: int) -> Outline | None:
        base = self._placed(symbol[0], width)
        if base is None:
            return None
        marks = [self._reader.outline(mark) for mark in symbol[1:]]
        after = np.array((width, 0), np.float32)
        return joined([base, *(mark.moved(mark.points + after) for mark in marks if mark is not None)])

    def _placed(self, character: str, width: int) -> Outline | None:
        name = self._names.get(ord(character))
        if name is None:
            return None
        if width == COLUMN:
            name = self._half_width.get(name, name)
        outline = self._reader.named(f"gid{self._numbers[name]}")
        if outline is None:
            return None
        advance = self._advances[name]
        squeezed = np.array((min(1, width / advance) if advance else 1, 1), np.float32)
        margin = np.array((max(0, width - advance) / 2, 0), np.float32)
        return outline.moved(outline.points * squeezed + margin)


@lru_cache(maxsize=8)
def _face(path: Path) -> _CellFace:
    return _CellFace(path)


def _single_substitutions(font: TTFont, feature: str) -> dict[str, str]:
    """Names of glyphs by the names of those that they replace (GSUB lookups of type 1)."""
    if "GSUB" not in font:
        return {}
    table = font["GSUB"].table
    lookups = {
        lookup
        for record in table.FeatureList.FeatureRecord
        if record.FeatureTag == feature
        for lookup in record.Feature.LookupListIndex
    }
    found: dict[str, str] = {}
    for lookup in sorted(lookups):
        for subtable in table.LookupList.Lookup[lookup].SubTable:
            found |= getattr(subtable, "ExtSubTable", subtable).mapping
    return found


def _dot(column: int, row: int) -> Outline:
    center = np.array([(column + 0.5) * COLUMN / 2, ASCENT - (row + 0.5) * ROW / 4])
    quarter = np.array([(1, 0), (1, -_ROUND), (_ROUND, -1)])
    points = center + _RADIUS * np.concatenate([_turned(quarter, k) for k in range(4)])
    tags = np.array([ON_CURVE, CUBIC, CUBIC] * 4, np.uint8)
    return Outline(points.astype(np.float32), tags, np.array([11], np.int32))


def _turned(points: NDArray[np.float64], quarters: int) -> NDArray[np.float64]:
    """Points turned clockwise about the origin."""
    turned: NDArray[np.float64] = points @ np.linalg.matrix_power(np.array([[0, -1], [1, 0]]), quarters)
    return turned


def _frame(width: int) -> Outline:
    outer = np.array([(60, 0), (60, 700), (width - 60, 700), (width - 60, 0)])
    inner = np.array([(110, 50), (width - 110, 50), (width - 110, 650), (110, 650)])
    points = np.concatenate([outer, inner]).astype(np.float32)
    return Outline(points, np.full(8, ON_CURVE, np.uint8), np.array([3, 7], np.int32))
