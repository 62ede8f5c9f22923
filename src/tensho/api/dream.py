"""`dream`: characters that nobody has ever written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tensho.api.compose import DEFAULT_SIZE
from tensho.errors import TenshoError
from tensho.models import FAMILIES, loading
from tensho.models.brush.base import BrushBase
from tensho.models.composer.base import ComposerBase
from tensho.sheet import Sheet

if TYPE_CHECKING:
    from PIL import Image

    from tensho.models.trajectory import Trajectory

__all__ = ["DEFAULT_MODEL", "MOST_AT_ONCE", "draw_walk", "dream", "walk"]

DEFAULT_MODEL = "brush"

MOST_AT_ONCE = 100_000


def dream(
    n: int = 16,
    *,
    model: str = DEFAULT_MODEL,
    style: str | None = None,
    face: str | Path | None = None,
    seed: int = 0,
    steps: int | None = None,
    size: int | None = None,
    runtime: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> Sheet:
    """Draw ``n`` characters that do not exist.

    Glyph i of a seed is the same for every ``n``, and the same bytes on the same machine.

    Args:
        n: how many, 1 to 100,000.
        model: name of shipped weights, a ``.safetensors`` file, or the folder of a training run.
        style: a named style (see `tensho.api.compose.styles`), for a brush.
        face: a font file instead of a style, for a brush.
        seed: any integer.
        steps: how long to sample, in the model's own unit; None: its default.
        size: side of a glyph in pixels, for a brush; other models draw what they were trained on.
        runtime: what computes the model, "torch" or "onnx" (brushes alone); None: torch if it is installed.
        progress: called with the number of glyphs that each finished chunk adds.

    Raises:
        TenshoError: a number out of range, or a model that is unknown or damaged.
    """
    if not 1 <= n <= MOST_AT_ONCE:
        raise TenshoError(f"cannot dream {n} characters; ask for 1 to {MOST_AT_ONCE:,}")
    network = loading.load_cached(model, runtime=runtime)
    if isinstance(network, ComposerBase) or network.family not in FAMILIES:
        raise TenshoError(f"{model} is a {network.family}, which draws no pictures; see `tensho models`")
    if isinstance(network, BrushBase):
        from tensho.api.write import dream_of_parts

        return dream_of_parts(
            n,
            style=style,
            face=face,
            seed=seed,
            steps=steps,
            size=DEFAULT_SIZE if size is None else size,
            brush=model,
            runtime=runtime,
            progress=progress,
        )
    if (style, face, size) != (None, None, None):
        raise TenshoError(
            f"{model} draws in one style and size; leave --style, --face and --size out, or dream with a brush"
        )
    images = network.sample(n, seed=seed, steps=steps, progress=progress)
    return Sheet.from_tensor(images, model=model, seed=seed)


def draw_walk(model: str = DEFAULT_MODEL, *, seed: int = 0, steps: int | None = None) -> Image.Image:
    """The picture of how glyph 0 of a seed came to be: each step's input above its output.

    Raises:
        TenshoError: the model is unknown or damaged, or does not draw step by step.
    """
    from tensho.models.filmstrip import filmstrip

    return filmstrip(walk(model, seed=seed, steps=steps))


def walk(model: str = DEFAULT_MODEL, *, seed: int = 0, steps: int | None = None) -> Trajectory:
    """How the first glyphs of a seed came to be, as `dream` draws them.

    Raises:
        TenshoError: the model is unknown or damaged, or does not draw step by step.
    """
    import torch

    from tensho.models.brush.network import Brush
    from tensho.models.trajectory import StepwiseSampler
    from tensho.seeds import SampleNoise

    sampler = loading.load_cached(model, runtime="torch")
    condition = None
    if isinstance(sampler, Brush):
        from tensho.api.write import dreamt_condition

        condition = dreamt_condition(sampler, seed=seed)
    if not isinstance(sampler, StepwiseSampler):
        raise TenshoError(f"{model} draws in one step, so there is no walk to show")
    noise = SampleNoise(seed, range(sampler.chunk), sampler.device)
    with torch.no_grad():
        return sampler.trajectory(noise, steps=steps, condition=condition)
