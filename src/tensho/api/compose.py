"""`compose`: exactly the character that a description of its parts asks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tensho.api.draw_options import DEFAULTS, DrawOptions
from tensho.api.styles import style_named
from tensho.composition.atlas import REFERENCE_STYLE
from tensho.composition.draft import drafter
from tensho.errors import TenshoError
from tensho.fonts.faces import Face, load_face
from tensho.ids.decomposition import exists, expand
from tensho.ids.syntax import parse, to_string
from tensho.models import loading
from tensho.models.brush.base import BrushBase
from tensho.models.brush.painting import paint
from tensho.sheet import Glyph, Sheet

if TYPE_CHECKING:
    from tensho.ids.syntax import Tree

__all__ = ["compose", "compose_all", "condition_of", "source_of"]


def compose(
    ids: str,
    *,
    style: str | None = DEFAULTS.style,
    face: str | Path | None = DEFAULTS.face,
    seed: int = DEFAULTS.seed,
    steps: int | None = DEFAULTS.steps,
    size: int | None = DEFAULTS.size,
    model: str | None = DEFAULTS.model,
    runtime: str | None = DEFAULTS.runtime,
) -> Glyph:
    """Draw the character that an Ideographic Description Sequence describes, such as ⿰氵龍.

    Args:
        ids: the description; a single character is drawn as it is taken apart.
        style, face, seed, steps, size, model, runtime: see `tensho.api.draw_options.DrawOptions`.

    Raises:
        TenshoError: the description is malformed or names a part that no face has; the style is unknown; both a
            style and a face are given; the face cannot be read; the size is out of range.
    """
    options = DrawOptions(style, face, seed, steps, size, model, runtime)
    return compose_all([ids], options)[0]


def compose_all(
    descriptions: Sequence[str],
    options: DrawOptions = DEFAULTS,
    *,
    first: int = 0,
    progress: Callable[[int], None] | None = None,
) -> Sheet:
    """Draw several descriptions alike; see `compose`.

    The glyphs are those of places ``first``, ``first`` + 1, … of the seed. ``progress`` is called with the number of
    glyphs that each finished chunk adds.
    """
    if not descriptions:
        raise TenshoError("there is nothing to compose; give a description such as ⿰氵龍")
    brush = _brush(options)
    trees = [parse(text) for text in descriptions]
    source = source_of(options)
    given = condition_of(brush, trees, source, options.pixels)
    images = paint(brush, given, seed=options.seed, first=first, steps=options.steps, progress=progress)
    glyphs = [
        Glyph(
            image,
            model=options.weights,
            seed=options.seed,
            index=k,
            style=source.name if isinstance(source, Face) else source,
            ids=to_string(tree),
            character=next(iter(exists(tree)), None),
        )
        for k, (image, tree) in enumerate(zip(images, trees, strict=True), start=first)
    ]
    return Sheet(tuple(glyphs), cell=options.pixels)


def source_of(options: DrawOptions) -> Face | str:
    """The face, or the style whose parts are shipped, that is to be drawn in.

    Raises:
        TenshoError: the style is unknown, or the font cannot be read.
    """
    return style_named(options.style) if options.face is None else load_face(options.face)


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
    return {"own_draft": own, "draft": reference, "fine": fine, "style": np.full(len(trees), index)}


def _reference_draft(tree: Tree, size: int) -> NDArray[np.uint8]:
    """The draft of the reference's parts, or a blank one if the user's face alone has a part."""
    try:
        return drafter().draft(tree, size)
    except TenshoError:
        return np.zeros((size, size), np.uint8)


def _brush(options: DrawOptions) -> BrushBase:
    loaded = loading.load_cached(options.weights, runtime=options.runtime)
    if not isinstance(loaded, BrushBase):
        raise TenshoError(
            f"{options.weights} is a {loaded.family}, which cannot compose; name weights of a brush"
        )
    return loaded
