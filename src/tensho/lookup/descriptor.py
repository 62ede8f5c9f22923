"""Shape descriptors of glyphs: histograms of the directions of edges, by place.

Gradient direction histograms, the classic of Chinese character recognition (e.g. Liu 2007, "Normalization-cooperated
gradient feature extraction"): the ink is brought to one size and place, and the strength of its gradient in eight
directions is pooled in eight by eight Gaussian windows. Square roots even out bold and thin faces, and the whole has unit
length, so that the dot product of two descriptions is their likeness.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tensho.fonts.ink_box import SIDE, ink_in_the_middle

__all__ = ["LENGTH", "describe"]

_GRID, _DIRECTIONS = 8, 8
"""Cells along a side of the normalised picture; bins of direction."""

_BATCH = 512
"""Glyphs at once, by memory."""

LENGTH = _DIRECTIONS * _GRID * _GRID
"""Numbers in a description."""


def describe(glyphs: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Describe glyphs.

    Args:
        glyphs: uint8 (N, H, W), ink = 255 on 0, of any size.

    Returns:
        float32 (N, 512), of unit length, none negative.

    Raises:
        TenshoError: a glyph has no ink.
    """
    parts = [_describe(glyphs[start : start + _BATCH]) for start in range(0, len(glyphs), _BATCH)]
    return np.concatenate(parts)


def _describe(glyphs: NDArray[np.uint8]) -> NDArray[np.float32]:
    normal = np.stack([ink_in_the_middle(glyph) for glyph in glyphs])
    ink = _BLUR @ (normal.astype(np.float32) / 255) @ _BLUR.T
    right = np.pad(ink[:, :, 2:] - ink[:, :, :-2], ((0, 0), (0, 0), (1, 1)))
    down = np.pad(ink[:, 2:] - ink[:, :-2], ((0, 0), (1, 1), (0, 0)))
    steepness = np.hypot(right, down)
    direction = np.arctan2(down, right) * np.float32(_DIRECTIONS / (2 * math.pi))
    pooled = np.empty((len(glyphs), _DIRECTIONS, _GRID, _GRID), np.float32)
    for k in range(_DIRECTIONS):
        away = np.remainder(direction - k, _DIRECTIONS)
        # A gradient counts for the two directions it lies between, by how close it is to each.
        share = np.maximum(1 - np.minimum(away, _DIRECTIONS - away), 0)
        pooled[:, k] = _POOL @ (steepness * share) @ _POOL.T
    roots = np.sqrt(pooled.reshape(len(glyphs), -1))
    return np.asarray(roots / np.linalg.norm(roots, axis=1, keepdims=True))


def _windows(centres: NDArray[np.floating], sigma: float) -> NDArray[np.float32]:
    """Gaussian weights (len(centres), 64) over the pixels of a row, each window with sum 1."""
    weights = np.exp(-((np.arange(SIDE) + 0.5 - centres[:, None]) ** 2) / (2 * sigma**2))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)


_CELL = SIDE / _GRID
_BLUR = _windows(np.arange(SIDE) + 0.5, 1.0)
_POOL = _windows((np.arange(_GRID) + 0.5) * _CELL, 0.6 * _CELL)
