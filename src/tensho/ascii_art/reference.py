"""Reads a text file of drawn letters, whose style the letterer follows.

A line ``=== A`` says that the lines below it draw the letter A:

    === A
     /\\
    /--\\
    === b
    |
    |_)

All letters stand in boxes of the same height, so lines count from the top; blank lines at the end of a letter, and
spaces at the end of a line, may be left out.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tensho.errors import TenshoError
from tensho.fonts.letter_bitmaps import split_letters
from tensho.text.ascii_grid import COLUMNS, ROWS, grid_of

__all__ = ["parse_reference", "read_reference"]

_HEAD = re.compile(r"=== (\S+)\s*")

_MOST_BYTES = 100_000
"""Size of a reference file, in bytes; a larger one is no file of a few letters."""


def read_reference(path: Path) -> dict[str, NDArray[np.uint8]]:
    """The letters of a file as grids; see `parse_reference`.

    Raises:
        TenshoError: the file cannot be read, is no text, or does not hold drawn letters.
    """
    try:
        content = path.read_bytes()[: _MOST_BYTES + 1]
    except OSError as error:
        raise TenshoError(f"cannot read the reference {path}: {error.strerror}; give a text file") from error
    if len(content) > _MOST_BYTES:
        raise TenshoError(f"the reference {path} is longer than 100 kB; a few letters are enough")
    try:
        return parse_reference(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise TenshoError(f"the reference {path} is no text; give letters drawn in ASCII") from error
    except TenshoError as error:
        raise TenshoError(f"the reference {path}: {error}") from error


def parse_reference(text: str) -> dict[str, NDArray[np.uint8]]:
    """Letters and their grids, uint8 (ROWS, COLUMNS), all boxes of one height.

    Raises:
        TenshoError: nothing is drawn, a letter is drawn twice, is blank, too large or not in ASCII, or lines stand
            before the first letter.
    """
    drawn: dict[str, list[str]] = {}
    lines: list[str] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        head = _HEAD.fullmatch(line)
        heads = split_letters(head[1]) if head else []
        if len(heads) == 1:
            if heads[0] in drawn:
                raise TenshoError(f"line {number} heads {heads[0]} again; draw each letter once")
            lines = drawn[heads[0]] = []
        elif lines is not None:
            lines.append(line.rstrip())
        elif line.strip():
            raise TenshoError(f"line {number} belongs to no letter; begin with a line such as '=== A'")
    if not drawn:
        raise TenshoError("it holds no letters; begin each with a line such as '=== A'")
    for letter, rows in drawn.items():
        _check(letter, rows)
    height = max(_inked(rows) for rows in drawn.values())
    if height > ROWS:
        raise TenshoError(f"its letters are {height} lines high; {ROWS} is the most")
    return {letter: _grid(rows, height) for letter, rows in drawn.items()}


def _check(letter: str, rows: list[str]) -> None:
    if not any(rows):
        raise TenshoError(f"{letter} is blank; draw it, or leave its heading out")
    if not all(row.isascii() and row.isprintable() for row in rows):
        raise TenshoError(f"{letter} is not drawn in printable ASCII; use no tabs and no other signs")
    if _width(rows) > COLUMNS:
        raise TenshoError(f"{letter} is {_width(rows)} columns wide; {COLUMNS} is the most")


def _inked(rows: list[str]) -> int:
    return max(number for number, row in enumerate(rows, 1) if row)


def _left(rows: list[str]) -> int:
    return min(len(row) - len(row.lstrip()) for row in rows if row)


def _width(rows: list[str]) -> int:
    return max(map(len, rows)) - _left(rows)


def _grid(rows: list[str], height: int) -> NDArray[np.uint8]:
    left = _left(rows)
    cut = [row[left:] for row in rows[:height]]
    return grid_of(cut + [""] * (height - len(cut)))
