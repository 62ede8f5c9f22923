"""Outlines of glyphs: closed Bézier contours in font units, as arrays.

The representation is FreeType's: points with a tag each, and where each contour ends. An affine or piecewise-linear
map of a glyph is then a map of its points. y points up, as in fonts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["CUBIC", "ON_CURVE", "QUADRATIC", "Bounds", "Outline", "SegmentPen", "joined"]

QUADRATIC, ON_CURVE, CUBIC = 0, 1, 2
"""Tags of points: control point of a quadratic Bézier curve, point on the curve, control point of a cubic one."""

Points = NDArray[np.float32]

_STEPS = 6  # points that stand for a curve where it is flattened


class Bounds(NamedTuple):
    """A rectangle in font units, y up."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        """Its extent along x."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Its extent along y."""
        return self.top - self.bottom


class SegmentPen(Protocol):
    """What fontTools calls a segment pen, as far as closed contours need it."""

    def moveTo(self, pt: tuple[float, float]) -> None: ...  # noqa: D102
    def lineTo(self, pt: tuple[float, float]) -> None: ...  # noqa: D102
    def curveTo(self, *points: tuple[float, float]) -> None: ...  # noqa: D102
    def qCurveTo(self, *points: tuple[float, float] | None) -> None: ...  # noqa: D102
    def closePath(self) -> None: ...  # noqa: D102


@dataclass(frozen=True, eq=False)
class Outline:
    """Closed contours of quadratic or cubic Bézier curves.

    Attributes:
        points: float32 (N, 2), x and y in font units, y up.
        tags: uint8 (N,), one of `QUADRATIC`, `ON_CURVE`, `CUBIC`; cubic control points come in pairs, between two
            quadratic ones lies an implied point on the curve.
        ends: int32 (C,), the index of the last point of each contour, ascending.
    """

    points: Points
    tags: NDArray[np.uint8]
    ends: NDArray[np.int32]

    def __len__(self) -> int:
        """The number of contours."""
        return len(self.ends)

    def __iter__(self) -> Iterator[Outline]:
        """Its contours, each as an outline of its own."""
        return (self.contour(k) for k in range(len(self)))

    def contour(self, k: int) -> Outline:
        """The k-th contour alone."""
        start = int(self.ends[k - 1]) + 1 if k else 0
        points = self.points[start : self.ends[k] + 1]
        return Outline(points, self.tags[start : self.ends[k] + 1], np.array([len(points) - 1], np.int32))

    def subset(self, contours: Iterable[int]) -> Outline:
        """Some of its contours, in the given order."""
        return joined([self.contour(k) for k in contours])

    def moved(self, points: Points) -> Outline:
        """The same contours through other points, float32 (N, 2)."""
        return Outline(points.astype(np.float32), self.tags, self.ends)

    @cached_property
    def bounds(self) -> Bounds:
        """The smallest rectangle around it.

        Raises:
            ValueError: there are no contours.
        """
        boxes = self.contour_bounds
        return Bounds(*boxes[:, :2].min(0).tolist(), *boxes[:, 2:].max(0).tolist())

    @cached_property
    def contour_bounds(self) -> NDArray[np.float32]:
        """The smallest rectangle around each contour, float32 (C, 4) as left, bottom, right, top.

        Of a curve, points at a few parameters are looked at: exact where curves have points at their extremes, as
        fonts should, and short of it by little where they have none.
        """
        samples, owner = self._samples
        boxes = np.empty((len(self), 4), np.float32)
        boxes[:, :2], boxes[:, 2:] = np.inf, -np.inf
        np.minimum.at(boxes[:, :2], owner, samples)
        np.maximum.at(boxes[:, 2:], owner, samples)
        return boxes

    @cached_property
    def areas(self) -> NDArray[np.float64]:
        """The signed area of each contour's control polygon, float64 (C,), positive where it runs counter-clockwise."""
        x, y = self.points.astype(np.float64).T
        following = self.following
        cross = x * y[following] - x[following] * y
        areas: NDArray[np.float64] = np.add.reduceat(cross, self.starts) / 2
        return areas

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """The index of the first point of each contour, int64 (C,)."""
        return np.concatenate([[0], self.ends[:-1].astype(np.int64) + 1])

    @cached_property
    def following(self) -> NDArray[np.int64]:
        """The index of the point after each point on its contour, int64 (N,)."""
        following = np.arange(1, len(self.points) + 1)
        following[self.ends] = self.starts
        return following

    @cached_property
    def _samples(self) -> tuple[Points, NDArray[np.int64]]:
        """Points on the outline, float32 (M, 2), and the contour of each, int64 (M,)."""
        tags, points, after = self.tags, self.points, self.following
        before = np.empty_like(after)
        before[after] = np.arange(len(after))
        owner = np.repeat(np.arange(len(self)), np.diff(self.ends, prepend=-1))
        on = tags == ON_CURVE
        found, owners = [points[on]], [owner[on]]
        t = np.linspace(0, 1, _STEPS + 1, dtype=np.float32)[1:-1, None, None]
        bent = np.flatnonzero(tags == QUADRATIC)
        if len(bent):
            a, b, c = points[before[bent]], points[bent], points[after[bent]]
            a = np.where((tags[before[bent]] == ON_CURVE)[:, None], a, (a + b) / 2)
            c = np.where((tags[after[bent]] == ON_CURVE)[:, None], c, (b + c) / 2)
            curve = (1 - t) ** 2 * a + 2 * (1 - t) * t * b + t**2 * c
            found += [a, curve.reshape(-1, 2)]
            owners += [owner[bent], np.tile(owner[bent], len(t))]
        first = np.flatnonzero((tags == CUBIC) & (tags[before] == ON_CURVE))
        if len(first):
            a, b, c, d = (
                points[before[first]],
                points[first],
                points[after[first]],
                points[after[after[first]]],
            )
            curve = (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d
            found.append(curve.reshape(-1, 2))
            owners.append(np.tile(owner[first], len(t)))
        return np.concatenate(found), np.concatenate(owners)

    def draw(self, pen: SegmentPen) -> None:
        """Draw it with a segment pen of fontTools or of skia-pathops."""
        for contour in self:
            _draw(contour, pen)

    def __repr__(self) -> str:
        return f"Outline({len(self)} contours, {len(self.points)} points)"


def joined(outlines: Sequence[Outline]) -> Outline:
    """All contours of several outlines as one, in order."""
    if not outlines:
        return Outline(np.zeros((0, 2), np.float32), np.zeros(0, np.uint8), np.zeros(0, np.int32))
    shifts = np.cumsum([0, *(len(outline.points) for outline in outlines[:-1])])
    return Outline(
        np.concatenate([outline.points for outline in outlines]),
        np.concatenate([outline.tags for outline in outlines]),
        np.concatenate(
            [outline.ends + shift for outline, shift in zip(outlines, shifts, strict=True)], dtype=np.int32
        ),
    )


class _Segment(NamedTuple):
    """A line (2 points), a quadratic (3) or a cubic (4) Bézier curve."""

    points: tuple[Points, ...]


def _segments(contour: Outline) -> Iterator[_Segment]:
    points, tags = contour.points, contour.tags
    n = len(points)
    on = np.flatnonzero(tags == ON_CURVE)
    if len(on):
        order = np.roll(np.arange(n), -on[0])
        start = points[on[0]]
    else:  # quadratic control points alone: the curve passes half way between any two
        order = np.arange(n)
        start = (points[-1] + points[0]) / 2
        order = np.concatenate([[-1], order])
    here, held = start, list[Points]()
    for k in (*order[1:].tolist(), None):
        point, tag = (start, ON_CURVE) if k is None else (points[k], int(tags[k]))
        if tag == ON_CURVE:
            yield _Segment((here, *held, point))
            here, held = point, []
        elif tag == QUADRATIC and held:
            middle = (held[0] + point) / 2
            yield _Segment((here, held[0], middle))
            here, held = middle, [point]
        else:
            held.append(point)


def _draw(contour: Outline, pen: SegmentPen) -> None:
    first = True
    for (points,) in _segments(contour):
        pairs = [(float(x), float(y)) for x, y in points]
        if first:
            pen.moveTo(pairs[0])
            first = False
        if len(pairs) == 2:
            pen.lineTo(pairs[1])
        elif len(pairs) == 3:
            pen.qCurveTo(*pairs[1:])
        else:
            pen.curveTo(*pairs[1:])
    pen.closePath()
