"""Part inventories for drafts: the bitmap of a part in a slot, from a shipped atlas or a font."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from math import log
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tensho.composition.atlas import (
    ATLAS_EM,
    REFERENCE_STYLE,
    Atlas,
    Crowding,
    Form,
    atlas_of,
    crowding_of,
)
from tensho.composition.bitmaps.segmentation import cropped
from tensho.composition.box import Box, Frame
from tensho.composition.layout import Placement, measure
from tensho.errors import TenshoError
from tensho.fonts.faces import default_faces
from tensho.fonts.rasterizer import FontRenderer

__all__ = [
    "AtlasInventory",
    "MissingPartError",
    "PartInventory",
    "crowding_in",
    "misfit",
    "some_glyph",
    "strain",
]

Bitmap = NDArray[np.uint8]

# What a form costs that is drawn for another slot, or for none, in units of log size; and how much more it costs to
# make one larger, which thickens its strokes, than to make it smaller.
_OTHER_SLOT, _NO_SLOT = 0.4, 0.6

_ENLARGING = 2.0
"""How much worse it is to enlarge a form than to reduce it."""

_SOFTENING = 0.05
"""Added to lengths, in sides of the square, before their ratio is taken: small parts may be scaled by more."""


# Faces for one region lack the parts of others; what most resembles them has these.
_RELATED_STYLES = {
    "serif-jp": ("serif-sc",),
    "serif-tc": ("serif-sc",),
    "dejima-mincho": ("serif-jp", "serif-sc"),
    "kai": ("wenkai",),
    "wenkai": ("kai",),
    "kiloji": ("wenkai",),
    "seto": ("kiloji", "wenkai"),
}


class MissingPartError(TenshoError):
    """No face at hand has a part; what can go on without it catches this error, and no other one."""


class PartInventory(Protocol):
    """Parts in one face."""

    @property
    def frame(self) -> Frame:
        """How the face fills the square."""

    def cut(self, placed: Placement, without: str | None) -> Bitmap | None:
        """The form of a part that needs the least distortion for its place, uint8 (H, W).

        None if there is none. No form is cut out of the character ``without``.
        """

    def glyph(self, part: str) -> Bitmap:
        """The part as a character of its own, uint8 (`ATLAS_EM`, `ATLAS_EM`).

        Raises:
            MissingPartError: no face at hand has it.
        """


class AtlasInventory:
    """The parts of a shipped atlas; what it lacks comes from the styles nearest to it, or else from the reference."""

    def __init__(self, style: str = REFERENCE_STYLE) -> None:
        names = dict.fromkeys((style, *_RELATED_STYLES.get(style, ()), REFERENCE_STYLE))
        self._atlases = [atlas_of(name) for name in names]
        self.frame = self._atlases[0].frame

    def cut(self, placed: Placement, without: str | None) -> Bitmap | None:
        """See `PartInventory`."""
        for atlas in self._atlases:
            forms = [form for form in atlas.forms.get(placed.part, ()) if form.donor != without]
            if forms:
                box = atlas.frame.fitted(placed.box)
                return atlas.bitmap(min(forms, key=lambda form: misfit(form, placed.slot, box)))
        return None

    def glyph(self, part: str) -> Bitmap:
        """See `PartInventory`."""
        return some_glyph(part, self._atlases)


def some_glyph(part: str, atlases: Iterable[Atlas]) -> Bitmap:
    """A character whole, from the first atlas that has it, or from one of the default faces, uint8 (`ATLAS_EM`, `ATLAS_EM`).

    Raises:
        MissingPartError: none of them has it.
    """
    for atlas in atlases:
        if (form := atlas.whole(part)) is not None:
            return atlas.in_place(form)
    for renderer in _renderers():
        if (glyph := renderer.render(part)) is not None:
            return glyph
    raise MissingPartError(
        f"no face at hand has the part {part} (U+{ord(part):04X}); name a font that has it, or describe it"
    )


def crowding_in(parts: PartInventory, part: str) -> Crowding:
    """How crowded a part is: as in the reference face, or if that lacks it, as in the given one."""
    if part in atlas_of(REFERENCE_STYLE).forms:
        return measure(part)
    return crowding_of(cropped(parts.glyph(part)), ATLAS_EM)


def misfit(form: Form, slot: str, box: Box) -> float:
    """How much a form must be distorted to fill a box: zero for the slot's own form at its own size."""
    elsewhere = 0.0 if form.slot == slot else _OTHER_SLOT if form.slot else _NO_SLOT
    return elsewhere + strain(form.box, box)


def strain(drawn: Box, wanted: Box) -> float:
    """How hard it is to scale what was drawn in one box to another, in units of log size."""
    return _scaling(drawn.width, wanted.width) + _scaling(drawn.height, wanted.height)


def _scaling(drawn: float, wanted: float) -> float:
    growth = log((wanted + _SOFTENING) / (drawn + _SOFTENING))
    return _ENLARGING * growth if growth > 0 else -growth


@cache
def _renderers() -> tuple[FontRenderer, ...]:
    faces = sorted(default_faces(), key=lambda face: face.name != REFERENCE_STYLE)
    return tuple(face.renderer(ATLAS_EM) for face in faces)
