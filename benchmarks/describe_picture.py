"""A picture of `tensho describe`: characters that do not exist, as somebody would show them, what is read, and that drawn anew.

    python -m benchmarks.describe_picture OUT.png

Each character is composed in some style, then photographed, inverted, coloured or inked on nothing; the second row has the parts' boxes,
the third one what the description that was read looks like in a style of its own.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

import tensho
from benchmarks.pictures_of_glyphs import photographed
from tensho.api.describe import Description, describe_glyphs
from tensho.fonts.faces import default_faces
from tensho.fonts.ink_picture import ink_of
from tensho.sheet import save_picture

_SHOWN = ("⿰言森", "⿱艹⿰車毛", "⿰糸豚", "⿱雨⿰火火", "⿰魚夢", "⿵門龍", "⿺辶黒", "⿰女⿱山鳥")
_STYLES = ("kai", "pen", "song", "seto", "mincho")
_COLOURS = ("#c0392b", "#1f5fbf", "#1e8449", "#b9770e", "#6c3483")
_CELL, _GAP, _TEXT = 200, 24, 34


def _inverted(glyph: NDArray[np.uint8], _: int) -> Image.Image:
    return Image.fromarray(glyph)


def _coloured(glyph: NDArray[np.uint8], _: int) -> Image.Image:
    share = glyph[..., None] / 255
    mixed = share * np.array([190, 40, 30]) + (1 - share) * np.array([250, 225, 150])
    return Image.fromarray(np.rint(mixed).astype(np.uint8))


_KINDS: Sequence[Callable[[NDArray[np.uint8], int], Image.Image]] = (
    photographed,
    _inverted,
    photographed,
    _coloured,
)


def page() -> tuple[Image.Image, list[tuple[str, Description]]]:
    """The picture, and what was shown with what was read."""
    shown = []
    for k, ids in enumerate(_SHOWN):
        array = tensho.compose(ids, style=_STYLES[k % len(_STYLES)], size=128).array
        shown.append(_KINDS[k % len(_KINDS)](np.rint(array * 255).astype(np.uint8), k).convert("RGB"))
    inks = [ink_of(picture) for picture in shown]
    read = [answer[0] for answer in describe_glyphs(inks, 1)]
    step = _CELL + _GAP
    sheet = Image.new("RGB", (len(shown) * step + _GAP, 3 * step + _GAP + _TEXT), "white")
    font = ImageFont.truetype(str(default_faces()[2].path), 22)
    pen = ImageDraw.Draw(sheet)
    for k, (picture, ink, one) in enumerate(zip(shown, inks, read, strict=True)):
        boxed = Image.fromarray(255 - ink // 2).convert("RGB").resize((_CELL, _CELL))
        drawn = ImageDraw.Draw(boxed)
        for number, (_, box) in enumerate(one.places):
            corners = [side * (_CELL - 1) for side in box]
            drawn.rectangle(corners, outline=_COLOURS[number % len(_COLOURS)], width=3)
        anew = tensho.compose(one.ids, style="mincho", size=_CELL).image
        left = _GAP + k * step
        for row, cell in enumerate((picture.resize((_CELL, _CELL)), boxed, anew)):
            sheet.paste(cell, (left, _GAP + row * step + (_TEXT if row == 2 else 0)))
        text = f"{one.ids}  {one.probability:.2f}"
        pen.text(
            (left + _CELL / 2, _GAP + 2 * step + _TEXT / 2 - _GAP / 2),
            text,
            fill="black",
            font=font,
            anchor="mm",
        )
    return sheet, list(zip(_SHOWN, read, strict=True))


def main() -> None:
    """Write the picture."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    picture, answers = page()
    save_picture(picture, arguments.out)
    for asked, one in answers:
        print(asked, one.ids, f"{one.probability:.2f}")


if __name__ == "__main__":
    main()
