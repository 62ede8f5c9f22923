"""A glyph as an SVG picture: one path of lines and curves, on a square of as many units as the em has."""

from __future__ import annotations

from collections.abc import Mapping
from xml.sax.saxutils import escape

from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from numpy.typing import ArrayLike

from tensho.fonts.outlines import Bounds, Outline
from tensho.fonts.placed_outline import EmBox, PlacedOutline, placed, traced
from tensho.fonts.tracing.outline import trace

__all__ = ["outline_svg", "page_svg", "svg"]


def svg(array: ArrayLike, *, title: str = "An invented character", description: str = "") -> str:
    """Trace a picture and draw it as SVG, in the colour of the text around it.

    Args:
        array: float (S, S) in [0, 1], ink = 1.
        title: what a reader is told that it is.
        description: where it comes from.

    Raises:
        TenshoError: the array is no square grey image, or has no ink.
    """
    em = EmBox()
    return _drawing(traced(trace(array), em), em, title, description)


def outline_svg(
    outline: Outline, em: Bounds, *, title: str = "An invented character", description: str = ""
) -> str:
    """Draw contours as they are, in the units of their font, whose em box is ``em``; see `svg`."""
    box = EmBox.of(em)
    return _drawing(placed(outline, em, box), box, title, description)


def page_svg(drawings: Mapping[tuple[int, int], str], columns: int, *, cell: int, margin: int) -> str:
    """Drawings as `svg` makes them on one page of so many columns.

    Args:
        drawings: by their row and column.
        columns: 1 or more.
        cell: side of each, in pixels.
        margin: between and around them.
    """
    pitch, rows = cell + margin, max((row for row, _ in drawings), default=0) + 1
    width, height = columns * pitch + margin, rows * pitch + margin
    placed_drawings = [
        drawing.replace(
            "<svg ",
            f'<svg x="{margin + column * pitch}" y="{margin + row * pitch}" width="{cell}" height="{cell}" ',
            1,
        )
        for (row, column), drawing in drawings.items()
    ]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
    return "\n".join([head, *placed_drawings, "</svg>", ""])


def _drawing(outline: PlacedOutline, em: EmBox, title: str, description: str) -> str:
    path = SVGPathPen(None, ntos=_number)
    outline.draw(TransformPen(path, (1, 0, 0, -1, 0, em.ascender)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {em.units} {em.units}" role="img">\n'
        f"<title>{_text(title)}</title>\n"
        f"<desc>{_text(description)}</desc>\n"
        f'<path fill="currentColor" d="{path.getCommands()}"/>\n'
        "</svg>\n"
    )


def _number(value: float) -> str:
    """To a hundredth of a font unit."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _text(text: str) -> str:
    """Escaped, and without the control characters that XML cannot hold."""
    return escape("".join(char for char in text if char.isprintable()))
