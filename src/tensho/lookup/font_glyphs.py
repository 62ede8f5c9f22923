"""A glyph of a font as it is asked for: FONT.ttf#uniE000, by its name, its character or its code point."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tensho.errors import TenshoError
from tensho.fonts.outline_raster import raster
from tensho.fonts.outline_reader import OutlineReader
from tensho.fonts.outlines import Outline

__all__ = ["glyph_of_font", "names_font_glyph", "picture_of"]

_ENDINGS = (".ttf", ".otf", ".ttc", ".otc", ".woff", ".woff2")
_CODE_POINT = re.compile(r"(?:[Uu]\+|uni|u)([0-9A-Fa-f]{4,6})$")
_MARGIN = 0.06
"""Of the side of the picture, on each side of the ink."""


def names_font_glyph(text: str) -> bool:
    """Whether a text names a font file, with or without a glyph of it."""
    return Path(text.partition("#")[0]).suffix.lower() in _ENDINGS


def glyph_of_font(wanted: str, size: int) -> NDArray[np.uint8]:
    """The glyph that ``FONT#GLYPH`` names, or ``FONT.ttc#1#GLYPH`` of the second face of a collection.

    Args:
        wanted: the font, and the glyph by its name (uniE000, cid123, gid12), its character or its code point (U+E000).
        size: side of the picture in pixels.

    Returns:
        uint8 (size, size), ink 255 on 0, as large as fits.

    Raises:
        TenshoError: no such file, face or glyph, or a glyph without ink.
    """
    path, *rest = wanted.split("#")
    if not rest or not rest[-1]:
        raise TenshoError(f"{wanted} names no glyph; write {path}#uniE000, {path}#U+E000 or {path}#龍")
    *faces, name = rest
    if not Path(path).is_file():
        raise TenshoError(f"there is no font file {path}; check the path")
    if len(faces) > 1 or not all(face.isdigit() for face in faces):
        raise TenshoError(
            f"{wanted} names no glyph of a face; write {path}#1#uniE000 for the second face of a collection"
        )
    reader = OutlineReader(Path(path), int(faces[0]) if faces else 0)
    outline = _of_code(reader, name) or reader.named(name)
    if outline is None:
        raise TenshoError(
            f"{path} has no glyph {name}, or it is blank; give its name, its character or its code point"
        )
    return _picture(outline, size)


def picture_of(path: Path, character: str, size: int) -> NDArray[np.uint8] | None:
    """The glyph of a character in a font file, in its first face that has it; None if that cannot be drawn."""
    for index in range(8):
        try:
            outline = OutlineReader(path, index).outline(character)
        except TenshoError:  # no such face, or one of bitmaps
            return None
        if outline is not None:
            return _picture(outline, size)
    return None


def _of_code(reader: OutlineReader, name: str) -> Outline | None:
    if len(name) == 1:
        return reader.outline(name)
    found = _CODE_POINT.match(name)
    code = int(found[1], 16) if found else -1
    return reader.outline(chr(code)) if 0 <= code <= 0x10FFFF else None


def _picture(outline: Outline, size: int) -> NDArray[np.uint8]:
    low, high = outline.points.min(axis=0), outline.points.max(axis=0)
    longest = max(float((high - low).max()), 1.0)
    scale = size * (1 - 2 * _MARGIN) / longest
    left, bottom = (low + high) / 2 - size / scale / 2
    return raster(outline, size, scale=scale, left=float(left), bottom=float(bottom))
