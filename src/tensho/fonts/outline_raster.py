"""Outlines as pictures: FreeType's anti-aliasing rasterizer, which computes the exact coverage of each pixel."""

from __future__ import annotations

import ctypes
import threading

import freetype
import numpy as np
from freetype.raw import FT_Outline_Get_Bitmap
from numpy.typing import NDArray

from tensho.fonts.outlines import Outline

__all__ = ["outline_struct", "raster"]

_FINEST = 64  # FreeType counts in 1/64 of a pixel
_local = threading.local()


def raster(
    outline: Outline, size: int, *, scale: float | tuple[float, float], left: float = 0.0, bottom: float = 0.0
) -> NDArray[np.uint8]:
    """The coverage of each pixel by an outline, non-zero winding.

    Args:
        outline: in font units, y up.
        size: side of the picture in pixels.
        scale: pixels of one font unit; two numbers where x and y differ.
        left: what lies at the left edge of the picture, in font units.
        bottom: what lies at its lower edge, in font units.

    Returns:
        uint8 (size, size), ink 255 on 0, the first row on top.
    """
    page = np.zeros((size, size), np.uint8)
    if not len(outline):
        return page
    placed = np.rint(
        (outline.points.astype(np.float64) - (left, bottom)) * np.multiply(scale, _FINEST)
    ).astype(np.int64)
    tags, ends = np.ascontiguousarray(outline.tags), outline.ends.astype(np.int16)
    shape = outline_struct(placed, tags, ends)
    bitmap = freetype.FT_Bitmap()
    bitmap.rows = bitmap.width = bitmap.pitch = size
    bitmap.buffer = ctypes.cast(page.ctypes.data, type(bitmap.buffer))
    bitmap.num_grays, bitmap.pixel_mode = 256, freetype.FT_PIXEL_MODE_GRAY
    FT_Outline_Get_Bitmap(_library(), ctypes.byref(shape), ctypes.byref(bitmap))
    return page


def outline_struct(
    points: NDArray[np.int64], tags: NDArray[np.uint8], ends: NDArray[np.int16]
) -> freetype.FT_Outline:
    """What FreeType calls an outline; it reads and writes the arrays where they are, so they must outlive it."""
    shape = freetype.FT_Outline()
    shape.n_contours, shape.n_points = len(ends), len(points)
    shape.points = ctypes.cast(points.ctypes.data, type(shape.points))
    shape.tags = ctypes.cast(tags.ctypes.data, type(shape.tags))
    shape.contours = ctypes.cast(ends.ctypes.data, type(shape.contours))
    return shape


def _library() -> object:
    """FreeType's state, one for each thread, since threads must not share it."""
    if not hasattr(_local, "library"):
        _local.library = freetype.FT_Library()
        freetype.FT_Init_FreeType(ctypes.byref(_local.library))
    return _local.library
