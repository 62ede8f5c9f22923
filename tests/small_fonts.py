"""Small fonts made for a test: each glyph is a rectangle (left, bottom, right, top), in thousandths of an em."""

from __future__ import annotations

from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

Box = tuple[int, int, int, int]


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
