"""Cutting a glyph into the parts of its tree: connected regions of ink, each given to the part drawn over it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

__all__ = ["cropped", "cut_like", "ink_box", "regions", "soft"]


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


_NEAR = 24
_REST, _MINE = 0.35, 0.65
_COVERED, _EXPECTED = 0.8, 0.85
_ASTRAY = 0.07


def regions(glyph: NDArray[np.uint8]) -> tuple[NDArray[np.int32], int]:
    """Number the 4-connected regions of ink.

    Args:
        glyph: (S, S), ink = 255 on 0; ink darker than half counts as connected.

    Returns:
        Labels (S, S), 0 for paper and 1…n for the regions, the grey rim of a region included; and n.
    """
    height, width = glyph.shape
    solid = np.zeros((height, width + 2), np.int8)
    solid[:, 1:-1] = glyph >= 128
    steps = np.diff(solid, axis=1)
    rows, starts = np.nonzero(steps == 1)
    ends = np.nonzero(steps == -1)[1]
    # Of each run of ink: the runs of the row above that end after its start, up to those that start after its end.
    first = np.searchsorted(rows * (width + 1) + ends, (rows - 1) * (width + 1) + starts, side="right")
    last = np.searchsorted(rows * (width + 1) + starts, (rows - 1) * (width + 1) + ends)
    touching = np.maximum(last - first, 0)
    below = np.repeat(np.arange(len(rows)), touching)
    above = np.arange(len(below)) - np.repeat(np.cumsum(touching) - touching - first, touching)
    roots, number = np.unique(_joined(len(rows), above, below), return_inverse=True)
    edges = np.zeros((height, width + 1), np.int32)
    edges[rows, starts] += number.astype(np.int32) + 1
    edges[rows, ends] -= number.astype(np.int32) + 1
    labels = edges.cumsum(axis=1, dtype=np.int32)[:, :-1]
    for _ in range(2):
        labels = _grown(labels, glyph)
    return labels, len(roots)


def _joined(count: int, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each of ``count`` nodes of a graph, the least node that the edges ``one``-``other`` connect it with."""
    least = np.arange(count)
    while True:
        lower = np.minimum(least[one], least[other])
        joined = least.copy()
        for ends in (one, other, least[one], least[other]):
            np.minimum.at(joined, ends, lower)
        joined = joined[joined]
        if np.array_equal(joined, least):
            return least
        least = joined


def _grown(labels: NDArray[np.int32], glyph: NDArray[np.uint8]) -> NDArray[np.int32]:
    padded: NDArray[Any] = np.pad(labels, 1)
    near = np.maximum.reduce([padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:]])
    return np.where((labels == 0) & (glyph > 0), near, labels)
