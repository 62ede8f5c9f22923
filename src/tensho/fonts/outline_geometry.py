"""Geometry of outlines: union by skia-pathops, weight by FreeType."""

from __future__ import annotations

import ctypes

import numpy as np
import pathops
from freetype.raw import FT_Outline_EmboldenXY
from numpy.typing import NDArray

from tensho.fonts.outline_raster import outline_struct
from tensho.fonts.outlines import CUBIC, ON_CURVE, QUADRATIC, Outline

__all__ = ["OutlinePen", "emboldened", "united"]

_FINE = 64.0


def united(outline: Outline) -> Outline:
    """The same ink with no contour over another; outer contours keep the direction of the largest one.

    Points come at whole units, as fonts have them.
    """
    path = pathops.Path()
    outline.draw(path.getPen(glyphSet=None))
    path.simplify(fix_winding=True, keep_starting_points=False, clockwise=_clockwise(outline))
    pen = OutlinePen()
    path.draw(pen)
    simple = pen.outline()
    return simple.moved(np.rint(simple.points)) if len(simple) else outline


def emboldened(outline: Outline, across: float, down: float) -> Outline:
    """The outline with vertical stems ``across`` and horizontal ones ``down`` font units wider, or narrower where negative."""
    tags, ends = np.ascontiguousarray(outline.tags), outline.ends.astype(np.int16)
    # FreeType moves points by whole numbers, so they are made large first.
    points = np.rint(outline.points.astype(np.float64) * _FINE).astype(np.int64)
    shape = outline_struct(points, tags, ends)
    FT_Outline_EmboldenXY(ctypes.byref(shape), round(across * _FINE), round(down * _FINE))
    return outline.moved((points / _FINE).astype(np.float32))


def _clockwise(outline: Outline) -> bool:
    areas = outline.areas
    return bool(areas[np.abs(areas).argmax()] < 0)


class OutlinePen:
    """A segment pen that collects an `Outline`."""

    def __init__(self) -> None:
        self._points: list[tuple[float, float]] = []
        self._tags: list[int] = []
        self._ends: list[int] = []
        self._start = 0

    def outline(self) -> Outline:
        """What was drawn, float32."""
        points: NDArray[np.float32] = np.array(self._points, np.float32).reshape(-1, 2)
        return Outline(points, np.array(self._tags, np.uint8), np.array(self._ends, np.int32))

    def moveTo(self, point: tuple[float, float]) -> None:
        """Begin a contour."""
        self._start = len(self._points)
        self._add(ON_CURVE, point)

    def lineTo(self, point: tuple[float, float]) -> None:
        """Draw a line."""
        self._add(ON_CURVE, point)

    def curveTo(self, *points: tuple[float, float]) -> None:
        """Draw a cubic Bézier curve, three points."""
        *controls, end = points
        for control in controls:
            self._add(CUBIC, control)
        self._add(ON_CURVE, end)

    def qCurveTo(self, *points: tuple[float, float] | None) -> None:
        """Draw quadratic Bézier curves with implied points between their control points.

        If the last point is None, the contour has control points alone, and begins here.
        """
        *controls, end = points
        if end is None:
            self._start = len(self._points)
        for control in controls:
            assert control is not None
            self._add(QUADRATIC, control)
        if end is not None:
            self._add(ON_CURVE, end)

    def closePath(self) -> None:
        """End a contour; a last point that is its first is dropped."""
        last = len(self._points) - 1
        if (
            last > self._start
            and self._tags[last] == ON_CURVE
            and self._points[last] == self._points[self._start]
        ):
            del self._points[last], self._tags[last]
        if len(self._points) - self._start >= 3:
            self._ends.append(len(self._points) - 1)
        else:
            del self._points[self._start :], self._tags[self._start :]

    endPath = closePath

    def _add(self, tag: int, point: tuple[float, float]) -> None:
        self._points.append((float(point[0]), float(point[1])))
        self._tags.append(tag)
