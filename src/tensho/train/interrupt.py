"""Ctrl-C and SIGTERM as a request to stop after the step."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["Interrupt", "interrupts"]


class Interrupt:
    """Whether a signal has asked the run to stop."""

    def __init__(self) -> None:
        self.requested = False

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        """Handle a signal. Repeated ones change nothing: launchers send several for one Ctrl-C."""
        self.requested = True


@contextmanager
def interrupts() -> Iterator[Interrupt]:
    """Collect SIGINT and SIGTERM while the block runs; outside of the main thread, which gets none, nothing."""
    interrupt = Interrupt()
    if threading.current_thread() is not threading.main_thread():
        yield interrupt
        return
    former = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield interrupt
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
