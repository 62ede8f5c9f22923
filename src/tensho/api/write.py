"""`write`: characters for a meaning, put together from parts that mean something."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tensho.api.compose import DEFAULT_BRUSH, DEFAULT_SIZE, compose_all, condition_of, style_named
from tensho.composition.positions import has_attested_positions
from tensho.errors import TenshoError
from tensho.ids.syntax import parse
from tensho.lookup.verdict import is_new
from tensho.models import loading
from tensho.models.composer.base import ComposerBase
from tensho.models.composer.candidates import compose_meaning, dream_structures
from tensho.sheet import Sheet

if TYPE_CHECKING:
    from torch import Tensor

    from tensho.models.brush.network import Brush

__all__ = ["DEFAULT_COMPOSER", "dream_of_parts", "dreamt_condition", "is_worth_drawing", "write"]

DEFAULT_COMPOSER = "composer"


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
    candidates = compose_meaning(_composer(composer, runtime), meaning, n, seed=seed)
    descriptions = [candidate.ids for candidate in candidates]
    sheet = compose_all(
        descriptions, style=style, face=face, seed=seed, steps=steps, size=size, model=brush, runtime=runtime
    )
    explained = zip(sheet, candidates, strict=True)
    return Sheet(tuple(dataclasses.replace(glyph, explanation=c.explanation) for glyph, c in explained))


def dream_of_parts(
    n: int,
    *,
    style: str | None = None,
    face: str | Path | None = None,
    seed: int = 0,
    steps: int | None = None,
    size: int = DEFAULT_SIZE,
    composer: str = DEFAULT_COMPOSER,
    brush: str = DEFAULT_BRUSH,
    runtime: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> Sheet:
    """Draw ``n`` characters of known parts, each where it can stand, of which none is encoded or looks like one that is."""
    descriptions = dream_structures(_composer(composer, runtime), n, seed=seed, accept=is_worth_drawing)
    return compose_all(
        descriptions,
        style=style,
        face=face,
        seed=seed,
        steps=steps,
        size=size,
        model=brush,
        runtime=runtime,
        progress=progress,
    )


def dreamt_condition(brush: Brush, *, seed: int) -> dict[str, Tensor]:
    """What `dream_of_parts` gives a brush for the first chunk of a seed, on the brush's device."""
    import torch

    found = dream_structures(
        _composer(DEFAULT_COMPOSER, "torch"), brush.chunk, seed=seed, accept=is_worth_drawing
    )
    trees = [parse(text) for text in found]
    condition = condition_of(brush, trees, style_named(None), brush.config.size)
    return {name: torch.as_tensor(value, device=brush.device) for name, value in condition.items()}


def is_worth_drawing(ids: str) -> bool:
    """Whether a dream is kept: its parts stand where they can, and no encoded character is this one or looks like it."""
    return has_attested_positions(parse(ids)) and is_new(ids)


def _composer(name: str, runtime: str | None) -> ComposerBase:
    loaded = loading.load_cached(name, runtime=runtime)
    if not isinstance(loaded, ComposerBase):
        raise TenshoError(f"{name} is a {loaded.family}, which knows no meanings; name weights of a composer")
    return loaded
