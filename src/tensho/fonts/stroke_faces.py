"""KanjiVG as a glyph source: the centre lines of strokes, drawn with a round pen of one width.

KanjiVG (Ulrich Apel, CC BY-SA 3.0) gives each stroke as cubic Bézier curves in a square of 109 units; pictures
drawn from it are under its licence. The package ``kanjivg`` is read where it is installed.
"""

from __future__ import annotations

import importlib.metadata
import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tensho.fonts.kanjivg_strokes import SIDE, middle_line
from tensho.fonts.rasterizer import EM_FRACTION
from tensho.fonts.source import Drawable, is_ideograph
from tensho.ids import kanjivg

__all__ = ["PENS", "StrokeFace", "stroke_faces"]

_OVERSAMPLING = 3
"""Strokes are drawn this many times as large and averaged down, since Pillow's lines have no grey edge."""

_PATH = re.compile(r'<path [^>]*\bd="([^"]+)"')

PENS = {"strokes-fine": 2.5, "strokes-medium": 4.5, "strokes-broad": 6.0}
"""The widths of the pens, in units of which the square has 109."""


@dataclass(frozen=True)
class StrokeFace:
    """KanjiVG drawn with one pen, ``width`` units wide; a `Source` like any font."""

    name: str
    width: float

    def identity(self) -> dict[str, object]:
        """All that its bitmaps depend on, for JSON."""
        version = importlib.metadata.version("kanjivg")
        return {"kind": "strokes", "name": self.name, "width": self.width, "version": version}

    def describe(self) -> dict[str, object]:
        """Where it comes from, its licence and its attribution, for JSON."""
        return {
            **self.identity(),
            "family": "KanjiVG",
            "licence": "CC-BY-SA-3.0",
            "licence_url": "https://creativecommons.org/licenses/by-sa/3.0/",
            "attribution": "© Ulrich Apel and the KanjiVG contributors, https://kanjivg.tagaini.net",
        }

    def drawables(self) -> list[Drawable]:
        """The ideographs that KanjiVG draws, ascending.

        Raises:
            TenshoError: the package ``kanjivg`` is not installed.
        """
        return [Drawable(ord(c), c) for c in kanjivg.characters() if is_ideograph(ord(c))]

    def renderer(self, size: int) -> StrokeRenderer:
        """The pen in a square of ``size`` pixels."""
        return StrokeRenderer(self.width, size)


class StrokeRenderer:
    """Draws strokes ``width`` units wide in a square of ``size`` pixels, with the margin that fonts have."""

    def __init__(self, width: float, size: int) -> None:
        self._scale = size * _OVERSAMPLING * EM_FRACTION / SIDE
        self._origin = size * _OVERSAMPLING * (1 - EM_FRACTION) / 2
        self._radius = width * self._scale / 2
        self._image = Image.new("L", (size * _OVERSAMPLING, size * _OVERSAMPLING))
        self._pen = ImageDraw.Draw(self._image)

    def render(self, key: str) -> NDArray[np.uint8] | None:
        """The character ``key`` as uint8 (S, S), ink 255 on 0, or None if KanjiVG does not have it."""
        lines = _middle_lines(key)
        if not lines:
            return None
        self._image.paste(0, (0, 0, *self._image.size))
        for line in lines:
            self._draw(line * self._scale + self._origin)
        return np.asarray(self._image.reduce(_OVERSAMPLING))

    def _draw(self, line: NDArray[np.float64]) -> None:
        points = [(float(x), float(y)) for x, y in line]
        self._pen.line(points, fill=255, width=round(2 * self._radius), joint="curve")
        for x, y in (points[0], points[-1]):
            r = self._radius
            self._pen.ellipse((x - r, y - r, x + r, y + r), fill=255)


def stroke_faces() -> list[StrokeFace]:
    """KanjiVG in each of the three pens."""
    return [StrokeFace(name, width) for name, width in PENS.items()]


@lru_cache(maxsize=8)  # the pens draw a character one after the other
def _middle_lines(character: str) -> list[NDArray[np.float64]]:
    """The strokes of a character in their order; none if KanjiVG does not have it."""
    return [middle_line(path) for path in _PATH.findall(kanjivg.read_svg(character) or "")]
