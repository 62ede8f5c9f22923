"""`Model`: the contract that every family that draws images keeps.

A family is one module with one `Config` dataclass, one `Model` subclass and a table of presets. The samplers'
callers, the score sheet and the command line know families through this class alone; the training loop knows only
what is behind it (`tensho.models.trainable`).
"""

from __future__ import annotations

import dataclasses
from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import ClassVar, TypeVar

import numpy as np
import torch
from torch import Tensor

from tensho.datasets.base import Dataset
from tensho.errors import TenshoError
from tensho.models.chunks import check_request, chunks
from tensho.models.config import Config
from tensho.models.trainable import Losses, Preset, Recipe, Trainable
from tensho.seeds import SampleNoise

__all__ = ["Losses", "Model", "Preset", "Recipe", "Spec"]

ConfigT = TypeVar("ConfigT", bound=Config)


@dataclasses.dataclass(frozen=True)
class Spec:
    """What a model draws: image shape (C, H, W), and the conditions that its `sample` understands."""

    shape: tuple[int, int, int]
    conditions: tuple[str, ...] = ()


class Model(Trainable[ConfigT]):
    """Base of all families that draw images.

    Subclasses set the class variables, build themselves from one config, and implement `spec`,
    `training_step` and `draw`. Their batches hold ``image`` uint8 (B, C, H, W), ink = 255 on 0, and what else the
    data set has (``face`` int64 (B,), …).
    """

    chunk: ClassVar[int] = 16
    """Samples drawn at once. Fixed, because the last bits of a convolution depend on the batch size."""

    @property
    @abstractmethod
    def spec(self) -> Spec:
        """What this model draws."""

    def prepare(self, dataset: Dataset) -> None:
        """Refuse images of another shape than it draws."""
        shape = tuple(dataset.batch(np.zeros(1, np.int64))["image"].shape[1:])
        if shape != self.spec.shape:
            raise TenshoError(
                f"images have shape {shape}, but {self.family} is set to draw {self.spec.shape}; change its --size "
                "or the data"
            )

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
        try:
            for indices, rows, wanted in chunks(n, first, self.chunk):
                part = {
                    name: torch.as_tensor(value)[rows].to(device) for name, value in (condition or {}).items()
                }
                images = self.draw(SampleNoise(seed, indices, device), steps=steps, condition=part or None)
                drawn.append(images[wanted].float().cpu())
                if progress is not None:
                    progress(len(wanted))
        finally:
            self.train(was_training)
        return torch.cat(drawn)

    def _check_request(self, n: int, steps: int | None, condition: Mapping[str, Tensor] | None) -> None:
        check_request(n, steps)
        for name, value in (condition or {}).items():
            if name not in self.spec.conditions:
                known = ", ".join(self.spec.conditions) or "nothing"
                raise TenshoError(f"{self.family} cannot be conditioned on {name!r}, only on {known}")
            if len(value) != n:
                raise TenshoError(f"condition {name!r} has {len(value)} rows, but {n} images were asked for")
