"""Composers of outlines that have not seen some characters, made anew each time: the user's cache could be of other code."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.outline_faces import BenchFace
from tensho.composition.outlines.composer import OutlineComposer
from tensho.composition.outlines.inventory import build_inventory
from tensho.composition.outlines.store import SHIPPED_STYLES, nearest_style, open_composer
from tensho.fonts.outlines import Bounds

__all__ = ["composer_without"]


def composer_without(face: BenchFace, held_out: Callable[[str], bool]) -> OutlineComposer:
    """What composes a face's outlines without having seen some of its characters.

    It is cut beside the nearest shipped style, which is its last resort too, as in use; a face that is such a style itself has none, since it would be
    that style with the held-out characters.
    """
    em, box = face.reader.units_per_em, face.face
    square = Bounds(0.0, box.em_bottom * em, box.advance * em, (box.em_bottom + 1) * em)
    shipped = face.style in SHIPPED_STYLES
    other = None if shipped else open_composer(nearest_style(face.reader))
    like = None if other is None else other.inventory.as_neighbour
    inventory = build_inventory(face.reader, square, allowed=lambda c: not held_out(c), like=like)
    return OutlineComposer(inventory, held_out, lambda: other)
