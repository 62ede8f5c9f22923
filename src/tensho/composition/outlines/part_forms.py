"""The forms of one part of a face: how it is drawn in each of the characters that have it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["TYPICAL_STEPS", "Forms"]

TYPICAL_STEPS = 255
"""Steps in which it is said how typical a form is. Numbers are as coarse here as in a file, so that both compose the same."""


@dataclass(frozen=True, eq=False)
class Forms:
    """The forms of one part, one row each.

    Attributes:
        slots: where it stands, as in ⿰1, (F,) strings.
        donors: the characters that they were cut from, (F,) strings.
        contours: the contours of the donor that make each form.
        boxes: their ink in font units, float32 (F, 4) as left, bottom, right, top.
        siblings: the ink of the other children of the same node, float32 (F, 4).
        typical: in [0, 1], how like the usual form of the part in that slot each is, float32 (F,).
    """

    slots: NDArray[np.str_]
    donors: NDArray[np.str_]
    contours: Sequence[tuple[int, ...]]
    boxes: NDArray[np.float32]
    siblings: NDArray[np.float32]
    typical: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.donors)
