"""The standard streams, such that any text can be printed and any file be named, whatever the locale says."""

from __future__ import annotations

import codecs
import io
import os
import sys
from pathlib import Path

__all__ = ["accept_any_text", "restart_in_utf8", "silence_stdout"]


def restart_in_utf8() -> None:
    """Run this command line again with file names and arguments read as UTF-8, if the locale has them read otherwise.

    In a locale without UTF-8 the arguments are no longer what was typed, and files with Chinese names cannot be opened. What
    stdout takes stays as the locale has it. Returns where nothing is to be done, or where it cannot be done.
    """
    if codecs.lookup(sys.getfilesystemencoding()).name == "utf-8" or sys.flags.utf8_mode:
        return
    if os.name != "posix" or not sys.executable:
        return
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    environment = {"PYTHONIOENCODING": f"{encoding}:backslashreplace", **os.environ}
    os.execve(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]], environment)


def accept_any_text() -> None:
    """Let stdout and stderr print what their encoding lacks as escapes, and swallow everything where they are closed."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115  (open to the end)
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def silence_stdout() -> None:
    """Throw away what is still to be printed, so that Python does not try again, and complain, when it ends."""
    try:
        number = sys.stdout.fileno()
    except (OSError, ValueError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)
