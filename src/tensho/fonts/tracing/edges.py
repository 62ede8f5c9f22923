"""Where the edges of a grey-level glyph run, to a few hundredths of a pixel.

A pixel of a glyph holds the share of its area that is ink. Interpolating that between pixel centres
and cutting at one half puts an upright edge up to 0.09 pixels off, because the share is an average and
no point sample. The ink along a pixel row is conserved, though: an edge that crosses a row from ink to
paper lies where a full row would have to end to hold the same ink, and for a straight edge that is
exact whatever its slope, as long as it is steep; flat edges are measured down the columns instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import contourpy
import numpy as np
from numpy.typing import NDArray

__all__ = ["Floats", "Ints", "Rings", "find_edges"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MARGIN = 4
"""Pixels of paper added around the glyph, so that no edge runs along the border."""

# Interpolation is at most 0.09 pixels off on a straight edge; a longer correction is a corner's doing.
LONGEST_CORRECTION = 0.2

SMALLEST_SPECK = 1.5
"""Area in square pixels, below which a ring is dropped."""


@dataclass(frozen=True)
class Rings:
    """Closed polylines, one after the other in one array, so that all are worked on at once.

    Attributes:
        points: ``(N, 2)`` as (x, y) in pixels from the top left corner of the image, y down. Ink lies to
            the left of the way as it is seen; the first point is not repeated at the end.
        counts: ``(C,)``, how many points each ring has.
    """

    points: Floats
    counts: Ints

    @property
    def starts(self) -> Ints:
        """``(C,)``, the index of the first point of each ring."""
        return np.cumsum(self.counts) - self.counts

    @property
    def ring(self) -> Ints:
        """``(N,)``, the number of the ring that each point is on."""
        return np.repeat(np.arange(len(self.counts)), self.counts)

    def along(self) -> tuple[Floats, Floats]:
        """``(N,)`` how far each point is along its ring, and ``(C,)`` how long each ring is, in pixels."""
        step = np.hypot(*(self.points[self.shifted(1)] - self.points).T)
        lengths = np.add.reduceat(step, self.starts)
        return np.cumsum(step) - step - (np.cumsum(lengths) - lengths)[self.ring], lengths

    def shifted(self, steps: int) -> Ints:
        """``(N,)``, the index of the point that lies so many steps further along the same ring."""
        start, count = np.repeat(self.starts, self.counts), np.repeat(self.counts, self.counts)
        return start + (np.arange(len(self.points)) - start + steps) % count


def find_edges(coverage: Floats) -> Rings:
    """Find the edges of a glyph.

    Args:
        coverage: ``(H, W)``, the share of each pixel that is ink, in [0, 1].

    Returns:
        Rings about one pixel from point to point; what is smaller than 1.5 square pixels is left out.
    """
    padded = np.pad(coverage, MARGIN)
    contours = cast(list[Floats], contourpy.contour_generator(z=padded).lines(0.5))
    lines = [line[:0:-1] for line in contours if _is_seen(line)]
    if not lines:
        return Rings(np.empty((0, 2)), np.empty(0, np.int64))
    rough = Rings(np.concatenate(lines), np.array([len(line) for line in lines]))
    points = rough.points
    tangent = np.abs(points[rough.shifted(2)] - points[rough.shifted(-2)])
    on_column, on_row = (points == np.rint(points)).T
    along_row = on_row & (tangent[:, 1] >= 0.9 * tangent[:, 0])
    kept = along_row | (on_column & (tangent[:, 0] >= 0.9 * tangent[:, 1]))
    fine = _conserve_ink(points[kept], along_row[kept], padded)
    return Rings(fine - MARGIN + 0.5, np.bincount(rough.ring[kept], minlength=len(lines)))


def _is_seen(line: Floats) -> bool:
    x, y = (line - line[0]).T
    return len(line) > 6 and abs(float(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1]))) > 2 * SMALLEST_SPECK


def _conserve_ink(points: Floats, along_row: NDArray[np.bool_], coverage: Floats) -> Floats:
    """Move each point along its pixel row (or column) to where the ink of that row says the edge is."""
    width = coverage.shape[1]
    ink = coverage.ravel()
    rank = np.arange(len(points))
    axis = np.where(along_row, 0, 1)
    across, fixed = points[rank, axis], np.rint(points[rank, 1 - axis]).astype(np.int64)
    low = np.floor(across).astype(np.int64)
    stride = np.where(along_row, 1, width)
    origin = np.where(along_row, fixed * width + low, low * width + fixed)
    ink_comes_last = ink[origin] < ink[origin + stride]
    last_ink = origin + np.where(ink_comes_last, stride, 0)
    step = np.where(ink_comes_last, -stride, stride)
    outside = _share(*(ink[last_ink + step * i] for i in (1, 2, 3)))
    missing = _share(*(1 - ink[last_ink - step * i] for i in (0, 1, 2)))
    depth = outside - missing
    edge = low + 0.5 + np.where(ink_comes_last, -depth, depth)
    moved: Floats = points.copy()
    moved[rank, axis] += np.clip(edge - across, -LONGEST_CORRECTION, LONGEST_CORRECTION)
    return moved


def _share(first: Floats, second: Floats, third: Floats) -> Floats:
    """Sum the grey that belongs to this edge: up to where it rises towards the next edge, half of the valley."""
    own_first = np.where(second > first, 0.5 * first, first)
    own_second = np.where(second > first, 0, np.where(third > second, 0.5 * second, second))
    return np.asarray(own_first + own_second)
