"""The contact sheet of a glyph set: the same few characters in every face, a line each, under its name."""

from __future__ import annotations

from functools import reduce

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from tensho.datasets.glyph_set import GlyphSet
from tensho.fonts.faces import default_faces

__all__ = ["contact_sheet"]

_COLUMNS = 16
_SPECIMEN = (
    "天永国東書風龍雪花道愛海夢鬱鷹響"  # few strokes and many, every enclosure, strokes to all four edges
)
_INK = (24, 24, 27)
_FAINT = (128, 128, 134)
_RULE = (222, 222, 226)
_PAPER = (253, 252, 250)


def contact_sheet(glyphs: GlyphSet) -> Image.Image:
    """An RGB image, dark on light, with one line of up to 16 glyphs for each face of the set.

    All lines show the same characters as far as the faces have any in common.
    """
    size = glyphs.images.shape[-1]
    unit = max(size, 32)
    label = ImageFont.truetype(str(default_faces()[0].path), round(unit * 0.26))
    margin, gap, line = unit // 2, unit // 8, unit + unit * 3 // 4
    width = 2 * margin + _COLUMNS * size + (_COLUMNS - 1) * gap
    sheet = Image.new("RGB", (width, 2 * margin + line * len(glyphs.faces) - unit // 4), _PAPER)
    pen = ImageDraw.Draw(sheet)
    for number, (face, row) in enumerate(zip(glyphs.manifest["faces"], _rows(glyphs), strict=True)):
        top = margin + number * line
        pen.text((margin, top), face["name"], fill=_INK, font=label)
        note = f"{face['count']:,} glyphs   {face['licence']}"
        pen.text((width - margin, top), note, fill=_FAINT, font=label, anchor="ra")
        top += unit * 7 // 16
        pen.line((margin, top - unit // 16, width - margin, top - unit // 16), fill=_RULE)
        for column, index in enumerate(row):
            glyph = Image.fromarray(glyphs.images[index])
            sheet.paste(_INK, (margin + column * (size + gap), top), glyph)
    return sheet


def _rows(glyphs: GlyphSet) -> list[list[int]]:
    """For each face, where the glyphs of its line are in the set."""
    owned = [glyphs.code_points[glyphs.face_index == number] for number in range(len(glyphs.faces))]
    common: NDArray[np.uint32] = reduce(np.intersect1d, owned)
    if common.any():
        chosen = _chosen(common)
        return [[glyphs.index(character, face) for character in chosen] for face in glyphs.faces]
    starts = np.searchsorted(glyphs.face_index, np.arange(len(glyphs.faces)))
    return [
        [int(start) + int(place) for place in _spread(len(code_points))]
        for start, code_points in zip(starts, owned, strict=True)
    ]


def _chosen(common: NDArray[np.uint32]) -> list[str]:
    """The characters of the group of letters that are common to all, filled up from the rest, evenly spread."""
    everything = [chr(code_point) for code_point in common if code_point]
    chosen = [character for character in _SPECIMEN if character in everything]
    others = [character for character in everything if character not in chosen]
    missing = _COLUMNS - len(chosen)
    return chosen + [others[place] for place in _spread(len(others))[:missing]]


def _spread(count: int) -> list[int]:
    return [int(place) for place in np.unique(np.linspace(0, count - 1, min(count, _COLUMNS), dtype=int))]
