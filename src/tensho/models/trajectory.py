"""How an image came to be: the frames of an iterative sampler, kept."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor

from tensho.seeds import SampleNoise

__all__ = ["StepwiseSampler", "Trajectory"]


@dataclasses.dataclass(frozen=True)
class Trajectory:
    """The steps of one sampling run.

    Attributes:
        levels: noise level of each step, length T, in the family's own unit (walkback: temperature kT).
        inputs: what the network was given, float32 (T, B, C, H, W), any range.
        outputs: what it made of it, float32 (T, B, C, H, W) in [0, 1].
    """

    levels: tuple[float, ...]
    inputs: Tensor
    outputs: Tensor


class StepwiseSampler(ABC):
    """A model that reaches its images step by step, and can show how."""

    chunk: ClassVar[int]

    @property
    @abstractmethod
    def device(self) -> torch.device:
        """Where the model computes."""

    @abstractmethod
    def trajectory(
        self, noise: SampleNoise, *, steps: int | None = None, condition: Mapping[str, Tensor] | None = None
    ) -> Trajectory:
        """Draw as `Model.draw` does, and keep the frames worth showing (for walkback: the last cycle)."""
