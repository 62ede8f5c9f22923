"""Outlines and lines of text on a page of PDF, drawn as shapes, so that any script can stand there without a font in the file."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from fontTools.ttLib import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.pdfgen.pathobject import PDFPathObject

from tensho.fonts.faces import default_faces
from tensho.fonts.outlines import Outline

__all__ = ["draw_outline", "draw_text", "text_width"]

Place = Callable[[float, float], tuple[float, float]]
Colour = tuple[float, float, float]

_FACES = ("sans-sc", "sans-tc", "sans-jp")
"""Which of the default faces text is set in: the first that has the character."""


def draw_outline(canvas: Canvas, outline: Outline, place: Place, colour: Colour) -> None:
    """Fill an outline, whose points ``place`` puts on the page."""
    path = canvas.beginPath()
    outline.draw(_Pen(path, place))
    canvas.setFillColorRGB(*colour)
    canvas.drawPath(path, stroke=0, fill=1, fillMode=1)


def draw_text(canvas: Canvas, text: str, x: float, y: float, size: float, colour: Colour) -> float:
    """Set a line of text with its baseline at y, and return where it ends; characters that no face has are left out."""
    canvas.setFillColorRGB(*colour)
    for char in text:
        found = _glyph(char)
        if found is None:
            continue
        glyphs, name, units = found
        scale = size / units

        def place(across: float, up: float, left: float = x, scale: float = scale) -> tuple[float, float]:
            return left + across * scale, y + up * scale

        path = canvas.beginPath()
        glyphs[name].draw(_Pen(path, place))
        canvas.drawPath(path, stroke=0, fill=1, fillMode=1)
        x += glyphs[name].width * scale
    return x


def text_width(text: str, size: float) -> float:
    """How long a line of text is that `draw_text` sets."""
    found = filter(None, map(_glyph, text))
    return float(sum(glyphs[name].width * size / units for glyphs, name, units in found))


def _glyph(char: str) -> tuple[Any, str, int] | None:
    for glyphs, names, units in _fonts():
        if ord(char) in names:
            return glyphs, names[ord(char)], units
    return None


@cache
def _fonts() -> list[tuple[Any, dict[int, str], int]]:
    paths = {face.name: face.path for face in default_faces()}
    opened = [TTFont(paths[name], lazy=True) for name in _FACES]
    return [(font.getGlyphSet(), font.getBestCmap(), font["head"].unitsPerEm) for font in opened]


class _Pen:
    """A segment pen that draws on a page."""

    def __init__(self, path: PDFPathObject, place: Place) -> None:
        self._path, self._place = path, place
        self._here = (0.0, 0.0)

    def moveTo(self, point: tuple[float, float]) -> None:
        self._here = point
        self._path.moveTo(*self._place(*point))

    def lineTo(self, point: tuple[float, float]) -> None:
        self._here = point
        self._path.lineTo(*self._place(*point))

    def curveTo(self, *points: tuple[float, float]) -> None:
        self._here = points[-1]
        (a, b), (c, d), (e, f) = (self._place(*point) for point in points)
        self._path.curveTo(a, b, c, d, e, f)

    def qCurveTo(self, *points: tuple[float, float] | None) -> None:
        control, end = points[0], points[-1]
        assert control is not None
        assert end is not None
        (x0, y0), (x1, y1), (x2, y2) = self._here, control, end
        self.curveTo(((x0 + 2 * x1) / 3, (y0 + 2 * y1) / 3), ((x2 + 2 * x1) / 3, (y2 + 2 * y1) / 3), (x2, y2))

    def closePath(self) -> None:
        self._path.close()

    endPath = closePath
