"""Tables that are kept in the user's cache, since to make them from the packages that hold them takes a while."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from tensho.user_folder import data_home, keep

__all__ = ["installed_version", "kept"]


def kept(
    name: str, sources: Sequence[str], packages: Sequence[str], make: Callable[[], dict[str, str]]
) -> dict[str, str]:
    """A table as it was made the last time, or made now.

    Args:
        name: what it is called in the cache.
        sources: files of the program that makes it; it is made anew when one has changed.
        packages: what it is made from; likewise with their versions.
        make: makes it.

    Raises:
        TenshoError: what ``make`` raises.
    """
    path = data_home() / "tables" / f"{name}-{_key(sources, packages)}.json"
    with suppress(OSError, ValueError):
        table = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(table, dict):
            return table
    table = make()
    with suppress(OSError):
        for old in path.parent.glob(f"{name}-*.json"):
            old.unlink(missing_ok=True)
    keep(path, lambda file: file.write_text(json.dumps(table, ensure_ascii=False), encoding="utf-8"))
    return table


def _key(sources: Sequence[str], packages: Sequence[str]) -> str:
    digest = hashlib.sha256()
    for source in sources:
        digest.update(Path(source).read_bytes())
    for package in packages:
        digest.update(installed_version(package).encode())
    return digest.hexdigest()[:16]


def installed_version(package: str) -> str:
    """The version of a package; "none" where it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "none"
