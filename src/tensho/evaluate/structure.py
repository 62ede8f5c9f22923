"""Structure of glyphs: stroke width, components, end points and junctions, and distances between their distributions.

Ink is what is darker than half. The skeleton is Zhang's thinning; a skeleton pixel with one neighbour among its eight
ends a stroke; a cluster of pixels with three or more is one junction.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage, stats
from skimage.morphology import skeletonize

from tensho.errors import TenshoError
from tensho.glyph_arrays import as_glyphs

__all__ = ["MEASURES", "structure", "structure_distances"]

MEASURES = ("stroke_width", "components", "end_points", "junctions", "binarity")
"""Stroke width in hundredths of the side; counts of connected components, stroke ends and junctions;
binarity in [0, 1], 1 where every pixel is ink or paper and 0 where all are half grey."""

_EIGHT = np.ones((3, 3), np.int8)


def structure(images: ArrayLike) -> NDArray[np.float64]:
    """The five `MEASURES` of each glyph, (N, 5), of a sample set as in `as_glyphs`.

    A glyph without ink has stroke width 0.
    """
    return np.array([_measure(glyph) for glyph in as_glyphs(images)])


def structure_distances(real: NDArray[np.float64], generated: NDArray[np.float64]) -> dict[str, float]:
    """The 1-Wasserstein distance of each measure between two results of `structure`, in the measure's own unit.

    Raises:
        TenshoError: either is not (N, 5) with at least one row.
    """
    for measured in (real, generated):
        if measured.ndim != 2 or measured.shape[1] != len(MEASURES) or len(measured) == 0:
            raise TenshoError(f"structures have shape {measured.shape}; give two results of structure()")
    return {
        name: float(stats.wasserstein_distance(real[:, column], generated[:, column]))
        for column, name in enumerate(MEASURES)
    }


def _measure(glyph: NDArray[np.uint8]) -> tuple[float, float, float, float, float]:
    ink = np.pad(glyph >= 128, 1)
    grey = glyph.astype(np.float64) / 255
    binarity = 1 - 4 * float((grey * (1 - grey)).mean())
    if not ink.any():
        return 0.0, 0.0, 0.0, 0.0, binarity
    skeleton = skeletonize(ink)
    # At twice the size every stroke has an even width, so its middle is exactly that many pixels from the paper.
    depth = ndimage.distance_transform_edt(ink.repeat(2, axis=0).repeat(2, axis=1))
    middle = depth.reshape(len(ink), 2, len(ink), 2).max(axis=(1, 3))
    width = float(middle[skeleton].mean())
    neighbours = ndimage.convolve(skeleton.astype(np.int8), _EIGHT, mode="constant") - 1
    return (
        100 * width / len(glyph),
        float(ndimage.label(ink, _EIGHT)[1]),
        float((skeleton & (neighbours == 1)).sum()),
        float(ndimage.label(skeleton & (neighbours >= 3), _EIGHT)[1]),
        binarity,
    )
