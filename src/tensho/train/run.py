"""A training run: one step after another, with everything that its checkpoint holds."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tensho.datasets.base import Dataset
from tensho.errors import TenshoError
from tensho.models import catalogue
from tensho.models.base import Model
from tensho.models.trainable import Losses, Recipe, Trainable
from tensho.models.trajectory import StepwiseSampler, filmstrip
from tensho.seeds import SampleNoise, derived_seed
from tensho.sheet import Sheet, save_picture
from tensho.train.batches import batch_indices, resident_if_it_fits
from tensho.train.checkpoint import (
    Checkpoint,
    optimizer_state,
    read_checkpoint,
    restore_optimizer,
    write_checkpoint,
)
from tensho.train.ema import MovingAverage
from tensho.train.interrupt import Interrupt
from tensho.train.learning_rate import learning_rate_factor
from tensho.train.precision import has_bfloat16
from tensho.train.processes import Processes
from tensho.train.run_folder import RunFolder
from tensho.train.run_log import RunLog, RunningMeans
from tensho.train.settings import RunSettings
from tensho.train.updates import Updates
from tensho.version import __version__

__all__ = ["Run"]


class Run:
    """One process's part in a run. Public attributes are what a checkpoint holds, and what it depends on."""

    def __init__(
        self,
        model: Trainable[Any],
        dataset: Dataset,
        recipe: Recipe,
        settings: RunSettings,
        files: RunFolder,
        preset: str,
        processes: Processes,
    ) -> None:
        self.recipe = recipe
        self.settings = settings
        self.files = files
        self.preset = preset
        self.processes = processes
        self.dataset = resident_if_it_fits(dataset, processes.device)
        automatic = "bf16" if has_bfloat16(processes.device) else "fp32"
        self.precision = automatic if settings.precision == "auto" else settings.precision
        self.model = model.to(processes.device, memory_format=torch.channels_last).train()  # type: ignore[call-overload]
        self.buffers = list(model.buffers())
        processes.copy_from_first([*model.parameters(), *self.buffers])
        self.average = MovingAverage(model, recipe.ema)
        self.updates = Updates(model, recipe, processes)
        self.means = RunningMeans()
        self.step = 0
        self.images_seen = 0
        if settings.start_from:
            self.images_seen = catalogue.Weights.read(catalogue.locate(settings.start_from)).images_seen or 0
        self.elapsed = 0.0
        if settings.compile:
            model.compile()

    @property
    def progress(self) -> float:
        """The share of the run that is over; see `RunSettings.progress`."""
        return self.settings.progress(self.step, self.recipe.steps, self.elapsed)

    def start(self) -> None:
        """Go back to the checkpoint, or write the first one, which also shows that the folder takes it."""
        checkpoint = read_checkpoint(self.files.checkpoint)
        if checkpoint is not None:
            checkpoint.check_identity(self._identity(), self.files.checkpoint)
            self._restore(checkpoint)
        elif self.processes.rank == 0:
            write_checkpoint(self.files.checkpoint, self._checkpoint())
        self.processes.check_same_step(self.step, self.files.path)

    def go(self, interrupt: Interrupt, run_log: RunLog | None) -> None:
        """Train to the end, or to the step at which any process is interrupted; ``run_log`` is rank 0's."""
        if run_log is not None and self.step > 0:
            run_log.print_line(f"going on after step {self.step}")
        started = time.monotonic() - self.elapsed
        busy, stepped = 0.0, 0
        while not self._agree_to_stop(interrupt, time.monotonic() - started) and self.progress < 1:
            before = time.monotonic()
            self._take_step()
            busy, stepped = busy + time.monotonic() - before, stepped + 1
            if run_log is None:
                continue
            run_log.advance(self.step, self.progress)
            if self.step % self.settings.log_every == 0:
                run_log.write(self.step, self._report(stepped / busy))
                busy, stepped = 0.0, 0
            if self.settings.sample_every > 0 and self.step % self.settings.sample_every == 0:
                self._draw_samples()
            if self.step % self.settings.save_every == 0:
                self._save(run_log)
        finished = self.progress >= 1
        if run_log is not None:
            self._save(run_log)
            if finished and self.settings.sample_every > 0:
                self._draw_samples()
        self.processes.wait()
        if not finished:
            raise KeyboardInterrupt(f"stopped after step {self.step}; the same command goes on from there")

    def _take_step(self) -> None:
        seed, rank, count = self.settings.seed, self.processes.rank, self.processes.count
        indices = batch_indices(
            len(self.dataset), self.recipe.batch_size, seed=seed, step=self.step, rank=rank, processes=count
        )
        batch = {
            name: column.to(self.processes.device, memory_format=_layout(column))
            for name, column in self.dataset.batch(indices).items()
        }
        torch.manual_seed(derived_seed("train", seed, self.step, rank))
        factor = learning_rate_factor(self.recipe, self.step, self.progress)
        skipped = self.updates.skipped
        former = [buffer.clone() for buffer in self.buffers]
        pending = self.model.training_step(batch, self.step)
        while (losses := self._next(pending)) is not None:
            self.means.add(self.updates.apply(losses, factor))
        self._settle_buffers(former, poisoned=self.updates.skipped > skipped)
        self.average.update(self.model, self.step)
        self.step += 1
        self.images_seen += self.recipe.batch_size * count

    def _next(self, pending: Iterator[Losses]) -> Losses | None:
        # Entered anew for each loss: leaving autocast drops the bf16 copies of weights that are about to change.
        with torch.autocast(self.processes.device.type, torch.bfloat16, enabled=self.precision == "bf16"):
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

    def _agree_to_stop(self, interrupt: Interrupt, elapsed: float) -> bool:
        """Whether any process was asked to stop; all take the same answer and the same ``elapsed`` seconds."""
        stop, self.elapsed = self.processes.agree_to_stop(interrupt.requested, elapsed)
        return stop

    def _report(self, steps_per_second: float) -> dict[str, float]:
        return {
            "images": self.images_seen,
            **self.means.take(),
            **self.updates.learning_rates(),
            "skipped updates": self.updates.skipped,
            "images per second": steps_per_second * self.recipe.batch_size * self.processes.count,
            "minutes": self.elapsed / 60,
        }

    def _draw_samples(self) -> None:
        model = self.average.model
        if not isinstance(model, Model):
            return
        conditions = model.spec.conditions
        first = self.dataset.batch(np.arange(16) % len(self.dataset)) if conditions else {}
        condition = {name: column for name, column in first.items() if name in conditions}
        condition |= model.drawing_condition(first)
        images = model.sample(16, seed=0, condition=condition)
        Sheet.from_tensor(images).save(self.files.sample(self.step))
        if isinstance(model, StepwiseSampler):
            noise = SampleNoise(0, range(model.chunk), model.device)
            some = {name: column[: model.chunk].to(model.device) for name, column in condition.items()}
            save_picture(filmstrip(model.trajectory(noise, condition=some)), self.files.walk(self.step))

    def _save(self, run_log: RunLog) -> None:
        run_log.sync()
        write_checkpoint(self.files.checkpoint, self._checkpoint())
        about = self._about()
        self.average.model.save(
            self.files.weights,
            {
                "seed": str(self.settings.seed),
                "steps": str(self.step),
                "images_seen": str(self.images_seen),
                "recipe": self.recipe.to_json(),
                **{key: value for key, value in about.items() if key != "recipe"},
            },
        )

    def _identity(self) -> dict[str, Any]:
        return {
            "family": self.model.family,
            "seed": self.settings.seed,
            "precision": self.precision,
            "processes": self.processes.count,
            "batch size": self.recipe.batch_size,
            "data set": self.dataset.digest[:16],
            **json.loads(self.model.config.to_json()),
        }

    def _about(self) -> dict[str, Any]:
        return {
            "dataset": self.dataset.digest,
            "preset": self.preset,
            "recipe": json.loads(self.recipe.to_json()),
            "tensho": __version__,
            **({"started_from": self.settings.start_from} if self.settings.start_from else {}),
        }

    def _checkpoint(self) -> Checkpoint:
        moments, numbers = optimizer_state(self.model, self.updates.optimizers)
        return Checkpoint(
            identity=self._identity(),
            state={
                "step": self.step,
                "images seen": self.images_seen,
                "elapsed": self.elapsed,
                "skipped": self.updates.skipped,
                "skipped in a row": self.updates.in_a_row,
                "means": self.means.sums,
                "optimizers": numbers,
            },
            about=self._about(),
            tensors={
                **{f"model/{name}": value for name, value in self.model.state_dict().items()},
                **{f"average/{name}": value for name, value in self.average.model.state_dict().items()},
                **{f"optimizer/{name}": value for name, value in moments.items()},
            },
        )

    def _restore(self, checkpoint: Checkpoint) -> None:
        state = checkpoint.state
        try:
            self.model.load_state_dict(checkpoint.below("model/"))
            self.average.model.load_state_dict(checkpoint.below("average/"))
            saved = {**checkpoint.below("optimizer/"), **state["optimizers"]}
            for name, optimizer in self.updates.optimizers.items():
                restore_optimizer(self.model, name, optimizer, saved)
            self.step = state["step"]
            self.images_seen = state["images seen"]
            self.elapsed = state["elapsed"]
            self.updates.skipped = state["skipped"]
            self.updates.in_a_row = {
                name: state["skipped in a row"][name] for name in self.updates.optimizers
            }
            self.means = RunningMeans(state["means"])
        except (RuntimeError, KeyError) as error:
            raise TenshoError(
                f"{self.files.checkpoint} was written by another version of tensho; use another folder"
            ) from error


def _layout(column: Tensor) -> torch.memory_format:
    """Images go channels last, as convolutions want them."""
    return torch.channels_last if column.ndim == 4 else torch.preserve_format
