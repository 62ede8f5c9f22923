"""Part atlases: how each part looks in each slot, cut out of characters of one face.

A *form* is one drawing of a part. Every part has the form that it has as a character of its own (slot ``""``), if
it is one, and up to three for each slot in which training characters have it: the 糸 of 紅 is narrower than the one
of 素, and ⺮ has hardly a life of its own. `tools/fit_layout.py` chooses and cuts those of the reference face,
Noto Sans SC, and `tools/cut_atlases.py` cuts the same ones from other faces, one atlas for each named style.

An atlas is a zip file: ``parts.tiff`` holds the bitmaps, one bit a pixel, ``parts.tsv`` says where each lies there and
in the character it was cut from, and ``face.json`` whose they are.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import NamedTuple, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.TiffImagePlugin import (
    BITSPERSAMPLE,
    COMPRESSION,
    IMAGELENGTH,
    IMAGEWIDTH,
    PHOTOMETRIC_INTERPRETATION,
    ROWSPERSTRIP,
    STRIPBYTECOUNTS,
    STRIPOFFSETS,
    TiffImageFile,
)

from tensho.atomic import replaced_file
from tensho.composition.box import Box, Frame
from tensho.errors import TenshoError

__all__ = [
    "ATLAS_EM",
    "REFERENCE_STYLE",
    "Atlas",
    "Crowding",
    "Drawing",
    "Form",
    "atlas_names",
    "atlas_of",
    "crowding_of",
    "default_atlas",
    "write_atlas",
]

ATLAS_EM = 192
"""The side, in atlas pixels, of the square in which a form's character is drawn."""

REFERENCE_STYLE = "sans-sc"
"""The face whose parts and layout all others are compared with."""

_FOLDER = files("tensho.composition") / "atlases"

_FORMS_PER_PAGE = 400
"""Forms on a page of the TIFF."""

_GROUP4 = 4

_PAGE_WIDTH = 2048
"""Width of a page, in pixels."""

Bitmap = NDArray[np.uint8]


class Crowding(NamedTuple):
    """How much a part holds.

    ``across`` and ``down`` are the strokes that a horizontal and a vertical line cross on average; ``width`` and
    ``height`` are those of its ink box when it is a character of its own, in the unit square.
    """

    across: float
    down: float
    width: float
    height: float


@dataclass(frozen=True)
class Form:
    """A drawing of ``part`` in ``slot``, cut from ``donor``, where its ink fills ``box`` of the face's square.

    ``place`` is the page of the atlas on which its bitmap lies, and the upper left corner (x, y) there; the bitmap
    has as many pixels as ``box`` in a square of `ATLAS_EM`.
    """

    part: str
    slot: str
    donor: str
    box: Box
    place: tuple[int, int, int]


class Drawing(NamedTuple):
    """A form before it has a place: its ink, uint8 (H, W), and the corner where it was in a square of `ATLAS_EM`."""

    part: str
    slot: str
    donor: str
    left: int
    top: int
    ink: Bitmap


def crowding_of(bitmap: Bitmap, em: int) -> Crowding:
    """Measure a part's bitmap, uint8 (H, W) cropped to its ink, drawn in a square of ``em`` pixels."""
    height, width = bitmap.shape
    ink = np.pad(bitmap >= 128, 1).astype(np.int8)
    return Crowding(
        across=int(np.count_nonzero(np.diff(ink, axis=1) == 1)) / height,
        down=int(np.count_nonzero(np.diff(ink, axis=0) == 1)) / width,
        width=width / em,
        height=height / em,
    )


class Atlas:
    """All forms of one face, by part. Threads may share it.

    Args:
        sheet: a TIFF of bilevel pages in strips of group 4, which are read as they are needed.
        forms: what lies on them, by part.
        frame: how the face fills the square, compared with the reference face.
        facts: where the face comes from, and its licence.
    """

    def __init__(
        self,
        sheet: bytes,
        forms: Mapping[str, Sequence[Form]],
        frame: Frame,
        facts: Mapping[str, str] | None = None,
    ) -> None:
        self._content = sheet
        self._sheet = cast("TiffImageFile", Image.open(BytesIO(sheet), formats=["TIFF"]))
        self._pages: dict[int, _Page] = {}
        self._strips: dict[tuple[int, int], Bitmap] = {}
        self._reading = Lock()
        self.frame, self.facts = frame, dict(facts or {})
        self.forms = forms

    def bitmap(self, form: Form) -> Bitmap:
        """The form's bitmap, uint8 (H, W), ink 255 on 0."""
        page, x, y = form.place
        width, height = round(form.box.width * ATLAS_EM), round(form.box.height * ATLAS_EM)
        rows = np.unpackbits(self._rows(page, y, height), axis=1)
        bitmap: Bitmap = rows[:, x : x + width] * np.uint8(255)
        return bitmap

    def in_place(self, form: Form) -> Bitmap:
        """The form where its character has it, uint8 (`ATLAS_EM`, `ATLAS_EM`)."""
        page = np.zeros((ATLAS_EM, ATLAS_EM), np.uint8)
        bitmap = self.bitmap(form)
        left, top = round(form.box.x0 * ATLAS_EM), round(form.box.y0 * ATLAS_EM)
        page[top : top + bitmap.shape[0], left : left + bitmap.shape[1]] = bitmap
        return page

    def whole(self, part: str) -> Form | None:
        """The form that a part has as a character of its own, or None."""
        return next((form for form in self.forms.get(part, ()) if not form.slot), None)

    def _rows(self, page: int, top: int, height: int) -> Bitmap:
        """Some rows of a page, eight pixels to a byte."""
        with self._reading:
            if page not in self._pages:
                self._sheet.seek(page)
                tags = self._sheet.tag_v2
                self._pages[page] = _Page(
                    *self._sheet.size, tags[ROWSPERSTRIP], tags[STRIPOFFSETS], tags[STRIPBYTECOUNTS]
                )
            each = self._pages[page].rows
            first, last = top // each, (top + height - 1) // each
            rows = np.concatenate([self._strip(page, number) for number in range(first, last + 1)])
        return rows[top - first * each :][:height]

    def _strip(self, page: int, number: int) -> Bitmap:
        """One of the strips that a page is compressed in, each by itself."""
        if (page, number) not in self._strips:
            width, height, each, starts, sizes = self._pages[page]
            height = min(each, height - number * each)
            strip = _bilevel(self._content[starts[number] : starts[number] + sizes[number]], width, height)
            # Pillow takes twice as long to give eight pixels to a byte, which is how strips are kept.
            pixels = np.frombuffer(strip.tobytes("raw", "L"), np.uint8)
            self._strips[page, number] = np.packbits(pixels.reshape(height, -1), axis=1)
        return self._strips[page, number]


class _Page(NamedTuple):
    """A page of a TIFF: its size, the rows of a strip, and where in the file each strip is and how long."""

    width: int
    height: int
    rows: int
    starts: Sequence[int]
    sizes: Sequence[int]


def _bilevel(data: bytes, width: int, height: int) -> Image.Image:
    """A strip as a TIFF of its own: a form lies on one or two of the fourteen of its page, and only those are read."""
    short, long = 3, 4
    fields = [
        (IMAGEWIDTH, short, width), (IMAGELENGTH, short, height), (BITSPERSAMPLE, short, 1),
        (COMPRESSION, short, _GROUP4), (PHOTOMETRIC_INTERPRETATION, short, 1),
        (STRIPOFFSETS, long, 8 + 2 + 8 * 12 + 4), (ROWSPERSTRIP, short, height), (STRIPBYTECOUNTS, long, len(data)),
    ]  # fmt: skip
    directory = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in fields)
    header = struct.pack("<2sHIH", b"II", 42, 8, len(fields))
    return Image.open(BytesIO(header + directory + bytes(4) + data))


def default_atlas() -> Atlas:
    """The atlas of the reference face."""
    return atlas_of(REFERENCE_STYLE)


@cache
def atlas_names() -> tuple[str, ...]:
    """Names of the shipped atlases."""
    names = (entry.name for entry in _FOLDER.iterdir())
    return tuple(sorted(name.removesuffix(".zip") for name in names if name.endswith(".zip")))


@cache
def atlas_of(style: str) -> Atlas:
    """The shipped atlas of a named style.

    Raises:
        TenshoError: there is none.
    """
    resource = _FOLDER / f"{style}.zip"
    if not resource.is_file():
        raise TenshoError(
            f"no parts are shipped for the style {style!r}; there are {', '.join(atlas_names())}"
        )
    with ZipFile(BytesIO(resource.read_bytes())) as archive:
        about = json.loads(archive.read("face.json"))
        lines = archive.read("parts.tsv").decode().splitlines()
        return Atlas(archive.read("parts.tiff"), _ListedForms(lines), Frame(*about.pop("frame")), about)


def write_atlas(
    drawings: Sequence[Drawing], path: Path, *, frame: Frame, facts: Mapping[str, object] | None = None
) -> None:
    """Write an atlas, the same bytes for the same drawings.

    Args:
        drawings: the forms, in the order in which they shall be tried among equals.
        path: the zip file.
        frame: how the face fills the square.
        facts: of the face, for JSON: where it comes from, its licence.
    """
    lines: list[str] = []
    pages: list[Image.Image] = []
    for first in range(0, len(drawings), _FORMS_PER_PAGE):
        chunk = drawings[first : first + _FORMS_PER_PAGE]
        sheet, corners = _packed([drawing.ink for drawing in chunk])
        for (part, slot, donor, left, top, ink), (x, y) in zip(chunk, corners, strict=True):
            height, width = ink.shape
            numbers = (left, top, left + width, top + height, len(pages), x, y)
            lines.append("\t".join([part, slot, donor, *map(str, numbers)]))
        pages.append(Image.fromarray(sheet >= 128))
    tiff = BytesIO()
    pages[0].save(tiff, "TIFF", compression="group4", save_all=True, append_images=pages[1:])
    about = {"frame": [round(number, 5) for number in frame], **(facts or {})}
    with replaced_file(path) as temporary, ZipFile(temporary, "w") as archive:
        _add(archive, "face.json", json.dumps(about, ensure_ascii=False, indent=1).encode(), ZIP_DEFLATED)
        _add(archive, "parts.tsv", "\n".join(lines).encode(), ZIP_DEFLATED)
        _add(archive, "parts.tiff", tiff.getvalue(), ZIP_STORED)


class _ListedForms(Mapping[str, Sequence[Form]]):
    """The forms of each part, read from their lines when they are asked for: a start takes few of thousands."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines: dict[str, list[str]] = {}
        for line in lines:
            self._lines.setdefault(line.partition("\t")[0], []).append(line)
        self._read: dict[str, Sequence[Form]] = {}

    def __getitem__(self, part: str) -> Sequence[Form]:
        if part not in self._read:
            self._read[part] = tuple(map(_form, self._lines[part]))
        return self._read[part]

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)


def _form(line: str) -> Form:
    part, slot, donor, *numbers = line.split("\t")
    left, top, right, bottom, page, x, y = map(int, numbers)
    return Form(
        part,
        slot,
        donor,
        Box(left / ATLAS_EM, top / ATLAS_EM, right / ATLAS_EM, bottom / ATLAS_EM),
        (page, x, y),
    )


def _add(archive: ZipFile, name: str, content: bytes, compression: int) -> None:
    entry = ZipInfo(name)  # of a fixed date
    entry.compress_type = compression
    archive.writestr(entry, content)


def _packed(bitmaps: list[Bitmap]) -> tuple[Bitmap, list[tuple[int, int]]]:
    """Set bitmaps on shelves, high ones first; return the page and the upper left corner of each."""
    x = y = shelf = 0
    corners = [(0, 0)] * len(bitmaps)
    for i in sorted(range(len(bitmaps)), key=lambda i: -bitmaps[i].shape[0]):
        height, width = bitmaps[i].shape
        if x + width > _PAGE_WIDTH:
            x, y, shelf = 0, y + shelf, 0
        shelf = max(shelf, height)
        corners[i] = x, y
        x += width
    page = np.zeros((y + shelf, _PAGE_WIDTH), np.uint8)
    for bitmap, (x, y) in zip(bitmaps, corners, strict=True):
        page[y : y + bitmap.shape[0], x : x + bitmap.shape[1]] = bitmap
    return page, corners
