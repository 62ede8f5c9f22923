"""Drafts: a rough composite of a character, each part's own bitmap in the box that the layout gives it.

The parts come from a shipped atlas or from any face. A part is scaled from the form that needs the least of it, so
strokes keep their weight; a part that no form could be had of is the whole character, squeezed.
"""

from __future__ import annotations

from functools import cache, lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from tensho.composition.atlas import ATLAS_EM, REFERENCE_STYLE
from tensho.composition.bitmaps.inventory import AtlasInventory, PartInventory, crowding_in
from tensho.composition.bitmaps.paste import paste
from tensho.composition.bitmaps.segmentation import cropped, ink_box
from tensho.composition.box import Box
from tensho.composition.layout import Layout, Placement, default_proportions
from tensho.fonts.faces import Face
from tensho.ids.syntax import Tree

__all__ = ["DRAFTER", "FACES_KEPT", "Drafter", "draft", "drafter"]

Bitmap = NDArray[np.uint8]

DRAFTER = 4
"""Version of what is drawn here; drafts of an earlier one are drawn again."""

FACES_KEPT = 4
"""Faces whose cut parts are kept: a program that is left running is shown any number of fonts."""

_STROKE = 0.12  # the thickness, in the unit square, of what can be no more than one stroke


def draft(tree: Tree, size: int, source: Face | str = REFERENCE_STYLE) -> Bitmap:
    """Draw a description roughly, in the parts of a face, or of a style whose parts are shipped.

    Returns:
        uint8 (size, size), ink 255 on 0.

    Raises:
        MissingPartError: no face at hand has one of the parts.
        TenshoError: no parts are shipped for the style, or the description takes strokes away (㇯).
    """
    return drafter(source).draft(tree, size)


def drafter(source: Face | str = REFERENCE_STYLE) -> Drafter:
    """Return the drafter of a face or of a style, with the parts that it has cut before.

    Those of all styles are kept, which are as many as there are atlases, and those of the `FACES_KEPT` latest faces.
    """
    return _drafter_of_face(source) if isinstance(source, Face) else _drafter_of_style(source)


@cache
def _drafter_of_style(style: str) -> Drafter:
    return Drafter(AtlasInventory(style))


@lru_cache(maxsize=FACES_KEPT)
def _drafter_of_face(face: Face) -> Drafter:
    from tensho.composition.bitmaps.face_inventory import FaceInventory  # cuts bitmaps, which no style needs

    return Drafter(FaceInventory(face))


class Drafter:
    """Draws drafts with one face's parts."""

    def __init__(self, parts: PartInventory) -> None:
        self._parts = parts
        self._layout = Layout(default_proportions(), partial(crowding_in, parts))

    def draft(self, tree: Tree, size: int, *, without: str | None = None) -> Bitmap:
        """Draw a description; see `tensho.composition.bitmaps.draft.draft`.

        ``without`` is a character from which no part is cut. Whoever learns from drafts of known characters names
        the character itself, or its draft would hold pieces of the answer.
        """
        page = np.zeros((size, size), np.uint8)
        if isinstance(tree, str):
            glyph = self._parts.glyph(tree)
            left, top, right, bottom = ink_box(glyph)
            paste(
                page,
                glyph[top:bottom, left:right],
                Box(left / ATLAS_EM, top / ATLAS_EM, right / ATLAS_EM, bottom / ATLAS_EM),
            )
            return page
        for placed in self._layout.placements(tree):
            bitmap = self._part(placed, without)
            turned = bitmap[:: -1 if placed.rotated else 1, :: -1 if placed.rotated ^ placed.mirrored else 1]
            paste(page, turned, _unthickened(self._parts.frame.fitted(placed.box), bitmap))
        return page

    def _part(self, placed: Placement, without: str | None) -> Bitmap:
        # What crosses another part cannot be cut out of it.
        form = None if placed.slot.startswith("⿻") else self._parts.cut(placed, without)
        return cropped(self._parts.glyph(placed.part)) if form is None else form


def _unthickened(box: Box, bitmap: Bitmap) -> Box:
    """Keep a single stroke such as 一 or 丨 as thin as it is, in the middle of a box that is much thicker."""
    thin = [side / ATLAS_EM if side < _STROKE * ATLAS_EM else 1.0 for side in bitmap.shape]
    height, width = (min(side, limit) for side, limit in zip((box.height, box.width), thin, strict=True))
    x, y = (box.x0 + box.x1 - width) / 2, (box.y0 + box.y1 - height) / 2
    return Box(x, y, x + width, y + height)
