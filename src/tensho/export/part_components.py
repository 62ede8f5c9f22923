"""Parts that several glyphs of UFO sources share: drawn once, as a glyph of their own, and referred to as components."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from fontTools.pens.basePen import AbstractPen
from fontTools.pens.pointPen import AbstractPointPen, SegmentToPointPen

from tensho.fonts.outlines import Outline
from tensho.fonts.placed_part import PlacedPart

__all__ = ["Component", "PartLibrary", "draw_with_components"]

_SAME = 0.05  # font units; parts are moved back to their donors' places in single precision


class Component(NamedTuple):
    """A part in a glyph: the name of the part's glyph, and how far from there it stands, in font units."""

    name: str
    move: tuple[float, float]


class Drawable(Protocol):
    """What draws itself with a pen of segments, such as an outline."""

    def draw(self, pen: AbstractPen) -> None:
        """Draw."""


def draw_with_components(points: AbstractPointPen, rest: Drawable, components: Sequence[Component]) -> None:
    """Draw a glyph that was taken apart: its own contours, then the parts that it refers to."""
    rest.draw(SegmentToPointPen(points))
    for name, move in components:
        points.addComponent(name, (1, 0, 0, 1, *move))


class PartLibrary:
    """The parts that were met so far.

    Attributes:
        outlines: each part where its donor has it, by the name of its glyph.
    """

    def __init__(self) -> None:
        self.outlines: dict[str, Outline] = {}

    def taken_apart(self, outline: Outline, parts: Sequence[PlacedPart]) -> tuple[list[Component], list[int]]:
        """The components of a glyph, and those of its contours that belong to none.

        A part of another face that has the same name is no component.
        """
        components, own = [], set(range(len(outline)))
        for part in parts:
            contours = range(part.first, part.first + len(part.contours))
            there = outline.subset(contours)
            there = there.moved(there.points - np.array(part.move, np.float32))
            known = self.outlines.setdefault(part.name, there)
            if np.array_equal(known.tags, there.tags) and np.allclose(
                known.points, there.points, rtol=0, atol=_SAME
            ):
                components.append(Component(part.name, part.move))
                own -= set(contours)
        return components, sorted(own)
