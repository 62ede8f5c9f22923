"""The command ``tensho``: thin functions that parse, call the public API and print."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

__all__ = ["main"]

BROKEN_PIPE = 1
"""Exit code where whoever reads the output has gone, as typer has it where it notices first."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and leave with its exit code: 0, 2 for bad input (one line on stderr), 130 for Ctrl-C."""
    from tensho.cli.interrupts import interruptible
    from tensho.cli.streams import accept_any_text, restart_in_utf8, silence_stdout

    if arguments is None:
        restart_in_utf8()
        arguments = sys.argv[1:]
    accept_any_text()
    try:
        with interruptible():
            code = _run(arguments)
            sys.stdout.flush()
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        silence_stdout()
        sys.exit(BROKEN_PIPE)
    except OSError as error:
        silence_stdout()
        place = f" {error.filename}" if error.filename else ""
        _refuse(f"cannot read or write{place}: {error.strerror or error}; choose another place or make room")
    except MemoryError:
        _refuse("there is not enough memory for this; ask for less, or for smaller ones")
    sys.exit(code)


def _run(arguments: Sequence[str]) -> int:
    # Threads that wait by spinning take the cores from each other as soon as anything else runs.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

    import logging

    from typer import Abort, TyperException

    from tensho.cli.app import COMMANDS, app_of
    from tensho.errors import TenshoError

    # Of a font that is damaged the command says what it needs to say.
    logging.getLogger("fontTools").setLevel(logging.CRITICAL)
    try:
        app = app_of(*(arguments[:1] if arguments[:1] and arguments[0] in COMMANDS else COMMANDS))
        code = app(arguments, prog_name="tensho", standalone_mode=False)
    except (TenshoError, TyperException) as error:
        message = error.format_message() if isinstance(error, TyperException) else str(error)
        if not message:  # a group without a command, whose help was shown
            return 0
        _refuse(message)
    except ModuleNotFoundError as error:
        # What a command needs beyond the core comes with an extra.
        if error.name is None or error.name.partition(".")[0] == "tensho":
            raise
        _refuse(f"{error.name} is not installed; run: pip install 'tensho[all]'")
    except Abort:
        return 130
    except RuntimeError as error:
        if not _is_lack_of_memory(error):
            raise
        raise MemoryError from error
    return code if isinstance(code, int) else 0


def _is_lack_of_memory(error: RuntimeError) -> bool:
    """Whether this is how torch says that it got no memory."""
    return type(error).__name__ == "OutOfMemoryError" or "can't allocate memory" in str(error)


def _refuse(message: str) -> NoReturn:
    print(f"tensho: error: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(2)
