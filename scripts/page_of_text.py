"""A page of text in which some characters are completed: ``python scripts/page_of_text.py docs/page.png docs/page-answer.png``.

The characters of `LACKING` are composed of outlines as if the font had never had them: nothing is cut from them, and their
own glyphs are not looked at. The second picture shows the same page with these characters in red.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pylopdf_fonts_jp
from numpy.typing import NDArray
from PIL import Image

from tensho.composition.outlines.composer import OutlineComposer
from tensho.composition.outlines.store import cut_face
from tensho.fonts.faces import load_face
from tensho.fonts.outline_raster import raster
from tensho.fonts.outlines import Outline

# The beginning of 草枕 by 夏目漱石 (1906), in the public domain.
TEXT = """山路を登りながら、こう考えた。
智に働けば角が立つ。情に棹させば流される。
意地を通せば窮屈だ。とかくに人の世は住みにくい。
住みにくさが高じると、安い所へ引き越したくなる。
どこへ越しても住みにくいと悟った時、
詩が生れて、画が出来る。"""
LACKING = "路智働情棹流通窮越悟時詩"
FONTS = (pylopdf_fonts_jp.serif_path(), pylopdf_fonts_jp.sans_path())
EM, LEADING, MARGIN = 44, 76, 48  # pixels
PAPER, INK, MARK = 255, (24, 24, 28), (200, 30, 40)


def page(composer: OutlineComposer, *, marked: bool) -> NDArray[np.uint8]:
    """The text in one font, uint8 (H, W, 3)."""
    lines = TEXT.split("\n")
    width = 2 * MARGIN + EM * max(map(len, lines))
    picture = np.full((2 * MARGIN + LEADING * len(lines), width, 3), PAPER, np.uint8)
    em = composer.inventory.em
    for row, line in enumerate(lines):
        for column, character in enumerate(line):
            lacking = character in LACKING
            outline: Outline | None
            if lacking:
                outline = composer.compose(character).outline
            else:
                outline = composer.inventory.reader.outline(character)
            if outline is None:
                continue
            ink = raster(outline, EM, scale=EM / composer.units_per_em, left=em.left, bottom=em.bottom)
            x, y = MARGIN + column * EM, MARGIN + row * LEADING
            place = picture[y : y + EM, x : x + EM]
            colour = np.array(MARK if marked and lacking else INK, np.float64)
            share = ink[..., None] / 255
            place[:] = np.rint(place * (1 - share) + colour * share).astype(np.uint8)
    return picture


def main(plain: Path, answer: Path) -> None:
    """Write both pictures, one font above the other."""
    composers = [
        OutlineComposer(cut_face(load_face(font), allowed=lambda c: c not in LACKING), lambda c: c in LACKING)
        for font in FONTS
    ]
    for path, marked in ((plain, False), (answer, True)):
        pages = [page(composer, marked=marked) for composer in composers]
        Image.fromarray(np.concatenate(pages)).save(path)
        print(path)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
