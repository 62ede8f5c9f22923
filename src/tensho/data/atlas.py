"""The part atlas: how each part looks in each slot, cut out of characters of one face (Noto Sans SC, OFL).

A *form* is one drawing of a part. Every part has the form that it has as a character of its own (slot ``""``), if
it is one, and up to three for each slot in which training characters have it: the 糸 of 紅 is narrower than the one
of 素, and ⺮ has hardly a life of its own. `benchmarks/fit_layout.py` chooses and cuts them. ``parts.tiff`` holds the
bitmaps, one bit a pixel, ``parts.tsv`` says where each lies there and in the character it was cut from.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["EM", "Atlas", "Box", "Crowding", "Form", "crowding_of", "default_atlas"]

EM = 192
"""The side, in atlas pixels, of the square in which a form's character is drawn."""


class Box(NamedTuple):
    """A rectangle in the unit square of a glyph, y downwards."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        """Its width as a share of the glyph's."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """Its height as a share of the glyph's."""
        return self.y1 - self.y0


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
    """A drawing of ``part`` in ``slot``, cut from ``donor``, where its ink fills ``box``.

    ``place`` is the page of the atlas on which its bitmap lies, and the upper left corner (x, y) there; the bitmap
    has as many pixels as ``box`` in a square of `EM`.
    """

    part: str
    slot: str
    donor: str
    box: Box
    place: tuple[int, int, int]


def crowding_of(bitmap: NDArray[np.uint8], em: int) -> Crowding:
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
    """All forms, by part.

    Args:
        sheet: a TIFF of bilevel pages, which are read as they are needed.
        forms: what lies on them.
    """

    def __init__(self, sheet: bytes, forms: list[Form]) -> None:
        self._sheet = Image.open(BytesIO(sheet))
        self._pages: dict[int, NDArray[np.uint8]] = {}
        self.forms: dict[str, list[Form]] = {}
        for form in forms:
            self.forms.setdefault(form.part, []).append(form)

    def bitmap(self, form: Form) -> NDArray[np.uint8]:
        """The form's bitmap, uint8 (H, W), ink 255 on 0."""
        page, x, y = form.place
        width, height = round(form.box.width * EM), round(form.box.height * EM)
        if page not in self._pages:
            self._sheet.seek(page)
            self._pages[page] = np.packbits(np.asarray(self._sheet), axis=1)
        rows = np.unpackbits(self._pages[page][y : y + height], axis=1)
        bitmap: NDArray[np.uint8] = rows[:, x : x + width] * np.uint8(255)
        return bitmap

    def whole(self, part: str) -> Form | None:
        """The form that a part has as a character of its own, or None."""
        return next((form for form in self.forms.get(part, ()) if not form.slot), None)


@cache
def default_atlas() -> Atlas:
    """The shipped atlas."""
    folder = files("tensho.data") / "resources"
    forms = []
    for line in (folder / "parts.tsv").read_text(encoding="utf-8").splitlines():
        part, slot, donor, *numbers = line.split("\t")
        left, top, right, bottom, page, x, y = map(int, numbers)
        box = Box(left / EM, top / EM, right / EM, bottom / EM)
        forms.append(Form(part, slot, donor, box, (page, x, y)))
    return Atlas((folder / "parts.tiff").read_bytes(), forms)
