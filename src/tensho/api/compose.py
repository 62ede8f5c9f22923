"""`compose`: exactly the character that a description of its parts asks for."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tensho.api.draw_options import DEFAULTS, DrawOptions
from tensho.api.drawing.outlines import composer_of, lost_variation
from tensho.api.styles import style_named
from tensho.errors import TenshoError
from tensho.fonts.faces import Face, load_face
from tensho.ids.as_found.lenient import Description, read_description
from tensho.ids.canonical import exists
from tensho.ids.syntax import to_string
from tensho.models.brush.base import BrushBase
from tensho.sheet import Glyph, Sheet

__all__ = ["compose", "compose_all", "compose_in_chunks", "encoded_glyph", "source_of"]


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
        ids: the description, written as in the tables that are about, see `tensho.ids.as_found.lenient`; a single character is
            drawn as it is taken apart.
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
    read = [read_description(text) for text in descriptions]
    trees = [found.tree for found in read]
    source = source_of(options)
    composer = composer_of(source, options)
    glyphs: dict[int, Glyph] = {}
    for k, (tree, found) in enumerate(zip(trees, read, strict=True)):
        drawn = None if composer is None else composer.draw(tree, options.pixels, found.variation)
        if drawn is not None:
            glyphs[k] = drawn
            if progress is not None:
                progress(1)
    places = [k for k in range(len(trees)) if k not in glyphs]
    if places:
        from tensho.api.drawing.brush import PAINTED, paint_trees  # what outlines do without

        # Neighbours are painted together, since that is faster; a glyph depends on its own place alone.
        for run in _runs(places):
            images = paint_trees(
                [trees[k] for k in run], source, options, first=first + run[0], progress=progress
            )
            glyphs |= {
                k: Glyph(image, model=options.weights, rung=PAINTED, notes=_lost(read[k]))
                for k, image in zip(run, images, strict=True)
            }
    return Sheet(
        tuple(
            dataclasses.replace(
                glyphs[k],
                seed=options.seed,
                index=first + k,
                style=source.name if isinstance(source, Face) else source,
                ids=to_string(tree),
                character=next(iter(exists(tree)), None),
                notes=(*read[k].notes, *glyphs[k].notes),
            )
            for k, tree in enumerate(trees)
        ),
        cell=options.pixels,
    )


def source_of(options: DrawOptions) -> Face | str:
    """The face, or the style whose parts are shipped, that ``options`` say is to be drawn in.

    Raises:
        TenshoError: the style is unknown, or the font cannot be read.
    """
    return style_named(options.style) if options.face is None else load_face(options.face)


def encoded_glyph(character: str, options: DrawOptions = DEFAULTS) -> Glyph | None:
    """The glyph that the style or the face of ``options`` itself has for a character; None if it has none, or is painted."""
    composer = composer_of(source_of(options), options)
    return None if composer is None else composer.draw_encoded(character, options.pixels)


def compose_in_chunks(
    descriptions: Sequence[str], options: DrawOptions = DEFAULTS, *, first: int = 0
) -> Iterator[Glyph]:
    """As `compose_all`, each glyph as soon as the chunk that it is drawn with is done."""
    for start in range(0, len(descriptions), BrushBase.chunk):
        chunk = descriptions[start : start + BrushBase.chunk]
        yield from compose_all(chunk, options, first=first + start)


def _lost(found: Description) -> tuple[str, ...]:
    return (lost_variation(found.tree, found.variation),) if found.variation else ()


def _runs(places: Sequence[int]) -> list[list[int]]:
    """Ascending numbers as lists of consecutive ones."""
    runs: list[list[int]] = []
    for place in places:
        if runs and place == runs[-1][-1] + 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return runs
