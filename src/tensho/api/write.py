"""`write`: characters for a meaning, put together from parts that mean something."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from tensho.api.compose import compose_all, compose_in_chunks
from tensho.api.draw_options import DEFAULTS, DrawOptions
from tensho.api.load import DEFAULT_COMPOSER, composer_for
from tensho.models.composer.candidates import compose_meaning
from tensho.sheet import Glyph, Sheet

__all__ = ["write", "write_all", "write_in_chunks"]


def write(
    meaning: str,
    n: int = 4,
    *,
    style: str | None = DEFAULTS.style,
    face: str | Path | None = DEFAULTS.face,
    seed: int = DEFAULTS.seed,
    steps: int | None = DEFAULTS.steps,
    size: int | None = DEFAULTS.size,
    composer: str = DEFAULT_COMPOSER,
    brush: str | None = DEFAULTS.model,
    runtime: str | None = DEFAULTS.runtime,
) -> Sheet:
    """Draw characters that could mean ``meaning``, the most fitting first.

    Each `Glyph` says its parts (``ids``), the encoded character that it is, if it is one (``character``), and why
    (``explanation``).

    Args:
        meaning: a word or a phrase, in English or another language of the sentence encoder.
        n: how many, 1 to 256.
        style, face, seed, steps, size, runtime: see `tensho.api.draw_options.DrawOptions`.
        composer: name of the composer's weights, or a ``.safetensors`` file.
        brush: what the options call ``model``.

    Raises:
        TenshoError: the meaning is empty or too long, n is out of range, or weights or style are unknown.
    """
    options = DrawOptions(style, face, seed, steps, size, brush, runtime)
    return write_all(meaning, n, options, composer=composer)


def write_all(
    meaning: str, n: int = 4, options: DrawOptions = DEFAULTS, *, composer: str = DEFAULT_COMPOSER
) -> Sheet:
    """See `write`."""
    candidates = compose_meaning(composer_for(options, composer), meaning, n, seed=options.seed)
    sheet = compose_all([candidate.ids for candidate in candidates], options)
    explained = zip(sheet, candidates, strict=True)
    return dataclasses.replace(
        sheet, glyphs=tuple(dataclasses.replace(glyph, explanation=c.explanation) for glyph, c in explained)
    )


def write_in_chunks(meaning: str, n: int = 4, options: DrawOptions = DEFAULTS) -> Iterator[Glyph]:
    """As `write`, each glyph as soon as the chunk that it is drawn with is done."""
    candidates = compose_meaning(composer_for(options), meaning, n, seed=options.seed)
    drawn = compose_in_chunks([candidate.ids for candidate in candidates], options)
    for glyph, candidate in zip(drawn, candidates, strict=True):
        yield dataclasses.replace(glyph, explanation=candidate.explanation)
