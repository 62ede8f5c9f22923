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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import numpy as np
from numpy.typing import NDArray
from PIL import Image

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
"""Forms on a page of the TIFF; pages are read as they are needed."""

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
        sheet: a TIFF of bilevel pages, which are read as they are needed.
        forms: what lies on them.
        frame: how the face fills the square, compared with the reference face.
        facts: where the face comes from, and its licence.
    """

    def __init__(
        self, sheet: bytes, forms: Sequence[Form], frame: Frame, facts: Mapping[str, str] | None = None
    ) -> None:
        self._sheet = Image.open(BytesIO(sheet))
        self._pages: dict[int, Bitmap] = {}
        self._reading = Lock()
        self.frame, self.facts = frame, dict(facts or {})
        self.forms: dict[str, list[Form]] = {}
        for form in forms:
            self.forms.setdefault(form.part, []).append(form)

    def bitmap(self, form: Form) -> Bitmap:
        """The form's bitmap, uint8 (H, W), ink 255 on 0."""
        page, x, y = form.place
        width, height = round(form.box.width * ATLAS_EM), round(form.box.height * ATLAS_EM)
        rows = np.unpackbits(self._page(page)[y : y + height], axis=1)
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

    def _page(self, number: int) -> Bitmap:
        with self._reading:
            if number not in self._pages:
                self._sheet.seek(number)
                # Pillow takes twice as long to give eight pixels to a byte, which is how pages are kept.
                pixels = np.frombuffer(self._sheet.tobytes("raw", "L"), np.uint8)
                self._pages[number] = np.packbits(pixels.reshape(self._sheet.height, -1), axis=1)
            return self._pages[number]


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
        forms = [_form(line) for line in lines]
        return Atlas(archive.read("parts.tiff"), forms, Frame(*about.pop("frame")), about)


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
