"""A typeface as UFO 3 sources, which Glyphs, RoboFont and FontForge open and ``fontmake`` compiles."""

from __future__ import annotations

from pathlib import Path

from fontTools.pens.pointPen import AbstractPointPen, SegmentToPointPen
from fontTools.ufoLib import UFOWriter

from tensho.atomic import replaced_folder
from tensho.errors import TenshoError
from tensho.export.typeface import Typeface, TypefaceGlyph
from tensho.fonts.placed_outline import EmBox

__all__ = ["write_ufo"]


class _Record:
    """What the GLIF writer reads a glyph's attributes from."""

    def __init__(self, glyph: TypefaceGlyph, em: EmBox) -> None:
        self.width = self.height = em.units
        self.unicodes = [] if glyph.code_point is None else [glyph.code_point]
        self.lib = {"public.verticalOrigin": em.ascender}


def write_ufo(typeface: Typeface, path: Path) -> None:
    """Write a ``.ufo`` folder; one that is there is replaced once the new one is complete.

    Raises:
        TenshoError: another ending, something else in its place, or a place that cannot be written.
    """
    if path.suffix.lower() != ".ufo":
        raise TenshoError(f"UFO sources are a folder named something.ufo, not {path.name}; rename it")
    if path.exists() and not (path / "metainfo.plist").is_file():
        raise TenshoError(f"{path} is there and no UFO; choose another name")
    with replaced_folder(path) as folder:
        folder.rmdir()  # the writer takes a folder that is there for a UFO to be amended
        writer = UFOWriter(folder, formatVersion=(3, 0), fileCreator="io.github.tensho")
        writer.writeInfo(_Info(typeface))
        writer.writeFeatures(typeface.features)
        writer.writeLib({"public.glyphOrder": [glyph.name for glyph in typeface.glyphs]})
        glyphs = writer.getGlyphSet()
        for glyph in typeface.glyphs:

            def draw(points: AbstractPointPen, glyph: TypefaceGlyph = glyph) -> None:
                glyph.outline.draw(SegmentToPointPen(points))

            glyphs.writeGlyph(glyph.name, _Record(glyph, typeface.em), draw)
        glyphs.writeContents()
        writer.writeLayerContents(["public.default"])
        writer.close()


class _Info:
    """The attributes of ``fontinfo.plist``, which `UFOWriter` reads from an object."""

    def __init__(self, typeface: Typeface) -> None:
        info, em = typeface.info, typeface.em
        major, minor = info.version.split(".")
        self.unitsPerEm, self.ascender, self.descender = em.units, em.ascender, em.descender
        self.xHeight, self.capHeight = em.units // 2, round(0.76 * em.units)
        self.familyName, self.styleName = info.family, "Regular"
        self.versionMajor, self.versionMinor = int(major), int(minor)
        self.postscriptFontName = info.postscript_name
        self.copyright, self.openTypeNameDescription = info.copyright, info.description
        self.openTypeNameLicense, self.openTypeNameLicenseURL = info.licence, info.licence_url
        self.openTypeHheaAscender = self.openTypeOS2TypoAscender = em.ascender
        self.openTypeHheaDescender = self.openTypeOS2TypoDescender = em.descender
        self.openTypeHheaLineGap = self.openTypeOS2TypoLineGap = 0
        self.openTypeVheaVertTypoAscender, self.openTypeVheaVertTypoDescender = (
            em.units // 2,
            -em.units // 2,
        )
        self.openTypeVheaVertTypoLineGap = em.units
        self.openTypeOS2CodePageRanges, self.openTypeOS2Type = [17, 18, 20], list[int]()
