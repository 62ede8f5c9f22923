"""Characters as a brush paints them: of drafts, whose parts are an atlas's or a font's."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from tensho.api.draw_options import DrawOptions
from tensho.api.load import brush_named
from tensho.errors import TenshoError
from tensho.fonts.faces import Face
from tensho.ids.syntax import Tree
from tensho.models.brush.condition import draft_condition
from tensho.models.brush.painting import paint

__all__ = ["PAINTED", "paint_trees"]

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
    brush = brush_named(options.weights, options.runtime)
    if options.pixels > _MOST_PIXELS:
        raise TenshoError(f"a brush cannot paint {options.pixels} pixels; ask for at most {_MOST_PIXELS}")
    given = draft_condition(brush, trees, source, options.pixels)
    return paint(brush, given, seed=options.seed, first=first, steps=options.steps, progress=progress)
