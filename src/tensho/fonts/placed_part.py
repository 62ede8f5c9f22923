"""A part that a composed character has as its donor has it, so that both can refer to one drawing."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["PlacedPart"]


class PlacedPart(NamedTuple):
    """A part of a composed character that stands in it as in its donor, but for a move.

    Attributes:
        part: which, a character or the IDS of what is none.
        donor: the character of the face that has it.
        contours: the contours that it is there.
        first: the first of its contours in the composed character, where they follow each other in the same order.
        move: from there to here, in font units.
    """

    part: str
    donor: str
    contours: tuple[int, ...]
    first: int
    move: tuple[float, float]

    @property
    def name(self) -> str:
        """A glyph's name, such as part.u8A01.u8AAC.0 for the 言 of 説: part, donor, and where in that it begins."""
        part, donor = ("_".join(f"u{ord(char):04X}" for char in text) for text in (self.part, self.donor))
        return f"part.{part}.{donor}.{min(self.contours)}"
