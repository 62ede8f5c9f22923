from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pylopdf_fonts_jp
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from tensho.export.typeface import FontInfo, Typeface, typeface
from tensho.sheet import Glyph

FACES = {"sans": Path(pylopdf_fonts_jp.sans_path()), "serif": Path(pylopdf_fonts_jp.serif_path())}

Draw = Callable[..., NDArray[np.float32]]


@pytest.fixture(scope="session")
def faces() -> dict[str, Path]:
    return FACES


@pytest.fixture(scope="session")
def draw() -> Draw:
    """``draw(path, character, size, em_fraction=1)``: a character as the face's outlines have it.

    Drawn large and averaged, because FreeType's hinter moves stems by up to half a pixel.
    """

    def drawn(path: Path, character: str, size: int, em_fraction: float = 1) -> NDArray[np.float32]:
        large = 2048
        em = large * em_fraction
        margin = (large - em) / 2
        font = ImageFont.truetype(str(path), em, layout_engine=ImageFont.Layout.BASIC)
        image = Image.new("L", (large, large))
        ImageDraw.Draw(image).text(
            (margin, round(margin + 0.88 * em)), character, font=font, fill=255, anchor="ls"
        )
        pixels = np.asarray(image, np.float32).reshape(size, large // size, size, large // size)
        return np.asarray(pixels.mean(axis=(1, 3)) / 255, np.float32)

    return drawn


@pytest.fixture(scope="session")
def glyphs() -> list[Glyph]:
    """Forty-eight characters as the models draw them; the first two and the last have descriptions."""
    font = ImageFont.truetype(str(FACES["serif"]), 60, layout_engine=ImageFont.Layout.BASIC)
    sheet = []
    for place in range(48):
        image = Image.new("L", (64, 64))
        ImageDraw.Draw(image).text((2, 55), chr(0x6C38 + 7 * place), font=font, fill=255, anchor="ls")
        array = np.asarray(image, np.float32) / np.float32(255)
        ids = {0: "⿰氵龍", 1: "⿱艹⿰氵龍", 47: "⿴囗馬"}.get(place)
        sheet.append(Glyph(array, model="walkback", seed=3, index=place, ids=ids))
    return sheet


@pytest.fixture(scope="session")
def made(glyphs: list[Glyph]) -> Typeface:
    info = FontInfo(family="Dreams", licence="Licence of the test.", description="Drawn by walkback, seed 3")
    return typeface(glyphs, info=info)
