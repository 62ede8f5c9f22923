"""The training of a family's network: its losses, one after the other, its moving average and its samples."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tensho.datasets.base import Dataset
from tensho.models import catalogue
from tensho.models.base import Model
from tensho.models.trainable import Losses, Recipe, Trainable
from tensho.models.trajectory import StepwiseSampler, filmstrip
from tensho.seeds import SampleNoise, derived_seed
from tensho.sheet import Sheet, save_picture
from tensho.train.batches import batch_indices, resident_if_it_fits
from tensho.train.checkpoint import below, optimizer_state, restore_optimizer
from tensho.train.ema import MovingAverage
from tensho.train.processes import Processes
from tensho.train.run_folder import RunFolder
from tensho.train.settings import RunSettings
from tensho.train.task import State, TrainingTask
from tensho.train.updates import Updates

__all__ = ["ModelTask"]


class ModelTask(TrainingTask):
    """Trains ``model`` on ``dataset``; ``preset`` names where they come from, for the record."""

    def __init__(
        self,
        model: Trainable[Any],
        dataset: Dataset,
        recipe: Recipe,
        settings: RunSettings,
        files: RunFolder,
        processes: Processes,
        *,
        preset: str = "",
    ) -> None:
        super().__init__(recipe, settings, files, processes)
        self.family = model.family
        self.preset = preset
        self.dataset = resident_if_it_fits(dataset, self.device)
        self.model = model.to(self.device, memory_format=torch.channels_last).train()  # type: ignore[call-overload]
        self.buffers = list(model.buffers())
        processes.copy_from_first([*model.parameters(), *self.buffers])
        self.average = MovingAverage(model, recipe.ema)
        self.updates = Updates(model, recipe, processes)
        if settings.start_from:
            begun_with = catalogue.Weights.read(catalogue.locate(settings.start_from))
            self.images_seen_before = begun_with.images_seen or 0
        if settings.compile:
            model.compile()

    @property
    def images_per_step(self) -> int:
        """See `TrainingTask.images_per_step`."""
        return self.recipe.batch_size * self.processes.count

    def take_step(self, step: int, factor: float) -> Iterator[Mapping[str, float]]:
        """See `TrainingTask.take_step`; one mapping for each optimiser update."""
        seed, rank, count = self.settings.seed, self.processes.rank, self.processes.count
        indices = batch_indices(
            len(self.dataset), self.recipe.batch_size, seed=seed, step=step, rank=rank, processes=count
        )
        batch = {
            name: column.to(self.device, memory_format=_layout(column))
            for name, column in self.dataset.batch(indices).items()
        }
        torch.manual_seed(derived_seed("train", seed, step, rank))
        skipped = self.updates.skipped
        former = [buffer.clone() for buffer in self.buffers]
        pending = self.model.training_step(batch, step)
        while (losses := self._next(pending)) is not None:
            yield self.updates.apply(losses, factor)
        self._settle_buffers(former, poisoned=self.updates.skipped > skipped)
        self.average.update(self.model, step)

    def report(self, seconds_per_step: float) -> Mapping[str, float]:
        """See `TrainingTask.report`."""
        del seconds_per_step
        return {**self.updates.learning_rates(), "skipped updates": self.updates.skipped}

    def depends_on(self) -> Mapping[str, Any]:
        """See `TrainingTask.depends_on`: the data and the network's settings."""
        return {"data set": self.dataset.digest[:16], **json.loads(self.model.config.to_json())}

    def origin(self) -> Mapping[str, Any]:
        """See `TrainingTask.origin`."""
        begun_with = {"started_from": self.settings.start_from} if self.settings.start_from else {}
        return {"dataset": self.dataset.digest, "preset": self.preset, **begun_with}

    def state(self) -> State:
        """See `TrainingTask.state`: weights, their average, and the optimisers' moments."""
        moments, numbers = optimizer_state(self.model, self.updates.optimizers)
        tensors = {
            **{f"model/{name}": value for name, value in self.model.state_dict().items()},
            **{f"average/{name}": value for name, value in self.average.model.state_dict().items()},
            **{f"optimizer/{name}": value for name, value in moments.items()},
        }
        return tensors, {
            "skipped": self.updates.skipped,
            "skipped in a row": self.updates.in_a_row,
            "optimizers": numbers,
        }

    def restore(self, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
        """See `TrainingTask.restore`."""
        self.model.load_state_dict(below("model/", tensors))
        self.average.model.load_state_dict(below("average/", tensors))
        saved = {**below("optimizer/", tensors), **values["optimizers"]}
        for name, optimizer in self.updates.optimizers.items():
            restore_optimizer(self.model, name, optimizer, saved)
        in_a_row = {name: values["skipped in a row"][name] for name in self.updates.optimizers}
        self.updates.resume(values["skipped"], in_a_row)

    def draw_samples(self, step: int) -> None:
        """See `TrainingTask.draw_samples`; what draws no images draws none."""
        model = self.average.model
        if not isinstance(model, Model):
            return
        conditions = model.spec.conditions
        first = self.dataset.batch(np.arange(16) % len(self.dataset)) if conditions else {}
        condition = {name: column for name, column in first.items() if name in conditions}
        condition |= model.drawing_condition(first)
        images = model.sample(16, seed=0, condition=condition)
        Sheet.from_tensor(images).save(self.files.sample(step))
        if isinstance(model, StepwiseSampler):
            noise = SampleNoise(0, range(model.chunk), model.device)
            some = {name: column[: model.chunk].to(model.device) for name, column in condition.items()}
            save_picture(filmstrip(model.trajectory(noise, condition=some)), self.files.walk(step))

    def evaluate(self) -> None:
        """See `TrainingTask.evaluate`; a family is scored afterwards, by ``tensho evaluate``."""

    def told(self) -> str:
        """See `TrainingTask.told`."""
        return ""

    def finish(self, step: int, images_seen: int) -> None:
        """See `TrainingTask.finish`; the weights of the last checkpoint are the result."""

    def save_weights(self, step: int, images_seen: int) -> None:
        """See `TrainingTask.save_weights`."""
        self.average.model.save(
            self.files.weights,
            {
                "seed": str(self.settings.seed),
                "steps": str(step),
                "images_seen": str(images_seen),
                "recipe": self.recipe.to_json(),
                **{key: value for key, value in self.about().items() if key != "recipe"},
            },
        )

    def _next(self, pending: Iterator[Losses]) -> Losses | None:
        # Entered anew for each loss: leaving autocast drops the bf16 copies of weights that are about to change.
        with self.autocast():
            return next(pending, None)

    @torch.no_grad()
    def _settle_buffers(self, former: list[Tensor], poisoned: bool) -> None:
        """Average what the step changed in floating-point buffers; undo it if a loss was not finite.

        The change is averaged, not the buffer, so that constants stay exactly what they are.
        """
        if poisoned:
            for buffer, value in zip(self.buffers, former, strict=True):
                buffer.copy_(value)
            return
        if self.processes.count == 1:
            return
        pairs = [
            (buffer, value)
            for buffer, value in zip(self.buffers, former, strict=True)
            if buffer.is_floating_point()
        ]
        changes = [buffer - value for buffer, value in pairs]
        self.processes.average(changes)
        for (buffer, value), change in zip(pairs, changes, strict=True):
            buffer.copy_(value + change)


def _layout(column: Tensor) -> torch.memory_format:
    """Images go channels last, as convolutions want them."""
    return torch.channels_last if column.ndim == 4 else torch.preserve_format
