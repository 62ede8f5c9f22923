"""The user's folders: the cache, in which built data are kept, and the configuration; or what ``TENSHO_HOME`` says.

What is kept only saves time. Where the cache cannot be written, it is done without.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

from tensho.errors import TenshoError

__all__ = ["config_home", "data_home", "keep", "kept_folder"]


def data_home() -> Path:
    """The folder that $TENSHO_HOME names, or the user's cache."""
    import platformdirs

    home = os.environ.get("TENSHO_HOME")
    return Path(home) if home else platformdirs.user_cache_path("tensho")


def config_home() -> Path:
    """The folder that $TENSHO_HOME names, or the user's configuration."""
    import platformdirs

    home = os.environ.get("TENSHO_HOME")
    return Path(home) if home else platformdirs.user_config_path("tensho")


def keep(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file of the cache as ``write`` writes it to the path that it is given; one that cannot be written is done without."""
    from tensho.atomic import replaced_file

    with suppress(TenshoError), replaced_file(path) as temporary:
        write(temporary)


def kept_folder(name: str) -> Path:
    """The folder of that name in `data_home`; where it cannot be written, another one, which goes when the program ends.

    For files that have to be somewhere, and of which the next run is glad.
    """
    folder = data_home() / name
    return folder if _can_be_made(folder) else _passing_folder() / name


def _can_be_made(folder: Path) -> bool:
    """Whether files could be written in a folder that may not be there yet; nothing is left behind."""
    there = next((parent for parent in (folder, *folder.parents) if parent.exists()), folder)
    try:
        with TemporaryDirectory(dir=there, prefix=".tensho-"):
            return True
    except OSError:
        return False


@cache
def _passing_folder() -> Path:
    import atexit
    import shutil

    folder = Path(mkdtemp(prefix="tensho-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
