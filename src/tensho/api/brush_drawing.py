"""Characters as a brush paints them: of drafts, whose parts are an atlas's or a font's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tensho.api.draw_options import DrawOptions
from tensho.composition.atlas import REFERENCE_STYLE
from tensho.composition.draft import drafter
from tensho.errors import TenshoError
from tensho.fonts.faces import Face
from tensho.ids.decomposition import expand
from tensho.models import loading
from tensho.models.brush.base import BrushBase
from tensho.models.brush.painting import paint

if TYPE_CHECKING:
    from tensho.ids.syntax import Tree

__all__ = ["PAINTED", "condition_of", "paint_trees"]

PAINTED = "brush"
"""The rung of what was painted."""

_MOST_PIXELS = 1024


def paint_trees(
    trees: Sequence[Tree],
    source: Face | str,
    options: DrawOptions,
    *,
    first: int = 0,
    progress: Callable[[int], None] | None = None,
) -> NDArray[np.float32]:
    """Paint trees in a face, or in a style whose parts are shipped.

    Args:
        trees: the descriptions.
        source: the face or the style.
        options: weights, seed, steps and size.
        first: place of the first one in the seed.
        progress: called with the number of glyphs that each finished chunk adds.

    Returns:
        float32 (n, S, S) in [0, 1], ink = 1.

    Raises:
        TenshoError: the weights are no brush's, the size is out of its range, or no face has one of the parts.
    """
    brush = loading.load_cached(options.weights, runtime=options.runtime)
    if not isinstance(brush, BrushBase):
        raise TenshoError(
            f"{options.weights} is a {brush.family}, which cannot compose; name weights of a brush"
        )
    if options.pixels > _MOST_PIXELS:
        raise TenshoError(f"a brush cannot paint {options.pixels} pixels; ask for at most {_MOST_PIXELS}")
    given = condition_of(brush, trees, source, options.pixels)
    return paint(brush, given, seed=options.seed, first=first, steps=options.steps, progress=progress)


def condition_of(
    brush: BrushBase, trees: Sequence[Tree], source: Face | str, size: int
) -> dict[str, NDArray[Any]]:
    """What a brush is given to draw trees of ``size`` pixels in a face, or in a style whose parts are shipped.

    Returns:
        The arrays that `BrushBase.sample` asks for.

    Raises:
        TenshoError: no face at hand has one of the parts.
    """
    pen, sees = drafter(source), brush.config.size
    expanded = [expand(tree) for tree in trees]
    own = np.stack([pen.draft(tree, sees) for tree in expanded])[:, None]
    fine = own if size == sees else np.stack([pen.draft(tree, size) for tree in expanded])[:, None]
    reference = own
    if source != REFERENCE_STYLE:
        reference = np.stack([_reference_draft(tree, sees) for tree in expanded])[:, None]
    index = brush.as_the_draft if isinstance(source, Face) else brush.style_index(source)
    return {"own_draft": own, "draft": reference, "fine": fine, "face": np.full(len(trees), index)}


def _reference_draft(tree: Tree, size: int) -> NDArray[np.uint8]:
    """The draft of the reference's parts, or a blank one if the user's face alone has a part."""
    try:
        return drafter().draft(tree, size)
    except TenshoError:
        return np.zeros((size, size), np.uint8)
