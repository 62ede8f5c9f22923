"""Similarity of letter fonts, from the overlap of their letters' ink.

Letters are compared on a common canvas, to which their boxes are stretched. With the ink A and B of a letter in two
fonts, and the rows r and columns c of its boxes, the nearness of the fonts is

    mean over letters of |A ∩ B| / |A ∪ B| · √(min(r, r')/max(r, r') · min(c, c')/max(c, c')).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tensho.text.ascii_grid import COLUMNS, PAD, ROWS, boxes

__all__ = ["NEAR", "font_similarity", "neighbour_table"]

NEAR = 6
"""Neighbours of a font that are kept."""

_CANVAS = (12, 16)
"""Rows and columns of the canvas on which letters are compared."""

_COMPARED = 24
"""Letters by which two fonts are compared, at most."""

_SEED = 0
"""Of the choice of these letters."""


def font_similarity(given: NDArray[np.uint8], theirs: NDArray[np.uint8]) -> NDArray[np.float64]:
    """How near each of F fonts is to each of G, float64 (G, F) in [0, 1].

    Args:
        given: N letters of the G fonts, uint8 (G, N, ROWS, COLUMNS).
        theirs: the same letters of the F fonts, uint8 (F, N, ROWS, COLUMNS); one that is missing is not near.
    """
    total = np.zeros((len(given), len(theirs)))
    for letter in range(given.shape[1]):
        one, other = _ink(given[:, letter]), _ink(theirs[:, letter])
        shared = one @ other.T
        overlap = shared / np.maximum(one.sum(1)[:, None] + other.sum(1) - shared, 1)
        ours, boxed = boxes(given[:, letter])[:, None], boxes(theirs[:, letter])[None]
        sides = np.minimum(ours, boxed) / np.maximum(np.maximum(ours, boxed), 1)
        total += overlap * np.sqrt(sides.prod(-1))
    mean: NDArray[np.float64] = total / given.shape[1]
    return mean


def neighbour_table(
    grids: NDArray[np.uint8], families: NDArray[np.str_], among: NDArray[np.int64]
) -> NDArray[np.int64]:
    """For each of F fonts the nearest ones of other families, nearest first, int64 (F, NEAR).

    They are compared by a few letters drawn at random, the same for every font.

    Args:
        grids: uint8 (F, L, ROWS, COLUMNS), all letters of all fonts.
        families: (F,).
        among: the fonts that may be neighbours.
    """
    count = min(_COMPARED, grids.shape[1])
    letters = np.random.default_rng(_SEED).choice(grids.shape[1], count, replace=False)
    compared = grids[:, letters]
    near = font_similarity(compared, compared[among])
    near[families[:, None] == families[among]] = -1
    return among[np.argsort(-near, axis=1, kind="stable")[:, :NEAR]]


def _ink(grids: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The ink of letters (M, ROWS, COLUMNS) on the canvas, float32 (M, cells), 0 or 1."""
    boxed = boxes(grids)
    rows, columns = (
        (2 * np.arange(size) + 1) * boxed[:, axis, None] // (2 * size) for axis, size in enumerate(_CANVAS)
    )
    cells = rows[:, :, None] * COLUMNS + columns[:, None, :]
    taken = np.take_along_axis(grids.reshape(-1, ROWS * COLUMNS), cells.reshape(len(grids), -1), 1)
    ink: NDArray[np.float32] = ((taken > 0) & (taken != PAD)).astype(np.float32)
    return ink
