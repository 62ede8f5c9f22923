"""What a font's tables have to know of new glyphs: metrics, code points, extents, ranges; and what they say of a design.

New ideographs take the advance that most of the font's ideographs have, and stand in vertical lines where these do.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable
from fontTools.ttLib.tables.DefaultTable import DefaultTable

from tensho.export.completion.outline_insertion import Box
from tensho.fonts.coverage.repertoires import repertoire

__all__ = ["IdeographMetrics", "add_code_points", "add_metrics", "ideograph_metrics", "note_ranges"]

_LAST_OF_BMP = 0xFFFF
_CODE_PAGES = {17: "jis1", 18: "gb2312", 20: "big5"}
"""Windows' code pages that ``OS/2`` has bits of, and the list that a font has to hold to be of use for one."""


@dataclass(frozen=True)
class IdeographMetrics:
    """How a font's ideographs stand, in font units.

    Attributes:
        advance: width of most of them.
        height: their advance in vertical lines; None if the font has no vertical metrics.
        origin: how high over the baseline they hang from in vertical lines.
        bottom: the lower edge of their em box.
    """

    advance: int
    height: int | None
    origin: int
    bottom: int


def ideograph_metrics(font: TTFont, characters: Iterable[str]) -> IdeographMetrics:
    """Measure the ideographs of a font.

    Args:
        font: with or without vertical metrics.
        characters: its ideographs.
    """
    cmap = font.getBestCmap()
    names = [cmap[ord(char)] for char in characters]
    advance = _most_common(font["hmtx"].metrics[name][0] for name in names)
    em = font["head"].unitsPerEm
    metrics = font.get("OS/2")
    if metrics is not None and metrics.sTypoAscender - metrics.sTypoDescender == em:
        top = metrics.sTypoAscender
    else:
        ascent, descent = font["hhea"].ascent, font["hhea"].descent
        top = round((ascent + descent + em) / 2)  # an em in the middle of the line
    if "vmtx" not in font:
        return IdeographMetrics(advance, None, top, top - em)
    height = _most_common(font["vmtx"].metrics[name][0] for name in names)
    if "VORG" in font:
        table = font["VORG"]
        origin = _most_common(table.VOriginRecords.get(name, table.defaultVertOriginY) for name in names)
    elif "glyf" in font:
        glyf, bearings = font["glyf"], font["vmtx"].metrics
        tops = ((name, _top(glyf.glyphs[name])) for name in names)
        origin = _most_common(bearings[name][1] + top for name, top in tops if top is not None)
    else:
        origin = top
    return IdeographMetrics(advance, height, origin, top - em)


def _most_common(values: Iterable[int]) -> int:
    return Counter(values).most_common(1)[0][0]


def _top(glyph: Any) -> int | None:
    """yMax, which stands in a glyph's first ten bytes, of a glyph that need not be taken apart for it."""
    data = vars(glyph).get("data")
    if data:
        return int.from_bytes(data[8:10], "big", signed=True)
    top: int | None = vars(glyph).get("yMax")
    return top


def add_metrics(font: TTFont, boxes: Mapping[str, Box], metrics: IdeographMetrics) -> None:
    """Give new glyphs their advances and side bearings, and widen what the font says of its extremes.

    Args:
        font: whose glyph order has the new glyphs at its end.
        boxes: the ink of each new glyph.
        metrics: how they stand.
    """
    horizontal = font["hmtx"].metrics
    for name, (left, _, _, _) in boxes.items():
        horizontal[name] = (metrics.advance, left)
    inked = [box for box in boxes.values() if any(box)]
    if inked:
        _widen(font["head"], xMin=min(b[0] for b in inked), yMin=min(b[1] for b in inked), low=True)
        _widen(font["head"], xMax=max(b[2] for b in inked), yMax=max(b[3] for b in inked))
        _widen(
            font["hhea"],
            minLeftSideBearing=min(b[0] for b in inked),
            minRightSideBearing=min(metrics.advance - b[2] for b in inked),
            low=True,
        )
        _widen(font["hhea"], advanceWidthMax=metrics.advance, xMaxExtent=max(b[2] for b in inked))
    if metrics.height is not None:
        _add_vertical(font, boxes, metrics, metrics.height)
    _add_device_metrics(font, len(boxes), metrics.advance)


def _widen(table: Any, *, low: bool = False, **values: int) -> None:
    for name, value in values.items():
        setattr(table, name, (min if low else max)(getattr(table, name), value))


def _add_vertical(font: TTFont, boxes: Mapping[str, Box], metrics: IdeographMetrics, height: int) -> None:
    vertical = font["vmtx"].metrics
    for name, (_, _, _, top) in boxes.items():
        vertical[name] = (height, metrics.origin - top if any(boxes[name]) else 0)
    if "VORG" in font and font["VORG"].defaultVertOriginY != metrics.origin:
        font["VORG"].VOriginRecords |= dict.fromkeys(boxes, metrics.origin)
        font["VORG"].numVertOriginYMetrics = len(font["VORG"].VOriginRecords)
    inked = [box for box in boxes.values() if any(box)]
    if inked and "vhea" in font:
        tops = [metrics.origin - b[3] for b in inked]
        extents = [metrics.origin - b[1] for b in inked]
        _widen(
            font["vhea"],
            minTopSideBearing=min(tops),
            minBottomSideBearing=min(height - extent for extent in extents),
            low=True,
        )
        _widen(font["vhea"], advanceHeightMax=height, yMaxExtent=max(extents))


def _add_device_metrics(font: TTFont, count: int, advance: int) -> None:
    """Unhinted glyphs are as wide at any size as scaling says, and scale linearly from the first pixel on.

    Both tables are a byte a glyph, so they are lengthened as bytes.
    """
    if "LTSH" in font:
        version, old = struct.unpack(">HH", font.reader["LTSH"][:4])
        body = font.reader["LTSH"][4 : 4 + old]
        _replace(font, "LTSH", struct.pack(">HH", version, old + count) + body + b"\1" * count)
    if "hdmx" in font:
        em, old = font["head"].unitsPerEm, len(font.getGlyphOrder()) - count
        data = font.reader["hdmx"]
        version, records, size = struct.unpack(">HHl", data[:8])
        longer = 4 * ((2 + old + count + 3) // 4)
        grown = struct.pack(">HHl", version, records, longer)
        for k in range(records):
            record = data[8 + k * size :][: 2 + old]
            width = min(255, round(advance * record[0] / em))
            record = bytes((record[0], max(record[1], width))) + record[2:] + bytes((width,)) * count
            grown += record.ljust(longer, b"\0")
        _replace(font, "hdmx", grown)


def _replace(font: TTFont, tag: str, data: bytes) -> None:
    table = DefaultTable(tag)
    table.data = data
    font[tag] = table


def add_code_points(font: TTFont, names: Mapping[int, str]) -> None:
    """Map code points to glyphs in every Unicode subtable; above U+FFFF in one of format 12, made if there is none."""
    table = font["cmap"]
    basic = {code: name for code, name in names.items() if code <= _LAST_OF_BMP}
    if len(basic) < len(names) and not any((t.platformID, t.format) == (3, 12) for t in table.tables):
        table.tables.append(_full_subtable(table.getBestCmap()))
    for subtable in table.tables:
        if subtable.isUnicode() and subtable.format in (4, 6, 12):
            subtable.cmap.update(names if subtable.format == 12 else basic)
    table.tables.sort()


def _full_subtable(cmap: Mapping[int, str]) -> CmapSubtable:
    subtable = CmapSubtable.newSubtable(12)
    subtable.platformID, subtable.platEncID, subtable.language = 3, 10, 0
    subtable.format, subtable.reserved, subtable.length, subtable.nGroups = 12, 0, 0, 0
    subtable.cmap = dict(cmap)
    return subtable


def note_ranges(font: TTFont, codes: Sequence[int]) -> None:
    """Say in ``OS/2`` which Unicode blocks and code pages the font serves now, the ones it named before among them."""
    if "OS/2" not in font:
        return
    table = font["OS/2"]
    before = table.getUnicodeRanges()
    table.recalcUnicodeRanges(font)
    table.setUnicodeRanges(before | (table.getUnicodeRanges() & _ranges_of(codes)))
    if table.version >= 3:
        table.recalcAvgCharWidth(font)
    if table.version >= 1:
        complete = {
            page for page, name in _CODE_PAGES.items() if font.getBestCmap().keys() >= _codes_of(name)
        }
        table.setCodePageRanges(table.getCodePageRanges() | complete)


def _codes_of(name: str) -> set[int]:
    return set(map(ord, repertoire(name).characters))


def _ranges_of(codes: Sequence[int]) -> set[int]:
    from fontTools.ttLib.tables.O_S_2f_2 import intersectUnicodeRanges

    return set(intersectUnicodeRanges(codes))
