"""Whether two structures of the same parts put them in nearly the same places, however they are described."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from tensho.ids.syntax import ARITY, Arrangement, Tree, to_string

__all__ = ["nearly_alike"]

Box = tuple[float, float, float, float]

FAR = 0.36
"""Sides of the square between the middles of a part here and there, from which on it stands elsewhere."""

# Where the part inside stands, as (x0, y0, x1, y1) in the box of the whole; the one around fills what is left.
_INSIDE = {
    "⿴": (0.2, 0.2, 0.8, 0.8),
    "⿵": (0.2, 0.3, 0.8, 1.0),
    "⿶": (0.2, 0.0, 0.8, 0.7),
    "⿷": (0.3, 0.2, 1.0, 0.8),
    "⿸": (0.25, 0.3, 1.0, 1.0),
    "⿹": (0.0, 0.3, 0.7, 1.0),
    "⿺": (0.35, 0.0, 1.0, 0.7),
    "\u2ffc": (0.0, 0.2, 0.7, 0.8),
    "\u2ffd": (0.0, 0.0, 0.7, 0.7),
}
# What is open to two sides stands, as far as its middle tells, at the opposite corner.
_AROUND = {
    "⿵": (0.0, 0.0, 1.0, 0.6),
    "⿶": (0.0, 0.4, 1.0, 1.0),
    "⿷": (0.0, 0.0, 0.6, 1.0),
    "⿸": (0.0, 0.0, 0.8, 0.6),
    "⿹": (0.2, 0.0, 1.0, 0.6),
    "⿺": (0.0, 0.2, 0.8, 1.0),
    "\u2ffc": (0.4, 0.0, 1.0, 1.0),
    "\u2ffd": (0.2, 0.4, 1.0, 1.0),
}
_WHOLE = (0.0, 0.0, 1.0, 1.0)


def nearly_alike(one: Tree, other: Tree) -> bool:
    """Whether both end in the same parts, and each stands in nearly the same place in both.

    Places are those of a coarse layout, in which rows and columns are shared out by the number of parts. Only what
    encloses or crosses is described in several ways: two rows and columns of the same parts are never alike.
    """
    if _enclosing(one) == _enclosing(other):
        return False
    here, there = _middles(one), _middles(other)
    if {part: len(places) for part, places in here.items()} != {
        part: len(places) for part, places in there.items()
    }:
        return False
    return all(
        all(
            abs(x - u) + abs(y - v) < FAR
            for (x, y), (u, v) in zip(sorted(here[part]), sorted(there[part]), strict=True)
        )
        for part in here
    )


def _enclosing(tree: Tree) -> list[str]:
    return sorted(char for char in to_string(tree) if char in ARITY and char not in "⿰⿱⿲⿳")


def _middles(tree: Tree) -> dict[str, list[tuple[float, float]]]:
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for part, (x0, y0, x1, y1) in _placed(tree, _WHOLE):
        found[part].append(((x0 + x1) / 2, (y0 + y1) / 2))
    return found


def _placed(tree: Tree, box: Box) -> Iterator[tuple[str, Box]]:
    if isinstance(tree, str):
        yield tree, box
        return
    for child, place in zip(tree.children, _shares(tree), strict=True):
        yield from _placed(child, _within(box, place))


def _shares(tree: Arrangement) -> list[Box]:
    operator = tree.operator
    if operator in "⿰⿲⿱⿳":
        sizes = [_size(child) ** 0.5 for child in tree.children]
        edges = [sum(sizes[:k]) / sum(sizes) for k in range(len(sizes) + 1)]
        across = operator in "⿰⿲"
        return [(a, 0.0, b, 1.0) if across else (0.0, a, 1.0, b) for a, b in pairwise(edges)]
    if len(tree.children) == 2:
        return [_AROUND.get(operator, _WHOLE), _INSIDE.get(operator, _WHOLE)]
    return [_WHOLE]


def _size(tree: Tree) -> int:
    return 1 if isinstance(tree, str) else sum(map(_size, tree.children))


def _within(box: Box, place: Box) -> Box:
    x0, y0, x1, y1 = box
    width, height = x1 - x0, y1 - y0
    return x0 + place[0] * width, y0 + place[1] * height, x0 + place[2] * width, y0 + place[3] * height
