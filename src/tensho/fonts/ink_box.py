"""Brings the ink of a glyph to one size and place, whatever em square or sheet of paper it stands in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tensho.errors import TenshoError

__all__ = ["BOX", "SIDE", "ink_in_the_middle"]

SIDE, BOX = 64, 56
"""Side of the picture and of the box that the ink fills in it, in pixels."""

_INK = 96
"""Grey, of 255, from which on a pixel counts as ink when the glyph is cropped."""


def ink_in_the_middle(glyph: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The ink of a glyph in the middle of a square, the longer side of its box `BOX` pixels, proportions kept.

    Args:
        glyph: uint8 (H, W), ink = 255 on 0, of any size.

    Returns:
        uint8 (`SIDE`, `SIDE`).

    Raises:
        TenshoError: the glyph has no ink.
    """
    ink = glyph >= _INK
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if len(rows) == 0:
        raise TenshoError("a glyph has no ink; there is nothing to compare")
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    scale = BOX / max(bottom - top, right - left)
    height, width = max(1, round((bottom - top) * scale)), max(1, round((right - left) * scale))
    box = Image.fromarray(glyph).resize(
        (width, height), Image.Resampling.BILINEAR, box=(left, top, right, bottom)
    )
    normal = np.zeros((SIDE, SIDE), np.uint8)
    y, x = (SIDE - height) // 2, (SIDE - width) // 2
    normal[y : y + height, x : x + width] = np.asarray(box)
    return normal
