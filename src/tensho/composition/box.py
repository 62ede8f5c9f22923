"""Boxes in the unit square of a glyph, and the map from one face's square to another's."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Box", "Frame"]


class Box(NamedTuple):
    """A rectangle in the unit square of a glyph, y downwards."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        """Its width as a share of the glyph's."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """Its height as a share of the glyph's."""
        return self.y1 - self.y0


class Frame(NamedTuple):
    """A scaling and shift of each axis, from the unit square of the reference face to another's."""

    x: float = 0.0
    y: float = 0.0
    across: float = 1.0
    down: float = 1.0

    def fitted(self, box: Box) -> Box:
        """Where the other face has what the reference face has in ``box``."""
        return Box(
            self.x + self.across * box.x0,
            self.y + self.down * box.y0,
            self.x + self.across * box.x1,
            self.y + self.down * box.y1,
        )
