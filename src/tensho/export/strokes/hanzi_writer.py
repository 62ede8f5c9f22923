"""The data that the library hanzi-writer writes characters with (format of Make Me a Hanzi's graphics)."""

from __future__ import annotations

from typing import Any

from tensho.export.outline_paths import path_data
from tensho.export.strokes.written_glyph import WrittenGlyph
from tensho.fonts.kanjivg_strokes import ATTRIBUTION

__all__ = ["hanzi_writer_data"]


def hanzi_writer_data(glyph: WrittenGlyph) -> dict[str, Any]:
    """What ``charDataLoader`` of hanzi-writer hands over, for JSON.

    ``strokes`` are paths and ``medians`` points on a square of 1024, y upwards from -124 to 900. The library passes over
    the other keys.
    """
    return {
        "strokes": [
            path_data(stroke.outline.moved(stroke.outline.points * (1, -1))) for stroke in glyph.strokes
        ],
        "medians": [[[round(x), round(y)] for x, y in stroke.median.tolist()] for stroke in glyph.strokes],
        "character": glyph.text,
        "kinds": list(glyph.kinds),
        "attribution": ATTRIBUTION,
    }
