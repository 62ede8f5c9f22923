"""Atomic writing of files and folders: written beside their place, synced, then renamed."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tensho.errors import TenshoError

__all__ = ["replaced_file", "replaced_folder", "sync"]


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
        handle, name = tempfile.mkstemp(dir=folder, prefix=f".{path.stem}-", suffix=path.suffix)
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
        temporary = Path(tempfile.mkdtemp(dir=folder, prefix=f".{path.name}-"))
        try:
            temporary.chmod(0o777 & ~_umask())
            yield temporary
            for item in temporary.rglob("*"):
                sync(item)
            if path.exists():
                outdated = Path(tempfile.mkdtemp(dir=folder, prefix=f".{path.name}-old-"))
                path.replace(outdated / path.name)
                temporary.replace(path)
                shutil.rmtree(outdated, ignore_errors=True)
            else:
                temporary.replace(path)
            sync(folder)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


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
