"""Bitmaps of letters in any script, scaled to one square, and the extents of their ink in ems.

The face is the first of Noto Sans JP, SC and TC that has the character, so that Latin, Greek, Cyrillic, kana and
Chinese characters are all at hand.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from tensho.errors import TenshoError

__all__ = ["BITMAP", "LetterShape", "letter_faces", "letter_shape", "split_letters"]

BITMAP = 48
"""Side of a bitmap, in pixels."""

_EM = 96
"""Size at which letters are drawn, in pixels to the em."""

_ROOM = 64
"""Pixels around the em for ink that leaves it."""

_UNENCODED = "\U0010ffff"


class LetterShape(NamedTuple):
    """The ink of a character.

    Attributes:
        bitmap: uint8 (BITMAP, BITMAP), ink 255 on 0, the ink stretched to the whole square.
        top, bottom: edges of the ink over the baseline, in ems.
        width: of the ink, in ems.
    """

    bitmap: NDArray[np.uint8]
    top: float
    bottom: float
    width: float


def split_letters(text: str) -> list[str]:
    """The characters of a text, composed (NFC), each with the combining marks that follow it."""
    letters: list[str] = []
    for character in unicodedata.normalize("NFC", text):
        if letters and unicodedata.combining(character):
            letters[-1] += character
        else:
            letters.append(character)
    return letters


@lru_cache(maxsize=4096)
def letter_shape(letter: str) -> LetterShape:
    """The shape of a character, with any combining marks.

    Raises:
        TenshoError: no face at hand has it.
    """
    for font in _fonts():
        drawn = _drawn(font, letter)
        missing = _drawn(font, _UNENCODED)
        if drawn.any() and not (drawn.shape == missing.shape and (drawn == missing).all()):
            return _measured(drawn)
    name = unicodedata.name(letter[0], "no name")
    raise TenshoError(
        f"no face at hand has U+{ord(letter[0]):04X} ({name.lower()}); leave it out, or set the text "
        "in a font of FIGlet that has it: --font"
    )


def letter_faces() -> list[Path]:
    """The font files of the faces at hand, in the order in which they are asked for a character."""
    import pylopdf_fonts_jp
    import pylopdf_fonts_zh_cn
    import pylopdf_fonts_zh_tw

    return [
        Path(package.sans_path()) for package in (pylopdf_fonts_jp, pylopdf_fonts_zh_cn, pylopdf_fonts_zh_tw)
    ]


@lru_cache(maxsize=1)
def _fonts() -> list[ImageFont.FreeTypeFont]:
    return [
        ImageFont.truetype(str(file), _EM, layout_engine=ImageFont.Layout.BASIC) for file in letter_faces()
    ]


def _drawn(font: ImageFont.FreeTypeFont, letter: str) -> NDArray[np.uint8]:
    """The character on its baseline at row _ROOM + _EM, uint8."""
    width = int(sum(font.getlength(character) for character in letter)) + 2 * _ROOM
    image = Image.new("L", (width, _EM + 2 * _ROOM))
    ImageDraw.Draw(image).text((_ROOM, _ROOM + _EM), letter, fill=255, font=font, anchor="ls")
    return np.asarray(image)


def _measured(drawn: NDArray[np.uint8]) -> LetterShape:
    rows, columns = np.flatnonzero(drawn.any(1)), np.flatnonzero(drawn.any(0))
    ink = drawn[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    square = Image.fromarray(ink).resize((BITMAP, BITMAP), Image.Resampling.BOX)
    baseline = _ROOM + _EM
    return LetterShape(
        np.asarray(square),
        (baseline - int(rows[0])) / _EM,
        (baseline - int(rows[-1]) - 1) / _EM,
        len(columns) / _EM,
    )
