"""What a run trains: the one interface between the training loop and a model, its losses and its weights.

`tensho.train.run.Run` counts steps, keeps time, the log, the checkpoint and the interrupts; a task knows how one step
is taken and what of it has to be kept. A family's network is one kind of task (`tensho.train.model_task`), the
fine-tuning of Stable Diffusion another (`tensho.finetune.task`).
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from tensho.models.trainable import Recipe
from tensho.train.precision import has_bfloat16
from tensho.train.processes import Processes
from tensho.train.run_folder import RunFolder
from tensho.train.settings import RunSettings
from tensho.version import __version__

__all__ = ["State", "TrainingTask"]

State = tuple[Mapping[str, Tensor], Mapping[str, Any]]
"""Tensors by name, and values for JSON."""


class TrainingTask(ABC):
    """One process's part in what a run trains.

    Attributes:
        family: name of what is trained.
        recipe: how long, in what batches and how fast.
        precision: "bf16" or "fp32".
        images_seen_before: by the weights that the run begins with.
    """

    family: str

    def __init__(self, recipe: Recipe, settings: RunSettings, files: RunFolder, processes: Processes) -> None:
        self.recipe = recipe
        self.settings = settings
        self.files = files
        self.processes = processes
        self.device = processes.device
        self.images_seen_before = 0
        automatic = "bf16" if has_bfloat16(self.device) else "fp32"
        self.precision = automatic if settings.precision == "auto" else settings.precision

    @property
    @abstractmethod
    def images_per_step(self) -> int:
        """How many examples all processes together see in a step."""

    @abstractmethod
    def take_step(self, step: int, factor: float) -> Iterator[Mapping[str, float]]:
        """Take step ``step`` (from 0) with ``factor`` times the peak learning rate; yield what there is to log.

        Examples and noise are functions of (seed, step, rank).

        Raises:
            TenshoError: too many updates in a row were not finite.
        """

    @abstractmethod
    def report(self, seconds_per_step: float) -> Mapping[str, float]:
        """What a line of the log says besides the means of what `take_step` yielded."""

    @abstractmethod
    def depends_on(self) -> Mapping[str, Any]:
        """JSON values, besides those of every run, that have to be the same for a run to go on."""

    @abstractmethod
    def origin(self) -> Mapping[str, Any]:
        """JSON values that say where the data and the first weights come from."""

    @abstractmethod
    def state(self) -> State:
        """Everything that changes from step to step, for a checkpoint."""

    @abstractmethod
    def restore(self, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
        """Take the state that `state` gave; ``values`` may hold more.

        Raises:
            KeyError, RuntimeError: it is that of other weights.
        """

    @abstractmethod
    def draw_samples(self, step: int) -> None:
        """Draw what the run makes after ``step`` steps into its folder."""

    @abstractmethod
    def evaluate(self) -> None:
        """Measure the averaged weights, in the first process, before the first and at each regular checkpoint."""

    @abstractmethod
    def told(self) -> str:
        """What `evaluate` found last, for the terminal; empty if it measures nothing."""

    @abstractmethod
    def save_weights(self, step: int, images_seen: int) -> None:
        """Write the averaged weights, in the first process, after each checkpoint."""

    @abstractmethod
    def finish(self, step: int, images_seen: int) -> None:
        """Write the result, in the first process, when the run ends or is stopped."""

    def identity(self) -> dict[str, Any]:
        """What must be the same for a run to go on."""
        return {
            "family": self.family,
            "seed": self.settings.seed,
            "precision": self.precision,
            "processes": self.processes.count,
            "batch size": self.recipe.batch_size,
            **self.depends_on(),
        }

    def about(self) -> dict[str, Any]:
        """What a reader of the checkpoint wants to know."""
        return {**self.origin(), "recipe": json.loads(self.recipe.to_json()), "tensho": __version__}

    def autocast(self) -> torch.autocast:
        """A context in which the networks compute in the run's precision."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.precision == "bf16")
