"""What is borrowed of a face that a few characters are like: where parts go, and what they look like there.

Twenty characters do not say how tall a 艹 is, or whose an island is that lies between two parts. A face of the same kind says
both nearly right, and the few say in what they differ from it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from tensho.composition.outlines.islands import bounds_of, coverage
from tensho.composition.outlines.part_forms import Forms
from tensho.composition.outlines.placement import Placer
from tensho.composition.outlines.segmentation import GRID
from tensho.fonts.outline_reader import OutlineReader
from tensho.fonts.outlines import Bounds

__all__ = ["Neighbour"]

_LOOKED_AT = 12  # forms of a part in a slot
_SURE = 0.5  # how typical a form is at least that is looked at


class Neighbour:
    """A face that another one is taken to be like.

    Args:
        reader: the face.
        forms: its parts.
        placer: where they go in it.
    """

    def __init__(self, reader: OutlineReader, forms: Mapping[str, Forms], placer: Placer) -> None:
        self._reader, self._forms, self._placer = reader, forms, placer
        self._inks: dict[tuple[str, str], NDArray[np.float32] | None] = {}
        self._shapes: dict[tuple[str, str, int], NDArray[np.float32] | None] = {}

    def placer(self, em: Bounds) -> Placer:
        """Where parts go in a face like this one with another em box, until its own characters say more."""
        return self._placer.beside(em)

    def ink(self, slot: str, part: str) -> NDArray[np.float32] | None:
        """The share of each cell of a node's frame that a part inks there, float32 (GRID²,); None if it is not known."""
        if (slot, part) not in self._inks:
            found = []
            for row in self._rows(slot, part):
                forms = self._forms[part]
                frame = bounds_of(np.array([forms.boxes[row], forms.siblings[row]]))
                found.append(self._coverage(part, row, frame, GRID))
            self._inks[slot, part] = np.mean(found, axis=0, dtype=np.float32) if found else None
        return self._inks[slot, part]

    def shape(self, slot: str, part: str, grid: int) -> NDArray[np.float32] | None:
        """The share of each cell of its own box that a part inks as a rule, float32 (grid²,); None if it is not known."""
        key = slot, part, grid
        if key not in self._shapes:
            boxes = (Bounds(*self._forms[part].boxes[row].tolist()) for row in self._rows(slot, part))
            found = [
                self._coverage(part, row, box, grid)
                for row, box in zip(self._rows(slot, part), boxes, strict=True)
            ]
            self._shapes[key] = np.median(found, 0).astype(np.float32) if found else None
        return self._shapes[key]

    def _rows(self, slot: str, part: str) -> list[int]:
        forms = self._forms.get(part)
        if forms is None:
            return []
        rows = np.flatnonzero((forms.slots == slot) & (forms.typical > _SURE))
        chosen: list[int] = rows[:: max(1, len(rows) // _LOOKED_AT)][:_LOOKED_AT].tolist()
        return chosen

    def _coverage(self, part: str, row: int, frame: Bounds, grid: int) -> NDArray[np.float32]:
        forms = self._forms[part]
        donor = self._reader.outline(str(forms.donors[row]))
        assert donor is not None
        ink = coverage(donor.subset(forms.contours[row]), frame, grid).astype(np.float32)
        ink /= 255
        return ink
