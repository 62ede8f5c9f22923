"""Attested positions of parts: 氵 occurs on the left and 灬 below, but neither the other way round."""

from __future__ import annotations

from collections.abc import Iterator

from tensho.composition.atlas import default_atlas
from tensho.errors import TenshoError
from tensho.ids.decomposition import expand, slotted
from tensho.ids.syntax import Tree

__all__ = ["has_attested_positions"]

_INSIDE = frozenset({"⿴1", "⿵1", "⿶1", "⿷1", "⿸1", "⿹1", "⿺1", "⿲1", "⿳1"})
"""Any part may be inside another, or between two."""

_TURNED = "\u2ffe\u2fff"


def has_attested_positions(tree: Tree) -> bool:
    """Whether each part of a description stands where it stands in some character, or inside others.

    Raises:
        TenshoError: the description takes strokes away (㇯).
    """
    forms = default_atlas().forms
    return all(
        slot in _INSIDE or any(form.slot == slot for form in forms.get(part, ()))
        for part, slot in _slots(slotted(expand(tree)), "")
    )


def _slots(tree: Tree, slot: str) -> Iterator[tuple[str, str]]:
    """The parts of a tree in writing order, each with its slot as `tensho.composition.layout.layout` has it."""
    if isinstance(tree, str):
        yield tree, slot
        return
    if tree.operator == "\u31ef":
        raise TenshoError("㇯ takes strokes away, which have no position; describe what is left")
    for k, child in enumerate(tree.children):
        # What is mirrored or turned stands where it would stand otherwise.
        yield from _slots(child, slot if tree.operator in _TURNED else f"{tree.operator}{k}")
