"""The inputs of a brush for given descriptions: drafts in the wanted face's parts and in the reference face's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensho.composition.atlas import REFERENCE_STYLE
from tensho.composition.bitmaps.draft import drafter
from tensho.composition.bitmaps.inventory import MissingPartError
from tensho.fonts.faces import Face
from tensho.ids.decomposition import expand
from tensho.ids.syntax import Tree
from tensho.models.brush.base import BrushBase

__all__ = ["draft_condition"]


def draft_condition(
    brush: BrushBase, trees: Sequence[Tree], source: Face | str, size: int
) -> dict[str, NDArray[Any]]:
    """What a brush is given to draw trees of ``size`` pixels in a face, or in a style whose parts are shipped.

    Returns:
        The arrays that `BrushBase.sample` asks for.

    Raises:
        MissingPartError: no face at hand has one of the parts.
    """
    pen, sees = drafter(source), brush.config.size
    expanded = [expand(tree) for tree in trees]
    own = np.stack([pen.draft(tree, sees) for tree in expanded])[:, None]
    fine = own if size == sees else np.stack([pen.draft(tree, size) for tree in expanded])[:, None]
    reference = own
    if source != REFERENCE_STYLE:
        reference = np.stack([_reference_draft(tree, sees) for tree in expanded])[:, None]
    index = brush.as_the_draft if isinstance(source, Face) else brush.style_index(source)
    return {"own_draft": own, "draft": reference, "fine": fine, "style": np.full(len(trees), index)}


def _reference_draft(tree: Tree, size: int) -> NDArray[np.uint8]:
    """The draft of the reference's parts, or a blank one if the user's face alone has a part."""
    try:
        return drafter().draft(tree, size)
    except MissingPartError:
        return np.zeros((size, size), np.uint8)
