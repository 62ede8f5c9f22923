"""New characters as UFO 3 sources, for a designer who goes on by hand; ``fontmake`` builds them.

The folder holds what was added, with the font's metrics and names, ready to be merged into the font's own sources: a
binary font's features and hints cannot be turned back into sources. A part that the composer names is a glyph of its
own, drawn once, and the characters refer to it as a component. Marks go from red to green with the confidence.
"""

from __future__ import annotations

import colorsys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fontTools.pens.pointPen import AbstractPointPen, SegmentToPointPen
from fontTools.ttLib import TTFont
from fontTools.ufoLib import UFOWriter

from tensho.atomic import replaced_folder
from tensho.errors import TenshoError
from tensho.export.completion.font import glyph_name
from tensho.export.completion.glyph_registration import IdeographMetrics
from tensho.export.completion.provenance_names import family_of
from tensho.export.part_components import Component, PartLibrary, draw_with_components
from tensho.fonts.outlines import Outline
from tensho.fonts.placed_part import PlacedPart

__all__ = ["SourceGlyph", "write_completion_ufo"]

_COPIED = {0x20: "space", 0x3000: "uni3000"}


@dataclass(frozen=True)
class SourceGlyph:
    """A new character.

    Attributes:
        code_point: what it is typed as.
        outline: all of its contours, in font units.
        confidence: in [0, 1].
        note: what a designer should know of it.
        parts: those of its parts that are drawn once for all; all other contours are its own.
    """

    code_point: int
    outline: Outline
    confidence: float
    note: str = ""
    parts: tuple[PlacedPart, ...] = ()


@dataclass
class _Record:
    """What the GLIF writer reads a glyph's attributes from."""

    width: float
    height: float
    unicodes: list[int] = field(default_factory=list)
    note: str | None = None
    lib: dict[str, Any] = field(default_factory=dict)


def write_completion_ufo(
    glyphs: Sequence[SourceGlyph],
    font: TTFont,
    metrics: IdeographMetrics,
    path: Path,
    *,
    family: str | None = None,
    ligatures: Mapping[int, str] | None = None,
) -> None:
    """Write a ``.ufo`` folder; one that is there is replaced once the new one is complete.

    Args:
        glyphs: the new characters.
        font: the font that they complete, for its names, metrics, ``.notdef`` and spaces.
        metrics: how its ideographs stand.
        path: the folder.
        family: another name for it.
        ligatures: descriptions that turn into a code point when they are typed.

    Raises:
        TenshoError: another ending, something else in its place, or a place that cannot be written.
    """
    if path.suffix.lower() != ".ufo":
        raise TenshoError(f"UFO sources are a folder named something.ufo, not {path.name}; rename it")
    if path.exists() and not (path / "metainfo.plist").is_file():
        raise TenshoError(f"{path} is there and no UFO; choose another name")
    library = PartLibrary()
    taken_apart = [library.taken_apart(glyph.outline, glyph.parts) for glyph in glyphs]
    parts = library.outlines
    names = [glyph_name(glyph.code_point) for glyph in glyphs]
    copied = {font.getBestCmap()[code]: name for code, name in _COPIED.items() if code in font.getBestCmap()}
    with replaced_folder(path) as folder:
        folder.rmdir()  # the writer takes a folder that is there for a UFO to be amended
        writer = UFOWriter(folder, formatVersion=(3, 0), fileCreator="io.github.tensho")
        writer.writeInfo(_info(font, family or family_of(font)))
        order = [".notdef", *copied.values(), *parts, *names]
        writer.writeLib({"public.glyphOrder": order, "public.skipExportGlyphs": sorted(parts)})
        writer.writeFeatures(_features(ligatures or {}, {glyph.code_point for glyph in glyphs}))
        layer = writer.getGlyphSet()
        for name, record, draw in (
            *_from_font(font, {font.getGlyphOrder()[0]: ".notdef"} | copied, metrics),
            *_parts(parts, metrics),
            *_characters(glyphs, names, taken_apart, metrics),
        ):
            layer.writeGlyph(name, record, draw)
        layer.writeContents()
        writer.writeLayerContents(["public.default"])
        writer.close()


_Drawn = tuple[str, _Record, Any]


def _from_font(font: TTFont, names: Mapping[str, str], metrics: IdeographMetrics) -> Iterator[_Drawn]:
    glyph_set = font.getGlyphSet()
    codes = {name: code for code, name in _COPIED.items()}
    for theirs, ours in names.items():

        def draw(pen: AbstractPointPen, name: str = theirs) -> None:
            glyph_set[name].draw(SegmentToPointPen(pen))

        record = _record(metrics)
        record.width = glyph_set[theirs].width
        record.unicodes = [codes[ours]] if ours in codes else []
        yield ours, record, draw


def _parts(parts: Mapping[str, Outline], metrics: IdeographMetrics) -> Iterator[_Drawn]:
    for name, outline in parts.items():

        def draw(pen: AbstractPointPen, outline: Outline = outline) -> None:
            outline.draw(SegmentToPointPen(pen))

        yield name, _record(metrics), draw


def _characters(
    glyphs: Sequence[SourceGlyph],
    names: Sequence[str],
    taken_apart: Sequence[tuple[list[Component], list[int]]],
    metrics: IdeographMetrics,
) -> Iterator[_Drawn]:
    for name, glyph, (components, own) in zip(names, glyphs, taken_apart, strict=True):
        rest = glyph.outline.subset(own)

        def draw(
            pen: AbstractPointPen,
            rest: Outline = rest,
            components: Sequence[Component] = components,
        ) -> None:
            draw_with_components(pen, rest, components)

        record = _record(metrics)
        record.unicodes, record.note = [glyph.code_point], glyph.note or None
        red, green, blue = colorsys.hsv_to_rgb(glyph.confidence / 3, 0.6, 0.9)
        record.lib["public.markColor"] = f"{red:.2f},{green:.2f},{blue:.2f},1"
        yield name, record, draw


def _record(metrics: IdeographMetrics) -> _Record:
    record = _Record(metrics.advance, metrics.height or metrics.advance)
    if metrics.height is not None:
        record.lib["public.verticalOrigin"] = metrics.origin
    return record


def _features(ligatures: Mapping[int, str], codes: set[int]) -> str:
    """Descriptions whose parts are all among the sources; the others need the font's own glyphs."""
    rules = "".join(
        f"  sub {' '.join(glyph_name(ord(char)) for char in description)} by {glyph_name(code)};\n"
        for code, description in sorted(ligatures.items())
        if code in codes and all(ord(char) in codes for char in description)
    )
    if not rules:
        return ""
    return f"lookup descriptions {{\n{rules}}} descriptions;\n" + "".join(
        f"feature {tag} {{ lookup descriptions; }} {tag};\n" for tag in ("ccmp", "liga")
    )


class _Info:
    """The attributes of ``fontinfo.plist``, which `UFOWriter` reads from an object."""


def _info(font: TTFont, family: str) -> _Info:
    info, head, hhea, names = _Info(), font["head"], font["hhea"], font["name"]
    values: dict[str, Any] = {
        "unitsPerEm": head.unitsPerEm,
        "ascender": hhea.ascent,
        "descender": hhea.descent,
        "familyName": family,
        "styleName": names.getBestSubFamilyName() or "Regular",
        "copyright": names.getDebugName(0),
        "trademark": names.getDebugName(7),
        "openTypeNameLicense": names.getDebugName(13),
        "openTypeNameLicenseURL": names.getDebugName(14),
        "openTypeHheaAscender": hhea.ascent,
        "openTypeHheaDescender": hhea.descent,
        "openTypeHheaLineGap": hhea.lineGap,
    }
    if "OS/2" in font:
        table = font["OS/2"]
        values |= {
            "openTypeOS2TypoAscender": table.sTypoAscender,
            "openTypeOS2TypoDescender": table.sTypoDescender,
            "openTypeOS2TypoLineGap": table.sTypoLineGap,
            "openTypeOS2WinAscent": table.usWinAscent,
            "openTypeOS2WinDescent": table.usWinDescent,
            "openTypeOS2WeightClass": table.usWeightClass,
            "openTypeOS2Type": [bit for bit in (1, 2, 3, 8, 9) if table.fsType >> bit & 1],
        }
    if "vhea" in font:
        values |= {
            "openTypeVheaVertTypoAscender": font["vhea"].ascent,
            "openTypeVheaVertTypoDescender": font["vhea"].descent,
            "openTypeVheaVertTypoLineGap": font["vhea"].lineGap,
        }
    for name, value in values.items():
        if value is not None:
            setattr(info, name, value)
    return info
