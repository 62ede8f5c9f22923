"""Pastes a bitmap into a box of a page, scaled and at sub-pixel precision."""

from __future__ import annotations

from math import ceil, floor

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tensho.composition.box import Box

__all__ = ["paste"]

Bitmap = NDArray[np.uint8]


def paste(page: Bitmap, bitmap: Bitmap, box: Box) -> None:
    """Lay a bitmap over the page so that it fills the box to a fraction of a pixel; the darker ink wins."""
    size = len(page)
    height, width = bitmap.shape
    x0, y0 = box.x0 * size, box.y0 * size
    # Deep in a tree, boxes become arbitrarily small; a part is never less than a quarter of a pixel wide.
    step_x, step_y = (
        extent / max(side * size, 0.25) for extent, side in ((width, box.width), (height, box.height))
    )
    left, top = min(floor(x0), size - 1), min(floor(y0), size - 1)
    right, bottom = (
        max(min(ceil(far * size), size), near + 1) for far, near in ((box.x1, left), (box.y1, top))
    )
    # Paper around the ink, for the part of the outer pixels that the box leaves free and for the filter's reach.
    margin_x, margin_y = ceil(2 * step_x) + 1, ceil(2 * step_y) + 1
    framed = np.zeros((height + 2 * margin_y, width + 2 * margin_x), np.uint8)
    framed[margin_y : margin_y + height, margin_x : margin_x + width] = bitmap
    source = (
        margin_x + (left - x0) * step_x,
        margin_y + (top - y0) * step_y,
        margin_x + (right - x0) * step_x,
        margin_y + (bottom - y0) * step_y,
    )
    scaled = Image.fromarray(framed).resize(
        (right - left, bottom - top), Image.Resampling.BICUBIC, box=source
    )
    place = page[top:bottom, left:right]
    np.maximum(place, np.asarray(scaled), out=place)
