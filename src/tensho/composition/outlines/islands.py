"""Islands of a glyph's ink: each outer contour with the holes in it. An island is never shared out among parts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensho.fonts.outline_raster import raster
from tensho.fonts.outlines import Bounds, Outline

__all__ = ["bounds_of", "coverage", "islands"]


def islands(outline: Outline) -> list[list[int]]:
    """The contours of each island, the outer one first; islands in the order of their outer contours.

    The direction of the largest contour is that of outer ones. A hole belongs to the smallest outer contour around it.
    """
    if len(outline) == 1:
        return [[0]]
    areas, boxes = outline.areas, outline.contour_bounds
    outward = np.sign(areas[np.abs(areas).argmax()])
    outer = np.flatnonzero(areas * outward > 0)
    found = {k: [k] for k in outer.tolist()}
    for hole in np.flatnonzero(areas * outward <= 0).tolist():
        inside = outline.points[outline.starts[hole]]
        near = outer[(boxes[outer, :2] <= inside).all(1) & (inside <= boxes[outer, 2:]).all(1)]
        around = [k for k in near.tolist() if _contains(outline.contour(k).points, inside)]
        if around:
            found[min(around, key=lambda k: abs(areas[k]))].append(hole)
    return list(found.values())


def bounds_of(boxes: NDArray[np.floating[Any]]) -> Bounds:
    """The rectangle around rectangles, float (N, 4)."""
    return Bounds(*boxes[:, :2].min(0).tolist(), *boxes[:, 2:].max(0).tolist())


def coverage(island: Outline, frame: Bounds, grid: int) -> NDArray[np.uint8]:
    """How much of each cell of a frame an island inks, uint8 (grid · grid,), the first row on top, 255 for all of it."""
    scale = (grid / max(frame.width, 1.0), grid / max(frame.height, 1.0))
    return raster(island, grid, scale=scale, left=frame.left, bottom=frame.bottom).ravel()


def _contains(polygon: NDArray[np.float32], point: NDArray[np.float32]) -> bool:
    x, y = (polygon - point).T
    next_x, next_y = np.roll(x, -1), np.roll(y, -1)
    crosses = (y > 0) != (next_y > 0)
    if not crosses.any():
        return False
    where = x[crosses] - y[crosses] * (next_x - x)[crosses] / (next_y - y)[crosses]
    return bool(np.count_nonzero(where > 0) % 2)
