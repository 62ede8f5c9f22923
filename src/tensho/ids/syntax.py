"""Ideographic description sequences: an operator, then the parts that it arranges, in prefix order.

``⿰氵龍`` is water on the left of a dragon; ``⿱艹⿰氵龍`` puts grass on top of that. The grammar is the one of
the Unicode Standard (section 18.2, "Ideographic Description Characters"), with all operators up to
Unicode 16. A tree is either a part, which is a one-character string, or an `Arrangement` of trees.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from tensho.errors import TenshoError

__all__ = [
    "ARITY",
    "CIRCLED",
    "MAX_DEPTH",
    "MAX_LENGTH",
    "UNKNOWN",
    "Arrangement",
    "Symbol",
    "Tree",
    "leaves",
    "parse",
    "parse_symbols",
    "to_string",
]

ARITY = {
    **dict.fromkeys("⿰⿱⿴⿵⿶⿷⿸⿹⿺⿻\u2ffc\u2ffd\u31ef", 2),
    **dict.fromkeys("⿲⿳", 3),
    **dict.fromkeys("\u2ffe\u2fff", 1),
}

MAX_LENGTH = 256
"""Characters of a description."""

MAX_DEPTH = 32
"""Operators inside each other; recursion stays far below Python's limit."""


@dataclass(frozen=True)
class Arrangement:
    """An operator and its ``ARITY[operator]`` children, in writing order."""

    operator: str
    children: tuple[Tree, ...]

    def __str__(self) -> str:
        return to_string(self)


Tree: TypeAlias = "str | Arrangement"
Symbol: TypeAlias = "tuple[str, int]"
"""An operator or a part, one character, and where it stands in what was written, from 1."""

CIRCLED = {chr(0x2460 + k): k + 1 for k in range(20)} | {chr(0x3251 + k): k + 21 for k in range(15)}
"""What tables write for a part that is not encoded, and the number of its strokes."""

UNKNOWN = "？"
"""What stands for a part that is not known, or not encoded."""

_UNKNOWN = f"{UNKNOWN}?〓□"


def parse(ids: str) -> Tree:
    """Read a description; surrounding white space is ignored, a single character is a tree of one part.

    Any visible character can be a part, so can a private-use one (a gaiji font may have it). Positions in the
    messages count from 1.

    Raises:
        TenshoError: it is empty, too long, nested deeper than ``MAX_DEPTH``, holds a character that cannot be
            a part, ends before every operator has its parts, or goes on after that.
    """
    ids = ids.strip()
    return parse_symbols([(char, position) for position, char in enumerate(ids, start=1)], len(ids) + 1)


def parse_symbols(symbols: Sequence[Symbol], end: int, *, unknown: bool = False) -> Tree:
    """Read a description of which each symbol says where it was written; see `parse`.

    Args:
        symbols: operators and parts, in their order.
        end: the position behind the last one.
        unknown: let ``？`` stand for a part that is not known.

    Raises:
        TenshoError: as `parse`.
    """
    if not symbols:
        raise TenshoError("the description is empty; give a character or a sequence such as ⿰氵龍")
    if len(symbols) > MAX_LENGTH:
        raise TenshoError(f"the description has {len(symbols)} characters; at most {MAX_LENGTH} are read")
    pending: list[tuple[str, int, list[Tree]]] = []
    for place, (char, position) in enumerate(symbols):
        if char not in ARITY and not (unknown and char == UNKNOWN):
            _check_part(char, position)
        if place > 0 and not pending:
            raise TenshoError(
                f"position {position}: {_name(char)} is left over, the description is complete before it; "
                "begin with an operator such as ⿰ to join the two"
            )
        if char in ARITY:
            if len(pending) == MAX_DEPTH:
                raise TenshoError(f"position {position}: nested deeper than {MAX_DEPTH} operators")
            pending.append((char, position, []))
            continue
        tree: Tree = char
        while pending:
            operator, _, children = pending[-1]
            children.append(tree)
            if len(children) < ARITY[operator]:
                break
            pending.pop()
            tree = Arrangement(operator, tuple(children))
        else:
            complete = tree
    if pending:
        operator, position, _ = pending[-1]
        missing = sum(ARITY[op] - len(children) - 1 for op, _, children in pending) + 1
        parts = "part" if missing == 1 else "parts"
        raise TenshoError(
            f"position {end}: the description ends, expected {missing} more {parts} "
            f"({operator} at position {position} has not all of its {ARITY[operator]})"
        )
    return complete


def to_string(tree: Tree) -> str:
    """Print a tree; ``parse`` reads the same tree back."""
    if isinstance(tree, str):
        return tree
    return tree.operator + "".join(map(to_string, tree.children))


def leaves(tree: Tree) -> Iterator[str]:
    """Yield the parts of a tree in writing order."""
    if isinstance(tree, str):
        yield tree
    else:
        for child in tree.children:
            yield from leaves(child)


def _check_part(char: str, position: int) -> None:
    category = unicodedata.category(char)
    if 0xFE00 <= ord(char) <= 0xFE0F or 0xE0100 <= ord(char) <= 0xE01EF:
        fault = "is a variation selector, which no part can carry; leave it out"
    elif char in _UNKNOWN:
        fault = "stands for an unknown part, which cannot be drawn; name the part"
    elif char in CIRCLED:
        count = CIRCLED[char]
        strokes = "1 stroke" if count == 1 else f"{count} strokes"
        fault = f"stands for a part of {strokes} that is not encoded; write what it is made of instead"
    elif category in {"Zs", "Zl", "Zp"}:
        fault = "is white space; write the sequence without gaps"
    # An older Python does not know the newest ideographs: planes 2 and 3 hold nothing else.
    elif category == "Cn" and not 0x20000 <= ord(char) <= 0x3FFFD:
        fault = "is not an assigned character; use a character that Unicode defines"
    elif category in {"Cc", "Cf", "Cs", "Mn", "Mc", "Me"}:
        fault = "is not a visible character on its own; remove it"
    else:
        return
    raise TenshoError(f"position {position}: {_name(char)} {fault}")


def _name(char: str) -> str:
    code = f"U+{ord(char):04X}"
    return f"{char} ({code})" if char.isprintable() and unicodedata.category(char)[0] != "M" else code
