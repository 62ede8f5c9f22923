"""Where a part may stand: 氵 on the left and 灬 below, but neither the other way round."""

from __future__ import annotations

from tensho.data.atlas import default_atlas
from tensho.data.decomposition import expand
from tensho.data.ids import Tree
from tensho.data.layout import layout

__all__ = ["stands"]

_INSIDE = frozenset({"⿴1", "⿵1", "⿶1", "⿷1", "⿸1", "⿹1", "⿺1", "⿲1", "⿳1"})
"""Any part may be inside another, or between two."""


def stands(tree: Tree) -> bool:
    """Whether each part of a description stands where it stands in some character, or inside others.

    Raises:
        TenshoError: the description takes strokes away (㇯).
    """
    forms = default_atlas().forms
    return all(
        placed.slot in _INSIDE or any(form.slot == placed.slot for form in forms.get(placed.part, ()))
        for placed in layout(expand(tree))
    )
