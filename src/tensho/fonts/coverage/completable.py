"""Opening a font that is to be completed: one static face with outlines of ideographs, or a clear refusal.

``FONT#1`` is the second face of a collection, ``FONT#wght=700`` an instance of a variable font, ``FONT#1,wght=700``
both. What is not a plain font file with one static face (WOFF, WOFF2, collections, variable fonts, CFF2) is made into
one first, so that all that follows has only such to deal with.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTCollection, TTFont, TTLibError

from tensho.atomic import replaced_file
from tensho.errors import TenshoError
from tensho.fonts.coverage.drawn_ideographs import drawn_ideographs
from tensho.fonts.scanned_font import scanned_font
from tensho.fonts.source import is_ideograph

__all__ = ["CompletableFont", "open_completable"]

_MAGIC = (b"\x00\x01\x00\x00", b"OTTO", b"true", b"ttcf", b"wOFF", b"wOF2")
_COLOUR = {"CBDT": "bitmaps", "sbix": "bitmaps", "SVG ": "SVG drawings"}


@dataclass(frozen=True)
class CompletableFont:
    """A font file with one static face that has outlines of ideographs.

    Attributes:
        path: the file; it is not the user's own where that had to be unpacked or an instance was made.
        label: how the user named it.
        key: a hash of its bytes, 16 hexadecimal digits.
        notes: what of the user's file is not in it, in whole sentences.
    """

    path: Path
    label: str
    key: str
    notes: tuple[str, ...] = ()

    def read(self) -> TTFont:
        """The font, read lazily, whose bounding boxes and time stamps stay as they are when it is saved."""
        data = BytesIO(self.path.read_bytes())  # so that no file stays open, whatever becomes of the font
        return TTFont(data, lazy=True, recalcBBoxes=False, recalcTimestamp=False)

    @cached_property
    def characters(self) -> frozenset[str]:
        """The ideographs that it draws, whatever its cmap says: with ink, not the ink of ``.notdef``, their own glyph."""
        with self.read() as font:
            return drawn_ideographs(font)

    def missing(self, wanted: Iterable[str]) -> list[str]:
        """Those of the wanted characters and descriptions that it does not draw, in their order."""
        return [char for char in wanted if char not in self.characters]


def open_completable(wanted: str | Path, folder: Path) -> CompletableFont:
    """Open the font that a user named.

    Args:
        wanted: its path, with a face or an instance after ``#`` if there are several; or a folder of scans.
        folder: where a plain font file is kept if one has to be made; what was made once is used again.

    Raises:
        TenshoError: there is no such file, face or instance; it is damaged; it has no cmap, no outlines, coloured
            ideographs, composites that contain themselves, or no ideographs.
    """
    path, index, location = _parsed(str(wanted))
    label = str(wanted)
    if path.is_dir():
        path = scanned_font(path)
    magic = _magic(path)
    data = path.read_bytes()
    if magic == b"wOF2":
        _need_brotli(path)
    index = _face_of_collection(path, data, label) if magic == b"ttcf" and index is None else index or 0
    font = _guarded(label, lambda: _opened(path, data, index))
    _guarded(label, lambda: _check(font, label))
    if not (magic in (b"ttcf", b"wOFF", b"wOF2") or "fvar" in font or "CFF2" in font):
        if location:
            raise TenshoError(f"{path} is no variable font; leave #{_spelt(location)} out")
        return CompletableFont(path, label, hashlib.sha256(data).hexdigest()[:16])
    location = _whole(font, location, path)
    notes = [f"Of the collection, face #{index} alone is completed."] if magic == b"ttcf" else []
    notes += (
        [f"Of the variable font, the instance {_spelt(location)} alone is completed."] if location else []
    )
    identity = f"{hashlib.sha256(data).hexdigest()} {index} {_spelt(location)}"
    key = hashlib.sha256(identity.encode()).hexdigest()[:16]
    plain = folder / f"{key}{'.ttf' if 'glyf' in font else '.otf'}"
    if not plain.is_file():
        _guarded(label, lambda: _make_plain(font, location))
        with replaced_file(plain) as temporary, temporary.open("wb") as file:
            font.save(file)
    return CompletableFont(plain, label, key, tuple(notes))


def _parsed(wanted: str) -> tuple[Path, int | None, dict[str, float]]:
    path, mark, rest = wanted.rpartition("#")
    if not mark or Path(wanted).exists():
        return Path(wanted), None, {}
    index, location = None, {}
    for piece in filter(None, rest.split(",")):
        tag, equals, value = piece.partition("=")
        try:
            if equals:
                location[tag.strip()] = float(value)
            else:
                index = int(tag)
        except ValueError as error:
            raise TenshoError(
                f"{rest!r} names no face and no instance; write {path}#1 or {path}#wght=700"
            ) from error
    return Path(path), index, location


def _magic(path: Path) -> bytes:
    if not path.is_file():
        raise TenshoError(f"there is no font file {path}; check the path")
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise TenshoError(f"cannot read {path}: {error.strerror}; give a font file") from error
    if magic not in _MAGIC:
        raise TenshoError(f"{path} is not a font; give a TTF, OTF, TTC, WOFF or WOFF2 file")
    return magic


def _need_brotli(path: Path) -> None:
    if find_spec("brotli") is None:
        raise TenshoError(f"{path} is WOFF2, which needs brotli; run: pip install brotli")


def _guarded(label: str, task: Callable[[], Any]) -> Any:
    try:
        return task()
    except TenshoError:
        raise
    except Exception as error:  # on bad tables fontTools lets struct.error, KeyError, AssertionError… escape
        raise TenshoError(f"{label} is damaged: {error!r}; copy or download the font again") from error


def _opened(path: Path, data: bytes, index: int) -> TTFont:
    try:
        font = TTFont(BytesIO(data), fontNumber=index, lazy=True, recalcBBoxes=False, recalcTimestamp=False)
    except TTLibError as error:
        if "font number" in str(error) or "fontNumber" in str(error):
            raise TenshoError(f"{path} has no face #{index}; a collection counts from #0") from error
        raise
    if font.flavor is None and any(t.offset + t.length > len(data) for t in font.reader.tables.values()):
        raise TenshoError(f"{path} is truncated; copy or download the font again")
    return font


def _face_of_collection(path: Path, data: bytes, label: str) -> int:
    """The first face that has ideographs."""
    fonts = _guarded(label, lambda: TTCollection(BytesIO(data), lazy=True).fonts)
    for index, font in enumerate(fonts):
        if "cmap" in font and any(map(is_ideograph, font.getBestCmap() or ())):
            return index
    raise TenshoError(f"no face of {path} has ideographs; give a Chinese or Japanese font")


def _check(font: TTFont, label: str) -> None:
    """See that a font can be completed."""
    if not {"glyf", "CFF ", "CFF2"} & set(font.keys()):
        what = "bitmaps" if {"EBDT", "CBDT", "sbix", "bdat"} & set(font.keys()) else "no glyphs"
        raise TenshoError(f"{label} holds {what} and no outlines; give a font with outlines")
    if "cmap" not in font or not font.getBestCmap():
        raise TenshoError(
            f"{label} has no Unicode cmap, so nobody knows which character a glyph is; give another file of it"
        )
    encoded = {name for code, name in font.getBestCmap().items() if is_ideograph(code)}
    if not encoded:
        raise TenshoError(f"{label} has no ideographs; give a Chinese or Japanese font")
    for tag, what in _COLOUR.items():
        if tag in font:
            raise TenshoError(
                f"{label} is a colour font ({what} in {tag.strip()}); give one with plain outlines"
            )
    if "COLR" in font and encoded & _coloured(font):
        raise TenshoError(f"the ideographs of {label} are coloured (COLR); give a font with plain outlines")
    if "glyf" in font:
        _check_composites(font, label)
    if not drawn_ideographs(font):
        raise TenshoError(f"the ideographs of {label} have no outlines of their own; give another font")


def _coloured(font: TTFont) -> set[str]:
    table = font["COLR"]
    if table.version == 0:
        return set(table.ColorLayers)
    records = list(getattr(table.table.BaseGlyphList, "BaseGlyphPaintRecord", ()))
    old = table.table.BaseGlyphRecordArray
    return {record.BaseGlyph for record in (*records, *(old.BaseGlyphRecord if old else ()))}


def _check_composites(font: TTFont, label: str) -> None:
    """See that no composite glyph contains itself, which rasterizers loop or give up on."""
    glyf = font["glyf"]
    parts: dict[str, list[str]] = {}
    for name, glyph in glyf.glyphs.items():
        if vars(glyph).get("data", b"")[:1] >= b"\x80":  # a negative number of contours
            parts[name] = glyf[name].getComponentNames(glyf)
    done: set[str] = set()
    for root in parts:
        trail: list[tuple[str, int]] = [(root, 0)]
        on_trail = {root}
        while trail:
            name, k = trail.pop()
            children = parts.get(name, []) if name not in done else []
            if k == len(children):
                done.add(name)
                on_trail.discard(name)
                continue
            trail.append((name, k + 1))
            if children[k] in on_trail:
                raise TenshoError(
                    f"{label} has a composite glyph that contains itself ({children[k]}); mend it in a font editor"
                )
            trail.append((children[k], 0))
            on_trail.add(children[k])


def _whole(font: TTFont, location: Mapping[str, float], path: Path) -> dict[str, float]:
    """A place for every axis of a variable font: as asked for, or the default."""
    if "fvar" not in font:
        if location:
            raise TenshoError(f"{path} is no variable font; leave #{_spelt(location)} out")
        return {}
    axes = {axis.axisTag: axis for axis in font["fvar"].axes}
    for tag, value in location.items():
        if tag not in axes:
            raise TenshoError(f"{path} has no axis {tag!r}; it has {', '.join(axes)}")
        low, high = axes[tag].minValue, axes[tag].maxValue
        if not low <= value <= high:
            raise TenshoError(f"{tag}={value:g} is out of reach of {path}; it goes from {low:g} to {high:g}")
    return {tag: location.get(tag, axis.defaultValue) for tag, axis in axes.items()}


def _spelt(location: Mapping[str, float]) -> str:
    return ",".join(f"{tag}={value:g}" for tag, value in sorted(location.items()))


def _make_plain(font: TTFont, location: Mapping[str, float]) -> None:
    """Make it one static face in a plain file."""
    if "fvar" in font:
        from fontTools.varLib.instancer import instantiateVariableFont

        names = "STAT" in font and font["STAT"].table.AxisValueArray is not None
        instantiateVariableFont(font, location, inplace=True, updateFontNames=names)
    if "CFF2" in font:
        from fontTools.cffLib.CFF2ToCFF import convertCFF2ToCFF

        convertCFF2ToCFF(font)
    font.flavor = None
