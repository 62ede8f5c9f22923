"""The log of a run: ``log.jsonl``, TensorBoard scalars, and a progress bar.

The log belongs to the checkpoint: lines up to its step are on the disk before it is written, and later ones are
dropped when the run resumes, so that every step is told once. The scalars are the log in TensorBoard's format,
written anew when a run resumes.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from tensho.atomic import replaced_file

__all__ = ["RunLog", "RunningMeans"]


class RunningMeans:
    """Running means of named numbers since the last line of the log; JSON values go into the checkpoint."""

    def __init__(self, sums: Mapping[str, list[float]] | None = None) -> None:
        self.sums = defaultdict(lambda: [0.0, 0], sums or {})

    def add(self, values: Mapping[str, float]) -> None:
        """Count ``values`` in."""
        for name, value in values.items():
            self.sums[name][0] += value
            self.sums[name][1] += 1

    def take(self) -> dict[str, float]:
        """The means, and start again."""
        means = {name: total / count for name, (total, count) in self.sums.items()}
        self.sums.clear()
        return means


class RunLog:
    """Writes the log of a run in ``folder`` that goes on after ``step`` steps of ``steps``, or of ``minutes``; use in a ``with``."""

    def __init__(self, folder: Path, step: int, steps: int, progress: float, minutes: float = 0.0) -> None:
        from torch.utils.tensorboard import SummaryWriter

        path = folder / "log.jsonl"
        told = _lines_until(path, step)
        self._log = path.open("a", encoding="utf-8")
        for outdated in (folder / "tensorboard").glob("events.out.tfevents.*"):
            outdated.unlink()
        self._scalars = SummaryWriter(folder / "tensorboard")
        for line in told:
            self._plot(line)
        self._steps, self._minutes, self._progress = steps, minutes, progress
        self._console = Console(stderr=True)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[numbers]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task(self.count(step), total=1.0, numbers="")
        self.advance(step, progress)

    def __enter__(self) -> RunLog:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()
        self._scalars.close()
        self._log.close()

    def advance(self, step: int, progress: float) -> None:
        """Move the bar."""
        self._progress = progress
        self._bar.update(self._task, completed=progress, description=self.count(step))

    def write(self, step: int, values: Mapping[str, float]) -> None:
        """Add a line to the log, a point to each scalar, and tell the terminal."""
        self._log.write(json.dumps({"step": step, **values}) + "\n")
        self._plot({"step": step, **values})
        losses = [f"{name} {value:.4g}" for name, value in values.items() if name.startswith("loss")]
        numbers = "  ".join([*losses, f"{values['images per second']:,.0f} images/s"])
        self._bar.update(self._task, numbers=numbers)
        if not self._console.is_terminal:
            self.print_line(f"{self.count(step)}  {numbers}")

    def print_line(self, line: str) -> None:
        """Print a line above the bar."""
        self._console.print(line, highlight=False, markup=False, soft_wrap=True)

    def sync(self) -> None:
        """Return when the log is on the disk."""
        self._log.flush()
        os.fsync(self._log.fileno())

    def _plot(self, line: Mapping[str, float]) -> None:
        for name in line.keys() - {"step"}:
            self._scalars.add_scalar(name.replace(" ", "_"), line[name], int(line["step"]))

    def count(self, step: int) -> str:
        """How far the run is after ``step`` steps, in words."""
        if self._minutes > 0:  # how many steps that will be, nobody knows
            return f"step {step}, {self._progress:.0%} of {self._minutes:g} min"
        return f"step {step}/{self._steps}"


def _lines_until(path: Path, step: int) -> list[dict[str, float]]:
    """The lines of the log up to ``step``, once the file holds no others."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    told = [value for line in lines if (value := _parsed(line)) is not None and value["step"] <= step]
    if len(told) < len(lines):
        with replaced_file(path) as temporary:
            temporary.write_text("".join(json.dumps(value) + "\n" for value in told), encoding="utf-8")
    return told


def _parsed(line: str) -> dict[str, float] | None:
    """The values of a line; None if it is not whole, which is what a kill leaves of the last one."""
    try:
        value: dict[str, float] = json.loads(line)
    except json.JSONDecodeError:
        return None
    return value
