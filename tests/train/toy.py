"""A data set and two families so small that a step takes a millisecond, and runs of them as a program."""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from tensho.models.base import Losses, Model, Recipe, Spec
from tensho.models.config import Config, setting
from tensho.seeds import SampleNoise
from tensho.train.loop import Trained, fresh_model, train
from tensho.train.settings import RunSettings

RECIPE = Recipe(steps=12, batch_size=4, learning_rate=1e-2, warmup=3, ema=0.9)
SETTINGS = RunSettings(precision="fp32", device="cpu", threads=1, log_every=1, save_every=4, sample_every=0)


class ToyData:
    """``length`` fixed random images of 8×8."""

    shape = (1, 8, 8)

    def __init__(self, length: int = 22) -> None:
        self.images = np.random.default_rng(5).integers(0, 256, (length, *self.shape), dtype=np.uint8)
        self.digest = hashlib.sha256(self.images.tobytes()).hexdigest()

    def __len__(self) -> int:
        return len(self.images)

    def batch(self, indices: NDArray[np.int64]) -> dict[str, Tensor]:
        return {"image": torch.from_numpy(self.images[indices]), "face": torch.from_numpy(indices % 3)}


@dataclasses.dataclass(frozen=True)
class ToyConfig(Config):
    features: int = setting(4, "Width.")
    noise: float = setting(0.1, "Strength of the noise to undo.")
    normalise: bool = setting(True, "Whether there is a batch norm.")


class ToyDenoiser(Model[ToyConfig]):
    """One denoising loss; batch norm, and random numbers in the step."""

    family: ClassVar[str] = "toy"
    config_class: ClassVar[type[Config]] = ToyConfig
    before_step: Callable[[int], None] = staticmethod(lambda step: None)
    """Called at the start of each step; where the tests put their accidents."""

    def __init__(self, config: ToyConfig) -> None:
        super().__init__(config)
        self.first = nn.Conv2d(1, config.features, 3, padding=1)
        self.norm = nn.BatchNorm2d(config.features) if config.normalise else nn.Identity()
        self.last = nn.Conv2d(config.features, 1, 3, padding=1)
        self.register_buffer("levels", torch.tensor([0.1, 0.7]))

    @property
    def spec(self) -> Spec:
        return Spec((1, 8, 8))

    def forward(self, noisy):
        return self.last(functional.relu(self.norm(self.first(noisy))))

    def training_step(self, batch, step) -> Iterator[Losses]:
        self.before_step(step)
        x0 = batch["image"].float() / 255
        noisy = x0 + self.config.noise * torch.randn_like(x0) if self.config.noise > 0 else x0 / 2
        loss = functional.mse_loss(self(noisy), x0)
        yield Losses(loss, {"twice": 2 * loss})

    def draw(self, noise: SampleNoise, *, steps=None, condition=None):
        return self(noise.normal(1, 8, 8)).sigmoid()


class ToyGan(Model[ToyConfig]):
    """Two optimisers: two critic updates and one of the generator in each step."""

    family: ClassVar[str] = "toygan"
    config_class: ClassVar[type[Config]] = ToyConfig
    between: Callable[[ToyGan, str], None] = staticmethod(lambda model, phase: None)
    """Called before each phase, after the update of the one before."""

    def __init__(self, config: ToyConfig) -> None:
        super().__init__(config)
        self.generator = nn.Linear(3, 64)
        self.inner = nn.Linear(64, config.features)
        self.outer = nn.Linear(config.features, 1)

    def critic(self, images):
        return self.outer(functional.relu(self.inner(images.flatten(1))))

    def critic_parameters(self) -> list[nn.Parameter]:
        return [*self.inner.parameters(), *self.outer.parameters()]

    @property
    def spec(self) -> Spec:
        return Spec((1, 8, 8))

    def optimizers(self, recipe: Recipe) -> dict[str, torch.optim.Optimizer]:
        return {
            "critic": torch.optim.AdamW(self.critic_parameters(), lr=recipe.learning_rate),
            "generator": torch.optim.SGD(self.generator.parameters(), lr=recipe.learning_rate, momentum=0.9),
        }

    def training_step(self, batch, step) -> Iterator[Losses]:
        real = batch["image"].float() / 255
        for _ in range(2):
            self.between(self, "critic")
            fake = self.generator(torch.randn(len(real), 3))
            yield Losses(self.critic(fake).mean() - self.critic(real).mean(), optimizer="critic")
        self.between(self, "generator")
        fake = self.generator(torch.randn(len(real), 3))
        yield Losses(-self.critic(fake).mean(), {"brightness": fake.mean()}, optimizer="generator")

    def draw(self, noise: SampleNoise, *, steps=None, condition=None):
        return self.generator(noise.normal(3)).view(-1, 1, 8, 8).sigmoid()


FAMILIES: dict[str, type[Model[Any]]] = {"toy": ToyDenoiser, "toygan": ToyGan}


def run(
    folder: Path, *, family="toy", config=None, recipe=RECIPE, settings=SETTINGS, data=None, **changes
) -> Trained:
    """Train a toy in ``folder``; ``changes`` replace fields of the settings, then of the recipe."""
    names = {field.name for field in dataclasses.fields(RunSettings)}
    settings = dataclasses.replace(settings, **{k: v for k, v in changes.items() if k in names})
    recipe = dataclasses.replace(recipe, **{k: v for k, v in changes.items() if k not in names})
    model = fresh_model(FAMILIES[family], config or ToyConfig(), settings.seed)
    return train(model, ToyData() if data is None else data, recipe, settings, folder, preset="small")


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _die_in_step(at: int, step: int) -> None:
    if step == at:
        _die()


def _die_writing(name: str, countdown: int) -> None:
    """Die when half of the ``countdown``-th file called ``name`` is written, counting from 1."""
    import safetensors.torch

    import tensho.train.checkpoint

    # Weights are written by whoever imports the writer then, checkpoints by a name that is bound already.
    module: Any = tensho.train.checkpoint if name == "checkpoint" else safetensors.torch
    write = module.save_file
    count = 0

    def save_half(tensors, path, metadata=None):
        nonlocal count
        write(tensors, path, metadata=metadata)
        count += 1
        if count == countdown:
            os.truncate(path, Path(path).stat().st_size // 2)
            _die()

    module.save_file = save_half


def program(arguments: list[str], environment: Mapping[str, str]) -> None:
    """Train a toy as a process of its own does, with these arguments and additions to the environment."""
    warnings.simplefilter("error")
    os.environ.update(environment)
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--precision", default="fp32")
    parser.add_argument("--steps", type=int, default=RECIPE.steps)
    parser.add_argument("--die-in-step", type=int)
    parser.add_argument("--die-writing", nargs=2)
    parser.add_argument("--slow", action="store_true", help="take a twentieth of a second for each step")
    parser.add_argument("--without-noise", action="store_true", help="and without batch norm")
    options = parser.parse_args(arguments)
    if options.die_in_step is not None:
        ToyDenoiser.before_step = staticmethod(partial(_die_in_step, options.die_in_step))
    if options.die_writing is not None:
        name, countdown = options.die_writing
        _die_writing(name, int(countdown))
    if options.slow:
        ToyDenoiser.before_step = staticmethod(lambda step: time.sleep(0.05))
    try:
        config = ToyConfig(noise=0.0, normalise=False) if options.without_noise else ToyConfig()
        run(options.folder, config=config, precision=options.precision, steps=options.steps)
    except KeyboardInterrupt as stop:
        print(stop, file=sys.stderr)
        sys.exit(130)
