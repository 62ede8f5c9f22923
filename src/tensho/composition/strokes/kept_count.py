"""What is counted over KanjiVG's characters, kept in the user's cache."""

from __future__ import annotations

from collections.abc import Callable

from tensho.fonts import kanjivg_strokes
from tensho.ids import kanjivg, shapes
from tensho.ids.installed_table import PACKAGES, SOURCES
from tensho.kept_table import kept

__all__ = ["kept_count"]

_READERS = tuple(str(module.__file__) for module in (kanjivg_strokes, kanjivg, shapes))


def kept_count(name: str, program: str, count: Callable[[], dict[str, str]]) -> dict[str, str]:
    """A table that ``program``, a file, counts, as it was counted the last time or now; see `tensho.kept_table.kept`."""
    return kept(name, (program, *_READERS, *SOURCES), PACKAGES, count)
