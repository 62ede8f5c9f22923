"""`compose`: exactly the character that a description of its parts asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tensho import hub
from tensho.data.decomposition import exists, expand
from tensho.data.draft import drafter
from tensho.data.faces import load_face
from tensho.data.ids import parse, to_string
from tensho.errors import TenshoError
from tensho.models.painter import Painter
from tensho.sheet import Glyph, Sheet

if TYPE_CHECKING:
    from tensho.data.ids import Tree

__all__ = ["DEFAULT_BRUSH", "STYLE_NAMES", "compose", "compose_all"]

DEFAULT_BRUSH = "brush"

STYLE_NAMES = {
    "gothic": "sans-jp",
    "mincho": "serif-jp",
    "hei": "sans-sc",
    "song": "serif-sc",
    "ming": "serif-tc",
}
"""What designers call the styles; the weights know them by the names of their faces."""


def compose(
    ids: str,
    *,
    style: str | None = None,
    face: str | Path | None = None,
    seed: int = 0,
    steps: int | None = None,
    model: str = DEFAULT_BRUSH,
    runtime: str | None = None,
) -> Glyph:
    """Draw the character that an Ideographic Description Sequence describes, such as ⿰氵龍.

    Args:
        ids: the description; a single character is drawn as it is taken apart.
        style: a named style (default: the first of the weights'), or a name from `STYLE_NAMES`.
        face: a font file instead of a style: the character as that font would have it.
        seed: any integer.
        steps: network evaluations; None: the model's default.
        model: name of the brush's weights, a ``.safetensors`` file, or the folder of a training run.
        runtime: what computes the brush, "torch" or "onnx"; None: torch if it is installed.

    Raises:
        TenshoError: the description is malformed or names a part that no face has; the style is unknown; both a
            style and a face are given; the face cannot be read.
    """
    return compose_all([ids], style=style, face=face, seed=seed, steps=steps, model=model, runtime=runtime)[0]


def compose_all(
    descriptions: Sequence[str],
    *,
    style: str | None = None,
    face: str | Path | None = None,
    seed: int = 0,
    steps: int | None = None,
    model: str = DEFAULT_BRUSH,
    runtime: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> Sheet:
    """Draw several descriptions in one style; see `compose`.

    ``progress`` is called with the number of glyphs that each finished chunk adds.
    """
    if not descriptions:
        raise TenshoError("there is nothing to compose; give a description such as ⿰氵龍")
    if style is not None and face is not None:
        raise TenshoError("give a style or a face, not both")
    brush = _brush(model, runtime)
    trees = [parse(text) for text in descriptions]
    own_face = None if face is None else load_face(face)
    size = brush.config.size
    if own_face is None:
        condition = {"draft": _stacked(drafter().draft(expand(tree), size) for tree in trees)}
    else:
        pen = drafter(own_face)
        condition = {
            "own_draft": _stacked(pen.draft(expand(tree), size) for tree in trees),
            "draft": _stacked(_reference_draft(tree, size) for tree in trees),
        }
    name = None if own_face else _style_of(brush, style)
    index = brush.as_the_draft if name is None else brush.style_index(name)
    condition["face"] = np.full(len(trees), index)
    images = brush.sample(len(trees), seed=seed, steps=steps, condition=condition, progress=progress)
    glyphs = [
        Glyph(
            np.asarray(image[0]),
            model=model,
            seed=seed,
            index=k,
            style=own_face.name if own_face else name,
            ids=to_string(tree),
            character=next(iter(exists(tree)), None),
        )
        for k, (image, tree) in enumerate(zip(images, trees, strict=True))
    ]
    return Sheet(tuple(glyphs))


def _stacked(drafts: Iterable[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    return np.stack(list(drafts))[:, None]


def _reference_draft(tree: Tree, size: int) -> NDArray[np.uint8]:
    """The draft of the shipped parts, or a blank one if the user's face alone has a part."""
    try:
        return drafter().draft(expand(tree), size)
    except TenshoError:
        return np.zeros((size, size), np.uint8)


def _style_of(brush: Painter, style: str | None) -> str:
    return brush.config.styles[0] if style is None else STYLE_NAMES.get(style, style)


def _brush(model: str, runtime: str | None) -> Painter:
    loaded = hub.shared(model, runtime=runtime)
    if not isinstance(loaded, Painter):
        raise TenshoError(f"{model} is a {loaded.family}, which cannot compose; name weights of a brush")
    return loaded
