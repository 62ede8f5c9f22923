"""A glyph and its strokes: what all that shows the writing of a character is made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tensho.composition.strokes.skeleton import Skeleton, skeleton
from tensho.composition.strokes.splitting import EM, StrokeOutline, split
from tensho.errors import TenshoError
from tensho.fonts.outline_geometry import OutlinePen
from tensho.fonts.outline_raster import raster
from tensho.fonts.outlines import Outline
from tensho.fonts.placed_outline import placed, traced
from tensho.fonts.tracing.outline import trace
from tensho.ids.syntax import parse
from tensho.sheet import Glyph

__all__ = ["TOP", "WrittenGlyph", "ink", "outline_in_em", "skeleton_of", "written_glyph"]

TOP = EM.ascender
"""The upper edge of the em box, in its units; the lower one is `EM.descender`."""


@dataclass(frozen=True, eq=False)
class WrittenGlyph:
    """A glyph with the strokes that it is written in.

    Attributes:
        text: the character, or the description of one that is not encoded.
        outline: all of its ink, in units of `EM`, y upwards.
        strokes: in the order in which they are written.
    """

    text: str
    outline: Outline
    strokes: tuple[StrokeOutline, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The type of each stroke."""
        return tuple(stroke.placed.kind for stroke in self.strokes)


def written_glyph(glyph: Glyph) -> WrittenGlyph:
    """Cut a glyph into its strokes.

    Raises:
        TenshoError: its parts are not known, KanjiVG has no strokes of one of them, or it is in colour or without ink.
    """
    text = glyph.character or glyph.ids
    if text is None:
        raise TenshoError(
            "a character whose parts are not known has no known strokes; draw one with compose, write or dream"
        )
    if glyph.array.ndim != 2:
        raise TenshoError("a picture in colour has no strokes; draw it in black on white")
    written, outline = skeleton_of(glyph), outline_in_em(glyph)
    return WrittenGlyph(text, outline, tuple(split(outline, written)))


def ink(outline: Outline, size: int) -> NDArray[np.float32]:
    """The coverage of each pixel of the em box, float32 (size, size) in [0, 1]."""
    page = raster(outline, size, scale=size / EM.units, bottom=EM.descender)
    return np.asarray(page / np.float32(255), np.float32)


def skeleton_of(glyph: Glyph) -> Skeleton:
    """The strokes of the character that a glyph shows.

    Raises:
        TenshoError: KanjiVG has no strokes of one of its parts.
    """
    if glyph.character is not None:
        try:
            return skeleton(glyph.character)
        except TenshoError:
            if glyph.ids is None or glyph.ids == glyph.character:
                raise
    assert glyph.ids is not None
    return skeleton(parse(glyph.ids))


def outline_in_em(glyph: Glyph) -> Outline:
    """The contours of a glyph in units of `EM`, traced where it was painted."""
    pen = OutlinePen()
    if glyph.outline is not None and glyph.em is not None:
        placed(glyph.outline, glyph.em, EM).draw(pen)
    else:
        traced(trace(glyph.array), EM).draw(pen)
    return pen.outline()
