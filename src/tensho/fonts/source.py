"""The interface of glyph sources: a name, a list of glyphs, and a renderer that draws them one at a time."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Drawable", "GlyphRenderer", "Source", "is_ideograph"]


class Drawable(NamedTuple):
    """A glyph that a source may be able to draw: its code point (0 if unknown) and the source's key for it."""

    code_point: int
    key: str


class GlyphRenderer(Protocol):
    """Draws the glyphs of one source at one size."""

    def render(self, key: str) -> NDArray[np.uint8] | None:
        """The glyph as uint8 (S, S), ink 255 on 0, or None if there is nothing to show for it."""


class Source(Protocol):
    """A font or a folder of images; it can be pickled, because the worker processes draw from it too."""

    @property
    def name(self) -> str:
        """What the user and the models call this face."""

    def identity(self) -> dict[str, object]:
        """All that its bitmaps depend on, for JSON."""

    def describe(self) -> dict[str, object]:
        """Where it comes from, its licence and its attribution, for JSON."""

    def drawables(self) -> list[Drawable]:
        """Its glyphs, ascending by code point; those without one in the order train, validation, test."""

    def renderer(self, size: int) -> GlyphRenderer:
        """The means to draw it in a square of ``size`` pixels.

        Raises:
            TenshoError: the files have gone or cannot be read.
        """


def is_ideograph(code_point: int) -> bool:
    """Whether a code point is a Chinese character that the glyph set has a place for.

    These are 々 〆 〇, the block CJK Unified Ideographs (U+4E00), Extension A (U+3400), everything on the
    ideographic planes 2 and 3 (Extensions B to J), and the twelve unified characters of the block CJK
    Compatibility Ideographs. The other compatibility ideographs and the radicals of U+2E80 to U+2FD5 are
    left out: they look like a unified character and would put one shape on both sides of the split.
    """
    return (
        0x3005 <= code_point <= 0x3007
        or 0x3400 <= code_point <= 0x4DBF
        or 0x4E00 <= code_point <= 0x9FFF
        or 0xF900 <= code_point <= 0xFAFF
        or 0x20000 <= code_point <= 0x3FFFD
    ) and unicodedata.is_normalized("NFC", chr(code_point))
