"""The folder of a run: where its files are, and that only one run writes there."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tensho.errors import TenshoError

__all__ = ["RunFolder"]


class RunFolder:
    """Paths of ``checkpoint.safetensors``, ``weights.safetensors`` and ``samples/step-000123.png`` below ``path``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.checkpoint = path / "checkpoint.safetensors"
        self.weights = path / "weights.safetensors"

    def sample(self, step: int) -> Path:
        """Where the sample grid after ``step`` steps goes."""
        return self.path / "samples" / f"step-{step:06d}.png"

    def walk(self, step: int) -> Path:
        """Where the picture of how the first sample came to be goes."""
        return self.path / "samples" / f"step-{step:06d}-walk.png"

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Make the folder, keep other runs out of it during the block, and clear away what a killed run left.

        (``.tmp??????`` is what safetensors writes before it renames.)

        Raises:
            TenshoError: it cannot be made or written, another run is at work in it, or a file in the block
                cannot be read or written.
        """
        made = not self.path.exists()
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.path, os.O_RDONLY)
            try:
                self._lock(handle)
                for pattern in (".checkpoint-*", ".weights-*", ".log-*", "samples/.step-*", ".tmp??????"):
                    for leftover in self.path.glob(pattern):
                        leftover.unlink()
                yield
            finally:
                os.close(handle)
                if made and not any(self.path.iterdir()):
                    self.path.rmdir()
        except OSError as error:
            place = error.filename or self.path
            raise TenshoError(
                f"training in {self.path} stopped at {place}: {error.strerror or error}; "
                "make room or use another folder, and run the same command again"
            ) from error

    def _lock(self, handle: int) -> None:
        # Some network file systems have no locks; there, two runs in one folder are the user's to avoid.
        with suppress(OSError):
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise TenshoError(
                    f"another run is training in {self.path}; wait for it, or use another folder"
                ) from error
