"""A typeface as a font file, TTF or OTF, byte for byte the same each time."""

from __future__ import annotations

import math
from io import StringIO
from pathlib import Path

from fontTools.feaLib.builder import addOpenTypeFeatures
from fontTools.fontBuilder import FontBuilder
from fontTools.otlLib.maxContextCalc import maxCtxFont
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables.O_S_2f_2 import Panose
from fontTools.ttLib.tables.ttProgram import Program

from tensho.atomic import replaced_file
from tensho.errors import TenshoError
from tensho.export.typeface import FontInfo, Typeface
from tensho.fonts.placed_outline import PlacedOutline

__all__ = ["compile_font", "write_font"]

QUADRATIC_ERROR = 1.0  # font units by which TrueType's curves may differ from the cubic ones
EPOCH = 3_850_416_000  # early 2026, in seconds since 1904: the true hour would make every file differ
CJK_CODE_PAGES = (17, 18, 20)  # JIS, simplified and traditional Chinese

IDEOGRAPHS_RANGE = 59
"""Bit of OS/2 ulUnicodeRange that says CJK Unified Ideographs (OpenType specification, OS/2)."""

SPACE, NO_BREAK_SPACE = 0x20, 0xA0
"""Code points."""

MONOSPACED = 9  # PANOSE proportion
# Dropout control at all sizes, for rasterisers that would lose thin strokes: SCANCTRL 511, SCANTYPE 4.
DROPOUT_CONTROL = ["PUSHW[ ]", "511", "SCANCTRL[ ]", "PUSHB[ ]", "4", "SCANTYPE[ ]"]
SMOOTH = 0x000F  # gasp: grid-fit and grey at every size

Bounds = tuple[int, int, int, int]


def write_font(typeface: Typeface, path: Path) -> None:
    """Write a font file; its ending, ``.ttf`` or ``.otf``, decides between quadratic and cubic curves.

    Raises:
        TenshoError: another ending, or a place that cannot be written.
    """
    font = compile_font(typeface, path.suffix.lower())
    with replaced_file(path) as temporary:
        font.save(temporary)


def compile_font(typeface: Typeface, kind: str) -> TTFont:
    """Compile a typeface; ``kind`` is ``.ttf`` or ``.otf``.

    Raises:
        TenshoError: another kind.
    """
    if kind not in {".ttf", ".otf"}:
        raise TenshoError(f"a font file ends in .ttf or .otf, not in {kind or 'nothing'}; rename it")
    em, units = typeface.em, typeface.em.units
    builder = FontBuilder(units, isTTF=kind == ".ttf")
    builder.setupGlyphOrder([glyph.name for glyph in typeface.glyphs])
    cmap = {glyph.code_point: glyph.name for glyph in typeface.glyphs if glyph.code_point is not None}
    builder.setupCharacterMap(cmap | {NO_BREAK_SPACE: cmap[SPACE]})
    bounds = (_setup_quadratic if kind == ".ttf" else _setup_cubic)(builder, typeface)
    builder.setupHorizontalMetrics({name: (units, left) for name, (left, _, _, _) in bounds.items()})
    builder.setupHorizontalHeader(ascent=em.ascender, descent=em.descender)
    builder.setupVerticalMetrics(
        {name: (units, em.ascender - top) for name, (_, _, _, top) in bounds.items()}
    )
    builder.setupVerticalHeader(ascent=units // 2, descent=-units // 2)
    if kind == ".otf":
        builder.setupVerticalOrigins({}, em.ascender)
    builder.setupNameTable(_names(typeface.info), mac=False)
    builder.setupOS2(
        version=4,
        sTypoAscender=em.ascender,
        sTypoDescender=em.descender,
        sTypoLineGap=0,
        usWinAscent=max(em.ascender, *(top for _, _, _, top in bounds.values())),
        usWinDescent=max(-em.descender, *(-bottom for _, bottom, _, _ in bounds.values())),
        fsSelection=1 << 6 | 1 << 7,  # regular; the line's height comes from the typographic metrics
        fsType=0,
        achVendID="TNSH",
        ulCodePageRange1=sum(1 << page for page in CJK_CODE_PAGES),
        usBreakChar=SPACE,
        panose=_panose(),
    )
    builder.setupPost(isFixedPitch=1, underlinePosition=-units // 10, underlineThickness=units // 20)
    font = builder.font
    addOpenTypeFeatures(font, StringIO(typeface.features))
    os2 = font["OS/2"]
    os2.usMaxContext = maxCtxFont(font)
    os2.recalcUnicodeRanges(font)
    os2.setUnicodeRanges(os2.getUnicodeRanges() | {IDEOGRAPHS_RANGE})
    builder.updateHead(
        created=EPOCH, modified=EPOCH, fontRevision=float(typeface.info.version), lowestRecPPEM=8
    )
    font.recalcTimestamp = False
    return font


def _setup_quadratic(builder: FontBuilder, typeface: Typeface) -> dict[str, Bounds]:
    glyphs = {}
    for glyph in typeface.glyphs:
        pen = TTGlyphPen(None)
        # TrueType fills to the right of the way, PostScript to the left.
        glyph.outline.draw(Cu2QuPen(pen, QUADRATIC_ERROR, reverse_direction=True))
        glyphs[glyph.name] = pen.glyph()
    builder.setupGlyf(glyphs)
    prep, gasp = newTable("prep"), newTable("gasp")
    prep.program = Program()
    prep.program.fromAssembly(DROPOUT_CONTROL)
    gasp.version, gasp.gaspRange = 1, {0xFFFF: SMOOTH}
    builder.font["prep"], builder.font["gasp"] = prep, gasp
    return {
        name: (glyph.xMin, glyph.yMin, glyph.xMax, glyph.yMax) if glyph.numberOfContours else (0, 0, 0, 0)
        for name, glyph in glyphs.items()
    }


def _setup_cubic(builder: FontBuilder, typeface: Typeface) -> dict[str, Bounds]:
    char_strings = {}
    for glyph in typeface.glyphs:
        pen = T2CharStringPen(typeface.em.units, None)
        glyph.outline.draw(pen)
        char_strings[glyph.name] = pen.getCharString()
    info = typeface.info
    # CFF's own strings are Latin-1; programs read the name table, which holds any script.
    facts = {"FullName": info.postscript_name, "Weight": "Regular", "version": info.version}
    widths = {"defaultWidthX": typeface.em.units, "nominalWidthX": typeface.em.units}
    builder.setupCFF(info.postscript_name, facts, char_strings, widths)
    return {glyph.name: _bounds(glyph.outline) for glyph in typeface.glyphs}


def _panose() -> Panose:
    panose = Panose()
    panose.bFamilyType, panose.bProportion = 2, MONOSPACED
    return panose


def _bounds(outline: PlacedOutline) -> Bounds:
    pen = BoundsPen(None)
    outline.draw(pen)
    if pen.bounds is None:
        return 0, 0, 0, 0
    left, bottom, right, top = pen.bounds
    return math.floor(left), math.floor(bottom), math.ceil(right), math.ceil(top)


def _names(info: FontInfo) -> dict[str, str]:
    named = {
        "copyright": info.copyright,
        "familyName": info.family,
        "styleName": "Regular",
        "uniqueFontIdentifier": f"{info.version};TNSH;{info.postscript_name}",
        "fullName": f"{info.family} Regular",
        "version": f"Version {info.version}",
        "psName": info.postscript_name,
        "description": info.description,
        "licenseDescription": info.licence,
        "licenseInfoURL": info.licence_url,
    }
    return {key: text for key, text in named.items() if text}
