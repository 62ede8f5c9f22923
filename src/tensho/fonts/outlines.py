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

    def moveTo(self, pt: tuple[float, float]) -> None: ...  # noqa: D102, N802
    def lineTo(self, pt: tuple[float, float]) -> None: ...  # noqa: D102, N802
    def curveTo(self, *points: tuple[float, float]) -> None: ...  # noqa: D102, N802
    def qCurveTo(self, *points: tuple[float, float] | None) -> None: ...  # noqa: D102, N802
    def closePath(self) -> None: ...  # noqa: D102, N802


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
        """The smallest rectangle around it, exact but for curves that have no point at their extremes.

        Raises:
            ValueError: there are no contours.
        """
        flat = np.concatenate(self.flattened())
        return Bounds(*flat.min(0).tolist(), *flat.max(0).tolist())

    def flattened(self, steps: int = _STEPS) -> list[Points]:
        """Each contour as a polygon, float32 (M, 2); a curve becomes ``steps`` edges."""
        return [_flat(contour, steps) for contour in self]

    def areas(self) -> NDArray[np.float64]:
        """The signed area of each contour in square units, float64 (C,), positive where it runs counter-clockwise."""
        return np.array([_area(polygon) for polygon in self.flattened()])

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


def _area(polygon: Points) -> float:
    x, y = polygon.astype(np.float64).T
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


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


def _flat(contour: Outline, steps: int) -> Points:
    if (contour.tags == ON_CURVE).all():
        return contour.points
    t = np.linspace(0, 1, steps + 1, dtype=np.float32)[1:, None]
    pieces = []
    for (points,) in _segments(contour):
        if len(points) == 2:
            pieces.append(points[1][None])
        elif len(points) == 3:
            a, b, c = points
            pieces.append((1 - t) ** 2 * a + 2 * (1 - t) * t * b + t**2 * c)
        else:
            a, b, c, d = points
            pieces.append((1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d)
    return np.concatenate(pieces)


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
