"""A glyph as an SVG picture: one path of lines and cubic curves on a square of 1000 units."""

from __future__ import annotations

from xml.sax.saxutils import escape

from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen

from tensho.export.tracing.outline import ASCENDER, UNITS_PER_EM, trace
from tensho.sheet import Glyph

__all__ = ["provenance", "svg"]


def svg(glyph: Glyph) -> str:
    """Draw a glyph as SVG, in the colour of the text around it.

    Args:
        glyph: array ``(S, S)`` in [0, 1], ink = 1.

    Raises:
        TenshoError: the glyph is no square grey image, or has no ink.
    """
    path = SVGPathPen(None)
    trace(glyph.array).draw(TransformPen(path, (1, 0, 0, -1, 0, ASCENDER)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {UNITS_PER_EM} {UNITS_PER_EM}" role="img">\n'
        f"<title>{_text(glyph.character or glyph.ids or 'An invented character')}</title>\n"
        f"<desc>{_text(provenance(glyph))}</desc>\n"
        f'<path fill="currentColor" d="{path.getCommands()}"/>\n'
        "</svg>\n"
    )


def provenance(glyph: Glyph) -> str:
    """Say in one line what drew a glyph and from what: enough to draw it again."""
    facts = {
        "model": glyph.model,
        "seed": glyph.seed,
        "glyph": glyph.index,
        "parts": glyph.ids,
        "style": glyph.style,
    }
    return "Drawn with tensho: " + ", ".join(
        f"{name} {fact}" for name, fact in facts.items() if fact is not None
    )


def _text(text: str) -> str:
    """Escaped, and without the control characters that XML cannot hold."""
    return escape("".join(char for char in text if char.isprintable()))
