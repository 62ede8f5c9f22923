"""Glyphs in a terminal, as braille dots: two by four of them in every character cell."""

from __future__ import annotations

import numpy as np
from PIL import Image

from tensho.sheet import Sheet

__all__ = ["braille"]

_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], np.uint16)

_WIDEST_GLYPH = 32
"""Most character cells across one glyph, two braille dots each."""


def braille(sheet: Sheet, width: int = 80, columns: int | None = None) -> str:
    """The sheet as lines of at most ``width`` characters; ink is where the grey is above one half.

    Glyphs stand ``columns`` in a row (default: as in `Sheet.grid`, fewer where the terminal is narrow).
    """
    columns = min(columns or int(np.ceil(np.sqrt(len(sheet)))), max(1, width // 10))
    cells = max(1, min((width - columns + 1) // columns, _WIDEST_GLYPH))
    lines = []
    for start in range(0, len(sheet), columns):
        blocks = [_braille_lines(glyph.image.convert("L"), cells) for glyph in sheet[start : start + columns]]
        lines += [" ".join(row).rstrip() for row in zip(*blocks, strict=True)]
    return "\n".join(lines)


def _braille_lines(image: Image.Image, cells: int) -> list[str]:
    rows = max(1, round(cells / 2))
    small = np.asarray(image.resize((cells * 2, rows * 4), Image.Resampling.BOX))
    ink = (small < 128).reshape(rows, 4, cells, 2)
    codes = 0x2800 + np.einsum("rycx,yx->rc", ink.astype(np.uint16), _BITS)
    return ["".join(map(chr, row)) for row in codes]
