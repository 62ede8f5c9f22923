"""Where each part of a character goes: one ink box per part, from proportions learned on training characters.

An ink box is the smallest rectangle that holds the ink. The whole character's is predicted first, then each child's
inside its parent's, from the top of the tree down. A prediction is a linear model: the sum of a four-vector
(x0, y0, x1, y1) for each named feature, times its value. The features of a child name its slot (``⿰0`` is the left
half of ⿰), the part in it and its siblings, and say how crowded they are. `tools/fit_layout.py` fits the
vectors by ridge regression, so that a part never seen in a slot falls back on what slot and crowding say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import as_file, files

import numpy as np

from tensho.composition.atlas import ATLAS_EM, Crowding, crowding_of, default_atlas
from tensho.composition.box import Box
from tensho.errors import TenshoError
from tensho.ids.decomposition import slotted
from tensho.ids.syntax import Arrangement, Tree

__all__ = ["Layout", "Placement", "Proportions", "crowding", "default_proportions", "layout", "measure"]

Proportions = Mapping[str, Sequence[float]]
Measure = Callable[[str], Crowding]
Feature = tuple[str, float]

SCALE = 10_000
"""Vectors are shipped as 16-bit integers in units of 1 / SCALE."""

_MIN_SIDE = 0.03
"""Shortest side of a box, in sides of the square: a stroke and its room."""

_MOST_STROKES = 12.0
"""Strokes that a line across a composite part is taken to cross, at most."""

_AVERAGE = Crowding(3.0, 3.5, 0.85, 0.85)
_ROWS, _COLUMNS = "⿰⿲", "⿱⿳"
# No encoded character of the table has these: they are laid out as the mirror images of others.
_TWIN = {"\u2ffc": "⿷", "\u2ffd": "⿺"}


@dataclass(frozen=True)
class Placement:
    """A part, its ink box, the slot that it fills (``""`` if it is the whole character), and how it is turned."""

    part: str
    slot: str
    box: Box
    mirrored: bool = False
    rotated: bool = False


def layout(tree: Tree) -> list[Placement]:
    """Return where each part goes, in writing order, with the shipped proportions.

    Raises:
        TenshoError: the description takes strokes away (㇯), which whole parts cannot show.
    """
    return Layout(default_proportions(), measure).placements(tree)


def measure(part: str) -> Crowding:
    """Return how crowded a part of the atlas is; for any other part, that of an average one."""
    form = default_atlas().whole(part)
    return _AVERAGE if form is None else _measured(part)


@cache
def _measured(part: str) -> Crowding:
    atlas = default_atlas()
    form = atlas.whole(part)
    assert form is not None
    return crowding_of(atlas.bitmap(form), ATLAS_EM)


@cache
def default_proportions() -> Proportions:
    """Return the shipped proportions."""
    with as_file(files("tensho.composition") / "proportions.npz") as path, np.load(path) as data:
        names = bytes(data["names"]).decode().split("\n")
        vectors = (data["vectors"] / SCALE).tolist()
    return dict(zip(names, vectors, strict=True))


def crowding(tree: Tree, measure: Measure) -> Crowding:
    """Return the crowding of a whole tree from that of its parts."""
    if isinstance(tree, str):
        return measure(tree)
    inner = [crowding(child, measure) for child in tree.children]
    across, down = [size.across for size in inner], [size.down for size in inner]
    return Crowding(
        across=max(across) if tree.operator in _COLUMNS else min(sum(across), _MOST_STROKES),
        down=max(down) if tree.operator in _ROWS else min(sum(down), _MOST_STROKES),
        width=max(size.width for size in inner),
        height=max(size.height for size in inner),
    )


def root_features(tree: Arrangement, sizes: Sequence[Crowding]) -> list[Feature]:
    """Return the features that a whole character's ink box is predicted from, given its children's crowding."""
    found = [("root", 1.0), (f"root{tree.operator}", 1.0)]
    for k, child in enumerate(tree.children):
        found += _described(f"root{tree.operator}{k}", child, sizes[k])
    return found


def child_features(tree: Arrangement, box: Box, sizes: Sequence[Crowding]) -> Iterator[list[Feature]]:
    """Yield, child by child, the features that its box inside ``box`` is predicted from."""
    across = sum(size.across for size in sizes)
    down = sum(size.down for size in sizes)
    for k, size in enumerate(sizes):
        slot = f"{tree.operator}{k}"
        found = [(slot, 1.0), (f"{slot}#wide", box.width - 0.8), (f"{slot}#high", box.height - 0.8)]
        found.append((f"{slot}#share across", size.across / across - 0.5))
        found.append((f"{slot}#share down", size.down / down - 0.5))
        for j, sibling in enumerate(tree.children):
            found += _described(slot if j == k else f"{slot}|{j}", sibling, sizes[j])
        yield found


def _described(prefix: str, tree: Tree, size: Crowding) -> list[Feature]:
    if isinstance(tree, str):
        named = [f"{prefix}={tree}"]
    else:
        named = [f"{prefix}={tree.operator}"]
        parts = ((k, part) for k, part in enumerate(tree.children) if isinstance(part, str))
        named += [f"{prefix}={tree.operator}{k}{part}" for k, part in parts]
    return [
        *((name, 1.0) for name in named),
        (f"{prefix}#across", size.across / 3 - 1),
        (f"{prefix}#down", size.down / 3 - 1),
        (f"{prefix}#width", size.width - 0.8),
        (f"{prefix}#height", size.height - 0.8),
    ]


class Layout:
    """Lays characters out with given proportions and a given measure of how crowded a part is."""

    def __init__(self, proportions: Proportions, measure: Measure) -> None:
        self._proportions = proportions
        self._measure = measure

    def placements(self, tree: Tree) -> list[Placement]:
        """See `layout`; a character that is one part is centred at its own size."""
        tree = slotted(tree)
        if isinstance(tree, str):
            _, _, width, height = self._measure(tree)
            return [
                Placement(tree, "", Box(*(0.5 + side * s / 2 for s in (-1, 1) for side in (width, height))))
            ]
        return self._placed(tree, "", self.root(tree))

    def root(self, tree: Arrangement) -> Box:
        """The ink box of a whole character."""
        if tree.operator in _TURN:
            child = tree.children[0]
            return self.root(child) if isinstance(child, Arrangement) else self.placements(child)[0].box
        sizes = [crowding(child, self._measure) for child in tree.children]
        return _inside(Box(0, 0, 1, 1), self._sum(root_features(tree, sizes)))

    def children(self, tree: Arrangement, box: Box) -> list[Box]:
        """The ink box of each child of a node whose own ink box is given."""
        if tree.operator in _TWIN:
            twin = Arrangement(_TWIN[tree.operator], tree.children)
            return [_mirrored(inner, box) for inner in self.children(twin, box)]
        sizes = [crowding(child, self._measure) for child in tree.children]
        return [_inside(box, self._sum(found)) for found in child_features(tree, box, sizes)]

    def _placed(self, tree: Tree, slot: str, box: Box) -> list[Placement]:
        if isinstance(tree, str):
            return [Placement(tree, slot, box)]
        if tree.operator in _TURN:
            return [_TURN[tree.operator](placed, box) for placed in self._placed(tree.children[0], slot, box)]
        if tree.operator == "\u31ef":
            raise TenshoError(
                "㇯ takes strokes away, which cannot be drawn from parts; describe what is left"
            )
        return [
            placement
            for k, (child, inner) in enumerate(zip(tree.children, self.children(tree, box), strict=True))
            for placement in self._placed(child, f"{tree.operator}{k}", inner)
        ]

    def _sum(self, found: list[Feature]) -> tuple[float, float, float, float]:
        x0 = y0 = x1 = y1 = 0.0
        for name, value in found:
            vector = self._proportions.get(name)
            if vector is not None:
                x0 += value * vector[0]
                y0 += value * vector[1]
                x1 += value * vector[2]
                y1 += value * vector[3]
        return x0, y0, x1, y1


def _mirrored(box: Box, within: Box) -> Box:
    return Box(_flipped(box.x1, within.x0, within.x1), box.y0, _flipped(box.x0, within.x0, within.x1), box.y1)


def _flipped(edge: float, low: float, high: float) -> float:
    return min(max(low + high - edge, low), high)


def _mirror(placed: Placement, within: Box) -> Placement:
    return replace(placed, box=_mirrored(placed.box, within), mirrored=not placed.mirrored)


def _rotate(placed: Placement, within: Box) -> Placement:
    x0, y0, x1, y1 = _mirrored(placed.box, within)
    y0, y1 = _flipped(y1, within.y0, within.y1), _flipped(y0, within.y0, within.y1)
    return replace(placed, box=Box(x0, y0, x1, y1), rotated=not placed.rotated)


_TURN = {"\u2ffe": _mirror, "\u2fff": _rotate}


def _inside(box: Box, relative: Sequence[float]) -> Box:
    x0, x1 = _interval(relative[0], relative[2], box.x0, box.x1)
    y0, y1 = _interval(relative[1], relative[3], box.y0, box.y1)
    return Box(x0, y0, x1, y1)


def _interval(start: float, end: float, low: float, high: float) -> tuple[float, float]:
    start, end = min(max(start, 0.0), 1.0), min(max(end, 0.0), 1.0)
    if end - start < _MIN_SIDE:
        middle = min(max((start + end) / 2, _MIN_SIDE / 2), 1 - _MIN_SIDE / 2)
        start, end = middle - _MIN_SIDE / 2, middle + _MIN_SIDE / 2
    # Rounding must not carry an edge over the parent's.
    return max(low + start * (high - low), low), min(low + end * (high - low), high)
