"""`compose`: exactly the character that a description of its parts asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tensho.api.networks import DEFAULT_BRUSH, brush_named
from tensho.composition.atlas import REFERENCE_STYLE
from tensho.composition.styles import STYLE_NAMES, style_facts, style_named, styles
from tensho.errors import TenshoError
from tensho.fonts.faces import Face, load_face
from tensho.ids.decomposition import exists
from tensho.ids.syntax import parse, to_string
from tensho.models.brush.base import BrushBase
from tensho.models.brush.condition import draft_condition
from tensho.models.brush.painting import paint
from tensho.sheet import Glyph, Sheet

__all__ = [
    "DEFAULT_BRUSH",
    "DEFAULT_SIZE",
    "REFERENCE_STYLE",
    "STYLE_NAMES",
    "compose",
    "compose_all",
    "compose_in_chunks",
    "style_facts",
    "style_named",
    "styles",
]

DEFAULT_SIZE = 128
"""Side of a composed glyph in pixels: twice what the brush looks at."""

MOST_PIXELS = 1024


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
    brush = brush_named(model, runtime)
    trees = [parse(text) for text in descriptions]
    source = style_named(style) if face is None else load_face(face)
    given = draft_condition(brush, trees, source, size)
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


def compose_in_chunks(
    descriptions: Sequence[str],
    *,
    style: str | None = None,
    seed: int = 0,
    first: int = 0,
    model: str = DEFAULT_BRUSH,
    runtime: str | None = None,
) -> Iterator[Glyph]:
    """As `compose_all`, each glyph as soon as the chunk that it is drawn with is done."""
    for start in range(0, len(descriptions), BrushBase.chunk):
        chunk = descriptions[start : start + BrushBase.chunk]
        yield from compose_all(
            chunk, style=style, seed=seed, first=first + start, model=model, runtime=runtime
        )
