"""Checks stacks of glyphs and brings them to one form, uint8 (N, S, S)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tensho.errors import TenshoError

__all__ = ["as_glyphs", "one_glyph"]

_LIGHT_BORDER = 0.75
"""Mean of the border, of 1, above which the ground is light and the ink dark."""


def as_glyphs(
    images: ArrayLike, *, what: str = "the sample set", size: int | None = None
) -> NDArray[np.uint8]:
    """Check a sample set and bring it to uint8 (N, S, S), ink = 255 on 0.

    Args:
        images: float (N, 1, S, S) or (N, S, S) in [0, 1], ink = 1 on 0; or uint8 of the same shapes, ink = 255.
        what: how messages call the set.
        size: the S that is needed; None: any.

    Raises:
        TenshoError: no images, colour, not square, another size, neither float nor uint8, values that are not
            finite or outside [0, 1], or dark ink on a light ground.
    """
    array = np.asarray(images)
    if array.ndim == 4 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim == 4 and array.shape[1] == 3:
        raise TenshoError(f"{what} is in colour, shape {array.shape}; the measures need one grey channel")
    if array.ndim != 3:
        raise TenshoError(f"{what} has shape {array.shape}; give (N, 1, S, S) or (N, S, S)")
    if len(array) == 0:
        raise TenshoError(f"{what} is empty; give at least one image")
    if array.shape[1] != array.shape[2]:
        raise TenshoError(f"{what} holds {array.shape[2]}×{array.shape[1]} images; they must be square")
    if size is not None and array.shape[1] != size:
        side = array.shape[1]
        raise TenshoError(f"{what} holds {side}×{side} images; resize them to {size}×{size}")
    if np.issubdtype(array.dtype, np.floating):
        array = _quantised(array, what)
    elif array.dtype != np.uint8:
        raise TenshoError(f"{what} is {array.dtype}; give floats in [0, 1] or uint8")
    border = np.concatenate([array[:, 0], array[:, -1], array[:, :, 0], array[:, :, -1]], axis=1)
    if border.mean() > 255 * _LIGHT_BORDER:
        raise TenshoError(f"{what} has dark ink on a light ground; invert it, ink is 1 on 0")
    return array


def one_glyph(array: NDArray[np.float32] | NDArray[np.uint8]) -> NDArray[np.uint8]:
    """One glyph (H, W) in the upper left corner of a square, uint8 (S, S), ink = 255 on 0; see `as_glyphs`.

    Raises:
        TenshoError: it is of another shape, or no glyph.
    """
    if array.ndim != 2:
        raise TenshoError(f"a glyph to look up has shape (H, W), not {array.shape}")
    side = max(array.shape)
    square = np.zeros((1, side, side), array.dtype)
    square[0, : array.shape[0], : array.shape[1]] = array
    return np.asarray(as_glyphs(square, what="the glyph")[0])


def _quantised(array: NDArray[np.floating], what: str) -> NDArray[np.uint8]:
    if not np.isfinite(array).all():
        raise TenshoError(f"{what} holds values that are not finite; the model that drew it is damaged")
    if array.min() < 0 or array.max() > 1:
        raise TenshoError(
            f"{what} has values from {array.min():.3g} to {array.max():.3g}; bring them to [0, 1], ink = 1"
        )
    return np.asarray(np.rint(array * 255), np.uint8)
