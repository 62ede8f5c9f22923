"""Characters of very many strokes: room for each part by the strokes that it holds, and the size from which all can be seen.

What is learned of characters in use says little of ⿺辶⿳穴⿰月⿰⿲⿱幺長⿱言馬⿱幺長刂心: their parts are of like size, and these are not.
So a row is divided by the strokes that a line across meets in each of its parts, and a column by those that a line down meets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import ceil
from typing import NamedTuple

from tensho.composition.outlines.placement import Look
from tensho.fonts.outlines import Bounds
from tensho.ids.syntax import Arrangement, Tree

__all__ = ["DenseLeaf", "dense_leaves", "legible_from", "period"]

_PIXELS = 5.0
"""Pixels from one stroke to the next on average, at which all can be told apart: fewer than two never can (Nyquist), and where
they crowd they are twice as near."""

_GAP = 0.5  # room between two parts, in strokes and their gaps
_LEAST = 1.2  # strokes that a part counts for at least: a single one has room on both sides

_INSIDE = {
    "⿴": (0.14, 0.12, 0.86, 0.88), "⿵": (0.15, 0.0, 0.85, 0.8), "⿶": (0.15, 0.18, 0.85, 1.0),
    "⿷": (0.16, 0.13, 1.0, 0.87), "⿸": (0.17, 0.0, 1.0, 0.84), "⿹": (0.0, 0.0, 0.84, 0.84),
    "⿺": (0.27, 0.2, 1.0, 1.0),
}  # fmt: skip
"""Most of a frame that a part which encloses leaves to the other, as (x0, y0, x1, y1) with y upwards."""


class DenseLeaf(NamedTuple):
    """A part and its place: the slot that it fills, its box, and the box of all else in its node."""

    part: str
    slot: str
    box: Bounds
    rest: Bounds


def dense_leaves(tree: Arrangement, frame: Bounds, look: Callable[[Tree], Look]) -> Iterator[DenseLeaf]:
    """The parts of a tree in writing order, with room for their strokes.

    Args:
        tree: what is drawn.
        frame: the ink that it fills.
        look: what parts look like.
    """
    boxes = _boxes(tree, frame, look)
    for k, (child, box) in enumerate(zip(tree.children, boxes, strict=True)):
        if isinstance(child, Arrangement):
            yield from dense_leaves(child, box, look)
        else:
            yield DenseLeaf(child, f"{tree.operator}{k}", box, boxes[1 - k] if len(boxes) == 2 else frame)


def period(box: Bounds, look: Look) -> float:
    """From one stroke to the next in a part that looks so, where they are nearest, in font units."""
    return min(box.width / max(float(look[0]), 1.0), box.height / max(float(look[1]), 1.0))


def legible_from(nearest: float, em: float) -> int:
    """The least size in pixels at which strokes can be told apart that are so near, in font units."""
    return ceil(_PIXELS * em / max(nearest, 1.0))


def _boxes(tree: Arrangement, frame: Bounds, look: Callable[[Tree], Look]) -> list[Bounds]:
    if tree.operator in _INSIDE:
        x0, y0, x1, y1 = _INSIDE[tree.operator]
        inner = Bounds(
            frame.left + x0 * frame.width, frame.bottom + y0 * frame.height,
            frame.left + x1 * frame.width, frame.bottom + y1 * frame.height,
        )  # fmt: skip
        return [frame, inner]
    if tree.operator not in "⿰⿲⿱⿳":
        return [frame] * len(tree.children)
    down = tree.operator in "⿱⿳"
    strokes = [max(float(look(child)[int(down)]), _LEAST) for child in tree.children]
    room = sum(strokes) + _GAP * (len(strokes) - 1)
    found, start = [], 0.0
    for count in strokes:
        low, high = start / room, (start + count) / room
        if down:
            top, bottom = frame.top - low * frame.height, frame.top - high * frame.height
            found.append(Bounds(frame.left, bottom, frame.right, top))
        else:
            left, right = frame.left + low * frame.width, frame.left + high * frame.width
            found.append(Bounds(left, frame.bottom, right, frame.top))
        start += count + _GAP
    return found
