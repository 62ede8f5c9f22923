"""A sheet to practise on, as PDF: each character numbered, then grey to trace, then cells to write in."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from tensho.atomic import replaced_file
from tensho.composition.strokes.splitting import EM
from tensho.export.pdf_outlines import draw_outline, draw_text
from tensho.export.strokes.written_glyph import TOP, WrittenGlyph
from tensho.fonts.kanjivg_strokes import ATTRIBUTION
from tensho.fonts.outlines import Outline

__all__ = ["write_practice_sheet"]

_WIDTH, _HEIGHT = 210 * mm, 297 * mm
_SIDE, _EDGE, _TOP, _FOOT = 20 * mm, 15 * mm, 20 * mm, 16 * mm
_CELLS = 9
_LINES = 2
"""Lines of cells for each character."""

_HEAD = 6 * mm
_TRACED = 5

_GRID, _GREY, _INK, _NUMBER = (0.72, 0.72, 0.72), (0.82, 0.82, 0.82), (0.1, 0.1, 0.1), (0.76, 0.23, 0.13)


def write_practice_sheet(glyphs: Sequence[tuple[WrittenGlyph, str]], path: Path) -> None:
    """Write the sheet.

    Args:
        glyphs: each with what stands above it.
        path: the PDF; same input, same bytes.

    Raises:
        TenshoError: the place cannot be written.
    """
    with replaced_file(path) as temporary:
        canvas = Canvas(str(temporary), pagesize=(_WIDTH, _HEIGHT), invariant=1)
        canvas.setTitle("Practice sheet")
        canvas.setCreator("tensho")
        canvas.setSubject(ATTRIBUTION)
        block = _HEAD + _LINES * _SIDE + 3 * mm
        on_page = int((_HEIGHT - _TOP - _FOOT) // block)
        for k, (glyph, title) in enumerate(glyphs):
            place = k % on_page
            if k and not place:
                _foot(canvas)
                canvas.showPage()
            _block(canvas, glyph, title, _HEIGHT - _TOP - place * block)
        _foot(canvas)
        canvas.showPage()
        canvas.save()


def _block(canvas: Canvas, glyph: WrittenGlyph, title: str, top: float) -> None:
    end = draw_text(canvas, title, _EDGE, top - 4 * mm, 9, _INK)
    canvas.setFont("Helvetica", 7)
    canvas.drawString(end + 3 * mm, top - 4 * mm, f"{len(glyph.strokes)} strokes")
    for line in range(_LINES):
        y = top - _HEAD - (line + 1) * _SIDE
        for cell in range(_CELLS):
            x = _EDGE + cell * _SIDE
            _cell(canvas, x, y)
            if line == 0 and cell == 0:
                _glyph(canvas, glyph.outline, x, y, _GREY)
                _numbers(canvas, glyph, x, y)
            elif line == 0 and cell == 1:
                _glyph(canvas, glyph.outline, x, y, _INK)
            elif line == 0 and cell < 2 + _TRACED:
                _glyph(canvas, glyph.outline, x, y, _GREY)


def _cell(canvas: Canvas, x: float, y: float) -> None:
    canvas.setStrokeColorRGB(*_GRID)
    canvas.setLineWidth(0.6)
    canvas.rect(x, y, _SIDE, _SIDE)
    canvas.setLineWidth(0.3)
    canvas.setDash(1.5, 2)
    canvas.line(x + _SIDE / 2, y, x + _SIDE / 2, y + _SIDE)
    canvas.line(x, y + _SIDE / 2, x + _SIDE, y + _SIDE / 2)
    canvas.setDash()


def _glyph(canvas: Canvas, outline: Outline, x: float, y: float, colour: tuple[float, float, float]) -> None:
    draw_outline(canvas, outline, partial(_place, x, y), colour)


def _numbers(canvas: Canvas, glyph: WrittenGlyph, x: float, y: float) -> None:
    size = max(2.6, min(6.0, 22 / len(glyph.strokes) ** 0.5))
    canvas.setFillColorRGB(*_NUMBER)
    canvas.setFont("Helvetica-Bold", size)
    for k, stroke in enumerate(glyph.strokes):
        across, up = _place(x, y, float(stroke.median[0][0]), float(stroke.median[0][1]))
        canvas.drawCentredString(across, up - 0.36 * size, str(k + 1))


def _foot(canvas: Canvas) -> None:
    canvas.setFillColorRGB(0.5, 0.5, 0.5)
    canvas.setFont("Helvetica", 5.5)
    canvas.drawString(_EDGE, 9 * mm, f"Drawn with tensho. {ATTRIBUTION}")


def _place(x: float, y: float, across: float, up: float) -> tuple[float, float]:
    """A point of the em box in a cell, of which it takes nine tenths."""
    scale = 0.9 * _SIDE / EM.units
    return x + 0.05 * _SIDE + across * scale, y + 0.05 * _SIDE + (up + EM.units - TOP) * scale
