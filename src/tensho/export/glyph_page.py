"""A glyph alone on a page of PDF, as large as the page, as curves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fontTools.pens.basePen import BasePen
from fontTools.pens.transformPen import TransformPen
from reportlab.pdfgen.canvas import Canvas

from tensho.atomic import replaced_file
from tensho.fonts.placed_outline import EmBox, placed, traced
from tensho.fonts.tracing.outline import trace
from tensho.sheet import Glyph

__all__ = ["write_page"]

NON_ZERO = 1
"""The rule by which reportlab fills where contours overlap."""


class _PathPen(BasePen):  # type: ignore[misc]  # fontTools has no types
    """Draws into a path of reportlab."""

    def __init__(self, path: Any) -> None:
        super().__init__(None)
        self._path = path

    def _moveTo(self, point: tuple[float, float]) -> None:
        self._path.moveTo(*point)

    def _lineTo(self, point: tuple[float, float]) -> None:
        self._path.lineTo(*point)

    def _curveToOne(
        self, first: tuple[float, float], second: tuple[float, float], end: tuple[float, float]
    ) -> None:
        self._path.curveTo(*first, *second, *end)

    def _closePath(self) -> None:
        self._path.close()


def write_page(glyph: Glyph, path: Path) -> None:
    """Write a glyph as a PDF of one page, whose side in points is the glyph's in pixels; same glyph, same bytes.

    Raises:
        TenshoError: the glyph is no square grey picture or has no ink, or the place cannot be written.
    """
    em = EmBox.of(glyph.em)
    if glyph.outline is not None and glyph.em is not None:
        outline = placed(glyph.outline, glyph.em, em)
    else:
        outline = traced(trace(glyph.array), em)
    side = glyph.array.shape[0]
    scale = side / em.units
    with replaced_file(path) as temporary:
        canvas = Canvas(str(temporary), pagesize=(side, side), invariant=1)
        canvas.setTitle(glyph.character or glyph.ids or "An invented character")
        canvas.setSubject(glyph.provenance)
        canvas.setCreator("tensho")
        drawn = canvas.beginPath()
        outline.draw(TransformPen(_PathPen(drawn), (scale, 0, 0, scale, 0, -em.descender * scale)))
        canvas.drawPath(drawn, stroke=0, fill=1, fillMode=NON_ZERO)
        canvas.showPage()
        canvas.save()
