"""The command ``tensho``: thin functions that parse, call the public API and print."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and leave with its exit code: 0, 2 for bad input (one line on stderr), 130 for Ctrl-C."""
    # Threads that wait by spinning take the cores from each other as soon as anything else runs.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

    from typer import Abort, TyperException

    from tensho.cli.app import COMMANDS, app_of
    from tensho.errors import TenshoError

    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        app = app_of(*(arguments[:1] if arguments[:1] and arguments[0] in COMMANDS else COMMANDS))
        code = app(arguments, prog_name="tensho", standalone_mode=False)
    except (TenshoError, TyperException) as error:
        message = error.format_message() if isinstance(error, TyperException) else str(error)
        print(f"tensho: error: {' '.join(message.split())}", file=sys.stderr)
        sys.exit(2)
    except ModuleNotFoundError as error:
        # What a command needs beyond the core comes with an extra.
        if error.name is None or error.name.partition(".")[0] == "tensho":
            raise
        print(
            f"tensho: error: {error.name} is not installed; run: pip install 'tensho[all]'", file=sys.stderr
        )
        sys.exit(2)
    except (KeyboardInterrupt, Abort):
        sys.exit(130)
    sys.exit(code if isinstance(code, int) else 0)
