"""Attested positions of parts: 氵 occurs on the left and 灬 below, but neither the other way round."""

from __future__ import annotations

from tensho.composition.atlas import default_atlas
from tensho.composition.layout import layout
from tensho.ids.decomposition import expand
from tensho.ids.syntax import Tree

__all__ = ["has_attested_positions"]

_INSIDE = frozenset({"⿴1", "⿵1", "⿶1", "⿷1", "⿸1", "⿹1", "⿺1", "⿲1", "⿳1"})
"""Any part may be inside another, or between two."""


def has_attested_positions(tree: Tree) -> bool:
    """Whether each part of a description stands where it stands in some character, or inside others.

    Raises:
        TenshoError: the description takes strokes away (㇯).
    """
    forms = default_atlas().forms
    return all(
        placed.slot in _INSIDE or any(form.slot == placed.slot for form in forms.get(placed.part, ()))
        for placed in layout(expand(tree))
    )
