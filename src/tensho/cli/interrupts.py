"""Ctrl-C that holds from the first line on.

Python raises `KeyboardInterrupt` wherever the program is, and a good deal of a short command's time goes by in imports of other
people's modules, some of which catch everything around an optional import: there the exception would be lost, and the command
would go on to its end. So while a module is imported the interrupt waits, and is raised as soon as none is; a second Ctrl-C
does not wait.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["interruptible"]

_AGAIN = 0.05
"""Seconds until it is looked at again whether a module is being imported."""

_IMPORT_SYSTEM = "<frozen importlib._bootstrap>"


@contextmanager
def interruptible() -> Iterator[None]:
    """In the block, Ctrl-C raises `KeyboardInterrupt` where nothing catches it by mistake; outside of the main thread, nothing changes."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return
    waiting = False

    def interrupted(number: int, frame: FrameType | None) -> None:
        nonlocal waiting
        if _is_importing(frame) and not (waiting and number == signal.SIGINT):
            waiting = True
            signal.setitimer(signal.ITIMER_REAL, _AGAIN)
            return
        if number == signal.SIGINT or waiting:
            waiting = False
            raise KeyboardInterrupt

    former = {number: signal.signal(number, interrupted) for number in (signal.SIGINT, signal.SIGALRM)}
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in former.items():
            signal.signal(number, handler)


def _is_importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename == _IMPORT_SYSTEM:
            return True
        frame = frame.f_back
    return False
