"""A typeface as UFO 3 sources, which Glyphs, RoboFont and FontForge open and ``fontmake`` compiles."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fontTools.pens.pointPen import AbstractPointPen, SegmentToPointPen
from fontTools.ufoLib import UFOWriter

from tensho.atomic import replaced_folder
from tensho.errors import TenshoError
from tensho.export.part_components import Component, PartLibrary, draw_with_components
from tensho.export.typeface import Typeface, TypefaceGlyph
from tensho.fonts.outlines import Outline
from tensho.fonts.placed_outline import EmBox, PlacedOutline

__all__ = ["write_ufo"]


class _Parts:
    """The parts of a typeface's glyphs, those of the first font that any of them are of."""

    def __init__(self) -> None:
        self._library = PartLibrary()
        self._place: tuple[float, tuple[float, float]] | None = None

    def taken_apart(self, glyph: TypefaceGlyph) -> tuple[Sequence[Component], PlacedOutline]:
        """The components of a glyph, moved in units of the em, and what it has beside them."""
        contours, place = glyph.outline.contours, (glyph.outline.scale, glyph.outline.shift)
        self._place = self._place or (place if glyph.parts else None)
        if not glyph.parts or not isinstance(contours, Outline) or place != self._place:
            return (), glyph.outline
        scale = glyph.outline.scale
        components, own = self._library.taken_apart(contours, glyph.parts)
        moved = [Component(name, (scale * x, scale * y)) for name, (x, y) in components]
        return moved, PlacedOutline(contours.subset(own), *place)

    def glyphs(self) -> list[TypefaceGlyph]:
        """The parts, as glyphs."""
        place = self._place or (1.0, (0.0, 0.0))
        return [
            TypefaceGlyph(name, PlacedOutline(outline, *place))
            for name, outline in self._library.outlines.items()
        ]


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
        glyphs, library = writer.getGlyphSet(), _Parts()
        for glyph in typeface.glyphs:
            components, rest = library.taken_apart(glyph)

            def draw(
                points: AbstractPointPen,
                rest: PlacedOutline = rest,
                components: Sequence[Component] = components,
            ) -> None:
                draw_with_components(points, rest, components)

            glyphs.writeGlyph(glyph.name, _Record(glyph, typeface.em), draw)
        parts = library.glyphs()
        for part in parts:

            def draw_part(points: AbstractPointPen, part: TypefaceGlyph = part) -> None:
                part.outline.draw(SegmentToPointPen(points))

            glyphs.writeGlyph(part.name, _Record(part, typeface.em), draw_part)
        order = [glyph.name for glyph in (*typeface.glyphs, *parts)]
        skipped = [part.name for part in parts]
        writer.writeLib({"public.glyphOrder": order, "public.skipExportGlyphs": skipped})
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
