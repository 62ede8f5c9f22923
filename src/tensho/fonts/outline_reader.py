"""Reading a font's outlines with FreeType: CFF, TrueType, collections, and variable fonts at any instance."""

from __future__ import annotations

import ctypes
from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from io import BytesIO
from pathlib import Path
from threading import Lock

import freetype
import numpy as np
from freetype.raw import FT_Get_First_Char, FT_Get_Next_Char, FT_UInt

from tensho.errors import TenshoError
from tensho.fonts.outlines import Outline

__all__ = ["OutlineReader"]

_FLAGS = freetype.FT_LOAD_NO_SCALE | freetype.FT_LOAD_NO_HINTING
_SHARED = 8
"""Ideographs that may have one glyph in common; more of them stand for a glyph that means that there is none."""


class OutlineReader:
    """The outlines of one face of a font file, in font units. Threads may share it.

    Args:
        path: a TTF, OTF, TTC, WOFF or WOFF2 file.
        index: the face's place in a collection.
        location: values of a variable font's axes by tag; what is not named stays at its default.

    Raises:
        TenshoError: FreeType cannot read the file, it has no outlines, or no such axis.
    """

    def __init__(self, path: Path, index: int = 0, location: Mapping[str, float] | None = None) -> None:
        try:
            self._face = freetype.Face(_readable(path), index)
        except freetype.FT_Exception as error:
            raise TenshoError(
                f"cannot read the outlines of {path}: {error}; give another font file"
            ) from error
        if not self._face.is_scalable:
            raise TenshoError(f"{path} holds bitmaps and no outlines; give a font with outlines")
        self._reading = Lock()  # a face of FreeType holds one glyph at a time
        self.units_per_em: int = self._face.units_per_EM
        if location:
            self._set(location, path)

    def outline(self, character: str) -> Outline | None:
        """The glyph of one character; None if the font has none for it, whatever its cmap says."""
        glyph = self._glyphs.get(ord(character))
        return None if glyph is None else self._loaded(glyph)

    def named(self, name: str) -> Outline | None:
        """The glyph of that name (``post`` or CFF), or ``gid12`` for the glyph of that number; None if there is none."""
        number = int(name[3:]) if name.startswith("gid") and name[3:].isdigit() else None
        if number is None:
            number = self._face.get_name_index(name.encode())
        return self._loaded(number) if number and number < self._face.num_glyphs else None

    def variation(self, character: str, selector: str) -> Outline | None:
        """The glyph of a variation sequence (cmap format 14); None if the font has none of its own for it."""
        code, variant = ord(character), ord(selector)
        with self._reading:
            glyph = freetype.FT_Face_GetCharVariantIndex(self._face._FT_Face, code, variant)
            return self._read(glyph) if glyph else None

    @cached_property
    def characters(self) -> frozenset[str]:
        """The characters that the cmap names a glyph of their own for."""
        return frozenset(map(chr, self._glyphs))

    @cached_property
    def _glyphs(self) -> dict[int, int]:
        # As freetype-py's `get_chars`, which takes twice as long.
        found: dict[int, int] = {}
        glyph = FT_UInt()
        place, face = ctypes.byref(glyph), self._face._FT_Face
        code = FT_Get_First_Char(face, place)
        while glyph.value:
            found[code] = glyph.value
            code = FT_Get_Next_Char(face, code, place)
        uses = Counter(found.values())
        return {code: glyph for code, glyph in found.items() if uses[glyph] <= _SHARED}

    def _loaded(self, glyph: int) -> Outline | None:
        with self._reading:
            return self._read(glyph)

    def _read(self, glyph: int) -> Outline | None:
        try:
            self._face.load_glyph(glyph, _FLAGS)
        except freetype.FT_Exception:
            return None
        raw = self._face.glyph.outline._FT_Outline
        n, contours = raw.n_points, raw.n_contours
        if not n or not contours:
            return None
        # freetype-py's own accessors make Python tuples of all points, which takes fifty times as long.
        positions = np.ctypeslib.as_array(ctypes.cast(raw.points, ctypes.POINTER(ctypes.c_long)), (n, 2))
        tags = np.ctypeslib.as_array(ctypes.cast(raw.tags, ctypes.POINTER(ctypes.c_ubyte)), (n,))
        ends = np.ctypeslib.as_array(ctypes.cast(raw.contours, ctypes.POINTER(ctypes.c_short)), (contours,))
        return Outline(positions.astype(np.float32), tags & np.uint8(3), ends.astype(np.int32))

    def _set(self, location: Mapping[str, float], path: Path) -> None:
        try:
            axes = self._face.get_variation_info().axes
        except freetype.FT_Exception as error:
            raise TenshoError(f"{path} is no variable font; leave the instance out") from error
        tags = [axis.tag for axis in axes]
        for tag in location:
            if tag not in tags:
                raise TenshoError(f"{path} has no axis {tag!r}; it has {', '.join(tags)}")
        self._face.set_var_design_coords([location.get(axis.tag, axis.default) for axis in axes])


def _readable(path: Path) -> str | BytesIO:
    """What FreeType is given: the file, or its content if that is compressed as WOFF2, which its build may not know.

    Raises:
        TenshoError: it is such a file, and it is damaged or brotli is not installed.
    """
    try:
        with path.open("rb") as file:
            if file.read(4) != b"wOF2":
                return str(path)
        from fontTools.ttLib import TTFont

        with TTFont(path) as font:
            font.flavor = None
            plain = BytesIO()
            font.save(plain)
    except OSError:
        return str(path)  # what is wrong with it is for FreeType to say
    except ImportError as error:
        raise TenshoError(f"reading {path} needs brotli; run: pip install 'tensho[export]'") from error
    except Exception as error:  # fontTools lets struct.error, KeyError, AssertionError… escape
        raise TenshoError(f"{path} is damaged: {error!r}; copy or download the font again") from error
    plain.seek(0)
    return plain
