"""Segmentation of a glyph's bitmap: connected regions of ink, each given to the part that lies over it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

__all__ = ["cropped", "cut_like", "ink_box", "regions", "soft"]

# Thresholds of `cut_like`, chosen by hand on Noto Sans and Serif SC (benchmarks/records/2026-11-21_clean_cuts.md).
_NEAR = 24
"""Grey, of 255, of the other face's blurred part, above which a pixel is near to it."""

_REST, _MINE = 0.35, 0.65
"""Share of a region's pixels near the part: between the two, the region belongs to part and rest alike."""

_COVERED, _EXPECTED = 0.8, 0.85
"""Least share of the part's ink that is found, and of the found ink that was expected."""

_ASTRAY = 0.07
"""Farthest that an edge of the ink box may lie from where it is in the other face, in sides of the square."""


def ink_box(ink: NDArray[Any]) -> tuple[int, int, int, int]:
    """The smallest rectangle (left, top, right, bottom) that holds the nonzero pixels of an (H, W) array with any."""
    columns, rows = np.flatnonzero(ink.any(0)), np.flatnonzero(ink.any(1))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def cropped(glyph: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The glyph without the paper around its ink, which is all that is darker than a quarter."""
    left, top, right, bottom = ink_box(glyph > 64)
    return glyph[top:bottom, left:right]


def soft(ink: NDArray[np.uint8], radius: float) -> NDArray[np.float32]:
    """The ink, uint8 (S, S), blurred by a Gaussian of ``radius`` pixels."""
    return np.asarray(Image.fromarray(ink).filter(ImageFilter.GaussianBlur(radius)), np.float32)


def cut_like(glyph: NDArray[np.uint8], part: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """Cut from a glyph what another face draws as ``part`` in the same character.

    Args:
        glyph: (S, S) uint8, the whole character in this face.
        part: (S, S) uint8, the part alone, in its place, in the other face.

    Returns:
        The part's ink, uint8 (H, W), cropped; None if it touches the rest, or is not where it should be, or is more
        than it should be or reaches farther: then it holds strokes of a neighbour.
    """
    labels, count = regions(glyph)
    if not count:
        return None
    near = soft(part, part.shape[0] / 40) > _NEAR
    area = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    share = np.bincount(labels[near], minlength=count + 1)[1:] / np.maximum(area, 1)
    mine = share > 0.5
    if not mine.any() or ((share > _REST) & (share < _MINE)).any():
        return None
    ink = np.where(np.isin(labels, np.flatnonzero(mine) + 1), glyph, 0).astype(np.uint8)
    if (soft(ink, part.shape[0] / 40) > _NEAR)[part >= 128].mean() < _COVERED:
        return None
    if near[ink >= 128].mean() < _EXPECTED:
        return None
    left, top, right, bottom = box = ink_box(ink)
    if max(map(abs, np.subtract(box, ink_box(part)))) > _ASTRAY * len(part):
        return None
    return ink[top:bottom, left:right]


def regions(glyph: NDArray[np.uint8]) -> tuple[NDArray[np.int32], int]:
    """Number the 4-connected regions of ink.

    Args:
        glyph: (S, S), ink = 255 on 0; ink darker than half counts as connected.

    Returns:
        Labels (S, S), 0 for paper and 1…n for the regions, the grey rim of a region included; and n.
    """
    from scipy import ndimage  # takes a quarter of a second to import, and only whoever cuts a font needs it

    labels, count = ndimage.label(glyph >= 128, output=np.int32)
    for _ in range(2):
        labels = _grown(labels, glyph)
    return labels, count


def _grown(labels: NDArray[np.int32], glyph: NDArray[np.uint8]) -> NDArray[np.int32]:
    padded: NDArray[Any] = np.pad(labels, 1)
    near = np.maximum.reduce([padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:]])
    return np.where((labels == 0) & (glyph > 0), near, labels)
