"""`compose`: exactly the character that a description of its parts asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tensho.api.draw_options import DEFAULTS, DrawOptions
from tensho.api.load import brush_named
from tensho.api.styles import style_named
from tensho.errors import TenshoError
from tensho.fonts.faces import Face, load_face
from tensho.ids.decomposition import exists
from tensho.ids.syntax import parse, to_string
from tensho.models.brush.base import BrushBase
from tensho.models.brush.condition import draft_condition
from tensho.models.brush.painting import paint
from tensho.sheet import Glyph, Sheet

__all__ = ["compose", "compose_all", "compose_in_chunks", "source_of"]


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
    brush = brush_named(options.weights, options.runtime)
    trees = [parse(text) for text in descriptions]
    source = source_of(options)
    given = draft_condition(brush, trees, source, options.pixels)
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


def compose_in_chunks(
    descriptions: Sequence[str], options: DrawOptions = DEFAULTS, *, first: int = 0
) -> Iterator[Glyph]:
    """As `compose_all`, each glyph as soon as the chunk that it is drawn with is done."""
    for start in range(0, len(descriptions), BrushBase.chunk):
        chunk = descriptions[start : start + BrushBase.chunk]
        yield from compose_all(chunk, options, first=first + start)
