"""Where the parts of a described character stand in a picture of it.

`tensho.composition.layout` says where parts usually stand. Here that is laid over the ink of one glyph, and rows and columns
are parted where the least ink is crossed near the usual line. So the boxes follow the hand that drew it; a part that another
encloses stays where it usually stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tensho.composition.bitmaps.segmentation import ink_box
from tensho.composition.box import Box
from tensho.composition.layout import Layout, default_proportions, measure
from tensho.errors import TenshoError
from tensho.ids.decomposition import slotted
from tensho.ids.syntax import Tree, to_string

__all__ = ["PartPlace", "part_places"]

_INK = 96
"""Grey, of 255, from which on a pixel counts as ink."""

_REACH = 0.15
"""Farthest that a line between two parts is moved, in sides of the whole that they share."""

_FAITH = 0.6
"""Ink crossed, as a share of the line, that is as bad as a line moved by all of the reach."""


_AXIS = {"⿰": 0, "⿲": 0, "⿱": 1, "⿳": 1}
"""Whether an operator parts across (0) or down (1)."""


class PartPlace(NamedTuple):
    """A part, and the box of its ink as shares of the picture's width and height, y downwards."""

    part: str
    box: Box


def part_places(tree: Tree, glyph: NDArray[np.uint8]) -> list[PartPlace]:
    """Where each part stands, in writing order.

    Args:
        tree: the description of the glyph.
        glyph: uint8 (H, W), ink = 255 on 0; with some ink.

    Raises:
        TenshoError: the description takes strokes away (㇯), which have no place.
    """
    if "㇯" in to_string(tree):
        raise TenshoError("㇯ takes strokes away, which have no place; describe what is left")
    ink = glyph >= _INK
    usual = Layout(default_proportions(), measure)
    return list(_placed(slotted(tree), usual, ink, _scaled(ink_box(ink), ink)))


def _placed(tree: Tree, usual: Layout, ink: NDArray[np.bool_], region: Box) -> Iterator[PartPlace]:
    """The parts of a tree whose ink is all that is in ``region``."""
    box = _tightened(region, ink)
    if isinstance(tree, str):
        yield PartPlace(tree, box)
    elif tree.operator not in _AXIS:
        yield from _as_usual(tree, usual, box)
    else:
        axis, boxes, start = _AXIS[tree.operator], usual.children(tree, box), None
        for child, here, following in zip(tree.children, boxes, [*boxes[1:], None], strict=True):
            start = box[axis] if start is None else start
            stop = (
                box[axis + 2]
                if following is None
                else _parting(ink, box, axis, (here[axis + 2] + following[axis]) / 2, start)
            )
            own = Box(start, box.y0, stop, box.y1) if axis == 0 else Box(box.x0, start, box.x1, stop)
            yield from _placed(child, usual, ink, own)
            start = stop


def _as_usual(tree: Tree, usual: Layout, box: Box) -> Iterator[PartPlace]:
    """The parts of a tree where they usually stand in its box."""
    if isinstance(tree, str):
        yield PartPlace(tree, box)
        return
    for child, inner in zip(tree.children, usual.children(tree, box), strict=True):
        yield from _as_usual(child, usual, inner)


def _parting(ink: NDArray[np.bool_], box: Box, axis: int, usual: float, start: float) -> float:
    """Where to part a box across an axis, near the usual place and after ``start``."""
    left, top, right, bottom = _pixels(box, ink)
    across = ink[top:bottom, left:right].mean(axis)
    side = len(across)
    length = ink.shape[1 - axis]
    places = (np.arange(side + 1) + (left, top)[axis]) / length
    crossed = np.minimum(np.append(across, 0), np.append(0, across))
    away = np.abs(places - usual) / ((box[axis + 2] - box[axis]) * _REACH)
    cost = np.where((away <= 1) & (places > start), crossed + _FAITH * away**2, np.inf)
    return float(places[cost.argmin()]) if np.isfinite(cost).any() else usual


def _tightened(region: Box, ink: NDArray[np.bool_]) -> Box:
    """The box of the ink in a region; the region itself if there is none."""
    left, top, right, bottom = _pixels(region, ink)
    inside = ink[top:bottom, left:right]
    if not inside.any():
        return region
    x0, y0, x1, y1 = ink_box(inside)
    return _scaled((left + x0, top + y0, left + x1, top + y1), ink)


def _pixels(box: Box, ink: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    height, width = ink.shape
    left, top = round(box.x0 * width), round(box.y0 * height)
    return left, top, max(left + 1, round(box.x1 * width)), max(top + 1, round(box.y1 * height))


def _scaled(box: tuple[int, int, int, int], ink: NDArray[np.bool_]) -> Box:
    height, width = ink.shape
    return Box(box[0] / width, box[1] / height, box[2] / width, box[3] / height)
