"""Sampling in chunks of one size, so that a sample does not depend on how many are drawn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tensho.bounds import MOST_STEPS, check_whole

__all__ = ["Chunk", "check_request", "chunks"]

MOST_IMAGES = 1_000_000
"""Of one call; they are all held in memory."""


class Chunk(NamedTuple):
    """A stretch of a seed's samples that is drawn at once.

    Attributes:
        indices: of its samples.
        rows: for each of them, the row of the request's conditions; the nearest one where it was not asked for.
        wanted: the places in the chunk of those that were asked for.
    """

    indices: range
    rows: list[int]
    wanted: list[int]


def chunks(n: int, first: int, size: int) -> Iterator[Chunk]:
    """The chunks that hold samples ``first`` … ``first + n - 1``; they begin at multiples of ``size``."""
    for start in range(first - first % size, first + n, size):
        indices = range(start, start + size)
        rows = [min(max(i - first, 0), n - 1) for i in indices]
        yield Chunk(indices, rows, [k for k, i in enumerate(indices) if first <= i < first + n])


def check_request(n: int, steps: int | None) -> None:
    """Raise `TenshoError` if ``n`` or ``steps`` is not a whole number, not positive, or more than anything needs."""
    check_whole("the number of images", n, 1, MOST_IMAGES)
    if steps is not None:
        check_whole("--steps", steps, 1, MOST_STEPS)
