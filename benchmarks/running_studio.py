"""A studio of its own, as a person starts it, for whoever visits, measures or photographs it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

__all__ = ["CHROMIUM", "running_studio"]

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
"""The browser to look at it with; None: none is installed."""


@contextmanager
def running_studio() -> Iterator[tuple[str, int]]:
    """Start a studio on loopback with an empty gallery; give its address and process number, and end it at last."""
    with TemporaryDirectory() as home:
        command = [sys.executable, "-m", "tensho", "studio", "--port", "0"]
        environment = {**os.environ, "TENSHO_HOME": home}
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as studio:
            try:
                assert studio.stdout is not None
                found = re.search(r"http://127\.0\.0\.1:\d+", studio.stdout.readline())
                assert found is not None, "the studio did not start"
                yield found[0], studio.pid
            finally:
                studio.terminate()
                studio.communicate(timeout=60)
