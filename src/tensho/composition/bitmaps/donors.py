"""Donor characters: the training characters in which a part stands in a slot, from which its form can be cut."""

from __future__ import annotations

from collections.abc import Set
from functools import cache

from tensho.composition.layout import Layout, Placement
from tensho.ids.decomposition import decompositions, expand, slotted
from tensho.ids.syntax import leaves
from tensho.split import split_of

__all__ = ["Donors"]

_EXAMINED = 48
"""Most characters that are laid out in search of one part."""


@cache
def _occurrences() -> dict[str, list[str]]:
    """Training characters by the parts that they are drawn with, those of few parts first."""
    found: dict[str, list[tuple[int, str]]] = {}
    for character in decompositions():
        if split_of(character) == "train":
            parts = list(leaves(slotted(expand(character))))
            for part in set(parts):
                found.setdefault(part, []).append((len(parts), character))
    return {part: [character for _, character in sorted(having)] for part, having in found.items()}


class Donors:
    """Training characters of a face in which a part fills a slot, with where it should lie.

    Args:
        layout: says where.
        characters: those that the face has.
    """

    def __init__(self, layout: Layout, characters: Set[str]) -> None:
        self._layout, self._characters = layout, characters
        self._known: dict[str, list[tuple[str, Placement]]] = {}

    def of(self, part: str, slot: str) -> list[tuple[str, Placement]]:
        """Characters, each with the placement of ``part`` in ``slot``; characters of few parts first."""
        if part not in self._known:
            having = [c for c in _occurrences().get(part, ()) if c in self._characters][:_EXAMINED]
            self._known[part] = [
                (character, placed)
                for character in having
                for placed in self._layout.placements(expand(character))
                if placed.part == part and not (placed.mirrored or placed.rotated)
            ]
        return [(character, placed) for character, placed in self._known[part] if placed.slot == slot]
