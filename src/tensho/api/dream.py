"""`dream`: characters that nobody has ever written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tensho.api.draw_options import DEFAULTS, DrawOptions
from tensho.errors import TenshoError
from tensho.models import FAMILIES, loading
from tensho.models.brush.base import BrushBase
from tensho.models.composer.base import ComposerBase
from tensho.sheet import Sheet

if TYPE_CHECKING:
    from PIL import Image

    from tensho.models.trajectory import Trajectory

__all__ = ["MOST_AT_ONCE", "draw_walk", "dream", "dream_all", "walk"]

MOST_AT_ONCE = 100_000


def dream(
    n: int = 16,
    *,
    model: str | None = DEFAULTS.model,
    style: str | None = DEFAULTS.style,
    face: str | Path | None = DEFAULTS.face,
    seed: int = DEFAULTS.seed,
    steps: int | None = DEFAULTS.steps,
    size: int | None = DEFAULTS.size,
    runtime: str | None = DEFAULTS.runtime,
    progress: Callable[[int], None] | None = None,
) -> Sheet:
    """Draw ``n`` characters that do not exist.

    Glyph i of a seed is the same for every ``n``, and the same bytes on the same machine.

    Args:
        n: how many, 1 to 100,000.
        model, style, face, seed, steps, size, runtime: see `tensho.api.draw_options.DrawOptions`; style, face and size
            are for a brush, other models draw what they were trained on.
        progress: called with the number of glyphs that each finished chunk adds.

    Raises:
        TenshoError: a number out of range, or a model that is unknown or damaged.
    """
    return dream_all(n, DrawOptions(style, face, seed, steps, size, model, runtime), progress=progress)


def dream_all(
    n: int, options: DrawOptions = DEFAULTS, *, progress: Callable[[int], None] | None = None
) -> Sheet:
    """See `dream`."""
    if not 1 <= n <= MOST_AT_ONCE:
        raise TenshoError(f"cannot dream {n} characters; ask for 1 to {MOST_AT_ONCE:,}")
    network = loading.load_cached(options.weights, runtime=options.runtime)
    if isinstance(network, ComposerBase) or network.family not in FAMILIES:
        raise TenshoError(
            f"{options.weights} is a {network.family}, which draws no pictures; see `tensho models`"
        )
    if isinstance(network, BrushBase):
        from tensho.api.write import dream_of_parts

        return dream_of_parts(n, options, progress=progress)
    if (options.style, options.face, options.size) != (None, None, None):
        raise TenshoError(
            f"{options.weights} draws in one style and size; leave --style, --face and --size out, or dream with a "
            "brush"
        )
    images = network.sample(n, seed=options.seed, steps=options.steps, progress=progress)
    return Sheet.from_tensor(images, model=options.weights, seed=options.seed)


def draw_walk(options: DrawOptions = DEFAULTS) -> Image.Image:
    """The picture of how glyph 0 of a seed came to be: each step's input above its output.

    Raises:
        TenshoError: the model is unknown or damaged, or does not draw step by step.
    """
    from tensho.models.filmstrip import filmstrip

    return filmstrip(walk(options))


def walk(options: DrawOptions = DEFAULTS) -> Trajectory:
    """How the first glyphs of a seed came to be, as `dream` draws them.

    Raises:
        TenshoError: the model is unknown or damaged, or does not draw step by step.
    """
    import torch

    from tensho.models.brush.network import Brush
    from tensho.models.trajectory import StepwiseSampler
    from tensho.seeds import SampleNoise

    sampler = loading.load_cached(options.weights, runtime="torch")
    condition = None
    if isinstance(sampler, Brush):
        from tensho.api.write import dreamt_condition

        condition = dreamt_condition(sampler, options)
    if not isinstance(sampler, StepwiseSampler):
        raise TenshoError(f"{options.weights} draws in one step, so there is no walk to show")
    noise = SampleNoise(options.seed, range(sampler.chunk), sampler.device)
    with torch.no_grad():
        return sampler.trajectory(noise, steps=options.steps, condition=condition)
