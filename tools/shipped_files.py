"""Make docs/shipped_files.md: whose every file is that ships with the package and is not code, from REUSE.toml.

    python -m tools.shipped_files           (--check: say whether the table is what it would be)

`reuse lint` knows which file has a licence; this knows which file has an origin, and fails on one that has none.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit

from tensho.errors import TenshoError

ROOT = Path(__file__).parent.parent
PACKAGE = Path("src/tensho")
TABLE = Path("docs/shipped_files.md")
CODE = {".py", ".js", ".css", ".html", ".svg", ".md", ".typed", ".recipe", ".pyc"}
"""Endings of what is written by hand, which is under the licence of the project."""


@dataclass(frozen=True)
class Row:
    """What REUSE.toml says of some files."""

    patterns: tuple[str, ...]
    holders: tuple[str, ...]
    licence: str
    origin: str

    def holds(self, path: str) -> bool:
        """Whether a path from the root of the repository is one of these files."""
        return any(re.fullmatch(_regular(pattern), path) for pattern in self.patterns)


def rows(root: Path = ROOT) -> list[Row]:
    """All of REUSE.toml, in its order; of a file's rows, the last counts."""
    said: Mapping[str, Any] = tomlkit.parse((root / "REUSE.toml").read_text(encoding="utf-8")).unwrap()
    return [
        Row(
            _list(entry["path"]),
            _list(entry["SPDX-FileCopyrightText"]),
            entry["SPDX-License-Identifier"],
            entry.get("SPDX-FileComment", ""),
        )
        for entry in said["annotations"]
    ]


def shipped_data(root: Path = ROOT) -> list[str]:
    """Every file of the package that is not code, as a path from the root of the repository."""
    files = (path for path in (root / PACKAGE).rglob("*") if path.is_file() and path.suffix not in CODE)
    return sorted(path.relative_to(root).as_posix() for path in files)


def row_of(path: str, known: Sequence[Row]) -> Row:
    """What is known of one file.

    Raises:
        TenshoError: nothing is, or not where it comes from.
    """
    found = [row for row in known if row.holds(path)]
    if not found or not found[-1].origin:
        raise TenshoError(f"{path} has no row with a comment in REUSE.toml; say whose it is and what made it")
    return found[-1]


def table(root: Path = ROOT) -> str:
    """The page, one line for each row that files are there for.

    Raises:
        TenshoError: a shipped file has no row.
    """
    known = rows(root)
    files: dict[Row, list[str]] = {}
    for path in shipped_data(root):
        files.setdefault(row_of(path, known), []).append(path)
    lines = [
        "# What ships beside the code",
        "",
        "Made by `python -m tools.shipped_files` of `REUSE.toml`; the texts of the licences are in `LICENSES/`. Paths are below",
        f"`{PACKAGE.as_posix()}/`. `NOTICE` tells more of the sources. All else in the package is code under the MIT licence.",
        "",
        "| files | licence | whose | what, from where, made by |",
        "|---|---|---|---|",
    ]
    for row, paths in files.items():
        names = ", ".join(f"`{path.removeprefix(f'{PACKAGE.as_posix()}/')}`" for path in paths)
        holders = "; ".join(f"© {holder}" for holder in row.holders)
        lines.append(f"| {names} | {row.licence} | {holders} | {row.origin} |")
    return "\n".join([*lines, ""])


def _regular(pattern: str) -> str:
    """REUSE.toml's own globs: ``*`` stays in a folder, ``**`` does not."""
    parts = re.split(r"(\*\*|\*)", pattern)
    return "".join({"**": ".*", "*": "[^/]*"}.get(part, re.escape(part)) for part in parts)


def _list(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    try:
        page = table()
    except TenshoError as error:
        sys.exit(f"shipped_files: {error}")
    if not options.check:
        (ROOT / TABLE).write_text(page, encoding="utf-8")
    elif page != (ROOT / TABLE).read_text(encoding="utf-8"):
        sys.exit(f"{TABLE} is not what REUSE.toml says; run python -m tools.shipped_files")


if __name__ == "__main__":
    main()
