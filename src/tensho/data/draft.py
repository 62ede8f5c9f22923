"""Drafts: a rough composite of a character, each part's own bitmap in the box that the layout gives it.

The parts come from the shipped atlas, or from any face. Then a part is cut out of the same character as the atlas
cut it from, so that it has the form of its slot there too; where the face lacks that character or the cut fails, out
of another one that has the part in that slot; and else it is the face's own glyph for the part. A part is scaled from
the form that needs the least of it, so strokes keep their weight.
"""

from __future__ import annotations

from functools import cache, partial
from math import ceil, floor, log
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tensho.data.atlas import EM, Box, Crowding, Form, crowding_of, default_atlas
from tensho.data.cut import cropped, cut_like, ink_box
from tensho.data.donors import Donors
from tensho.data.faces import Face, default_faces
from tensho.data.frame import Frame, frame_of
from tensho.data.ids import Tree
from tensho.data.layout import Layout, Placement, default_proportions, measure
from tensho.data.typesetter import Typesetter
from tensho.errors import TenshoError

__all__ = ["DRAFTER", "Drafter", "draft", "drafter", "paste"]

Bitmap = NDArray[np.uint8]

DRAFTER = 2
"""Version of what is drawn here; drafts of an earlier one are drawn again."""

# What a form costs that is drawn for another slot, or for none, in units of log size.
_OTHER_SLOT, _NO_SLOT = 0.4, 0.6
_SOFTENING = 0.05
_ENOUGH = 2  # forms of the atlas in a slot, from which on no other donors are looked for
_TRIED = 4  # other donors that a part is looked for in
_STROKE = 0.12  # the thickness, in the unit square, of what can be no more than one stroke


def draft(tree: Tree, size: int, face: Face | None = None) -> Bitmap:
    """Draw a description roughly, with the shipped parts or a face's own.

    Returns:
        uint8 (size, size), ink 255 on 0.

    Raises:
        TenshoError: no face at hand has one of the parts, or the description takes strokes away (㇯).
    """
    return drafter(face).draft(tree, size)


@cache
def drafter(face: Face | None = None) -> Drafter:
    """Return the drafter of a face, or of the atlas, with the parts that it has drawn before."""
    return Drafter(face)


class Drafter:
    """Draws drafts with one face's parts, or the atlas's; keeps every part that it has cut."""

    def __init__(self, face: Face | None = None) -> None:
        self._atlas = default_atlas()
        self._typesetter = None if face is None else face.painter(EM)
        self._frame = Frame() if self._typesetter is None else frame_of(self._typesetter, self._atlas)
        self._layout = Layout(default_proportions(), self._crowding)
        self._forms: dict[Form, Bitmap | None] = {}
        self._gifts: dict[tuple[str, Placement], Bitmap | None] = {}
        self._characters = frozenset(drawable.key for drawable in face.drawables()) if face else frozenset()
        self._donors = Donors(self._layout, self._characters)
        self._glyphs: dict[str, Bitmap] = {}

    def draft(self, tree: Tree, size: int, *, without: str | None = None) -> Bitmap:
        """Draw a description; see `tensho.data.draft.draft`.

        ``without`` is a character from which no part is cut. Whoever learns from drafts of known characters names
        the character itself, or its draft would hold pieces of the answer.
        """
        page = np.zeros((size, size), np.uint8)
        if isinstance(tree, str):
            glyph = self._glyph(tree)
            left, top, right, bottom = ink_box(glyph)
            paste(page, glyph[top:bottom, left:right], Box(left / EM, top / EM, right / EM, bottom / EM))
            return page
        for placed in self._layout.placements(tree):
            bitmap = self._part(placed, without)
            turned = bitmap[:: -1 if placed.rotated else 1, :: -1 if placed.rotated ^ placed.mirrored else 1]
            paste(page, turned, _unthickened(self._frame.fitted(placed.box), bitmap))
        return page

    def _part(self, placed: Placement, without: str | None) -> Bitmap:
        forms = [form for form in self._atlas.forms.get(placed.part, ()) if form.donor != without]
        cuts = [(_misfit(form, placed), partial(self._form, form)) for form in forms]
        here = sum(form.slot == placed.slot and form.donor in self._characters for form in forms)
        if self._typesetter is not None and len(forms) > 0 and here < _ENOUGH:
            nearest = min(forms, key=lambda form: _misfit(form, placed))
            donors = [donor for donor in self._donors.of(placed.part, placed.slot) if donor[0] != without]
            strains = [_strain(there.box, placed.box) for _, there in donors]
            for k in np.argsort(strains, kind="stable")[:_TRIED]:
                cuts.append((strains[k], partial(self._gift, donors[k], nearest)))
        for _, cut in sorted(cuts, key=itemgetter(0)):
            if (bitmap := cut()) is not None:
                return bitmap
        return cropped(self._glyph(placed.part))

    def _gift(self, donor: tuple[str, Placement], form: Form) -> Bitmap | None:
        """A part as cut from a character of the face that has it in the same slot, looked for by ``form``."""
        if donor not in self._gifts:
            character, there = donor
            self._gifts[donor] = self._cut_from(character, there.box, form)
        return self._gifts[donor]

    def _cut_from(self, character: str, box: Box, form: Form) -> Bitmap | None:
        glyph = None if self._typesetter is None else self._typesetter.paint(character)
        return None if glyph is None else cut_like(glyph, self._expected(form, box))

    def _form(self, form: Form) -> Bitmap | None:
        if form not in self._forms:
            self._forms[form] = self._cut(form)
        return self._forms[form]

    def _cut(self, form: Form) -> Bitmap | None:
        if self._typesetter is None:
            return self._atlas.bitmap(form)
        donor = self._typesetter.paint(form.donor)
        if donor is None:
            return None
        return cut_like(donor, self._expected(form, form.box)) if form.slot else cropped(donor)

    def _expected(self, form: Form, box: Box) -> Bitmap:
        """A form where the face should have it, if it is at ``box`` in the atlas's face."""
        page = np.zeros((EM, EM), np.uint8)
        paste(page, self._atlas.bitmap(form), self._frame.fitted(box))
        return page

    def _glyph(self, part: str) -> Bitmap:
        if part not in self._glyphs:
            self._glyphs[part] = self._drawn(part)
        return self._glyphs[part]

    def _drawn(self, part: str) -> Bitmap:
        if self._typesetter is not None and (glyph := self._typesetter.paint(part)) is not None:
            return glyph
        if (form := self._atlas.whole(part)) is not None:
            return self._in_place(form)
        for typesetter in _typesetters():
            if (glyph := typesetter.paint(part)) is not None:
                return glyph
        raise TenshoError(
            f"no face at hand has the part {part} (U+{ord(part):04X}); name a font that has it, or describe it"
        )

    def _in_place(self, form: Form) -> Bitmap:
        page = np.zeros((EM, EM), np.uint8)
        bitmap = self._atlas.bitmap(form)
        left, top = round(form.box.x0 * EM), round(form.box.y0 * EM)
        page[top : top + bitmap.shape[0], left : left + bitmap.shape[1]] = bitmap
        return page

    def _crowding(self, part: str) -> Crowding:
        if part in self._atlas.forms:
            return measure(part)
        return crowding_of(cropped(self._glyph(part)), EM)


@cache
def _typesetters() -> tuple[Typesetter, ...]:
    faces = sorted(default_faces(), key=lambda face: face.name != "sans-sc")  # the atlas's own face first
    return tuple(face.painter(EM) for face in faces)


def _unthickened(box: Box, bitmap: Bitmap) -> Box:
    """Keep a single stroke such as 一 or 丨 as thin as it is, in the middle of a box that is much thicker."""
    thin = [side / EM if side < _STROKE * EM else 1.0 for side in bitmap.shape]
    height, width = (
        min(side, 1.5 * limit) for side, limit in zip((box.height, box.width), thin, strict=True)
    )
    x, y = (box.x0 + box.x1 - width) / 2, (box.y0 + box.y1 - height) / 2
    return Box(x, y, x + width, y + height)


def _misfit(form: Form, placed: Placement) -> float:
    """How much a form must be distorted to fill a box: zero for the slot's own form at its own size."""
    slot = 0.0 if form.slot == placed.slot else _OTHER_SLOT if form.slot else _NO_SLOT
    return slot + _strain(form.box, placed.box)


def _strain(one: Box, other: Box) -> float:
    return _ratio(one.width, other.width) + _ratio(one.height, other.height)


def _ratio(one: float, other: float) -> float:
    return abs(log((one + _SOFTENING) / (other + _SOFTENING)))


def paste(page: Bitmap, bitmap: Bitmap, box: Box) -> None:
    """Lay a bitmap over the page so that it fills the box to a fraction of a pixel; the darker ink wins."""
    size = len(page)
    height, width = bitmap.shape
    x0, y0 = box.x0 * size, box.y0 * size
    # Deep in a tree, boxes become arbitrarily small; a part is never less than a quarter of a pixel wide.
    step_x, step_y = (
        extent / max(side * size, 0.25) for extent, side in ((width, box.width), (height, box.height))
    )
    left, top = min(floor(x0), size - 1), min(floor(y0), size - 1)
    right, bottom = (
        max(min(ceil(far * size), size), near + 1) for far, near in ((box.x1, left), (box.y1, top))
    )
    # Paper around the ink, for the part of the outer pixels that the box leaves free and for the filter's reach.
    margin_x, margin_y = ceil(2 * step_x) + 1, ceil(2 * step_y) + 1
    framed = np.zeros((height + 2 * margin_y, width + 2 * margin_x), np.uint8)
    framed[margin_y : margin_y + height, margin_x : margin_x + width] = bitmap
    source = (
        margin_x + (left - x0) * step_x,
        margin_y + (top - y0) * step_y,
        margin_x + (right - x0) * step_x,
        margin_y + (bottom - y0) * step_y,
    )
    scaled = Image.fromarray(framed).resize(
        (right - left, bottom - top), Image.Resampling.BICUBIC, box=source
    )
    place = page[top:bottom, left:right]
    np.maximum(place, np.asarray(scaled), out=place)
