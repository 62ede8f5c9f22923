"""Fitting a form into a box with its stems kept: what designers do when a part has to be narrower.

Along each axis a piecewise-linear map leaves the widths of stems alone and gives or takes in the counters between them.
Stems are found in the outline: two straight edges along the axis's normal, opposite in direction, no farther apart than a stem of the
face can be, one above the other for some length.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tensho.composition.outlines.islands import coverage
from tensho.fonts.outlines import ON_CURVE, Bounds, Outline

__all__ = ["fitted", "scaled", "stem_widths", "stems", "stroke_width"]

_STRAIGHT = 0.12
"""Slope up to which an edge counts as straight."""

_WIDEST_STEM = 0.14
"""Most that a stem can be across, in ems."""

_SHORTEST_EDGE = 0.05
"""Least length of an edge of a stem, in ems."""

_FINE = 256  # cells along the em in which a stroke's width is measured

_SQUEEZE = 0.03
"""Plain scaling that is not seen; within it nothing is looked for."""

_COUNTER = 0.9
"""What a counter is wide at least, as a share of the stems, unless it was narrower: beyond that stems give way too."""

Intervals = list[tuple[float, float]]


def fitted(outline: Outline, box: Bounds, em: float, *, source: Bounds | None = None) -> Outline:
    """Move and fit an outline so that its ink fills a box.

    Args:
        outline: in font units.
        box: where its ink goes.
        em: units of an em.
        source: where its ink is; None: it is measured.
    """
    here = outline.bounds if source is None else source
    points = outline.points.astype(np.float64)
    out = np.empty_like(points)
    for axis, (low, high, new_low, new_high) in enumerate(
        ((here.left, here.right, box.left, box.right), (here.bottom, here.top, box.bottom, box.top))
    ):
        extent, wanted = high - low, new_high - new_low
        if extent < 1 or abs(wanted - extent) <= _SQUEEZE * extent:
            scale = wanted / extent if extent >= 1 else 1.0
            out[:, axis] = new_low + (points[:, axis] - low) * scale
            continue
        out[:, axis] = _warp(points[:, axis], stems(outline, axis, em), (low, high), (new_low, new_high))
    return outline.moved(out.astype(np.float32))


def scaled(outline: Outline, box: Bounds) -> Outline:
    """Move and scale an outline so that its ink fills a box, its strokes with it."""
    here = outline.bounds
    scale = np.array([box.width / max(here.width, 1.0), box.height / max(here.height, 1.0)])
    corner, place = np.array([here.left, here.bottom]), np.array([box.left, box.bottom])
    return outline.moved(((outline.points - corner) * scale + place).astype(np.float32))


def stems(outline: Outline, axis: int, em: float) -> Intervals:
    """Where stems across an axis (0: vertical stems, measured along x) begin and end, ascending and disjoint."""
    starts, vectors = _edges(outline)
    along, across = vectors[:, 1 - axis], vectors[:, axis]
    straight = (np.abs(along) >= _SHORTEST_EDGE * em) & (np.abs(across) <= _STRAIGHT * np.abs(along))
    if not straight.any():
        return []
    place = starts[straight, axis] + across[straight] / 2
    low = starts[straight, 1 - axis] + np.minimum(along[straight], 0)
    high = low + np.abs(along[straight])
    way = np.sign(along[straight])
    found = []
    for i in np.argsort(place):
        facing = (way == -way[i]) & (place > place[i]) & (place - place[i] <= _WIDEST_STEM * em)
        shared = np.minimum(high, high[i]) - np.maximum(low, low[i])
        facing &= shared >= 0.5 * _SHORTEST_EDGE * em
        if facing.any() and way[i] == _entering(outline, axis):
            found.append((float(place[i]), float(place[facing].min())))
    return _merged(found)


def stem_widths(outlines: Sequence[Outline], em: float) -> tuple[float, float]:
    """The median widths of the vertical and of the horizontal stems of some outlines, in font units; 0 where there are none."""
    vertical, horizontal = (
        [high - low for outline in outlines for low, high in stems(outline, axis, em)] for axis in (0, 1)
    )
    return (
        float(np.median(vertical)) if vertical else 0.0,
        float(np.median(horizontal)) if horizontal else 0.0,
    )


def stroke_width(outline: Outline, em: Bounds) -> float:
    """The mean width of the strokes of a glyph, straight or not, in font units: twice its area over its edges' length."""
    ink = coverage(outline, em, _FINE).reshape(_FINE, _FINE).astype(np.float64) / 255
    down, across = np.diff(ink, axis=0)[:, :-1], np.diff(ink, axis=1)[:-1]
    edges = float(np.hypot(down, across).sum())  # the total variation of a picture of black and white
    return 2 * float(ink.sum()) / edges * em.width / _FINE if edges else 0.0


def _entering(outline: Outline, axis: int) -> float:
    """The direction of an edge whose ink lies on the side of larger coordinates."""
    areas = outline.areas
    clockwise = areas[np.abs(areas).argmax()] < 0
    # Counter-clockwise outer contours have their ink to the left of the edge.
    return float((1 if clockwise else -1) * (1 if axis == 0 else -1))


def _edges(outline: Outline) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Starts and vectors of the straight edges of all contours, float64 (E, 2) each."""
    points = outline.points.astype(np.float64)
    following = outline.following
    line = (outline.tags == ON_CURVE) & (outline.tags[following] == ON_CURVE)
    return points[line], points[following[line]] - points[line]


def _merged(intervals: Intervals) -> Intervals:
    merged: Intervals = []
    for low, high in sorted(intervals):
        if merged and low < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return merged


def _warp(
    values: NDArray[np.float64],
    rigid: Intervals,
    source: tuple[float, float],
    target: tuple[float, float],
) -> NDArray[np.float64]:
    """Map a coordinate so that ``source`` goes to ``target`` and rigid intervals keep their widths where they can."""
    low, high = source
    wanted = target[1] - target[0]
    stiff = [(max(a, low), min(b, high)) for a, b in rigid if b > low and a < high]
    kept = sum(b - a for a, b in stiff)
    free = (high - low) - kept
    # Counters stay as wide as stems, or as they were: below that stems give way as well.
    share = min(_COUNTER, free / kept) if kept > 0 else 0.0
    stem_scale = min(1.0, wanted / (kept * (1 + share))) if kept > 0 else 1.0
    counter_scale = (wanted - kept * stem_scale) / free if free > 0 else 1.0
    knots, places = [low], [target[0]]
    for a, b in stiff:
        if a > knots[-1]:
            places.append(places[-1] + (a - knots[-1]) * counter_scale)
            knots.append(a)
        if b > knots[-1]:
            places.append(places[-1] + (b - knots[-1]) * stem_scale)
            knots.append(b)
    if high > knots[-1]:
        places.append(places[-1] + (high - knots[-1]) * counter_scale)
        knots.append(high)
    inside = np.interp(values, knots, places)
    return inside + np.where(values < low, values - low, 0) + np.where(values > high, values - high, 0)
