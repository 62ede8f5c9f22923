"""Renders characters of a font at one size with FreeType, the em box centred in a square."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont, features

from tensho.errors import TenshoError

__all__ = ["EM_FRACTION", "RENDERER_VERSION", "FontRenderer"]

EM_FRACTION = 15 / 16
"""The em box as a part of the square's side; the margin of 1/32 on each side holds strokes that leave the em."""

FINE = 192
"""Small characters are drawn at least this large and averaged down, which undoes hinting: a hinter may move a stem by half
a pixel of what it draws, which at 64 pixels is then a sixth."""

RENDERER_VERSION = {"version": 2, "freetype": features.version("freetype2"), "fine": FINE}
"""What a bitmap depends on besides the font and the size."""

_UNENCODED = "\U0010ffff"  # a noncharacter, so that every font answers with .notdef


class FontRenderer:
    """Sets the characters of a font in a square of ``size`` pixels, its em box centred in the square.

    Horizontal basic layout: no kerning, no substitution. ``em_bottom`` is where the em box of ideographs
    ends over the baseline (so it is negative as a rule) and ``advance`` how wide it is, both in ems. ``location`` has the
    value of each axis of a variable font; the default instance without it.

    Raises:
        TenshoError: FreeType cannot read the file.
    """

    def __init__(
        self,
        path: Path,
        index: int,
        size: int,
        *,
        em_bottom: float,
        advance: float,
        location: Sequence[float] = (),
    ) -> None:
        self._factor = ceil(FINE / size)
        fine = size * self._factor
        em = fine * EM_FRACTION
        try:
            self._font = ImageFont.truetype(str(path), em, index=index, layout_engine=ImageFont.Layout.BASIC)
            if location:
                self._font.set_variation_by_axes(list(location))
        except OSError as error:
            raise TenshoError(f"cannot draw with {path}: {error}; give another font file") from error
        # Characters are drawn with this much room around the square, to see what would be cut off.
        margin = size // 4
        room = margin * self._factor
        self._square = slice(margin, margin + size)
        self._origin = (
            room + round((fine - em * advance) / 2),
            room + round((fine + em) / 2 + em * em_bottom),
        )
        side = fine + 2 * room
        self._image = Image.new("L", (side, side))
        self._pen = ImageDraw.Draw(self._image)
        self._missing = self._drawn(_UNENCODED)

    def render(self, key: str) -> NDArray[np.uint8] | None:
        """The character ``key`` as uint8 (size, size), ink 255 on 0.

        None if the font has no such glyph, whatever its cmap says: the glyph is blank, is that of .notdef,
        cannot be drawn, or would be cut off at the edge of the square.
        """
        try:
            drawn = self._drawn(key)
        except OSError:
            return None
        glyph = drawn[self._square, self._square]
        ink = np.count_nonzero(glyph)
        if ink == 0 or ink != np.count_nonzero(drawn) or (drawn == self._missing).all():
            return None
        return glyph

    def _drawn(self, character: str) -> NDArray[np.uint8]:
        self._image.paste(0, (0, 0, *self._image.size))
        self._pen.text(self._origin, character, fill=255, font=self._font, anchor="ls")
        return np.asarray(self._image.reduce(self._factor))
