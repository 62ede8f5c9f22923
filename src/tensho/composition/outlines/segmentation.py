"""Giving the islands of every glyph of a face to the parts of its description, by what all its characters agree on.

Each node of a description tree divides the islands of its own ink among its children. Two things say whose an island is:

- *where it lies*: the boxes that the children should have (`tensho.composition.outlines.placement`);
- *what the others look like*: the mean ink T of a part in a slot, over all characters of the face that have it there.

Both are measured in the frame of the node's own ink box. With the coverage a of an island, and the children's mean ink T_k,
its score for child k is Σ a log T_k / Σ a, and it goes to the child with the highest one. Assignments give new means and
boxes, which give new assignments: hard expectation-maximisation (Celeux and Govaert 1992, Computational Statistics & Data
Analysis 14), a few rounds at each depth of the trees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tensho.composition.outlines.islands import bounds_of, coverage, islands
from tensho.composition.outlines.placement import Observation, Placer
from tensho.fonts.outlines import Bounds, Outline
from tensho.ids.decomposition import decompose, decompositions, slotted
from tensho.ids.syntax import Arrangement, Tree, to_string

__all__ = [
    "GRID",
    "Division",
    "ExpectedInk",
    "GlyphIslands",
    "cut_tree",
    "divide_all",
    "glyph_islands",
    "known_tree",
    "observations",
]

GRID = 24
"""Cells along each side of a frame."""

ROUNDS = 4
_LEAST_WEIGHT = 0.01
_FLOOR = 0.02  # of the mean ink, so that what was never seen is unlikely and not impossible
_PRIOR = 3.0  # characters that the mean of a slot counts for, beside those of a part in it
_BOX_WEIGHT = 0.5
_FADE = 0.04  # share of the frame over which a box fades out


ExpectedInk = Callable[[str, str], NDArray[np.float32] | None]
"""Of a slot and a part: the share of each cell of the node's frame that the part inks there, float32 (GRID²,)."""


class GlyphIslands(NamedTuple):
    """A glyph's outline, the contours of its islands, and their boxes, float32 (I, 4)."""

    outline: Outline
    contours: list[list[int]]
    boxes: NDArray[np.float32]


@dataclass
class Division:
    """One node of a character's tree, with its islands shared out among its children.

    Attributes:
        character: the character.
        tree: the node, an operator with its children.
        members: the indices of the islands of the node.
        frame: the box of its ink.
        depth: 0 for the whole character.
        owner: int (I,), the child of each member.
        sureness: in [0, 1], how clearly the least clear island belongs to its child.
    """

    character: str
    tree: Arrangement
    members: list[int]
    frame: Bounds
    depth: int
    owner: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    sureness: float = 0.0

    def child(self, k: int) -> list[int]:
        """The islands of the k-th child."""
        return [member for member, owner in zip(self.members, self.owner, strict=True) if owner == k]


def known_tree(character: str) -> Arrangement | None:
    """The tree of a character's largest parts as they are drawn, or None; by all tables at hand."""
    return _drawn(decompose(character))


def cut_tree(character: str) -> Arrangement | None:
    """The tree by which a face's glyph is cut, or None; by the installed table alone, so that cuts depend on no other."""
    return _drawn(decompositions().get(character))


def _drawn(tree: Arrangement | None) -> Arrangement | None:
    drawn = None if tree is None else slotted(tree)
    return drawn if isinstance(drawn, Arrangement) and _ordinary(drawn) else None


def divide_all(
    glyphs: Mapping[str, GlyphIslands],
    placer: Placer,
    *,
    most_depth: int = 4,
    expected: ExpectedInk | None = None,
    progress: Callable[[int], None] | None = None,
) -> list[Division]:
    """Divide the glyphs of a face, level by level; ``placer`` learns from each level.

    Args:
        glyphs: the islands of each character that has a `cut_tree`.
        placer: where children lie before any is known; after each round it is fitted to what was found.
        most_depth: how deep to go.
        expected: what parts look like in a face that this one is like, if it has too few characters to say that itself.
        progress: called with the number of nodes that each level divided.

    Returns:
        The nodes that could be divided, level by level: every child has an island.
    """
    found: list[Division] = []
    level = [
        Division(character, tree, list(range(len(glyph.contours))), bounds_of(glyph.boxes), 0)
        for character, glyph in glyphs.items()
        if (tree := cut_tree(character)) is not None and len(glyph.contours) >= len(tree.children)
    ]
    for _ in range(most_depth):
        if not level:
            break
        divided = _divide_level(level, glyphs, placer, expected)
        found += divided
        placer.fit(*observations(found, glyphs, placer))
        if progress is not None:
            progress(len(divided))
        level = [inner for division in divided for inner in _inner(division, glyphs)]
    return found


def observations(
    divisions: Iterable[Division],
    glyphs: Mapping[str, GlyphIslands],
    placer: Placer,
    trust: Callable[[Division], float] = lambda division: division.sureness,
) -> tuple[list[Observation], list[Observation]]:
    """What a placer learns from: the boxes of children, and of whole characters.

    A division counts as much as it is trusted, in [0, 1].
    """
    children, wholes = [], []
    for division in divisions:
        boxes = glyphs[division.character].boxes
        if division.depth == 0:
            wholes.append(placer.seen_whole(division.tree, division.frame))
        for k in range(len(division.tree.children)):
            box = bounds_of(boxes[division.child(k)])
            weight = max(trust(division), _LEAST_WEIGHT)
            children.append(placer.seen_child(division.tree, k, division.frame, box, weight))
    return children, wholes


def _inner(division: Division, glyphs: Mapping[str, GlyphIslands]) -> list[Division]:
    inner = []
    for k, child in enumerate(division.tree.children):
        tree = cut_tree(child) if isinstance(child, str) else child
        members = division.child(k)
        if tree is not None and len(members) >= len(tree.children):
            frame = bounds_of(glyphs[division.character].boxes[members])
            inner.append(Division(division.character, tree, members, frame, division.depth + 1))
    return inner


def _divide_level(
    level: Sequence[Division],
    glyphs: Mapping[str, GlyphIslands],
    placer: Placer,
    expected: ExpectedInk | None,
) -> list[Division]:
    inked = [_inked(division, glyphs[division.character]) for division in level]
    means = None if expected is None else _Means([], [], expected)
    for _ in range(ROUNDS):
        for division, cells in zip(level, inked, strict=True):
            _assign(division, cells, means, placer)
        whole = [k for k, division in enumerate(level) if _complete(division)]
        means = _Means([level[k] for k in whole], [inked[k] for k in whole], expected)
        placer.fit(*observations([level[k] for k in whole], glyphs, placer))
    return [division for division in level if _complete(division)]


def _inked(division: Division, glyph: GlyphIslands) -> NDArray[np.uint8]:
    return np.stack(
        [
            coverage(glyph.outline.subset(glyph.contours[member]), division.frame, GRID)
            for member in division.members
        ]
    )


def _complete(division: Division) -> bool:
    return len(np.unique(division.owner)) == len(division.tree.children)


def _assign(division: Division, cells: NDArray[np.uint8], means: _Means | None, placer: Placer) -> None:
    ink = cells.astype(np.float32) + 1e-3
    boxes = placer.children(division.tree, division.frame)
    evidence = np.log(np.stack([_membership(box, division.frame) for box in boxes]))
    if means is not None:
        mean_ink = [means.of(division.tree, k) for k in range(len(boxes))]
        evidence = _BOX_WEIGHT * evidence + np.log(np.stack(mean_ink))
    scores = (ink @ evidence.T) / ink.sum(1, keepdims=True)
    division.owner = scores.argmax(1)
    ordered = np.sort(scores, 1)
    margins = 1 - np.exp(ordered[:, -2] - ordered[:, -1])
    size = ink.sum(1) / ink.sum()
    division.sureness = float(np.where(size > 0.01, margins, 1).min())


def _membership(box: Bounds, frame: Bounds) -> NDArray[np.float32]:
    """How much each cell of a frame is in a box, float32 (GRID²,): density 1 / area inside, fading outside."""
    centres = (np.arange(GRID, dtype=np.float32) + 0.5) / GRID
    x0, x1 = ((side - frame.left) / max(frame.width, 1) for side in (box.left, box.right))
    y0, y1 = ((frame.top - side) / max(frame.height, 1) for side in (box.top, box.bottom))
    across = np.exp(-np.maximum(np.maximum(x0 - centres, centres - x1), 0) / _FADE)
    down = np.exp(-np.maximum(np.maximum(y0 - centres, centres - y1), 0) / _FADE)
    area = max((x1 - x0) * (y1 - y0), 0.02)
    inside: NDArray[np.float32] = (np.outer(down, across).ravel() / area + 1e-3).astype(np.float32)
    return inside


class _Means:
    """The mean ink of each part in each slot."""

    def __init__(
        self,
        divisions: Sequence[Division],
        inked: Sequence[NDArray[np.uint8]],
        expected: ExpectedInk | None,
    ) -> None:
        self._expected = expected
        self._sums: dict[tuple[str, ...], NDArray[np.float32]] = {}
        self._counts: dict[tuple[str, ...], float] = {}
        self._known: dict[tuple[str, str], NDArray[np.float32]] = {}
        for division, cells in zip(divisions, inked, strict=True):
            weight = 0.1 + division.sureness
            for k, child in enumerate(division.tree.children):
                ink = cells[division.owner == k].sum(0, dtype=np.float32) * (weight / 255)
                slot = f"{division.tree.operator}{k}"
                for key in ((slot,), (slot, to_string(child))):
                    if key in self._sums:
                        self._sums[key] += ink
                        self._counts[key] += weight
                    else:
                        self._sums[key], self._counts[key] = ink.copy(), weight

    def of(self, tree: Arrangement, k: int) -> NDArray[np.float32]:
        """The ink of the k-th child, float32 (GRID²,)."""
        key = (f"{tree.operator}{k}", to_string(tree.children[k]))
        if key not in self._known:
            self._known[key] = self._mean(*key)
        return self._known[key]

    def _mean(self, slot: str, part: str) -> NDArray[np.float32]:
        known = None if self._expected is None else self._expected(slot, part)
        if known is not None:
            mean: NDArray[np.floating[Any]] = known
        elif (slot,) in self._sums:
            mean = self._sums[slot,] / self._counts[slot,]
        else:
            return np.full(GRID * GRID, 1.0, np.float32)
        if (slot, part) in self._sums:
            mean = (self._sums[slot, part] + _PRIOR * mean) / (self._counts[slot, part] + _PRIOR)
        blurred: NDArray[np.float32] = _blurred(mean.astype(np.float32)) + np.float32(_FLOOR)
        return blurred


def _blurred(cells: NDArray[np.float32]) -> NDArray[np.float32]:
    padded = np.pad(cells.reshape(GRID, GRID), 1, mode="edge")
    across = padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]
    blurred: NDArray[np.float32] = (across[:-2] + 2 * across[1:-1] + across[2:]).ravel() / 16
    return blurred


def _ordinary(tree: Tree) -> bool:
    return isinstance(tree, str) or (
        tree.operator not in "\u2ffe\u2fff\u31ef" and all(map(_ordinary, tree.children))
    )


def glyph_islands(outline: Outline) -> GlyphIslands:
    """The islands of a glyph, with their boxes."""
    contours = islands(outline)
    return GlyphIslands(outline, contours, outline.contour_bounds[[island[0] for island in contours]])
