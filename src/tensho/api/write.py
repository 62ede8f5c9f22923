"""`write`: characters for a meaning, put together from parts that mean something."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from tensho.api.compose import DEFAULT_SIZE, compose_all, compose_in_chunks
from tensho.api.networks import DEFAULT_BRUSH, DEFAULT_COMPOSER, composer_named
from tensho.models.composer.candidates import compose_meaning
from tensho.sheet import Glyph, Sheet

__all__ = ["DEFAULT_COMPOSER", "write", "write_in_chunks"]


def write(
    meaning: str,
    n: int = 4,
    *,
    style: str | None = None,
    face: str | Path | None = None,
    seed: int = 0,
    steps: int | None = None,
    size: int = DEFAULT_SIZE,
    composer: str = DEFAULT_COMPOSER,
    brush: str = DEFAULT_BRUSH,
    runtime: str | None = None,
) -> Sheet:
    """Draw characters that could mean ``meaning``, the most fitting first.

    Each `Glyph` says its parts (``ids``), the encoded character that it is, if it is one (``character``), and why
    (``explanation``).

    Args:
        meaning: a word or a phrase, in English or another language of the sentence encoder.
        n: how many, 1 to 256.
        style: a named style; see `tensho.compose`.
        face: a font file instead of a style.
        seed: any integer.
        steps: network evaluations of the brush; None: its default.
        size: side of a glyph in pixels.
        composer: name of the composer's weights, or a ``.safetensors`` file.
        brush: name of the brush's weights, a ``.safetensors`` file, or the folder of a training run.
        runtime: what computes both, "torch" or "onnx"; None: torch if it is installed.

    Raises:
        TenshoError: the meaning is empty or too long, n is out of range, or weights or style are unknown.
    """
    candidates = compose_meaning(composer_named(composer, runtime), meaning, n, seed=seed)
    descriptions = [candidate.ids for candidate in candidates]
    sheet = compose_all(
        descriptions, style=style, face=face, seed=seed, steps=steps, size=size, model=brush, runtime=runtime
    )
    explained = zip(sheet, candidates, strict=True)
    return Sheet(tuple(dataclasses.replace(glyph, explanation=c.explanation) for glyph, c in explained))


def write_in_chunks(
    meaning: str, n: int = 4, *, style: str | None = None, seed: int = 0, runtime: str | None = None
) -> Iterator[Glyph]:
    """As `write`, each glyph as soon as the chunk that it is drawn with is done."""
    candidates = compose_meaning(composer_named(runtime=runtime), meaning, n, seed=seed)
    drawn = compose_in_chunks([c.ids for c in candidates], style=style, seed=seed, runtime=runtime)
    for glyph, candidate in zip(drawn, candidates, strict=True):
        yield dataclasses.replace(glyph, explanation=candidate.explanation)
