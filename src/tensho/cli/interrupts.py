"""Ctrl-C that holds from the first line on.

Python raises `KeyboardInterrupt` wherever the program is. A good deal of a short command's time goes by in imports of other
people's modules, some of which catch everything around an optional import, and in a destructor or a callback nobody could
catch it: there the exception is lost, and the command would go on to its end. So while a module is imported the interrupt
waits, and one that was raised and has got lost is raised again. A second Ctrl-C does not wait.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["interruptible"]

_AGAIN, _LOST = 0.05, 0.5
"""Seconds until it is looked at again whether a module is being imported, and whether an interrupt has got lost."""

_IMPORT_SYSTEM = "<frozen importlib._bootstrap>"


@contextmanager
def interruptible() -> Iterator[None]:
    """In the block, Ctrl-C raises `KeyboardInterrupt` until that has left it; outside of the main thread, nothing changes."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return
    asked = False

    def interrupted(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        again = asked and number == signal.SIGINT
        asked = asked or number == signal.SIGINT
        if not asked:
            return
        if not again and _is_importing(frame):
            signal.setitimer(signal.ITIMER_REAL, _AGAIN)
            return
        signal.setitimer(signal.ITIMER_REAL, _LOST)
        if again or not _is_on_its_way(sys.exc_info()[1]):
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


def _is_on_its_way(error: BaseException | None) -> bool:
    """Whether what is being handled is an interrupt, or comes of one: what cleans up behind it is left to do so."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return True
        error = error.__cause__ or error.__context__
    return False
