"""Atomic writing of files and folders: written beside their place, synced, then renamed.

Whatever ends a program, and whenever, what was at a place before stays whole there until the new is. A kill can leave a hidden
file or folder beside it, called ``.NAME-unfinished-`` and a random word; it goes when something is written there again an hour later.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tensho.errors import TenshoError

__all__ = ["replaced_file", "replaced_folder", "sync"]

_STALE = 3600.0
"""Seconds without a change after which what was begun beside a place is taken to have been given up."""

_UNFINISHED = "-unfinished-"

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


def sync(path: Path) -> None:
    """Force a file or a folder entry to the disk; a folder's sync is what makes a rename durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def replaced_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path in ``path``'s folder; when the block ends well, it becomes ``path``.

    Missing parent folders are made. If the block raises, neither the temporary file nor a folder made
    for it stays behind and whatever was at ``path`` before is untouched.

    Raises:
        TenshoError: the folder cannot be written, or the disk is full.
    """
    with _writable_folder(path) as folder:
        prefix = f".{path.stem}{_UNFINISHED}"
        _clear_away(folder, prefix)
        handle, name = tempfile.mkstemp(dir=folder, prefix=prefix, suffix=path.suffix)
        os.close(handle)
        temporary = Path(name)
        try:
            yield temporary
            # After the block, because some writers put a file of their own in the temporary one's place.
            temporary.chmod(0o666 & ~_umask())
            sync(temporary)
            temporary.replace(path)
            sync(folder)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def replaced_folder(path: Path) -> Iterator[Path]:
    """Like `replaced_file` for a whole folder: the old one, if any, is removed once the new one is complete.

    Raises:
        TenshoError: the parent folder cannot be written, or the disk is full.
    """
    with _writable_folder(path) as folder:
        prefix = f".{path.name}{_UNFINISHED}"
        _clear_away(folder, prefix)
        temporary = Path(tempfile.mkdtemp(dir=folder, prefix=prefix))
        try:
            temporary.chmod(0o777 & ~_umask())
            yield temporary
            for item in temporary.rglob("*"):
                sync(item)
            sync(temporary)
            if not _renamed(temporary, path):
                _exchange(temporary, path)
            sync(folder)
        finally:
            if temporary.is_symlink():  # the place was one
                temporary.unlink()
            shutil.rmtree(temporary, ignore_errors=True)


def _renamed(temporary: Path, path: Path) -> bool:
    """Give the folder its place, if that is free or an empty folder."""
    try:
        temporary.rename(path)
    except OSError:
        if not path.exists():
            raise
        return False
    return True


def _exchange(temporary: Path, path: Path) -> None:
    """Let two folders change places at once; where the system cannot, one after the other."""
    with suppress(AttributeError, OSError):
        libc = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "linux" and not libc.renameat2(
            _AT_FDCWD, os.fsencode(temporary), _AT_FDCWD, os.fsencode(path), _RENAME_EXCHANGE
        ):
            return
    outdated = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}{_UNFINISHED}"))
    path.replace(outdated / path.name)
    temporary.replace(path)
    shutil.rmtree(outdated, ignore_errors=True)


def _clear_away(folder: Path, prefix: str) -> None:
    """Remove what a killed program began to write here long ago."""
    limit = time.time() - _STALE
    with suppress(OSError), os.scandir(folder) as entries:
        for leftover in [Path(entry.path) for entry in entries if entry.name.startswith(prefix)]:
            with suppress(OSError):
                if _last_change(leftover) < limit:
                    shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()


def _last_change(path: Path) -> float:
    inside = path.rglob("*") if path.is_dir() else ()
    return float(max(item.stat().st_mtime for item in (path, *inside)))


@contextmanager
def _writable_folder(path: Path) -> Iterator[Path]:
    folder = path.absolute().parent
    made = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
    except BaseException as error:
        for parent in made:
            if parent.is_dir() and not any(parent.iterdir()):
                parent.rmdir()
        if isinstance(error, OSError):
            reason = error.strerror or str(error)
            raise TenshoError(f"cannot write {path}: {reason}; choose another place or make room") from error
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
