"""How a character is spelled for a model that reads pictures: in parts that are frequent, or that only strokes make up.

Decompositions go as far as single strokes (⿻, 丨, 丶), whose spelling is a matter of taste, while a part of three characters
is seen too rarely to be learned. Spelled, a character ends in parts that many characters hold, or whose own decomposition is
one of strokes. The installed table decides, so that a reader's vocabulary does not depend on what else is at hand; and a part
is spelled the same wherever it stands, so that what looks the same reads the same.
"""

from __future__ import annotations

from collections import Counter
from functools import cache

from tensho.ids.decomposition import decompose, decompositions, slotted
from tensho.ids.syntax import Arrangement, Tree, leaves, to_string

__all__ = ["FREQUENT", "SELDOM", "largest_parts", "spelled"]

FREQUENT = 80
"""A part that this many characters hold, at any depth, is not taken apart."""

SELDOM = 8
"""A part of strokes is not taken apart if this many characters hold it."""

_STROKES = frozenset("⿻一丨丶丿乙乚亅乛亠𠃌𠃊𠄌㇀乀乁")


@cache
def spelled(tree: Tree) -> Tree:
    """The tree of parts as which a character, or a tree of characters, is read; in the forms that `slotted` gives them."""
    return slotted(_spelled(tree, ()))


def largest_parts(part: str) -> Tree:
    """A part as its own largest parts, in the forms that `slotted` gives them; itself if these would be strokes."""
    own = decompose(part)
    return part if own is None or _of_strokes(own) else slotted(own)


def _spelled(tree: Tree, inside: tuple[str, ...]) -> Tree:
    if isinstance(tree, Arrangement):
        return Arrangement(tree.operator, tuple(_spelled(child, inside) for child in tree.children))
    own = decompositions().get(tree)
    if own is None or tree in inside or _stays_whole(tree):
        return tree
    return _spelled(own, (*inside, tree))


@cache
def _stays_whole(part: str) -> bool:
    own, holders = decompositions().get(part), _holders()[part]
    return own is None or holders >= FREQUENT or (holders >= SELDOM and _of_strokes(own))


def _of_strokes(tree: Tree) -> bool:
    return not _STROKES.isdisjoint(to_string(tree))


@cache
def _holders() -> Counter[str]:
    """How many characters hold each part at any depth."""
    return Counter(part for char in decompositions() for part in _parts(char))


@cache
def _parts(char: str) -> frozenset[str]:
    own = decompositions().get(char)
    if own is None:
        return frozenset()
    return frozenset().union(*({part} | _parts(part) for part in leaves(own)))
