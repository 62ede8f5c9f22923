"""A run of any task: steps one after the other, with its log, its checkpoints, its samples and its end."""

from __future__ import annotations

import time
from typing import Any, Generic, TypeVar

from tensho.errors import TenshoError
from tensho.train.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from tensho.train.interrupt import Interrupt
from tensho.train.learning_rate import learning_rate_factor
from tensho.train.run_log import RunLog, RunningMeans
from tensho.train.task import TrainingTask

__all__ = ["Run"]

TaskT = TypeVar("TaskT", bound=TrainingTask)


class Run(Generic[TaskT]):
    """One process's part in a run.

    Attributes:
        step: how many steps were taken since the run's first start; also images_seen, and elapsed seconds at work.
        means: of what was logged since the last line of the log.
        seconds_per_step: since that line, of the steps alone.
    """

    def __init__(self, task: TaskT) -> None:
        self.task = task
        self.settings = task.settings
        self.files = task.files
        self.processes = task.processes
        self.means = RunningMeans()
        self.step = 0
        self.images_seen = task.images_seen_before
        self.elapsed = 0.0
        self.seconds_per_step = 0.0

    @property
    def progress(self) -> float:
        """The share of the run that is over; see `RunSettings.progress`."""
        return self.settings.progress(self.step, self.task.recipe.steps, self.elapsed)

    def start(self) -> None:
        """Go back to the checkpoint, or write the first one, which also shows that the folder takes it."""
        checkpoint = read_checkpoint(self.files.checkpoint)
        if checkpoint is not None:
            checkpoint.check_identity(self.task.identity(), self.files.checkpoint)
            self._restore(checkpoint)
        elif self.processes.rank == 0:
            self.task.evaluate()
            write_checkpoint(self.files.checkpoint, self._checkpoint())
        self.processes.check_same_step(self.step, self.files.path)

    def go(self, interrupt: Interrupt, run_log: RunLog | None) -> None:
        """Train to the end, or to the step at which any process is interrupted; ``run_log`` is rank 0's.

        Raises:
            TenshoError: too many updates in a row were not finite, or a file cannot be written.
            KeyboardInterrupt: interrupted; the step is finished and saved.
        """
        if run_log is not None and (self.step > 0 or self.task.told()):
            so_far = f"going on after step {self.step}" if self.step > 0 else "before the first step"
            run_log.print_line(f"{so_far}  {self.task.told()}".rstrip())
        started = time.monotonic() - self.elapsed
        busy, stepped = 0.0, 0
        while not self._agree_to_stop(interrupt, time.monotonic() - started) and self.progress < 1:
            before = time.monotonic()
            self._take_step()
            busy, stepped = busy + time.monotonic() - before, stepped + 1
            self.seconds_per_step = busy / stepped
            if run_log is None:
                continue
            run_log.advance(self.step, self.progress)
            if self.step % self.settings.log_every == 0:
                run_log.write(self.step, self._report())
                busy, stepped = 0.0, 0
            if self.progress < 1:
                self._show_and_save(run_log)
        if run_log is not None:
            self._save(run_log)
            if self.progress >= 1 and self.settings.sample_every > 0:
                self.task.draw_samples(self.step)
            self.task.finish(self.step, self.images_seen)
        self.processes.wait()
        if self.progress < 1:
            raise KeyboardInterrupt(f"stopped after step {self.step}; the same command goes on from there")

    def _take_step(self) -> None:
        factor = learning_rate_factor(self.task.recipe, self.step, self.progress)
        for values in self.task.take_step(self.step, factor):
            self.means.add(values)
        self.step += 1
        self.images_seen += self.task.images_per_step

    def _agree_to_stop(self, interrupt: Interrupt, elapsed: float) -> bool:
        """Whether any process was asked to stop; all take the same answer and the same ``elapsed`` seconds."""
        stop, self.elapsed = self.processes.agree_to_stop(interrupt.requested, elapsed)
        return stop

    def _report(self) -> dict[str, float]:
        return {
            "images": self.images_seen,
            **self.means.take(),
            **self.task.report(self.seconds_per_step),
            "images per second": self.task.images_per_step / self.seconds_per_step,
            "minutes": self.elapsed / 60,
        }

    def _show_and_save(self, run_log: RunLog) -> None:
        if self.settings.sample_every > 0 and self.step % self.settings.sample_every == 0:
            self.task.draw_samples(self.step)
        if self.step % self.settings.save_every == 0:
            self._save(run_log)

    def _save(self, run_log: RunLog) -> None:
        # Not where the run was stopped by hand: the log is that of a run which never stopped.
        if self.progress >= 1 or self.step % self.settings.save_every == 0:
            self.task.evaluate()
            if told := self.task.told():
                run_log.print_line(f"{run_log.count(self.step)}  {told}")
        run_log.sync()
        write_checkpoint(self.files.checkpoint, self._checkpoint())
        self.task.save_weights(self.step, self.images_seen)

    def _checkpoint(self) -> Checkpoint:
        tensors, values = self.task.state()
        state: dict[str, Any] = {
            "step": self.step,
            "images seen": self.images_seen,
            "elapsed": self.elapsed,
            "seconds per step": self.seconds_per_step,
            "means": self.means.sums,
            **values,
        }
        return Checkpoint(
            identity=self.task.identity(), state=state, about=self.task.about(), tensors=tensors
        )

    def _restore(self, checkpoint: Checkpoint) -> None:
        state = checkpoint.state
        try:
            self.task.restore(checkpoint.tensors, state)
            self.step = state["step"]
            self.images_seen = state["images seen"]
            self.elapsed = state["elapsed"]
            self.seconds_per_step = state.get("seconds per step", 0.0)
            self.means = RunningMeans(state["means"])
        except (RuntimeError, KeyError) as error:
            raise TenshoError(
                f"{self.files.checkpoint} was written by another version of tensho; use another folder"
            ) from error
