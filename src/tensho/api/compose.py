"""`compose`: exactly the character that a description of its parts asks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tensho.composition.atlas import REFERENCE_STYLE, atlas_names
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

__all__ = [
    "DEFAULT_BRUSH",
    "DEFAULT_SIZE",
    "STYLE_NAMES",
    "compose",
    "compose_all",
    "condition_of",
    "style_named",
    "styles",
]

DEFAULT_BRUSH = "brush"

DEFAULT_SIZE = 128
"""Side of a composed glyph in pixels: twice what the brush looks at."""

MOST_PIXELS = 1024

STYLE_NAMES = {
    "gothic": "sans-jp",
    "mincho": "serif-jp",
    "hei": "sans-sc",
    "song": "serif-sc",
    "ming": "serif-tc",
    "rounded": "maruberi",
    "pen": "wenkai",
}
"""What designers call the styles; the parts and the weights know them by the names of their faces."""


def styles() -> list[str]:
    """Names that ``style`` may have: those of the faces whose parts are shipped, then what designers call some."""
    return [*atlas_names(), *STYLE_NAMES]


def style_named(name: str | None) -> str:
    """The face that a style's name means; None: the reference.

    Raises:
        TenshoError: there is no such style.
    """
    face = REFERENCE_STYLE if name is None else STYLE_NAMES.get(name, name)
    if face not in atlas_names():
        raise TenshoError(f"unknown style {name!r}; there are {', '.join(styles())}")
    return face


def compose(
    ids: str,
    *,
    style: str | None = None,
    face: str | Path | None = None,
    seed: int = 0,
    steps: int | None = None,
    size: int = DEFAULT_SIZE,
    model: str = DEFAULT_BRUSH,
    runtime: str | None = None,
) -> Glyph:
    """Draw the character that an Ideographic Description Sequence describes, such as ⿰氵龍.

    Args:
        ids: the description; a single character is drawn as it is taken apart.
        style: one of `styles`, which `tensho styles` lists; None: that of Noto Sans SC.
        face: a font file instead of a style: the character as that font would have it.
        seed: any integer.
        steps: network evaluations; None: the model's default.
        size: side of the glyph in pixels, 16 to 1024.
        model: name of the brush's weights, a ``.safetensors`` file, or the folder of a training run.
        runtime: what computes the brush, "torch" or "onnx"; None: torch if it is installed.

    Raises:
        TenshoError: the description is malformed or names a part that no face has; the style is unknown; both a
            style and a face are given; the face cannot be read; the size is out of range.
    """
    return compose_all(
        [ids], style=style, face=face, seed=seed, steps=steps, size=size, model=model, runtime=runtime
    )[0]


def compose_all(
    descriptions: Sequence[str],
    *,
    style: str | None = None,
    face: str | Path | None = None,
    seed: int = 0,
    first: int = 0,
    steps: int | None = None,
    size: int = DEFAULT_SIZE,
    model: str = DEFAULT_BRUSH,
    runtime: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> Sheet:
    """Draw several descriptions in one style; see `compose`.

    The glyphs are those of places ``first``, ``first`` + 1, … of the seed. ``progress`` is called with the number of
    glyphs that each finished chunk adds.
    """
    if not descriptions:
        raise TenshoError("there is nothing to compose; give a description such as ⿰氵龍")
    if style is not None and face is not None:
        raise TenshoError("give a style or a face, not both")
    if not 16 <= size <= MOST_PIXELS:
        raise TenshoError(f"cannot draw glyphs of {size} pixels; ask for 16 to {MOST_PIXELS}")
    brush = _brush(model, runtime)
    trees = [parse(text) for text in descriptions]
    source = style_named(style) if face is None else load_face(face)
    given = condition_of(brush, trees, source, size)
    images = paint(brush, given, seed=seed, first=first, steps=steps, progress=progress)
    glyphs = [
        Glyph(
            image,
            model=model,
            seed=seed,
            index=k,
            style=source.name if isinstance(source, Face) else source,
            ids=to_string(tree),
            character=next(iter(exists(tree)), None),
        )
        for k, (image, tree) in enumerate(zip(images, trees, strict=True), start=first)
    ]
    return Sheet(tuple(glyphs))


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


def _brush(model: str, runtime: str | None) -> BrushBase:
    loaded = loading.load_cached(model, runtime=runtime)
    if not isinstance(loaded, BrushBase):
        raise TenshoError(f"{model} is a {loaded.family}, which cannot compose; name weights of a brush")
    return loaded
