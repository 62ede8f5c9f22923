"""Lines of symbols as a web page, as SVG and as a picture, every symbol in its cell of a terminal's grid.

SVG and pictures hold the outlines of the symbols, so that no font has to be there, and none can shift a column.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tensho.export.outline_paths import path_data
from tensho.fonts.cell_outlines import ASCENT, COLUMN, ROW, cell_outline
from tensho.fonts.outline_raster import raster
from tensho.fonts.outlines import Outline, joined
from tensho.text.columns import cells, columns

__all__ = ["Colour", "html_page", "lettering_picture", "lettering_svg"]

Colour = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""

_MARGIN = 2
"""Blank cells around, in columns; half as many rows."""

_PIXELS = 32
"""Height of a cell in pixels."""

_STOPS = 24
"""Most stops of a gradient."""


def html_page(lines: Sequence[str], inks: NDArray[np.uint8], background: Colour, title: str) -> str:
    """A page that shows the lines as text, which can be copied.

    Args:
        lines: all of one width.
        inks: the colour of each column, uint8 (columns, 3).
        background: of the page.
        title: what the lines say.
    """
    stops = ", ".join(f"{_hex(ink)} {place:.1%}" for place, ink in _stops(inks))
    told = html.escape(" ".join(title.split()))
    rows = "\n".join("".join(map(_html_cell, cells(line.rstrip()))) for line in lines)
    return f"""<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<title>{told}</title>
<style>
body {{ margin: 2em; background: {_hex(background)} }}
pre {{ display: inline-block; min-width: {columns(lines[0])}ch; margin: 0; font: 16px/1.15 monospace;
  background: linear-gradient(90deg, {stops}); -webkit-background-clip: text; background-clip: text; color: transparent }}
pre span {{ display: inline-block; width: 2ch }}
</style>
</head>
<body>
<pre role="img" aria-label="{told}">
{rows}
</pre>
</body>
</html>
"""


def lettering_svg(lines: Sequence[str], inks: NDArray[np.uint8], background: Colour, title: str) -> str:
    """An SVG drawing, one path; see `html_page` for the arguments."""
    placed = []
    for column, row, outline in _placed(lines):
        corner = np.array(((column + _MARGIN) * COLUMN, -(row + _MARGIN / 2) * ROW - ASCENT), np.float32)
        placed.append(outline.moved(outline.points + corner))
    width = (len(inks) + 2 * _MARGIN) * COLUMN
    height = (len(lines) + _MARGIN) * ROW
    stops = "".join(f'<stop offset="{place:.4f}" stop-color="{_hex(ink)}"/>' for place, ink in _stops(inks))
    told = html.escape(" ".join("".join(char if char.isprintable() else " " for char in title).split()))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width // 50}" height="{height // 50}" role="img">\n'
        f"<title>{told}</title>\n"
        f'<linearGradient id="ink" gradientUnits="userSpaceOnUse" x1="{_MARGIN * COLUMN}" y1="0" '
        f'x2="{width - _MARGIN * COLUMN}" y2="0">{stops}</linearGradient>\n'
        f'<rect width="{width}" height="{height}" fill="{_hex(background)}"/>\n'
        f'<path fill="url(#ink)" d="{path_data(joined(placed))}"/>\n'
        "</svg>\n"
    )


def lettering_picture(lines: Sequence[str], inks: NDArray[np.uint8], background: Colour) -> Image.Image:
    """A picture with 16 × 32 pixels a cell; see `html_page` for the arguments."""
    across = _PIXELS * COLUMN // ROW
    # What a symbol draws may leave its cell, by less than a row on each side.
    page = np.zeros(((len(lines) + 2) * _PIXELS, len(inks) * across + 2 * _PIXELS), np.uint8)
    for column, row, outline in _placed(lines):
        drawn = _pixels(outline)
        place = np.s_[row * _PIXELS : (row + 3) * _PIXELS, column * across : column * across + 3 * _PIXELS]
        seen = page[place]
        np.maximum(seen, drawn[:, : seen.shape[1]], out=seen)
    colours = np.repeat(inks, across, axis=0)
    colours = np.concatenate(
        [colours[:1].repeat(_PIXELS, 0), colours, colours[-1:].repeat(_PIXELS, 0)]
    ).astype(float)
    cover = page[..., None] / 255
    return Image.fromarray(np.rint(cover * colours + (1 - cover) * np.array(background)).astype(np.uint8))


def _placed(lines: Sequence[str]) -> Iterator[tuple[int, int, Outline]]:
    """The outline of each symbol that has ink, with its column and row."""
    for row, line in enumerate(lines):
        seen = [*cells(line), " "]
        for column, cell in enumerate(seen[:-1]):
            if cell and not cell.isspace():
                outline = cell_outline(cell, 1 if seen[column + 1] else 2)
                if len(outline):
                    yield column, row, outline


@lru_cache(maxsize=1024)
def _pixels(outline: Outline) -> NDArray[np.uint8]:
    """Three by three rows' heights, the cell's upper left corner at the end of the first."""
    return raster(outline, 3 * _PIXELS, scale=_PIXELS / ROW, left=-ROW, bottom=ASCENT - 2 * ROW)


def _stops(inks: NDArray[np.uint8]) -> list[tuple[float, Colour]]:
    places = np.unique(np.rint(np.linspace(0, len(inks) - 1, _STOPS)).astype(int))
    return [(place / max(1, len(inks) - 1), _colour(inks[place])) for place in places.tolist()]


def _colour(ink: NDArray[np.uint8]) -> Colour:
    red, green, blue = ink.tolist()
    return red, green, blue


def _hex(ink: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*ink)


def _html_cell(cell: str) -> str:
    shown = html.escape(cell, quote=False)
    return f"<span>{shown}</span>" if columns(cell) > 1 else shown
