"""Blocks of lines, one under the other, set to the left, to the right or in the middle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from tensho.text.columns import columns

__all__ = ["JUSTIFICATIONS", "Justification", "justified"]

Justification = Literal["left", "center", "right"]

JUSTIFICATIONS: tuple[Justification, ...] = ("left", "center", "right")


def justified(blocks: Sequence[Sequence[str]], width: int, justification: Justification) -> list[str]:
    """The lines of all blocks, of one width: that of the widest with its margin.

    Args:
        blocks: lines, equally wide within a block and at most ``width`` columns.
        width: columns between the margins.
        justification: where a block stands between them; an odd column goes to the left, as FIGlet has it.
    """
    lines = []
    for block in blocks:
        free = width - columns(block[0])
        margin = {"left": 0, "center": (free + 1) // 2, "right": free}[justification]
        lines += [" " * margin + line for line in block]
    widest = max(map(columns, lines))
    return [line + " " * (widest - columns(line)) for line in lines]
