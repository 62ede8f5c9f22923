"""Font files as glyph sources, with their licence and attribution."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tensho.bounds import check_place
from tensho.errors import TenshoError
from tensho.fonts.embedding_rights import Rights, read_rights
from tensho.fonts.outlines import Bounds
from tensho.fonts.rasterizer import FontRenderer
from tensho.fonts.source import Drawable, is_ideograph

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

    from tensho.fonts.outline_reader import OutlineReader

__all__ = ["Face", "default_faces", "load_face"]

_COLLECTION = b"ttcf"
_COMPRESSED = (b"wOFF", b"wOF2")
_MAGIC = (b"\x00\x01\x00\x00", b"OTTO", b"true", _COLLECTION, *_COMPRESSED)
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_SAMPLE = 64  # ideographs measured to find the em box of a font that does not say where it is


@dataclass(frozen=True)
class Face:
    """One face of a font file, with ideographs.

    ``sha256`` is that of the whole file, ``index`` the face's place in a collection (0 otherwise). ``location`` has the
    values of a variable font's axes, all of them and in their order; it is empty for the default instance.
    ``licence`` is a short name such as OFL-1.1, or the font's own words. ``em_bottom`` is the lower edge of
    the ideographs' em box over the baseline and ``advance`` its width, both in ems.
    """

    name: str
    path: Path
    index: int
    sha256: str
    family: str
    style: str
    version: str
    licence: str
    licence_url: str
    attribution: str
    em_bottom: float
    advance: float
    location: tuple[tuple[str, float], ...] = ()

    def identity(self) -> dict[str, object]:
        """All that its bitmaps depend on, for JSON."""
        instance = {"location": dict(self.location)} if self.location else {}
        return {"kind": "font", "name": self.name, "sha256": self.sha256, "index": self.index, **instance}

    def describe(self) -> dict[str, object]:
        """Where it comes from, its licence and its attribution, for JSON."""
        return {
            **self.identity(),
            "file": self.path.name,
            "family": self.family,
            "style": self.style,
            "version": self.version,
            "licence": self.licence,
            "licence_url": self.licence_url,
            "attribution": self.attribution,
        }

    def drawables(self) -> list[Drawable]:
        """The ideographs that its cmap lists, ascending; whether they have a glyph is for `renderer` to find out."""
        with _opened(self.path, self.index) as font:
            return [Drawable(code_point, chr(code_point)) for code_point in _ideographs(font)]

    def renderer(self, size: int) -> FontRenderer:
        """The face in a square of ``size`` pixels."""
        return FontRenderer(
            self.path,
            self.index,
            size,
            em_bottom=self.em_bottom,
            advance=self.advance,
            location=[value for _, value in self.location],
        )

    def outlines(self) -> OutlineReader:
        """The means to read its outlines.

        Raises:
            TenshoError: the file has gone or cannot be read, or it holds bitmaps.
        """
        from tensho.fonts.outline_reader import (
            OutlineReader,
        )  # FreeType, which the build of a set does without

        return OutlineReader(self.path, self.index, dict(self.location))

    def rights(self) -> Rights:
        """What the font says of whether, and under which name, something made of it may go about."""
        with _opened(self.path, self.index) as font:
            return read_rights(font)

    def em_box(self, units: float) -> Bounds:
        """The em box of its ideographs in a font of so many units to the em."""
        bottom = self.em_bottom * units
        return Bounds(0.0, bottom, self.advance * units, bottom + units)


def default_faces() -> list[Face]:
    """Noto Sans and Noto Serif for Japan, China and Taiwan, in their regional forms.

    Raises:
        TenshoError: the packages that hold them are not installed.
    """
    try:
        import pylopdf_fonts_jp
        import pylopdf_fonts_zh_cn
        import pylopdf_fonts_zh_tw
    except ImportError as error:
        raise TenshoError("the default faces are not installed; run: pip install 'tensho[data]'") from error
    packages = {"jp": pylopdf_fonts_jp, "sc": pylopdf_fonts_zh_cn, "tc": pylopdf_fonts_zh_tw}
    faces = []
    for region, package in packages.items():
        faces.append(load_face(package.sans_path(), name=f"sans-{region}"))
        faces.append(load_face(package.serif_path(), name=f"serif-{region}"))
    return faces


def load_face(path: Path | str, *, name: str | None = None) -> Face:
    """Read a TTF, OTF, TTC, WOFF or WOFF2 file, or a folder of scans, see `tensho.fonts.scanned_font`.

    ``fonts.ttc#1`` is the second face of a collection; without a number it is the first one that has ideographs.
    ``font.ttf#wght=700`` is an instance of a variable font, and ``fonts.ttc#1,wght=700,wdth=90`` both. Without a ``name`` the face is called by its family and style, as in
    "lxgw-wenkai-light".

    Raises:
        TenshoError: the file is missing, truncated or no font, it has no ideographs, or no such axis; or the folder has no
            picture that is named after a character.
    """
    check_place("a font file", path)
    if Path(path).is_dir():
        from tensho.fonts.scanned_font import scanned_font  # traces, which no font needs

        return load_face(scanned_font(Path(path)), name=name or Path(path).resolve().name)
    path, number, axes = _chosen(Path(path))
    index = _first_with_ideographs(path) if number is None else number
    with _opened(path, index) as font:
        location = _location(font, axes, path)
        code_points = _ideographs(font)
        if not code_points:
            raise TenshoError(f"{path} has no ideographs; give a Chinese or Japanese font")
        names = {key: _name(font, *ids) for key, ids in _NAMES.items()}
        advance = _common_advance(font, code_points)
        em_bottom = _em_bottom(font, code_points)
    style = names["style"] or "Regular"
    licence, licence_url = _licence(names["licence"], names["licence_url"])
    return Face(
        name=name or _slug(names["family"] or path.stem, style, axes),
        path=path,
        index=index,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        family=names["family"] or path.stem,
        style=style,
        version=names["version"],
        licence=licence,
        licence_url=licence_url,
        attribution=names["copyright"],
        em_bottom=em_bottom,
        advance=advance,
        location=location,
    )


# Identifiers of the OpenType name table, the preferred one first: 16 and 17 name the typographic family and
# style where 1 and 2 have to fit families of four.
_NAMES = {
    "copyright": (0,),
    "family": (16, 1),
    "style": (17, 2),
    "version": (5,),
    "licence": (13,),
    "licence_url": (14,),
}


def _first_with_ideographs(path: Path) -> int:
    """The first face of a collection that has ideographs; 0 if none has, or for a file of one face."""
    if not _is_collection(path):
        return 0
    with _opened(path, 0) as font:
        count = font.reader.numFonts
    for index in range(count):
        with _opened(path, index) as font:
            if _ideographs(font):
                return index
    return 0


def _is_collection(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_COLLECTION)) == _COLLECTION
    except OSError:
        return False  # what is wrong with it is said when it is opened


def _chosen(path: Path) -> tuple[Path, int | None, dict[str, float]]:
    """The file, the face of it and the values of axes that a path names after a #."""
    stem, mark, choice = path.name.rpartition("#")
    index: int | None = None
    axes: dict[str, float] = {}
    if not mark or path.exists():
        return path, index, axes
    for item in choice.split(","):
        tag, equals, value = item.partition("=")
        if item.isdecimal():
            index = int(item)
        elif equals and _NUMBER.fullmatch(value):
            axes[tag] = float(value)
        else:
            return path, None, {}
    return path.with_name(stem), index, axes


def _location(font: TTFont, axes: dict[str, float], path: Path) -> tuple[tuple[str, float], ...]:
    if not axes:
        return ()
    if "fvar" not in font:
        raise TenshoError(f"{path} is no variable font; leave the #{next(iter(axes))} out")
    known = {axis.axisTag: axis for axis in font["fvar"].axes}
    for tag, value in axes.items():
        if tag not in known:
            raise TenshoError(f"{path} has no axis {tag!r}; it has {', '.join(known)}")
        low, high = known[tag].minValue, known[tag].maxValue
        if not low <= value <= high:
            raise TenshoError(
                f"{path} cannot be drawn at {tag}={value:g}; {tag} goes from {low:g} to {high:g}"
            )
    return tuple((tag, float(axes.get(tag, axis.defaultValue))) for tag, axis in known.items())


@contextmanager
def _opened(path: Path, index: int) -> Iterator[TTFont]:
    try:
        from fontTools.ttLib import TTFont, TTLibError
    except ImportError as error:
        raise TenshoError("reading fonts needs fontTools; run: pip install 'tensho[data]'") from error

    if not path.exists():
        raise TenshoError(f"there is no font file {path}; check the path")
    try:
        file = path.open("rb")
    except OSError as error:
        raise TenshoError(f"cannot read {path}: {error.strerror}; give a font file") from error
    with file:
        magic = file.read(4)
        if magic not in _MAGIC:
            raise TenshoError(f"{path} is not a font; give a TTF, OTF, TTC or WOFF file")
        try:
            with TTFont(file, fontNumber=index, lazy=True) as font:
                end = path.stat().st_size
                # In WOFF2 the tables lie in one compressed stream.
                if magic != b"wOF2" and any(
                    table.offset + table.length > end for table in font.reader.tables.values()
                ):
                    raise TenshoError(f"{path} is truncated; copy or download the font again")
                yield font
        except TenshoError:
            raise
        except TTLibError as error:
            if "font number" in str(error):
                raise TenshoError(f"{path} has no face #{index}; a collection counts from #0") from error
            raise TenshoError(f"{path} is damaged: {error}; copy or download the font again") from error
        except (
            Exception
        ) as error:  # on bad tables fontTools lets struct.error, KeyError, AssertionError… escape
            raise TenshoError(f"{path} is damaged: {error!r}; copy or download the font again") from error


def _ideographs(font: TTFont) -> list[int]:
    return sorted(filter(is_ideograph, font.getBestCmap() or ()))


def _name(font: TTFont, *ids: int) -> str:
    found = (font["name"].getDebugName(name_id) for name_id in ids)
    return " ".join(next(filter(None, found), "").split())


def _slug(family: str, style: str, axes: dict[str, float]) -> str:
    words = family if axes or style in ("Regular", "Roman") else f"{family} {style}"
    words += "".join(f" {tag}{value:g}" for tag, value in axes.items())
    return "-".join(re.findall(r"\w+", words.lower()))


def _licence(text: str, url: str) -> tuple[str, str]:
    if "Open Font License" in text or "/OFL" in url or "openfontlicense" in url:
        return "OFL-1.1", url or "https://openfontlicense.org"
    if "Apache License" in text:
        return "Apache-2.0", url
    return text or url or "not stated in the font", url


def _common_advance(font: TTFont, code_points: list[int]) -> float:
    cmap = font.getBestCmap()
    widths = [font["hmtx"][cmap[code_point]][0] for code_point in code_points]
    return float(np.bincount(widths).argmax() / font["head"].unitsPerEm)


def _em_bottom(font: TTFont, code_points: list[int]) -> float:
    """The typographic descender if it and the ascender span one em, as CJK fonts should have it.

    Otherwise the em box is put so that the ideographs' outlines are, on average, in its middle.
    """
    em = font["head"].unitsPerEm
    metrics = font["OS/2"]
    if metrics.sTypoAscender - metrics.sTypoDescender == em:
        return float(metrics.sTypoDescender / em)

    from fontTools.pens.boundsPen import BoundsPen

    outlines, cmap = font.getGlyphSet(), font.getBestCmap()
    middles = []
    for code_point in code_points[:: max(1, len(code_points) // _SAMPLE)]:
        pen = BoundsPen(outlines)
        outlines[cmap[code_point]].draw(pen)
        if pen.bounds:
            _, bottom, _, top = pen.bounds
            middles.append((bottom + top) / 2)
    return float(np.mean(middles) / em - 0.5) if middles else 0.0
