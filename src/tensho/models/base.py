"""The contract that every model family keeps.

A family is one module with one `Config` dataclass, one `Model` subclass and a table of presets. The training
loop, the samplers' callers, the score sheet and the command line know families through this class alone.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

import torch
from huggingface_hub import ModelHubMixin, hf_hub_download
from torch import Tensor

from tensho.data.dataset import Dataset
from tensho.errors import TenshoError
from tensho.models.config import Config, setting
from tensho.models.stored import Stored
from tensho.seeds import SampleNoise

__all__ = ["Losses", "Model", "Preset", "Recipe", "Spec"]

ConfigT = TypeVar("ConfigT", bound=Config)
ModelT = TypeVar("ModelT", bound="Model[Any]")


@dataclasses.dataclass(frozen=True)
class Spec:
    """What a model draws: image shape (C, H, W), and the conditions that its `sample` understands."""

    shape: tuple[int, int, int]
    conditions: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Losses:
    """One optimiser update: ``total`` () is minimised by the named optimiser, ``parts`` () are what is logged."""

    total: Tensor
    parts: Mapping[str, Tensor] = dataclasses.field(default_factory=dict)
    optimizer: str = "main"


@dataclasses.dataclass(frozen=True)
class Recipe(Config):
    """How a family is trained unless the user says otherwise; every field is a flag of ``tensho train``."""

    steps: int = setting(10_000, "Optimiser steps.")
    batch_size: int = setting(64, "Images per step and process.")
    learning_rate: float = setting(1e-3, "Peak learning rate of AdamW.")
    weight_decay: float = setting(0.0, "Decoupled weight decay.")
    beta1: float = setting(0.9, "First moment decay of AdamW.")
    beta2: float = setting(0.99, "Second moment decay of AdamW.")
    warmup: int = setting(100, "Steps of linear warm-up of the learning rate.")
    anneal: float = setting(0.4, "Share of the run over which the learning rate falls to zero.")
    clip: float = setting(1.0, "Largest gradient norm.")
    ema: float = setting(0.998, "Decay of the moving average of the weights; 0 keeps no average.")

    def check(self) -> None:
        """Raise `TenshoError` on values that cannot be trained with."""
        self.require(self.steps >= 1, f"--steps is {self.steps}, but at least 1 is needed")
        self.require(self.batch_size >= 1, f"--batch-size is {self.batch_size}, but at least 1 is needed")
        self.require(self.learning_rate > 0, f"--learning-rate is {self.learning_rate}, but must be positive")
        self.require(0 <= self.ema < 1, f"--ema is {self.ema}, but must be in [0, 1)")
        self.require(0 <= self.anneal <= 1, f"--anneal is {self.anneal}, but must be in [0, 1]")
        self.require(self.clip > 0, f"--clip is {self.clip}, but must be positive")


@dataclasses.dataclass(frozen=True)
class Preset(Generic[ConfigT]):
    """A named size of a family: its architecture and the recipe that trains it."""

    config: ConfigT
    recipe: Recipe


class Model(Stored[ConfigT], ModelHubMixin, ABC):
    """Base of all families.

    Subclasses set the class variables, build themselves from one config, and implement `spec`,
    `training_step` and `draw`.
    """

    presets: ClassVar[Mapping[str, Preset[Any]]]
    chunk: ClassVar[int] = 16
    """Samples drawn at once. Fixed, because the last bits of a convolution depend on the batch size."""

    @property
    def device(self) -> torch.device:
        """Where the model computes."""
        return next(self.parameters()).device

    @property
    @abstractmethod
    def spec(self) -> Spec:
        """What this model draws."""

    @abstractmethod
    def training_step(self, batch: Mapping[str, Tensor], step: int) -> Iterator[Losses]:
        """Yield one `Losses` for each optimiser update of this step, in order.

        The loop updates the named optimiser before it asks for the next, so that a later loss sees the
        earlier update (a generator's loss the new discriminator). Random numbers come from torch's global
        generators, which the loop seeds with (seed, step, rank).

        Args:
            batch: ``image`` uint8 (B, C, H, W), ink = 255 on 0, and what else the data set has (``face`` int64 (B,), …).
            step: index of the step, from 0.
        """

    @abstractmethod
    def draw(
        self, noise: SampleNoise, *, steps: int | None = None, condition: Mapping[str, Tensor] | None = None
    ) -> Tensor:
        """Draw one image for each row of ``noise``: float32 (len(noise), C, H, W) in [0, 1].

        Args:
            noise: the only source of randomness.
            steps: how long to sample, in the family's own unit (cycles, network evaluations); None: its default.
            condition: tensors whose first axis is that of the samples; keys are those of `Spec.conditions`.
        """

    def config_for(self, dataset: Dataset) -> ConfigT:  # noqa: ARG002
        """The settings with what only the data can tell, such as the names of the styles."""
        return self.config

    def optimizers(self, recipe: Recipe) -> dict[str, torch.optim.Optimizer]:
        """The optimisers by name; one AdamW over all parameters unless the family says otherwise."""
        return {
            "main": torch.optim.AdamW(
                self.parameters(),
                lr=recipe.learning_rate,
                betas=(recipe.beta1, recipe.beta2),
                weight_decay=recipe.weight_decay,
            )
        }

    @torch.no_grad()
    def sample(
        self,
        n: int,
        *,
        seed: int = 0,
        first: int = 0,
        steps: int | None = None,
        condition: Mapping[str, Tensor] | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> Tensor:
        """Draw samples ``first`` … ``first + n - 1`` of ``seed``; each depends on its own index alone.

        Args:
            n: how many.
            seed: any integer.
            first: index of the first one, so that shards of a large draw join seamlessly.
            steps: see `draw`.
            condition: tensors with first axis n.
            progress: called with the number of images that each finished chunk adds.

        Returns:
            float32 (n, C, H, W) in [0, 1], on the CPU.

        Raises:
            TenshoError: n or steps is not positive, or a condition is unknown or of another length.
        """
        self._check_request(n, steps, condition)
        was_training = self.training
        self.eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        device = self.device
        drawn = []
        for start in range(first - first % self.chunk, first + n, self.chunk):
            indices = range(start, start + self.chunk)
            rows = torch.tensor([min(max(i - first, 0), n - 1) for i in indices])
            part = {name: value[rows].to(device) for name, value in (condition or {}).items()}
            images = self.draw(SampleNoise(seed, indices, device), steps=steps, condition=part or None)
            wanted = [k for k, i in enumerate(indices) if first <= i < first + n]
            drawn.append(images[wanted].float().cpu())
            if progress is not None:
                progress(len(wanted))
        self.train(was_training)
        return torch.cat(drawn)

    def _check_request(self, n: int, steps: int | None, condition: Mapping[str, Tensor] | None) -> None:
        if n < 1:
            raise TenshoError(f"cannot draw {n} images; ask for at least 1")
        if steps is not None and steps < 1:
            raise TenshoError(f"cannot sample in {steps} steps; ask for at least 1")
        for name, value in (condition or {}).items():
            if name not in self.spec.conditions:
                known = ", ".join(self.spec.conditions) or "nothing"
                raise TenshoError(f"{self.family} cannot be conditioned on {name!r}, only on {known}")
            if len(value) != n:
                raise TenshoError(f"condition {name!r} has {len(value)} rows, but {n} images were asked for")

    def _save_pretrained(self, save_directory: Path) -> None:
        self.save(save_directory / "model.safetensors")

    @classmethod
    def _from_pretrained(
        cls: type[ModelT],
        *,
        model_id: str,
        revision: str | None,
        cache_dir: str | Path | None,
        force_download: bool,
        local_files_only: bool,
        token: str | bool | None,
        **_: Any,
    ) -> ModelT:
        local = Path(model_id)
        if local.is_dir():
            return cls.open(local / "model.safetensors")
        file = hf_hub_download(
            model_id,
            "model.safetensors",
            revision=revision,
            cache_dir=cache_dir,
            force_download=force_download,
            local_files_only=local_files_only,
            token=token,
        )
        return cls.open(Path(file))
