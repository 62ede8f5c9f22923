"""The part inventory of a font: parts cut out of the atlas's donor characters, or of others with the part in that slot."""

from __future__ import annotations

from functools import partial
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from tensho.composition.atlas import ATLAS_EM, Form, default_atlas
from tensho.composition.bitmaps.donors import Donors
from tensho.composition.bitmaps.frame import frame_of
from tensho.composition.bitmaps.inventory import crowding_in, misfit, some_glyph, strain
from tensho.composition.bitmaps.paste import paste
from tensho.composition.bitmaps.segmentation import cropped, cut_like
from tensho.composition.box import Box
from tensho.composition.layout import Layout, Placement, default_proportions
from tensho.fonts.faces import Face

__all__ = ["FaceInventory"]

Bitmap = NDArray[np.uint8]

_ENOUGH = 2  # forms of the atlas in a slot, from which on no other donors are looked for
_TRIED = 4  # other donors that a part is looked for in


class FaceInventory:
    """The parts of a font; keeps every part that it has cut.

    A part is cut out of the same character as the reference's atlas cut it from, so that it has the form of its slot
    here too; where the face lacks that character or the cut fails, out of another one that has the part in that slot.
    """

    def __init__(self, face: Face) -> None:
        self._atlas = default_atlas()
        self._renderer = face.renderer(ATLAS_EM)
        self.frame = frame_of(self._renderer, self._atlas)
        self._characters = frozenset(drawable.key for drawable in face.drawables())
        self._donors = Donors(Layout(default_proportions(), partial(crowding_in, self)), self._characters)
        self._forms: dict[Form, Bitmap | None] = {}
        self._donated: dict[tuple[str, Placement], Bitmap | None] = {}
        self._glyphs: dict[str, Bitmap] = {}

    def cut(self, placed: Placement, without: str | None) -> Bitmap | None:
        """See `tensho.composition.bitmaps.inventory.PartInventory`."""
        forms = [form for form in self._atlas.forms.get(placed.part, ()) if form.donor != without]
        cuts = [(misfit(form, placed.slot, placed.box), partial(self.form, form)) for form in forms]
        if forms and self.lacks(forms, placed.slot):
            nearest = min(forms, key=lambda form: misfit(form, placed.slot, placed.box))
            donors = [donor for donor in self.donors(placed.part, placed.slot) if donor[0] != without]
            strains = [strain(there.box, placed.box) for _, there in donors]
            for k in np.argsort(strains, kind="stable")[:_TRIED]:
                cuts.append((strains[k], partial(self.gift, donors[k], nearest)))
        for _, cut in sorted(cuts, key=itemgetter(0)):
            if (bitmap := cut()) is not None:
                return bitmap
        return None

    def glyph(self, part: str) -> Bitmap:
        """See `tensho.composition.bitmaps.inventory.PartInventory`; what the face lacks comes from the reference."""
        if part not in self._glyphs:
            glyph = self._renderer.render(part)
            self._glyphs[part] = some_glyph(part, [self._atlas]) if glyph is None else glyph
        return self._glyphs[part]

    def lacks(self, forms: list[Form], slot: str) -> bool:
        """Whether the face has too few of the characters that the atlas cut a part in a slot from."""
        return sum(form.slot == slot and form.donor in self._characters for form in forms) < _ENOUGH

    def donors(self, part: str, slot: str) -> list[tuple[str, Placement]]:
        """Characters of the face that have the part in the slot, with its place there."""
        return self._donors.of(part, slot)

    def form(self, form: Form) -> Bitmap | None:
        """A form of the atlas as this face has it, uint8 (H, W); None if it cannot be had cleanly."""
        if form not in self._forms:
            donor = self._renderer.render(form.donor)
            if donor is None:
                self._forms[form] = None
            elif form.slot:
                self._forms[form] = cut_like(donor, self._expected(form, form.box))
            else:
                self._forms[form] = cropped(donor)
        return self._forms[form]

    def gift(self, donor: tuple[str, Placement], form: Form) -> Bitmap | None:
        """A part as cut from a character that has it in the same slot, looked for by ``form``; None as in `form`."""
        if donor not in self._donated:
            character, there = donor
            glyph = self._renderer.render(character)
            found = None if glyph is None else cut_like(glyph, self._expected(form, there.box))
            self._donated[donor] = found
        return self._donated[donor]

    def _expected(self, form: Form, box: Box) -> Bitmap:
        """A form where the face should have it, if it is at ``box`` in the reference face."""
        page = np.zeros((ATLAS_EM, ATLAS_EM), np.uint8)
        paste(page, self._atlas.bitmap(form), self.frame.fitted(box))
        return page
