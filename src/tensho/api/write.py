"""`write`: characters for a meaning, put together from parts that mean something."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tensho.api.compose import compose_all, condition_of, source_of
from tensho.api.draw_options import DEFAULTS, DrawOptions
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

__all__ = ["DEFAULT_COMPOSER", "dream_of_parts", "dreamt_condition", "is_worth_drawing", "write", "write_all"]

DEFAULT_COMPOSER = "composer"


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
    candidates = compose_meaning(_composer(composer, options.runtime), meaning, n, seed=options.seed)
    sheet = compose_all([candidate.ids for candidate in candidates], options)
    explained = zip(sheet, candidates, strict=True)
    return dataclasses.replace(
        sheet, glyphs=tuple(dataclasses.replace(glyph, explanation=c.explanation) for glyph, c in explained)
    )


def dream_of_parts(
    n: int,
    options: DrawOptions = DEFAULTS,
    *,
    composer: str = DEFAULT_COMPOSER,
    progress: Callable[[int], None] | None = None,
) -> Sheet:
    """Draw ``n`` characters of known parts, each where it can stand, of which none is encoded or looks like one that is."""
    network = _composer(composer, options.runtime)
    descriptions = dream_structures(network, n, seed=options.seed, accept=is_worth_drawing)
    return compose_all(descriptions, options, progress=progress)


def dreamt_condition(brush: Brush, options: DrawOptions = DEFAULTS) -> dict[str, Tensor]:
    """What `dream_of_parts` gives a brush for the first chunk of a seed, on the brush's device."""
    import torch

    found = dream_structures(
        _composer(DEFAULT_COMPOSER, "torch"), brush.chunk, seed=options.seed, accept=is_worth_drawing
    )
    trees = [parse(text) for text in found]
    condition = condition_of(brush, trees, source_of(options), brush.config.size)
    return {name: torch.as_tensor(value, device=brush.device) for name, value in condition.items()}


def is_worth_drawing(ids: str) -> bool:
    """Whether a dream is kept: its parts stand where they can, and no encoded character is this one or looks like it."""
    return has_attested_positions(parse(ids)) and is_new(ids)


def _composer(name: str, runtime: str | None) -> ComposerBase:
    loaded = loading.load_cached(name, runtime=runtime)
    if not isinstance(loaded, ComposerBase):
        raise TenshoError(f"{name} is a {loaded.family}, which knows no meanings; name weights of a composer")
    return loaded
