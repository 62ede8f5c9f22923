"""The outline of a glyph, cut into its strokes.

To each stroke belongs what lies within half of its width, so that where two cross both have all of their ink. What no stroke
reaches, such as the triangle at the end of a thin one, goes to the one whose edge is nearest. The line between them is
followed on a grid as the zero of a function that has no jumps, and the outline is cut there exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import contourpy
import numpy as np
import pathops
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from tensho.composition.strokes.fitting import GRID, FittedStroke, fitted, sampled
from tensho.composition.strokes.skeleton import PlacedStroke, Skeleton
from tensho.fonts.outline_geometry import OutlinePen
from tensho.fonts.outline_raster import raster
from tensho.fonts.outlines import Outline
from tensho.fonts.placed_outline import EmBox

__all__ = ["EM", "StrokeOutline", "split"]

EM = EmBox(1024, -124)
"""The em box in which strokes are handed over: that of hanzi-writer and Make Me a Hanzi, y upwards, the top at 900."""

_MARGIN = 0.06
"""Of the em that is looked at around it: some faces draw beyond it."""

_REACH = 1.06
"""Of half of its usual width: so far a stroke's ink is its own, whatever crosses it. Ends are measured a little short."""

_SPECK = 150.0
"""Square units of the em: smaller pieces, which are left where lines meet, belong to no stroke."""

_MEDIAN = 40.0
"""Between the points of a median, in units of the em."""


@dataclass(frozen=True, eq=False)
class StrokeOutline:
    """One stroke of a glyph.

    Attributes:
        outline: its contours in units of `EM`.
        median: its middle line from where it begins, float64 (N, 2) in the same units.
        width: the widest part of the stroke across the median, in the same units.
        placed: the stroke of the skeleton that it is.
    """

    outline: Outline
    median: NDArray[np.float64]
    width: float
    placed: PlacedStroke


def split(outline: Outline, skeleton: Skeleton) -> list[StrokeOutline]:
    """Cut a glyph's outline, in units of `EM`, into the strokes of its skeleton, in their order."""
    side = EM.units * (1 + 2 * _MARGIN)
    left, bottom = -_MARGIN * EM.units, EM.descender - _MARGIN * EM.units
    scale = GRID / side
    ink = raster(outline, GRID, scale=scale, left=left, bottom=bottom) / 255.0

    def in_em(pixels: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.stack([left + pixels[:, 0] / scale, bottom + (GRID - pixels[:, 1]) / scale], 1)

    strokes = fitted(skeleton, ink)
    fields = _fields(strokes)
    whole = pathops.Path()
    outline.draw(whole.getPen(glyphSet=None))
    found = []
    for stroke, field in zip(strokes, fields, strict=True):
        cut = _within(whole, [in_em(contour + 0.5) for contour in _zero(field)])
        median = sampled(in_em(stroke.line + 0.5), _MEDIAN)
        found.append(StrokeOutline(cut, median, 2 * float(stroke.half.max()) / scale, stroke.placed))
    return found


def _fields(strokes: Sequence[FittedStroke]) -> list[NDArray[np.float64]]:
    """For each stroke a function of the grid, float64 (GRID, GRID), that is positive where ink is its own."""
    if len(strokes) == 1:
        return [np.ones((GRID, GRID))]
    columns, rows = np.meshgrid(np.arange(GRID), np.arange(GRID))
    places = np.stack([columns.ravel(), rows.ravel()], 1)
    beyond = np.empty((len(strokes), GRID * GRID))
    for k, stroke in enumerate(strokes):
        fine = sampled(stroke.line, 1.0)
        half = np.interp(np.linspace(0, 1, len(fine)), np.linspace(0, 1, len(stroke.half)), stroke.half)
        distance, number = cKDTree(fine).query(places)
        beyond[k] = distance - _REACH * np.minimum(half, np.median(half))[number]
    least = np.partition(beyond, 1, axis=0)[:2]
    fields = []
    for own in beyond:
        others = np.where(own <= least[0], least[1], least[0])
        fields.append(np.maximum(others - own, -own).reshape(GRID, GRID))
    return fields


def _zero(field: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """The closed lines around what is positive, float64 (N, 2) each, as x and y in pixels."""
    framed = np.pad(field, 1, constant_values=-1.0)
    lines = contourpy.contour_generator(z=framed).lines(0.0)
    return [np.asarray(line, np.float64) - 1 for line in lines if len(line) > 3]


def _within(whole: pathops.Path, contours: Sequence[NDArray[np.float64]]) -> Outline:
    """The part of a path that lies inside contours."""
    area = pathops.Path(fillType=pathops.FillType.EVEN_ODD)
    pen = area.getPen(glyphSet=None)
    for contour in contours:
        first, *rest = [(float(x), float(y)) for x, y in contour]
        pen.moveTo(first)
        for point in rest:
            pen.lineTo(point)
        pen.closePath()
    cut = pathops.op(whole, area, pathops.PathOp.INTERSECTION)
    drawn = OutlinePen()
    cut.draw(drawn)
    found = drawn.outline()
    return found.subset(np.flatnonzero(np.abs(found.areas) > _SPECK).tolist()) if len(found) else found
