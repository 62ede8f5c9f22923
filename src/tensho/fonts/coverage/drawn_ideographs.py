"""Which ideographs a font really draws: a cmap may point thousands of them at one glyph, at none, or at ``.notdef``'s look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.recordingPen import RecordingPen
from fontTools.ttLib import TTFont

from tensho.fonts.coverage.repertoires import is_any_ideograph

__all__ = ["drawn_ideographs"]

_SHARED = 8
"""Ideographs that may have one glyph in common; more of them stand for a glyph that means that there is none."""


def drawn_ideographs(font: TTFont) -> frozenset[str]:
    """The ideographs, compatibility ones too, that a font has a glyph of their own for, with ink and not ``.notdef``'s."""
    cmap = {code: name for code, name in font.getBestCmap().items() if is_any_ideograph(code)}
    uses = Counter(cmap.values())
    notdef = font.getGlyphOrder()[0]
    has_ink = _ink_in_glyf(font) if "glyf" in font else _ink_in_cff(font)
    metrics = font["hmtx"].metrics
    tofu = _drawing(font, notdef)

    def own(name: str) -> bool:
        return uses[name] <= _SHARED and name != notdef and has_ink(name)

    def like_notdef(name: str) -> bool:
        # Advances and side bearings first, since drawing takes a while.
        return bool(tofu) and metrics[name] == metrics[notdef] and _drawing(font, name) == tofu

    return frozenset(chr(code) for code, name in cmap.items() if own(name) and not like_notdef(name))


def _drawing(font: TTFont, name: str) -> list[Any]:
    pen = RecordingPen()
    font.getGlyphSet()[name].draw(pen)
    value: list[Any] = pen.value
    return value


def _bounds(font: TTFont, name: str) -> tuple[float, float, float, float] | None:
    glyphs = font.getGlyphSet()
    pen = BoundsPen(glyphs)
    glyphs[name].draw(pen)
    bounds: tuple[float, float, float, float] | None = pen.bounds
    return bounds


def _ink_in_glyf(font: TTFont) -> Callable[[str], bool]:
    glyphs = font["glyf"].glyphs

    def has_ink(name: str) -> bool:
        glyph = glyphs[name]
        data = vars(glyph).get("data")  # gone once fontTools has taken it apart
        return bool(data[:2] not in (b"", b"\0\0")) if data is not None else glyph.numberOfContours != 0

    return has_ink


def _ink_in_cff(font: TTFont) -> Callable[[str], bool]:
    table = font["CFF " if "CFF " in font else "CFF2"].cff
    strings = table.topDictIndex[0].CharStrings
    surely = 30  # bytes; a shorter program may be a call of a subroutine, or nothing but the advance

    def has_ink(name: str) -> bool:
        return len(strings[name].bytecode) > surely or _bounds(font, name) is not None

    return has_ink
