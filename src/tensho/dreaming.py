"""`dream`: characters that nobody has ever written."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tensho import hub
from tensho.errors import TenshoError
from tensho.models import FAMILIES
from tensho.models.painter import Painter
from tensho.models.scribe import Scribe
from tensho.sheet import Sheet

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["DEFAULT_MODEL", "MOST_AT_ONCE", "draw_walk", "dream"]

DEFAULT_MODEL = "brush"

MOST_AT_ONCE = 100_000


def dream(
    n: int = 16,
    *,
    model: str = DEFAULT_MODEL,
    style: str | None = None,
    seed: int = 0,
    steps: int | None = None,
    runtime: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> Sheet:
    """Draw ``n`` characters that do not exist.

    Glyph i of a seed is the same for every ``n``, and the same bytes on the same machine.

    Args:
        n: how many, 1 to 100,000.
        model: name of shipped weights, a ``.safetensors`` file, or the folder of a training run.
        style: a named style, for models that have styles.
        seed: any integer.
        steps: how long to sample, in the model's own unit; None: its default.
        runtime: what computes the model, "torch" or "onnx" (brushes alone); None: torch if it is installed.
        progress: called with the number of glyphs that each finished chunk adds.

    Raises:
        TenshoError: a number out of range, or a model that is unknown or damaged.
    """
    if not 1 <= n <= MOST_AT_ONCE:
        raise TenshoError(f"cannot dream {n} characters; ask for 1 to {MOST_AT_ONCE:,}")
    painter = hub.shared(model, runtime=runtime)
    if isinstance(painter, Scribe) or painter.family not in FAMILIES:
        raise TenshoError(f"{model} is a {painter.family}, which draws no pictures; see `tensho models`")
    if isinstance(painter, Painter):
        from tensho.writing import dream_of_parts

        return dream_of_parts(
            n, style=style, seed=seed, steps=steps, brush=model, runtime=runtime, progress=progress
        )
    if style is not None:
        raise TenshoError(f"{model} has no styles; leave --style out, or dream with a brush")
    images = painter.sample(n, seed=seed, steps=steps, progress=progress)
    return Sheet.from_tensor(images, model=model, seed=seed)


def draw_walk(model: str = DEFAULT_MODEL, *, seed: int = 0, steps: int | None = None) -> Image.Image:
    """The picture of how glyph 0 of a seed came to be: each step's input above its output.

    Raises:
        TenshoError: the model is unknown or damaged, or does not draw step by step.
    """
    from tensho.filmstrip import filmstrip
    from tensho.models.trajectory import Walker

    walker = hub.load(model, runtime="torch")
    if not isinstance(walker, Walker):
        raise TenshoError(f"{model} draws in one step, so there is no walk to show")
    return filmstrip(walker, seed=seed, steps=steps)
