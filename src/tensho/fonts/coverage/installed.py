"""Fonts on this machine that have a character: those of the packages, and what fontconfig knows.

Where there is no fontconfig (``fc-list``), the folders in which systems keep fonts are searched.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from fontTools.ttLib import TTCollection, TTFont, TTLibError

from tensho.errors import TenshoError
from tensho.fonts.faces import default_faces

__all__ = ["InstalledFont", "fonts_with"]

_SECONDS = 20
"""That fontconfig is given to answer."""

_FOLDERS = {
    "darwin": ("/System/Library/Fonts", "/Library/Fonts", "~/Library/Fonts"),
    "win32": ("C:/Windows/Fonts", "~/AppData/Local/Microsoft/Windows/Fonts"),
}
_ELSEWHERE = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
_ENDINGS = {".ttf", ".otf", ".ttc", ".otc"}


class InstalledFont(NamedTuple):
    """A font file and the family that it calls itself."""

    family: str
    path: Path


@lru_cache(maxsize=256)
def fonts_with(character: str) -> tuple[InstalledFont, ...]:
    """The fonts whose cmap has a character, one of each family, in the order of their names."""
    found: dict[str, InstalledFont] = {}
    for font in sorted([*_of_packages(character), *_of_system(character)]):
        found.setdefault(font.family, font)
    return tuple(found.values())


def _of_packages(character: str) -> Iterator[InstalledFont]:
    try:
        faces = default_faces()
    except TenshoError:  # the packages are an extra
        return
    for face in faces:
        if ord(character) in _code_points(face.path):
            yield InstalledFont(face.family, face.path)


def _of_system(character: str) -> Iterator[InstalledFont]:
    listing = shutil.which("fc-list")
    if listing is None:
        yield from _of_folders(character)
        return
    pattern = [f":charset={ord(character):x}", "--format", "%{family[0]}\t%{file}\n"]
    try:
        answer = subprocess.run(
            [listing, *pattern], capture_output=True, timeout=_SECONDS, check=True, stdin=subprocess.DEVNULL
        ).stdout.decode(errors="replace")
    except (OSError, subprocess.SubprocessError):
        return
    for line in answer.splitlines():
        family, _, path = line.partition("\t")
        if path:
            yield InstalledFont(family, Path(path))


def _of_folders(character: str) -> Iterator[InstalledFont]:
    for folder in _FOLDERS.get(sys.platform, _ELSEWHERE):
        for path in sorted(Path(folder).expanduser().rglob("*")):
            if path.suffix.lower() in _ENDINGS and ord(character) in _code_points(path):
                yield InstalledFont(path.stem, path)


@lru_cache(maxsize=4096)
def _code_points(path: Path) -> frozenset[int]:
    try:
        if path.suffix.lower() in {".ttc", ".otc"}:
            with TTCollection(path, lazy=True) as collection:
                return frozenset(code for font in collection for code in font.getBestCmap() or ())
        with TTFont(path, lazy=True) as font:
            return frozenset(font.getBestCmap() or ())
    except (OSError, TTLibError, AttributeError, KeyError, ValueError, AssertionError):
        return frozenset()
