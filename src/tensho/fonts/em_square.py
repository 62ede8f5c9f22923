"""Outlines in the square that glyphs are drawn in: the em box centred, with a margin for strokes that leave it.

The square is that of `tensho.fonts.rasterizer.FontRenderer`, so a glyph has the same place whoever draws it.
"""

from __future__ import annotations

from math import ceil

import numpy as np
from numpy.typing import NDArray

from tensho.fonts.outline_raster import raster
from tensho.fonts.outlines import Bounds, Outline
from tensho.fonts.rasterizer import EM_FRACTION, FINE

__all__ = ["in_square"]


def in_square(outline: Outline, em: Bounds, size: int) -> NDArray[np.uint8]:
    """Rasterise an outline.

    Args:
        outline: in font units, y up.
        em: the em box of the font's ideographs, one em high.
        size: side of the square in pixels.

    Returns:
        uint8 (size, size), ink 255 on 0: the coverage of each pixel.
    """
    scale = size * EM_FRACTION / em.height
    # FontRenderer puts the origin on a pixel of what it draws, which small pictures are averaged from.
    factor = ceil(FINE / size)
    across = round(factor * (size - em.width * scale) / 2) / factor
    down = round(factor * ((size + em.height * scale) / 2 + em.bottom * scale)) / factor
    return raster(outline, size, scale=scale, left=em.left - across / scale, bottom=(down - size) / scale)
