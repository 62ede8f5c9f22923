"""Small fonts of ideographs to be completed: each glyph is a frame, a rectangle with a hole, of its own size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pylopdf_fonts_jp
from fontTools import subset
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

from tensho.fonts.outline_reader import OutlineReader
from tensho.fonts.outlines import CUBIC, ON_CURVE, QUADRATIC, Outline

EM, TOP = 1000, 880
CHARACTERS = "一言木林森休体村杏果東"
OFL = "This Font Software is licensed under the SIL Open Font License, Version 1.1."


def draw_frame(pen, k: int, *, clockwise: bool) -> None:
    """The k-th frame, which is like no other one."""
    left, bottom, right, top = 40 + 5 * k, -80, 960, 840 - 7 * k
    for inset, turned in ((0, clockwise), (70, not clockwise)):
        corners = [
            (left + inset, bottom + inset),
            (right - inset, bottom + inset),
            (right - inset, top - inset),
            (left + inset, top - inset),
        ]
        corners = corners[::-1] if turned else corners
        pen.moveTo(corners[0])
        for corner in corners[1:]:
            pen.lineTo(corner)
        pen.closePath()


def write_ideographs(
    path: Path,
    *,
    quadratic: bool = True,
    characters: str = CHARACTERS,
    family: str = "Small Song",
    licence: str = OFL,
    fs_type: int = 0,
    vertical: bool = True,
    extra: str = "⿰⿱",
    save: bool = True,
    **names: str,
) -> FontBuilder:
    """Write a font in which every glyph is a frame; ``extra`` are signs that it has beside its characters."""
    everything = " " + characters + extra
    order = [".notdef", *(f"uni{ord(char):04X}" for char in everything)]
    builder = FontBuilder(EM, isTTF=quadratic)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap({ord(char): name for char, name in zip(everything, order[1:], strict=True)})
    drawn = {}
    for k, name in enumerate(order):
        pen = TTGlyphPen(None) if quadratic else T2CharStringPen(None, None)
        if name != "uni0020":
            draw_frame(pen, k, clockwise=quadratic)
        drawn[name] = pen.glyph() if quadratic else pen.getCharString()
    if quadratic:
        builder.setupGlyf(drawn)
    else:
        builder.setupCFF(family.replace(" ", ""), {}, drawn, {"defaultWidthX": EM, "nominalWidthX": EM})
    lefts = {name: 0 if name == "uni0020" else 40 + 5 * k for k, name in enumerate(order)}
    builder.setupHorizontalMetrics({name: (EM, left) for name, left in lefts.items()})
    builder.setupHorizontalHeader(ascent=TOP, descent=TOP - EM)
    if vertical:
        tops = {name: 840 - 7 * k for k, name in enumerate(order)}
        builder.setupVerticalMetrics({name: (EM, TOP - top) for name, top in tops.items()})
        builder.setupVerticalHeader(ascent=EM // 2, descent=-EM // 2)
        if not quadratic:
            builder.setupVerticalOrigins({}, TOP)
    builder.setupNameTable(
        {
            "familyName": family, "styleName": "Regular", "uniqueFontIdentifier": "1;TEST;Small",
            "fullName": family, "version": "Version 1.000", "psName": family.replace(" ", "") + "-Regular",
            "copyright": "© 2026 Test", "licenseDescription": licence, **names,
        },
        mac=False,
    )  # fmt: skip
    builder.setupOS2(
        sTypoAscender=TOP, sTypoDescender=TOP - EM, fsType=fs_type, usWinAscent=TOP, usWinDescent=120
    )
    builder.setupPost()
    if save:
        builder.save(path)
    return builder


def write_cid_keyed(path: Path, characters: str = CHARACTERS) -> None:
    """Some characters of Noto Sans JP, whose glyphs are numbered and have several dictionaries, with its features."""
    options = subset.Options(layout_features=["*"], notdef_outline=True, name_IDs=["*"], glyph_names=False)
    font = subset.load_font(pylopdf_fonts_jp.sans_path(), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=" 　かなABC、。「」fi" + characters)
    subsetter.subset(font)
    subset.save_font(font, str(path), options)
    font.close()


def frame_outline(k: int) -> Outline:
    """A frame as `draw_frame` draws it, counter-clockwise."""

    class Corners:
        def __init__(self):
            self.contours = []

        def moveTo(self, point):
            self.contours.append([point])

        def lineTo(self, point):
            self.contours[-1].append(point)

        def closePath(self):
            pass

    pen = Corners()
    draw_frame(pen, k, clockwise=False)
    points = np.array([point for contour in pen.contours for point in contour], np.float32)
    return Outline(
        points,
        np.full(len(points), ON_CURVE, np.uint8),
        np.cumsum([len(c) for c in pen.contours], dtype=np.int32) - 1,
    )


def round_outline(kind: int = QUADRATIC, *, radius: float = 300) -> Outline:
    """A disc about (500, 380), counter-clockwise, of four curves."""
    c, s = radius * (np.sqrt(2) - 1), radius
    if kind == QUADRATIC:  # corners of an octagon are control points, the middles of its sides on the curve
        corners = [(s, c), (c, s), (-c, s), (-s, c), (-s, -c), (-c, -s), (c, -s), (s, -c)]
        points, tags = np.array(corners), np.full(8, QUADRATIC)
    else:
        h = 0.5523 * radius
        points = np.array([
            (s, 0), (s, h), (h, s), (0, s), (-h, s), (-s, h), (-s, 0), (-s, -h), (-h, -s), (0, -s), (h, -s), (s, -h),
        ])  # fmt: skip
        tags = np.array([ON_CURVE, CUBIC, CUBIC] * 4)
    return Outline(
        np.add(points, (500, 380)).astype(np.float32),
        tags.astype(np.uint8),
        np.array([len(points) - 1], np.int32),
    )


def outline_in(path: Path, char: str) -> Outline:
    """How FreeType reads a character's outline in a font file."""
    outline = OutlineReader(path).outline(char)
    assert outline is not None
    return outline


def resaved(path: Path, change, target: Path | None = None) -> Path:
    """A font file with something changed in it."""
    with TTFont(path, recalcBBoxes=False) as font:
        change(font)
        font.save(target or path)
    return target or path
