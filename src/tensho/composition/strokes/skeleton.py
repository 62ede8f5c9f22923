"""A described character as ordered, directed strokes.

From the top of the description down, the layout (`tensho.composition.layout`) says where each child goes. A child that
KanjiVG has as a part is taken from the character whose box for it is most alike in shape, in the same position if any has it
there; one that it lacks is taken apart. Strokes follow the order of the children, but for what is enclosed
(`tensho.composition.strokes.order`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tensho.composition.box import Box
from tensho.composition.layout import Layout, default_proportions, measure
from tensho.composition.strokes.inventory import (
    StrokeForm,
    StrokeInventory,
    any_character,
)
from tensho.composition.strokes.order import strokes_before
from tensho.errors import TenshoError
from tensho.ids.canonical import exists
from tensho.ids.decomposition import decompose, slotted
from tensho.ids.syntax import Arrangement, Tree, to_string

__all__ = ["PlacedStroke", "Skeleton", "skeleton"]

Order: TypeAlias = "Callable[[str, str, int], int]"

_STEM = 0.03
"""Half of the width of a stroke in the face whose ink boxes the layout knows, in its em."""

_ELSEWHERE = 0.7
"""What it costs that a form has another position in its donor, beside the logarithm of how it must be stretched."""

_THIN = 0.04
"""A side of a part's box shorter than this is not stretched: 一 has no height that could be fitted."""

_ENCLOSING = "⿴⿵⿶⿷⿸⿹⿺\u2ffc\u2ffd"
_DEEPEST = 12


@dataclass(frozen=True, eq=False)
class PlacedStroke:
    """A stroke in its place.

    Attributes:
        line: its centre line from where it begins, float64 (N, 2) in the unit square, y downwards.
        kind: its type, such as ㇐ or ㇆a.
        part: the part of the description that it belongs to.
        donor: the character of KanjiVG that it was taken from.
    """

    line: NDArray[np.float64]
    kind: str
    part: str
    donor: str


@dataclass(frozen=True, eq=False)
class Skeleton:
    """The strokes of a character in the order in which they are written."""

    strokes: tuple[PlacedStroke, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The type of each stroke."""
        return tuple(stroke.kind for stroke in self.strokes)


def skeleton(
    tree: Tree,
    *,
    gives: Callable[[str], bool] = any_character,
    whole: bool = True,
    order: Order = strokes_before,
) -> Skeleton:
    """The strokes of a character or a description.

    Args:
        tree: what to write.
        gives: which characters of KanjiVG strokes may be taken from.
        whole: take a character that KanjiVG has as it is there.
        order: how many strokes of an enclosure come first.

    Raises:
        TenshoError: it takes strokes away or turns a part, or KanjiVG has no strokes of one of its parts.
    """
    return _Composer(StrokeInventory(gives), default_proportions_layout(), order).compose(tree, whole=whole)


@cache
def default_proportions_layout() -> Layout:
    """The shipped layout."""
    return Layout(default_proportions(), measure)


class _Composer:
    def __init__(self, inventory: StrokeInventory, layout: Layout, order: Order) -> None:
        self._inventory, self._layout, self._order = inventory, layout, order

    def compose(self, tree: Tree, *, whole: bool) -> Skeleton:
        known = _encoded(tree)
        if whole and known and (own := self._inventory.forms(known, "")):
            return Skeleton(tuple(_moved(own[0], own[0].box, known)))
        opened = decompose(tree) if isinstance(tree, str) else tree
        if opened is None:
            if isinstance(tree, str) and (own := self._inventory.forms(tree, "")):
                return Skeleton(tuple(_moved(own[0], own[0].box, tree)))
            raise TenshoError(f"KanjiVG has no strokes of {to_string(tree)}, and no parts of it are known")
        drawn = slotted(opened)
        assert isinstance(drawn, Arrangement)
        return Skeleton(tuple(self._node(drawn, self._layout.root(drawn), 0)))

    def _node(self, tree: Arrangement, box: Box, depth: int) -> list[PlacedStroke]:
        if tree.operator in "\u2ffe\u2fff\u31ef":
            raise TenshoError(f"{tree.operator} has no order of strokes; describe what is left by its parts")
        boxes = self._layout.children(tree, box)
        inner = [
            self._child(child, f"{tree.operator}{k}", place, depth + 1)
            for k, (child, place) in enumerate(zip(tree.children, boxes, strict=True))
        ]
        if tree.operator in _ENCLOSING and isinstance(tree.children[0], str):
            before = self._order(tree.operator, tree.children[0], len(inner[0]))
            return [*inner[0][:before], *inner[1], *inner[0][before:]]
        return [stroke for strokes in inner for stroke in strokes]

    def _child(self, tree: Tree, slot: str, box: Box, depth: int) -> list[PlacedStroke]:
        part = _encoded(tree)
        if part is not None and (forms := self._inventory.forms(part, slot)):
            place = _inset(box)
            best = min(forms, key=lambda form: _strain(form, place))
            return list(_moved(best, place, part))
        opened = decompose(tree) if isinstance(tree, str) else tree
        if opened is None or depth > _DEEPEST:
            raise TenshoError(f"KanjiVG has no strokes of {to_string(tree)}, and no parts of it are known")
        drawn = slotted(opened)
        assert isinstance(drawn, Arrangement)
        return self._node(drawn, box, depth)


def _encoded(tree: Tree) -> str | None:
    """The character that a tree is, if it is one."""
    if isinstance(tree, str):
        return tree
    known = exists(tree)
    return min(known, key=lambda char: (not "一" <= char <= "鿿", char)) if known else None


def _inset(box: Box) -> Box:
    """The box of centre lines in a box of ink."""
    x, y = min(_STEM, box.width / 2), min(_STEM, box.height / 2)
    return Box(box.x0 + x, box.y0 + y, box.x1 - x, box.y1 - y)


def _strain(form: StrokeForm, box: Box) -> float:
    """How much a form has to be stretched in one direction more than in the other, and whether it stands elsewhere."""
    sides = [max(side, _THIN) for side in (form.box.width, form.box.height, box.width, box.height)]
    stretched = abs(float(np.log(sides[2] / sides[0]) - np.log(sides[3] / sides[1])))
    return stretched + (0.0 if form.in_place else _ELSEWHERE)


def _moved(form: StrokeForm, box: Box, part: str) -> list[PlacedStroke]:
    """A form in a box."""
    start = np.array([(form.box.x0 + form.box.x1) / 2, (form.box.y0 + form.box.y1) / 2])
    end = np.array([(box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2])
    scale = np.array([_scale(form.box.width, box.width), _scale(form.box.height, box.height)])
    thin = np.array([form.box.width, form.box.height]) < _THIN
    scale[thin] = np.minimum(scale[~thin].min(initial=1.0), 1.0)
    return [
        PlacedStroke((stroke.line - start) * scale + end, stroke.kind, part, form.donor)
        for stroke in form.strokes
    ]


def _scale(before: float, after: float) -> float:
    return after / before if before >= _THIN else 1.0
