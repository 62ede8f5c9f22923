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
        The part's ink, uint8 (H, W), cropped; None if it touches the rest, or is not where it should be.
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
    left, top, right, bottom = ink_box(ink)
    return ink[top:bottom, left:right]


_NEAR = 24
_REST, _MINE = 0.35, 0.65
_COVERED = 0.8


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
    parent = list(range(len(rows)))

    def find(run: int) -> int:
        while parent[run] != run:
            parent[run] = parent[parent[run]]
            run = parent[run]
        return run

    row_list, start_list, end_list = rows.tolist(), starts.tolist(), ends.tolist()
    above = 0
    for run, (row, start, end) in enumerate(zip(row_list, start_list, end_list, strict=True)):
        while row_list[above] < row - 1 or (row_list[above] == row - 1 and end_list[above] <= start):
            above += 1
        touching = above
        while touching < run and row_list[touching] == row - 1 and start_list[touching] < end:
            parent[find(touching)] = find(run)
            touching += 1
    roots = [find(run) for run in range(len(rows))]
    number = {root: i for i, root in enumerate(dict.fromkeys(roots), start=1)}
    labels = np.zeros((height, width), np.int32)
    for row, start, end, root in zip(row_list, start_list, end_list, roots, strict=True):
        labels[row, start:end] = number[root]
    for _ in range(2):
        labels = _grown(labels, glyph)
    return labels, len(number)


def _grown(labels: NDArray[np.int32], glyph: NDArray[np.uint8]) -> NDArray[np.int32]:
    padded: NDArray[Any] = np.pad(labels, 1)
    near = np.maximum.reduce([padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:]])
    return np.where((labels == 0) & (glyph > 0), near, labels)
