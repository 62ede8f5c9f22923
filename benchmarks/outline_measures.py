"""What is measured of composed outlines: likeness to the true glyph, and what a type designer's checker would say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pathops
import torch
from numpy.typing import NDArray
from torchmetrics.functional.image import structural_similarity_index_measure

from tensho.fonts.outlines import ON_CURVE, QUADRATIC, Outline

__all__ = ["Geometry", "Likeness", "geometry", "likeness", "stems"]

Glyphs = NDArray[np.uint8]
Numbers = NDArray[np.float64]

_CHUNK = 32
_CHANGED = 0.002  # share of the area by which taking the union has to change a glyph that intersects itself
_SMALL = 1e-4  # ems squared; smaller contours are left out of what is counted before and after the union
_BULGE = 0.002  # ems by which a curve has to pass its ends to lack a point at its extreme
_WIDEST = 0.2  # ems; longer runs of ink run along a stroke
_BIN = 0.25  # pixels


class Likeness(NamedTuple):
    """Of each glyph: L1 distance as a share of the true ink, the same per pixel of the square, and SSIM; float64 (N,)."""

    l1: Numbers
    per_pixel: Numbers
    ssim: Numbers


def likeness(drawn: Glyphs, true: Glyphs) -> Likeness:
    """How alike uint8 (N, S, S) are, glyph by glyph."""
    off = np.abs(drawn.astype(np.int16) - true).sum((1, 2)) / 255
    ink = np.maximum(true.sum((1, 2), dtype=np.int64) / 255, 1)
    similar = [
        structural_similarity_index_measure(
            _tensor(drawn[k : k + _CHUNK]), _tensor(true[k : k + _CHUNK]), data_range=1.0, reduction="none"
        )
        for k in range(0, len(drawn), _CHUNK)
    ]
    ssim = torch.cat([torch.as_tensor(part).reshape(-1) for part in similar]).double().numpy()
    return Likeness(off / ink, off / true[0].size, ssim)


def _tensor(glyphs: Glyphs) -> torch.Tensor:
    return torch.from_numpy(glyphs.astype(np.float32) / 255)[:, None]


class Geometry(NamedTuple):
    """What an outline is made of.

    ``intersects``: taking the union of its contours changes its area or their number. ``reversed``: contours that run
    against the direction of their place, an outer one or a hole; 0 where contours intersect and have no such place.
    ``missing_extrema``: curves that pass their ends.
    """

    points: int
    contours: int
    intersects: bool
    reversed: int
    missing_extrema: int


def geometry(outline: Outline, em: float, *, clockwise: bool) -> Geometry:
    """Measure an outline in a font of ``em`` units; ``clockwise`` is how its outer contours ought to run."""
    intersects = _intersects(outline, em)
    return Geometry(
        points=len(outline.points),
        contours=len(outline),
        intersects=intersects,
        reversed=0 if intersects else _reversed(outline, clockwise),
        missing_extrema=sum(_bulges(curve, em) for curve in _curves(outline)),
    )


def _intersects(outline: Outline, em: float) -> bool:
    path = pathops.Path()
    outline.draw(path.getPen())
    union = pathops.simplify(path, fix_winding=True, keep_starting_points=False)
    before, after = _areas(path), _areas(union)
    least = _SMALL * em * em
    if np.count_nonzero(np.abs(before) > least) != np.count_nonzero(np.abs(after) > least):
        return True
    total = max(abs(after.sum()), 1.0)
    return bool(abs(abs(before.sum()) - total) > _CHANGED * total)


def _areas(path: pathops.Path) -> Numbers:
    """Signed, by the measure of pathops, which takes control points for corners, before the union as after it."""
    return np.array([contour.area if contour.clockwise else -contour.area for contour in path.contours])


def _reversed(outline: Outline, clockwise: bool) -> int:
    polygons, areas = [contour.points for contour in outline], outline.areas
    outer = -1.0 if clockwise else 1.0
    wrong = 0
    for k, polygon in enumerate(polygons):
        depth = sum(_inside(polygon[0], other) for j, other in enumerate(polygons) if j != k)
        wrong += bool(np.sign(areas[k]) != outer * (-1) ** depth)
    return wrong


def _inside(point: NDArray[np.float32], polygon: NDArray[np.float32]) -> bool:
    x, y = point.tolist()
    (x0, y0), (x1, y1) = polygon.T, np.roll(polygon, -1, 0).T
    crosses = (y0 > y) != (y1 > y)
    at = x0[crosses] + (y - y0[crosses]) * (x1 - x0)[crosses] / (y1 - y0)[crosses]
    return bool(np.count_nonzero(at > x) % 2)


def _curves(outline: Outline) -> Iterator[NDArray[np.float64]]:
    """The quadratic and cubic Bézier curves, float64 (3 or 4, 2) each."""
    for contour in outline:
        points, tags = contour.points.astype(np.float64), contour.tags
        on = np.flatnonzero(tags == ON_CURVE)
        if not len(on):
            continue
        points, tags = np.roll(points, -on[0], 0), np.roll(tags, -on[0])
        held: list[NDArray[np.float64]] = []
        here = points[0]
        for point, tag in zip([*points[1:], points[0]], [*tags[1:], ON_CURVE], strict=True):
            if tag == ON_CURVE:
                if held:
                    yield np.stack([here, *held, point])
                here, held = point, []
            elif tag == QUADRATIC and held:
                middle = (held[0] + point) / 2
                yield np.stack([here, held[0], middle])
                here, held = middle, [point]
            else:
                held.append(point)


def _bulges(curve: NDArray[np.float64], em: float) -> bool:
    """Whether a curve passes the box of its ends by more than is lost in rounding."""
    t = np.linspace(0, 1, 17)[:, None]
    n = len(curve) - 1
    weights = [1, 2, 1] if n == 2 else [1, 3, 3, 1]
    along = sum(w * t**k * (1 - t) ** (n - k) * curve[k] for k, w in enumerate(weights))
    ends = curve[[0, -1]]
    beyond = np.maximum(np.max(along, 0) - ends.max(0), ends.min(0) - np.min(along, 0))
    return bool(beyond.max() > _BULGE * em)


class Stems(NamedTuple):
    """Widths in pixels of upright stems (runs along rows) and of level strokes (runs along columns): the commonest of
    all glyphs, and the commonest of each, float64 (N, 2), nan where there is none."""

    upright: float
    level: float
    each: Numbers


def stems(glyphs: Glyphs) -> Stems:
    """Measure the stems of uint8 (N, S, S), to a fraction of a pixel by the grey at their edges."""
    longest = _WIDEST * glyphs.shape[1]
    pooled: list[float] = []
    each = np.full((len(glyphs), 2), np.nan)
    for axis, pages in enumerate((glyphs, glyphs.transpose(0, 2, 1))):
        runs = [_runs(page) for page in pages]
        runs = [run[(run > 1) & (run < longest)] for run in runs]
        pooled.append(_commonest(np.concatenate(runs)))
        each[:, axis] = [_commonest(run) if len(run) > 8 else np.nan for run in runs]
    return Stems(pooled[0], pooled[1], each)


def _runs(page: Glyphs) -> Numbers:
    """How much ink each unbroken run along a row holds, in pixels."""
    ink = np.pad(page, ((0, 0), (1, 1))).ravel()
    sums = np.concatenate([[0], np.cumsum(ink, dtype=np.int64)])
    edges = np.flatnonzero(np.diff((ink > 0).astype(np.int8)))
    starts, stops = edges[::2] + 1, edges[1::2] + 1
    return np.asarray((sums[stops] - sums[starts]) / 255, np.float64)


def _commonest(widths: Numbers) -> float:
    """The mode, by a histogram smoothed over a pixel and then the mean of what is within a pixel of its peak."""
    if not len(widths):
        return float("nan")
    counts = np.bincount((widths / _BIN).astype(np.int64), minlength=8).astype(np.float64)
    smooth = np.convolve(counts, np.ones(5), "same")
    peak = (smooth.argmax() + 0.5) * _BIN
    near = widths[np.abs(widths - peak) <= 1]
    return float(near.mean())


def mean_and_median(values: Sequence[float] | Numbers) -> tuple[float, float]:
    """Both, of what is a number."""
    kept = np.asarray(values, np.float64)
    kept = kept[np.isfinite(kept)]
    return (float(kept.mean()), float(np.median(kept))) if len(kept) else (float("nan"), float("nan"))
