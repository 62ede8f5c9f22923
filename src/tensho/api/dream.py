"""`dream`: characters that nobody has ever written."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from tensho.api.compose import compose_all, compose_in_chunks, source_of
from tensho.api.draw_options import DEFAULTS, DrawOptions
from tensho.api.load import DEFAULT_COMPOSER, composer_for
from tensho.api.styles import style_named
from tensho.bounds import check_total, check_whole
from tensho.composition.positions import has_attested_positions
from tensho.errors import TenshoError
from tensho.finetune.output import find_pipeline
from tensho.ids.canonical import exists
from tensho.ids.syntax import parse
from tensho.lookup.verdict import is_new
from tensho.models import loading
from tensho.models.brush.base import BrushBase
from tensho.models.composer.base import ComposerBase
from tensho.models.composer.candidates import dream_structures
from tensho.models.registry import FAMILIES
from tensho.sheet import Glyph, Sheet

if TYPE_CHECKING:
    from PIL import Image
    from torch import Tensor

    from tensho.models.base import Model
    from tensho.models.brush.network import Brush
    from tensho.models.trajectory import Trajectory

__all__ = [
    "DEFAULT_WALKER",
    "MOST_AT_ONCE",
    "between_dreams",
    "draw_prompt",
    "draw_walk",
    "dream",
    "dream_all",
    "dream_in_chunks",
    "find_pipeline",
    "is_worth_drawing",
    "walk",
    "walk_cycles",
]

DEFAULT_WALKER = "walkback"
"""The weights whose walk up and down the noise levels is shown where none are named."""

MOST_AT_ONCE = 100_000
"""Characters of one call; they are all held in memory."""

MOST_INDEX = 10**12
"""Of the first of them."""


def dream(
    n: int = 16,
    *,
    first: int = 0,
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
        first: index of the first one: what is drawn in shares, by several processes or machines, is the same as in one go.
        model, style, face, seed, steps, size, runtime: see `tensho.api.draw_options.DrawOptions`; style, face and size
            are for outlines and brushes, other models draw what they were trained on.
        progress: called with the number of glyphs that each finished chunk adds.

    Raises:
        TenshoError: a number out of range, or a model that is unknown or damaged.
    """
    options = DrawOptions(style, face, seed, steps, size, model, runtime)
    return dream_all(n, options, first=first, progress=progress)


def dream_all(
    n: int,
    options: DrawOptions = DEFAULTS,
    *,
    first: int = 0,
    progress: Callable[[int], None] | None = None,
) -> Sheet:
    """See `dream`."""
    check_whole("-n", n, 1, MOST_AT_ONCE)
    check_whole("--first", first, 0, MOST_INDEX)
    check_total(n, options.pixels)
    network = _drawing_network(options)
    if network is None or isinstance(network, BrushBase):
        return _dream_of_parts(n, options, first=first, progress=progress)
    condition = _style_condition(network, n, options)
    images = network.sample(
        n, seed=options.seed, first=first, steps=options.steps, condition=condition, progress=progress
    )
    drawn = Sheet.from_tensor(images, model=options.weights, seed=options.seed)
    return Sheet(tuple(dataclasses.replace(glyph, index=first + glyph.index) for glyph in drawn))


def dream_in_chunks(n: int, options: DrawOptions = DEFAULTS) -> Iterator[Glyph]:
    """As `dream`, each glyph as soon as the chunk that it is drawn with is done.

    Raises:
        TenshoError: the model is unknown, damaged, or draws no pictures.
    """
    network = _drawing_network(options)
    if network is None or isinstance(network, BrushBase):
        composer = composer_for(options)
        for first in range(0, n, composer.chunk):
            count = min(composer.chunk, n - first)
            found = dream_structures(composer, count, seed=options.seed, first=first, accept=is_worth_drawing)
            yield from compose_in_chunks(found, options, first=first)
        return
    for first in range(0, n, network.chunk):
        count = min(network.chunk, n - first)
        condition = _style_condition(network, count, options)
        images = network.sample(
            count, seed=options.seed, first=first, steps=options.steps, condition=condition
        )
        for glyph in Sheet.from_tensor(images, model=options.weights, seed=options.seed):
            yield dataclasses.replace(glyph, index=first + glyph.index)


def between_dreams(n: int, frames: int, options: DrawOptions = DEFAULTS) -> Iterator[Sheet]:
    """The way from each of ``n`` dreams to the next, and from the last to the first, through the model's noise.

    Every frame is a drawing of its own, of noise between that of two dreams (see `tensho.seeds.BlendedNoise`): of a vae
    or a gan a point between two points of its latent space, of what draws step by step another start.

    Args:
        n: how many dreams, 2 or more.
        frames: of each way; its first is the dream, the next dream is the first of the next way.
        options: with a model that draws from noise alone.

    Raises:
        TenshoError: fewer than two dreams, or a model that does not draw from noise alone.
    """
    network = _drawing_network(options)
    if network is None or isinstance(network, BrushBase):
        raise TenshoError(
            "characters of parts have no noise to go through; give --model vae, gan, ddpm or walkback"
        )
    if n < 2:
        raise TenshoError(f"there is no way between {n} dreams; ask for 2 or more")
    import torch  # takes seconds to import, as do the models

    from tensho.seeds import BlendedNoise

    network.eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # as `sample` has it
    times = [frame / frames for frame in range(frames)]
    for first in range(n):
        drawn = []
        for start in range(0, frames, network.chunk):
            some = times[start : start + network.chunk]
            noise = BlendedNoise(options.seed, first, (first + 1) % n, some, network.device)
            condition = _style_condition(network, len(some), options)
            with torch.no_grad():
                drawn.append(network.draw(noise, steps=options.steps, condition=condition).float().cpu())
        yield Sheet.from_tensor(torch.cat(drawn), model=options.weights, seed=options.seed)


def draw_prompt(
    n: int, prompt: str, *, model: str, seed: int, steps: int | None, progress: Callable[[int], None]
) -> Sheet:
    """Draw what a prompt asks for with a fine-tuned checkpoint; see `tensho.finetune.sampling.draw_prompt`."""
    from tensho.finetune import sampling  # diffusers takes seconds to import

    return sampling.draw_prompt(n, prompt, model=model, seed=seed, steps=steps, progress=progress)


def draw_walk(options: DrawOptions = DEFAULTS) -> Image.Image:
    """The picture of how glyph 0 of the seed of ``options`` came to be: each step's input above its output.

    Raises:
        TenshoError: the model is unknown or damaged, or does not draw step by step.
    """
    from tensho.models.trajectory import filmstrip  # needs torch

    return filmstrip(walk(options))


def walk(options: DrawOptions = DEFAULTS) -> Trajectory:
    """How the first glyphs of a seed came to be, as `dream` paints them with the same weights.

    Raises:
        TenshoError: the model is unknown or damaged, or does not draw step by step.
    """
    import torch  # takes seconds to import, as do the models

    from tensho.models.brush.network import Brush
    from tensho.models.trajectory import StepwiseSampler
    from tensho.seeds import SampleNoise

    sampler = loading.load_cached(options.weights, runtime="torch")
    condition = None
    if isinstance(sampler, Brush):
        condition = _dreamt_condition(sampler, options)
    if not isinstance(sampler, StepwiseSampler):
        raise TenshoError(f"{options.weights} draws in one step, so there is no walk to show")
    noise = SampleNoise(options.seed, range(sampler.chunk), sampler.device)
    with torch.no_grad():
        return sampler.trajectory(noise, steps=options.steps, condition=condition)


def walk_cycles(cycles: int, *, seed: int = 0, model: str = DEFAULT_WALKER) -> Iterator[Trajectory]:
    """Walk a walkback up and down its noise levels, from noise on: the steps of each cycle as soon as it is done.

    Args:
        cycles: times up and down, 1 or more.
        seed: of the noise.
        model: weights of a walkback.

    Raises:
        TenshoError: the weights are missing, or of another family.
    """
    import torch  # takes seconds to import, as do the models

    from tensho.models.walkback import Walkback
    from tensho.seeds import SampleNoise

    network = loading.load_cached(model, runtime="torch")
    if not isinstance(network, Walkback):
        raise TenshoError(f"{model} does not walk; install tensho again")
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # as `sample` has it, bit for bit
    noise = SampleNoise(seed, range(network.chunk), network.device)
    image = noise.normal(*network.spec.shape)
    for _ in range(cycles):
        with torch.no_grad():
            walked = network.walk(image, noise)
        image = walked.outputs[-1]
        yield walked


def _dream_of_parts(
    n: int,
    options: DrawOptions = DEFAULTS,
    *,
    first: int = 0,
    composer: str = DEFAULT_COMPOSER,
    progress: Callable[[int], None] | None = None,
) -> Sheet:
    """Draw ``n`` characters of known parts, each where it can stand, of which none is encoded or looks like one that is."""
    network = composer_for(options, composer)
    descriptions = dream_structures(network, n, seed=options.seed, first=first, accept=is_worth_drawing)
    return compose_all(descriptions, options, first=first, progress=progress)


def _dreamt_condition(brush: Brush, options: DrawOptions = DEFAULTS) -> dict[str, Tensor]:
    """What `_dream_of_parts` gives a brush for the first chunk of a seed, on the brush's device."""
    import torch

    from tensho.models.brush.condition import draft_condition  # drafts, which outlines do without

    found = dream_structures(
        composer_for(options.painted()), brush.chunk, seed=options.seed, accept=is_worth_drawing
    )
    trees = [parse(text) for text in found]
    condition = draft_condition(brush, trees, source_of(options), brush.config.size)
    return {name: torch.as_tensor(value, device=brush.device) for name, value in condition.items()}


def is_worth_drawing(ids: str) -> bool:
    """Whether the description ``ids`` is kept as a dream: its parts stand where they can, and no encoded character is this one or looks like it."""
    tree = parse(ids)
    # The cheaper question first: most of what is not kept is encoded.
    return not exists(tree) and has_attested_positions(tree) and is_new(ids)


def _style_condition(network: Model[Any], n: int, options: DrawOptions) -> dict[str, Tensor] | None:
    """What tells a network that draws without drafts the style of ``n`` drawings; None: one of its own for each.

    Raises:
        TenshoError: a face, a size, or a style that it has not learned.
    """
    import torch  # takes seconds to import, as do the models

    from tensho.models.styled import Styled

    if (options.face, options.size) != (None, None):
        raise TenshoError(
            f"{options.weights} draws in its own styles and size; leave --face and --size out, or dream with a brush"
        )
    if options.style is None:
        return None
    if not isinstance(network, Styled):
        raise TenshoError(f"{options.weights} draws in one style; leave --style out, or dream with a brush")
    return {"style": torch.full((n,), network.style_index(style_named(options.style)))}


def _drawing_network(options: DrawOptions) -> Model[Any] | BrushBase | None:
    """What draws pictures; None where outlines are composed and, if it comes to that, the brush is opened later."""
    if options.outlines:
        return None
    network = loading.load_cached(options.weights, runtime=options.runtime)
    if isinstance(network, ComposerBase) or not FAMILIES[network.family].draws:
        raise TenshoError(
            f"{options.weights} is a {network.family}, which draws no pictures; see `tensho models`"
        )
    return cast("Model[Any] | BrushBase", network)
