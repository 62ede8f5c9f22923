"""From the edges of a glyph to closed contours of lines and curves, in pixels.

Rings are cut at their corners into runs. A run whose points lie on a line is a line, the rest are fitted
with curves. A corner lies where the two sides that meet there, carried on, cross each other: the points
beside it are never looked at, because a pixel's square has rounded them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from tensho.fonts.tracing.corners import Corners, find_corners
from tensho.fonts.tracing.curves import Runs, fit_curves, straight_pieces
from tensho.fonts.tracing.edges import Floats, Ints, Rings, find_edges

__all__ = ["trace_pixels"]

Flags = NDArray[np.bool_]

FLAT = 0.04  # pixels by which points are rightmost alike
CLEAR = 1.0  # pixels beside a joint whose points are not looked at, since a corner spoils them
LINE = (
    0.6  # the part of the tolerance by which a point may be off a line: curves must not take a line's place
)
AXIS, AXIS_SLOPE = (
    0.15,
    0.003,
)  # pixels at its end, and slope, within which a line is taken for level or upright
BLUNT = np.deg2rad(9)  # lines that meet at less than this are one
LOST = 0.25  # part of a ring's area that a contour may differ by
FARTHEST = 2.0  # pixels that a crossing may lie off the corner that was seen


@dataclass(frozen=True)
class _Chain:
    """All rings, cut open at their first joint and laid end to end; run i leads from joint i to joint ``after[i]``.

    ``origin`` is the index of each joint's corner, or -1 where a ring without corners was cut at its
    rightmost point.
    """

    points: Floats
    ring: Ints
    origin: Ints
    xy: Floats
    after: Ints
    first: Ints
    last: Ints


@dataclass(frozen=True)
class _Lines:
    """The straight line through each run: a point on it, its direction along the run, whether it fits."""

    point: Floats
    direction: Floats
    fits: Flags


def trace_pixels(coverage: Floats, tolerance: float) -> list[list[Floats]]:
    """Trace a glyph.

    Args:
        coverage: ``(H, W)``, the share of each pixel that is ink, in [0, 1].
        tolerance: how far, in pixels, an edge may be from its curve.

    Returns:
        For each closed contour its segments, ``(2, 2)`` for a line and ``(4, 2)`` for a cubic curve, as (x, y)
        in pixels from the top left corner, y down; each begins where the one before it ends.
    """
    rings = find_edges(coverage)
    if not len(rings.counts):
        return []
    corners = find_corners(rings)
    chain = _chain(rings, corners)
    lines = _lines(chain, LINE * tolerance)
    blunt = _blunt(chain, lines)
    if blunt.any():
        corners = _only(corners, ~np.isin(np.arange(len(corners.ring)), chain.origin[blunt]))
        chain = _chain(rings, corners)
        lines = _lines(chain, LINE * tolerance)
    xy = _joints(chain, corners, lines)
    number = np.arange(len(chain.ring))
    is_line, smooth = lines.fits, chain.origin < 0
    tangent = np.where(smooth[:, None], np.array([[0.0, 1.0]]) * _heading(chain)[:, None], 0)
    runs = Runs(number, chain.first, chain.last, xy, xy[chain.after], tangent, tangent[chain.after])
    pieces = straight_pieces(
        number[is_line], chain.first[is_line] + 0.0, xy[is_line], xy[chain.after][is_line]
    )
    pieces += fit_curves(chain.points, runs[~is_line], tolerance)
    contours: list[list[Floats]] = [[] for _ in rings.counts]
    for i in np.lexsort((pieces.rank, pieces.number)):
        controls = pieces.controls[i]
        contours[chain.ring[pieces.number[i]]].append(controls[[0, 3]] if pieces.straight[i] else controls)
    return [
        contour if _keeps_area(contour, ring) else _polygon(ring)
        for contour, ring in zip(contours, np.split(rings.points, rings.starts[1:]), strict=True)
    ]


def _keeps_area(contour: list[Floats], ring: Floats) -> bool:
    """Whether a contour holds the ink of its ring; one of a few pixels may be all corners, and fit nothing."""
    points = [(s[:1], np.array([[1, 3, 3, 1]]) @ s / 8) if len(s) == 4 else (s[:1],) for s in contour]
    wanted = _area(ring)
    return abs(_area(np.concatenate([p for pair in points for p in pair])) - wanted) < LOST * abs(wanted)


def _area(polygon: Floats) -> float:
    ahead = np.roll(polygon, -1, axis=0)
    return float(np.sum(_cross(polygon, ahead))) / 2


def _polygon(ring: Floats) -> list[Floats]:
    return list(np.stack([ring, np.roll(ring, -1, axis=0)], axis=1))


def _only(corners: Corners, chosen: Flags) -> Corners:
    return Corners(*(getattr(corners, field.name)[chosen] for field in fields(corners)))


def _chain(rings: Rings, corners: Corners) -> _Chain:
    along, lengths = rings.along()
    offsets = np.cumsum(lengths) - lengths
    bare = np.setdiff1d(np.arange(len(rings.counts)), corners.ring)
    rightmost = np.array([_rightmost(rings, i) for i in bare], np.int64)
    joint_ring = np.concatenate([corners.ring, bare])
    joint_along = np.concatenate([corners.position, along[rightmost]])
    order = np.lexsort((joint_along, joint_ring))
    joint_ring, joint_along = joint_ring[order], joint_along[order]
    xy = np.concatenate([corners.points, _crests(rings, rightmost)])[order]
    origin = np.concatenate([np.arange(len(corners.ring)), np.full(len(bare), -1)])[order]

    opening = np.flatnonzero(np.diff(joint_ring, prepend=-1))
    base = joint_along[opening]
    begin = joint_along - base[joint_ring] + offsets[joint_ring]
    key = (along - base[rings.ring]) % lengths[rings.ring] + offsets[rings.ring]
    sequence = np.argsort(key)
    key = key[sequence]
    closing = np.append(opening[1:], len(begin)) - 1
    after = np.arange(1, len(begin) + 1)
    after[closing] = opening
    end = np.append(begin[1:], 0)
    end[closing] = offsets + lengths
    first = np.searchsorted(key, begin + CLEAR)
    last = np.maximum(np.searchsorted(key, end - CLEAR), first)
    return _Chain(rings.points[sequence], joint_ring, origin, xy, after, first, last)


def _rightmost(rings: Rings, number: int) -> int:
    start = rings.starts[number]
    return int(start + np.argmax(rings.points[start : start + rings.counts[number], 0]))


def _crests(rings: Rings, rightmost: Ints) -> Floats:
    """``(K, 2)``: of two points that are rightmost alike, what lies between them."""
    peers = [rightmost, rings.shifted(-1)[rightmost], rings.shifted(1)[rightmost]]
    x, y = rings.points[np.stack(peers)].transpose(2, 0, 1)
    alike = x > x[0] - FLAT
    return np.stack([x[0], np.sum(y * alike, axis=0) / np.sum(alike, axis=0)], axis=1)


def _heading(chain: _Chain) -> Floats:
    """Whether a ring goes down (1) or up (-1) where it was cut without a corner."""
    inside = np.minimum(chain.first + 1, len(chain.points) - 1)
    return np.asarray(np.copysign(1, chain.points[inside, 1] - chain.xy[:, 1]))


def _lines(chain: _Chain, tolerance: float) -> _Lines:
    """Total least squares; a run with fewer than two points takes the chord between its joints."""
    a, b = chain.xy, chain.xy[chain.after]
    count = chain.last - chain.first
    point, vector = (a + b) / 2, b - a
    smooth = chain.origin < 0
    fits = ~smooth & (count < 2)
    some = np.flatnonzero(count >= 2)
    if len(some):
        counts = count[some]
        starts = np.cumsum(counts) - counts
        run = np.repeat(np.arange(len(some)), counts)
        x = chain.points[np.arange(len(run)) + (chain.first[some] - starts)[run]]
        centre = np.add.reduceat(x, starts) / counts[:, None]
        dx, dy = (x - centre[run]).T
        xx, yy, xy = (np.add.reduceat(product, starts) for product in (dx * dx, dy * dy, dx * dy))
        angle = np.arctan2(2 * xy, xx - yy) / 2
        direction = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        off = np.maximum.reduceat(np.abs(dx * direction[run, 1] - dy * direction[run, 0]), starts)
        point[some], fits[some] = centre, (off <= tolerance) & ~smooth[some]
        vector[some] = direction * np.copysign(1, np.sum(direction * vector[some], axis=1))[:, None]
    length = np.hypot(*(b - a).T)
    vector = vector / np.maximum(np.hypot(*vector.T), 1e-9)[:, None]
    small = np.maximum(AXIS / np.maximum(length, 1), AXIS_SLOPE)[:, None]
    vector = np.where(np.abs(vector) < small, 0, vector)
    return _Lines(point, vector / np.maximum(np.hypot(*vector.T), 1e-9)[:, None], fits)


def _blunt(chain: _Chain, lines: _Lines) -> Flags:
    """``(J,)``, joints at which two lines meet that are nearly one."""
    before = np.empty_like(chain.after)
    before[chain.after] = np.arange(len(chain.after))
    u, v = lines.direction[before], lines.direction
    turn = np.abs(np.arctan2(_cross(u, v), np.sum(u * v, axis=1)))
    return np.asarray(lines.fits & lines.fits[before] & (turn < BLUNT) & (before != np.arange(len(before))))


def _joints(chain: _Chain, corners: Corners, lines: _Lines) -> Floats:
    """``(J, 2)``, where the sides of each corner cross."""
    before = np.empty_like(chain.after)
    before[chain.after] = np.arange(len(chain.after))
    at = np.flatnonzero(chain.origin >= 0)
    corner, run, back = chain.origin[at], at, before[at]
    straight_in, straight_out = lines.fits[back, None], lines.fits[run, None]
    p = np.where(straight_in, lines.point[back], corners.before[corner])
    u = np.where(straight_in, lines.direction[back], corners.leaving[corner])
    q = np.where(straight_out, lines.point[run], corners.after[corner])
    v = np.where(straight_out, lines.direction[run], corners.arriving[corner])
    cross = _cross(u, v)
    parallel = np.abs(cross) < np.sin(BLUNT)
    crossing = p + u * (_cross(q - p, v) / np.where(parallel, 1, cross))[:, None]
    seen = chain.xy[at]
    believed = ~parallel & (np.hypot(*(crossing - seen).T) < FARTHEST)
    # Where they do not cross nearby, the corner keeps to the longer line, so that at least that one stays true.
    span = np.where(lines.fits, chain.last - chain.first, 0)
    inward = (span[back] > span[run])[:, None]
    foot, along = np.where(inward, p, q), np.where(inward, u, v)
    projected = foot + along * np.sum((seen - foot) * along, axis=1, keepdims=True)
    beside = np.where((np.maximum(span[back], span[run]) > 0)[:, None], projected, seen)
    xy: Floats = chain.xy.copy()
    xy[at] = np.where(believed[:, None], crossing, beside)
    return xy


def _cross(u: Floats, v: Floats) -> Floats:
    return np.asarray(u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0])
