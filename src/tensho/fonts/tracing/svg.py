"""A glyph as an SVG picture: one path of lines and cubic curves on a square of 1000 units."""

from __future__ import annotations

from xml.sax.saxutils import escape

from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from numpy.typing import ArrayLike

from tensho.fonts.tracing.outline import ASCENDER, UNITS_PER_EM, trace

__all__ = ["svg"]


def svg(array: ArrayLike, *, title: str = "An invented character", description: str = "") -> str:
    """Draw a glyph as SVG, in the colour of the text around it.

    Args:
        array: float (S, S) in [0, 1], ink = 1.
        title: what a reader is told that it is.
        description: where it comes from.

    Raises:
        TenshoError: the array is no square grey image, or has no ink.
    """
    path = SVGPathPen(None)
    trace(array).draw(TransformPen(path, (1, 0, 0, -1, 0, ASCENDER)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {UNITS_PER_EM} {UNITS_PER_EM}" role="img">\n'
        f"<title>{_text(title)}</title>\n"
        f"<desc>{_text(description)}</desc>\n"
        f'<path fill="currentColor" d="{path.getCommands()}"/>\n'
        "</svg>\n"
    )


def _text(text: str) -> str:
    """Escaped, and without the control characters that XML cannot hold."""
    return escape("".join(char for char in text if char.isprintable()))
