"""Settings of a run: seed, device, precision, time and how often it logs and saves."""

from __future__ import annotations

import dataclasses

from tensho.bounds import MOST_PROCESSES
from tensho.models.config import UNBOUNDED, Config, setting

__all__ = ["RunSettings"]


@dataclasses.dataclass(frozen=True)
class RunSettings(Config):
    """Settings of a run that any family can have; every field is a flag of ``tensho train``."""

    seed: int = setting(0, "Seed of the batches and of all noise.", most=UNBOUNDED)
    minutes: float = setting(0.0, "Stop after this many minutes and anneal to it; 0: train for --steps.")
    start_from: str = setting("", "Weights to begin with: shipped ones, a file or a run; empty: random ones.")
    precision: str = setting("auto", "bf16, fp32, or auto: bf16 where the hardware computes in it.")
    device: str = setting("auto", "cpu, cuda, or auto: the GPU if there is one.")
    compile: bool = setting(False, "Compile the network first; takes a minute and then saves time.")
    threads: int = setting(0, "CPU threads; 0: as many as torch thinks best.", most=MOST_PROCESSES)
    log_every: int = setting(50, "Steps between lines of the log.", most=UNBOUNDED)
    save_every: int = setting(500, "Steps between checkpoints.", most=UNBOUNDED)
    sample_every: int = setting(500, "Steps between sample grids; 0: none.", most=UNBOUNDED)

    def progress(self, step: int, steps: int, elapsed: float) -> float:
        """The share of a run that is over after ``elapsed`` seconds: of its steps or of its minutes, whichever is more."""
        return max(step / steps, elapsed / 60 / self.minutes if self.minutes > 0 else 0.0)

    def check(self) -> None:
        """Raise `TenshoError` on settings that no run can have."""
        self.require(
            0 <= self.minutes < float("inf"), f"--minutes is {self.minutes}, but must not be negative"
        )
        self.require(
            self.precision in ("auto", "bf16", "fp32"),
            f"--precision is {self.precision!r}, but must be auto, bf16 or fp32",
        )
        self.require(
            self.device in ("auto", "cpu", "cuda"),
            f"--device is {self.device!r}, but must be auto, cpu or cuda",
        )
        self.require(self.threads >= 0, f"--threads is {self.threads}, but must not be negative")
        self.require(self.log_every >= 1, f"--log-every is {self.log_every}, but at least 1 is needed")
        self.require(self.save_every >= 1, f"--save-every is {self.save_every}, but at least 1 is needed")
        self.require(
            self.sample_every >= 0, f"--sample-every is {self.sample_every}, but must not be negative"
        )
