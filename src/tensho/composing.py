"""`compose`: exactly the character that a description of its parts asks for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from tensho import hub
from tensho.data.decomposition import exists, expand
from tensho.data.draft import drafter
from tensho.data.faces import load_face
from tensho.data.ids import parse, to_string
from tensho.errors import TenshoError
from tensho.sheet import Glyph, Sheet

if TYPE_CHECKING:
    from tensho.models.brush import Brush

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
) -> Glyph:
    """Draw the character that an Ideographic Description Sequence describes, such as ⿰氵龍.

    Args:
        ids: the description; a single character is drawn as it is taken apart.
        style: a named style (default: the first of the weights'), or a name from `STYLE_NAMES`.
        face: a font file instead of a style: the character as that font would have it.
        seed: any integer.
        steps: network evaluations; None: the model's default.
        model: name of the brush's weights, a ``.safetensors`` file, or the folder of a training run.

    Raises:
        TenshoError: the description is malformed or names a part that no face has; the style is unknown; both a
            style and a face are given; the face cannot be read.
    """
    return compose_all([ids], style=style, face=face, seed=seed, steps=steps, model=model)[0]


def compose_all(
    descriptions: Sequence[str],
    *,
    style: str | None = None,
    face: str | Path | None = None,
    seed: int = 0,
    steps: int | None = None,
    model: str = DEFAULT_BRUSH,
) -> Sheet:
    """Draw several descriptions in one style; see `compose`."""
    if not descriptions:
        raise TenshoError("there is nothing to compose; give a description such as ⿰氵龍")
    if style is not None and face is not None:
        raise TenshoError("give a style or a face, not both")
    brush = _brush(model)
    trees = [parse(text) for text in descriptions]
    own_face = None if face is None else load_face(face)
    pen = drafter(own_face)
    drafts = np.stack([pen.draft(expand(tree), brush.config.size) for tree in trees])
    name = None if own_face else _style_of(brush, style)
    index = brush.as_the_draft if name is None else brush.style_index(name)
    images = brush.sample(
        len(trees),
        seed=seed,
        steps=steps,
        condition={
            "draft": torch.from_numpy(drafts)[:, None],
            "face": torch.full((len(trees),), index),
        },
    )
    glyphs = [
        Glyph(
            image[0].numpy(),
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


def _style_of(brush: Brush, style: str | None) -> str:
    return brush.config.styles[0] if style is None else STYLE_NAMES.get(style, style)


def _brush(model: str) -> Brush:
    from tensho.models.brush import Brush

    loaded = hub.load(model)
    if not isinstance(loaded, Brush):
        raise TenshoError(f"{model} is a {loaded.family}, which cannot compose; name weights of a brush")
    return loaded
