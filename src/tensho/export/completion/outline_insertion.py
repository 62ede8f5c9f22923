"""New glyphs for a font that is already a file: outlines appended to ``glyf`` or to ``CFF ``.

What was there stays as it is, byte for byte: glyph programs are neither taken apart nor compiled again, so a font of
20,000 glyphs gets 3,000 more in seconds. New glyphs are unhinted.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from fontTools.misc.psCharStrings import T2CharString
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.qu2cuPen import Qu2CuPen
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._g_l_y_f import Glyph, GlyphCoordinates
from fontTools.ttLib.tables.ttProgram import Program

from tensho.errors import TenshoError
from tensho.fonts.outlines import CUBIC, ON_CURVE, QUADRATIC, Outline

__all__ = ["Box", "free_names", "insert_outlines"]

_ERROR = 0.001  # ems that a curve may lie off where its kind has to change
_EMPTY = (0, 0, 0, 0)

Box = tuple[int, int, int, int]
"""Left, bottom, right, top of a glyph's ink in whole font units; zeros where there is none."""


def insert_outlines(
    font: TTFont, outlines: Mapping[str, Outline], *, advance: int, like: Sequence[str]
) -> dict[str, Box]:
    """Append glyphs to a font with quadratic (``glyf``) or cubic (``CFF ``) outlines.

    Names of a CID-keyed font are those that `free_names` gives, whatever the glyphs stand for.

    Args:
        font: changed in place; its other tables know nothing of the glyphs yet.
        outlines: by glyph names that are new to it, in font units.
        advance: what a CFF glyph program says its width is, in font units.
        like: glyphs that the new ones are alike, whose dictionary in a CID-keyed font they share.

    Returns:
        The ink's box of each.
    """
    order = [*font.getGlyphOrder(), *outlines]
    insert = _insert_quadratic if "glyf" in font else _insert_cubic
    boxes = insert(font, outlines, order, advance, like)
    font.setGlyphOrder(order)
    return boxes


def free_names(font: TTFont, wanted: Sequence[str]) -> list[str]:
    """Glyph names that a font does not have: those wanted where they are free, CIDs in a CID-keyed font.

    Raises:
        TenshoError: a CID-keyed font has given its last CID.
    """
    taken = set(font.getGlyphOrder())
    if _is_cid_keyed(font):
        first = 1 + max((int(name[3:]) for name in taken if name[3:].isdecimal()), default=0)
        if first + len(wanted) > 65_536:
            free = (cid for cid in range(1, 65_536) if f"cid{cid:05d}" not in taken)
            names = [f"cid{cid:05d}" for cid, _ in zip(free, wanted, strict=False)]
            if len(names) < len(wanted):
                raise TenshoError("the font has no CID left; complete it with fewer characters")
            return names
        return [f"cid{cid:05d}" for cid in range(first, first + len(wanted))]
    names = []
    for name in wanted:
        own, k = name, 0
        while own in taken:
            k += 1
            own = f"{name}.{k}"
        taken.add(own)
        names.append(own)
    return names


def _is_cid_keyed(font: TTFont) -> bool:
    return "CFF " in font and "ROS" in font["CFF "].cff.topDictIndex[0].rawDict


def _insert_quadratic(
    font: TTFont, outlines: Mapping[str, Outline], order: list[str], advance: int, like: Sequence[str]
) -> dict[str, Box]:
    del advance, like
    table = font["glyf"]
    table.glyphs  # noqa: B018  (read before the order grows)
    error = _ERROR * font["head"].unitsPerEm
    boxes = {}
    for name, outline in outlines.items():
        glyph = _quadratic(_directed(outline, clockwise=True), error)
        table.glyphs[name] = glyph
        boxes[name] = (glyph.xMin, glyph.yMin, glyph.xMax, glyph.yMax) if glyph.numberOfContours else _EMPTY
    table.glyphOrder = order
    table._reverseGlyphOrder = {}
    _raise_to_maximum(
        font["maxp"],
        maxPoints=max((len(table.glyphs[name].coordinates) for name in outlines), default=0),
        maxContours=max((table.glyphs[name].numberOfContours for name in outlines), default=0),
    )
    return boxes


def _raise_to_maximum(table: Any, **values: int) -> None:
    for name, value in values.items():
        setattr(table, name, max(getattr(table, name), value))


def _quadratic(outline: Outline, error: float) -> Glyph:
    if (outline.tags == CUBIC).any():
        pen = TTGlyphPen(None)
        outline.draw(Cu2QuPen(pen, error))
        glyph = pen.glyph()
    else:
        glyph = Glyph()
        glyph.numberOfContours = len(outline)
        points = np.rint(outline.points).astype(int)
        glyph.coordinates = GlyphCoordinates(map(tuple, points.tolist()))
        glyph.flags = array("B", (outline.tags == ON_CURVE).astype(np.uint8).tobytes())
        glyph.endPtsOfContours = outline.ends.tolist()
        glyph.program = Program()
        glyph.program.fromBytecode(b"")
    if glyph.numberOfContours:
        glyph.recalcBounds(None)
    return glyph


def _insert_cubic(
    font: TTFont, outlines: Mapping[str, Outline], order: list[str], advance: int, like: Sequence[str]
) -> dict[str, Box]:
    top = font["CFF "].cff.topDictIndex[0]
    strings = top.CharStrings
    strings.values()[0]  # the index is read before it grows
    chosen = _dictionary_of(font, like)
    private = top.Private if chosen is None else top.FDArray[chosen].Private
    width = None if advance == private.defaultWidthX else advance - private.nominalWidthX
    boxes = {}
    for name, outline in outlines.items():
        program, boxes[name] = _cubic(_directed(outline, clockwise=False), width)
        program.private, program.globalSubrs = private, top.GlobalSubrs
        strings.charStrings[name] = len(strings.charStringsIndex)
        strings.charStringsIndex.append(program)
        if chosen is not None:
            top.FDSelect.append(chosen)
    top.charset = order
    if chosen is not None:
        top.FDSelect.format = None  # whichever is shortest
        top.CIDCount = max(top.CIDCount, 1 + max(int(name[3:]) for name in order if name[3:].isdecimal()))
    box = top.FontBBox
    top.FontBBox = _united([tuple(box), *boxes.values()])
    return boxes


def _united(boxes: Iterable[Sequence[float]]) -> list[int]:
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    return [round(v) for v in (min(lefts), min(bottoms), max(rights), max(tops))]


def _dictionary_of(font: TTFont, like: Sequence[str]) -> int | None:
    """Which of a CID-keyed font's dictionaries most of the glyphs are in."""
    if not _is_cid_keyed(font):
        return None
    select = font["CFF "].cff.topDictIndex[0].FDSelect
    ids = font.getReverseGlyphMap()
    return Counter(select[ids[name]] for name in like).most_common(1)[0][0] if like else 0


def _cubic(outline: Outline, width: int | None) -> tuple[T2CharString, Box]:
    pen = T2CharStringPen(width, None)
    if (outline.tags == QUADRATIC).any():
        outline.draw(Qu2CuPen(pen, 1.0, all_cubic=True))
    else:
        outline.draw(pen)
    program = pen.getCharString(optimize=True)
    program.compile()
    return program, _box(outline)


def _box(outline: Outline) -> Box:
    if not len(outline):
        return _EMPTY
    points = outline.points
    low, high = points.min(0), points.max(0)
    on = points[outline.tags == ON_CURVE]
    if not len(on) or (on.min(0) > low).any() or (on.max(0) < high).any():
        # A control point lies outermost, so the curve ends somewhere before it.
        pen = BoundsPen(None)
        outline.draw(pen)
        low, high = np.array(pen.bounds).reshape(2, 2)
    left, bottom = np.floor(low).astype(int).tolist()
    right, top = np.ceil(high).astype(int).tolist()
    return left, bottom, right, top


def _directed(outline: Outline, *, clockwise: bool) -> Outline:
    """TrueType fills to the right of the way, PostScript to the left: outer contours the one way, all others as they go."""
    if not len(outline):
        return outline
    starts = np.concatenate([[0], outline.ends[:-1] + 1])
    following = np.arange(1, len(outline.points) + 1)
    following[outline.ends] = starts
    x, y = outline.points.astype(np.float64).T
    # Of the polygons through all points; enough to tell the sign.
    area = float(np.dot(x, y[following]) - np.dot(y, x[following]))
    if (area < 0) == clockwise:
        return outline
    turned = np.concatenate([
        np.concatenate([[start], np.arange(end, start, -1)])
        for start, end in zip(starts.tolist(), outline.ends.tolist(), strict=True)
    ])  # fmt: skip
    return Outline(outline.points[turned], outline.tags[turned], outline.ends)
