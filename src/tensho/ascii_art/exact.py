"""Text in Unicode's block or braille characters, straight from the bitmaps of its letters, without a network."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tensho.fonts.letter_bitmaps import letter_shape

__all__ = ["EXACT", "Exact", "exact_letter"]

Exact = Literal["braille", "blocks"]

EXACT: tuple[Exact, ...] = ("braille", "blocks")

_ROWS = 8
"""Lines that a letter takes."""

_TOP, _HEIGHT = 0.95, 1.2
"""Upper edge over the baseline, and height, of what is shown, in ems."""

_BRAILLE = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
_BLOCKS = np.array([[1], [2]])


def exact_letter(letter: str, kind: Exact) -> list[str]:
    """A character as 8 lines of braille (2 × 4 dots a cell) or half blocks (1 × 2).

    Raises:
        TenshoError: no face at hand has it.
    """
    weights = _BRAILLE if kind == "braille" else _BLOCKS
    down, across = weights.shape
    em = _ROWS * down / _HEIGHT
    shape = letter_shape(letter)
    top = round(em * (_TOP - shape.top))
    rows = max(1, min(round(em * (shape.top - shape.bottom)), _ROWS * down - top))
    # Half blocks are square pixels, and so are braille dots, where a cell is twice as high as it is wide.
    columns = max(1, round(em * shape.width))
    ink = np.zeros((_ROWS * down, -(-columns // across) * across), bool)
    small = Image.fromarray(shape.bitmap).resize((columns, rows), Image.Resampling.BOX)
    ink[top : top + rows, :columns] = np.asarray(small) > 110
    return [_line(cells, kind) for cells in _codes(ink, weights)]


def _codes(ink: NDArray[np.bool_], weights: NDArray[np.int64]) -> NDArray[np.int64]:
    down, across = weights.shape
    blocks = ink.reshape(ink.shape[0] // down, down, ink.shape[1] // across, across)
    codes: NDArray[np.int64] = np.einsum("rycx,yx->rc", blocks.astype(np.int64), weights)
    return codes


def _line(codes: NDArray[np.int64], kind: Exact) -> str:
    if kind == "blocks":
        return "".join(" ▀▄█"[code] for code in codes)
    return "".join(chr(0x2800 + code) if code else " " for code in codes)
