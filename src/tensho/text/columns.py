"""Columns of a terminal: which of them each character of a line takes.

Most characters take one column, those that East Asian Width calls wide (Unicode Standard Annex 11) two, and combining
marks none: they stand with the character before them.
"""

from __future__ import annotations

import unicodedata

from rich.cells import cell_len

__all__ = ["cells", "columns"]


def cells(line: str) -> list[str]:
    """The line, a string for each column; what stands for the second column of a wide character is empty."""
    if line.isascii():
        return list(line)
    found: list[str] = []
    for character in line:
        width = 1 if unicodedata.category(character) == "Cc" else cell_len(character)
        if width:
            found += [character, *[""] * (width - 1)]
        elif found:
            last = max(place for place, cell in enumerate(found) if cell)
            found[last] += character
        else:
            found.append(" " + character)
    return found


def columns(line: str) -> int:
    """How many columns a line takes."""
    return len(cells(line))
