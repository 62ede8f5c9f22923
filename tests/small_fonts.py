"""Small fonts made for a test: each glyph is a rectangle (left, bottom, right, top), in thousandths of an em."""

from __future__ import annotations

from pathlib import Path

import pytest
from fontTools import subset
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

Box = tuple[int, int, int, int]

RELATIVES = (
    "江河海清注油泉湖港湯滝瀧龍襲聾籠語話読記計詩訓設森林校村松杉板柱根桜梅銀銅鉄鈴銘青晴精請情静時明暗晩"
    "星早草花茶英苦荷薬若菜園国囲図固因団問間聞開関閉"
)
"""Characters that share parts, so that others can be composed of them."""


def rectangle(box: Box | None):
    pen = TTGlyphPen(None)
    if box:
        left, bottom, right, top = box
        pen.moveTo((left, bottom))
        for point in ((left, top), (right, top), (right, bottom)):
            pen.lineTo(point)
        pen.closePath()
    return pen.glyph()


@pytest.fixture
def make_font(tmp_path):
    """A function that writes a font into the test's folder."""

    def make(file: str, glyphs: dict[str, Box | None], **options) -> Path:
        return write_font(tmp_path / file, glyphs, **options)

    return make


@pytest.fixture(scope="session")
def little_face(tmp_path_factory):
    """Noto Serif JP with `RELATIVES` alone, which is cut into its parts in seconds; where that is kept is a test's."""
    import pylopdf_fonts_jp

    options = subset.Options(layout_features=[], name_IDs=["*"], notdef_outline=True)
    with TTFont(pylopdf_fonts_jp.serif_path()) as font:
        subsetter = subset.Subsetter(options)
        subsetter.populate(text=RELATIVES)
        subsetter.subset(font)
        path = tmp_path_factory.mktemp("face") / "little.otf"
        font.save(path)
    return path


@pytest.fixture(scope="session")
def little_truetype(little_face, tmp_path_factory):
    """The same with quadratic curves that run clockwise, 2048 units to the em and its em box lower."""
    with TTFont(little_face) as font:
        outlines, cmap = font.getGlyphSet(), font.getBestCmap()
        pens = {".notdef": TTGlyphPen(None)}
        for code, name in cmap.items():
            pens[f"u{code:05X}"] = pen = TTGlyphPen(None)
            quadratic = Cu2QuPen(pen, 1.0, reverse_direction=True)
            outlines[name].draw(TransformPen(quadratic, (2.048, 0, 0, 2.048, 0, -164)))
    builder = FontBuilder(2048, isTTF=True)
    builder.setupGlyphOrder(list(pens))
    builder.setupCharacterMap({code: f"u{code:05X}" for code in cmap})
    builder.setupGlyf({name: pen.glyph() for name, pen in pens.items()})
    builder.setupHorizontalMetrics(dict.fromkeys(pens, (2048, 0)))
    builder.setupHorizontalHeader(ascent=1638, descent=-410)
    builder.setupNameTable({"familyName": "Little TrueType", "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=1638, sTypoDescender=-410)
    builder.setupPost()
    path = tmp_path_factory.mktemp("truetype") / "little.ttf"
    builder.save(path)
    return path


def write_font(
    path: Path,
    glyphs: dict[str, Box | None],
    *,
    notdef: Box = (100, 0, 900, 700),
    family: str = "Small Song",
    style: str = "Regular",
    ascender: int = 880,
    descender: int = -120,
) -> Path:
    names = {character: f"u{ord(character):05X}" for character in glyphs}
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", *names.values()])
    builder.setupCharacterMap({ord(character): name for character, name in names.items()})
    boxes = {".notdef": notdef, **{names[character]: box for character, box in glyphs.items()}}
    builder.setupGlyf({name: rectangle(box) for name, box in boxes.items()})
    builder.setupHorizontalMetrics({name: (1000, box[0] if box else 0) for name, box in boxes.items()})
    builder.setupHorizontalHeader(ascent=1100, descent=-300)
    builder.setupNameTable(
        {
            "familyName": family,
            "styleName": style,
            "copyright": "© 2026 Test",
            "licenseDescription": "Licensed under the SIL Open Font License, Version 1.1.",
        }
    )
    builder.setupOS2(sTypoAscender=ascender, sTypoDescender=descender)
    builder.setupPost()
    builder.save(path)
    return path
