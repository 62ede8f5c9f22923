"""Code points as ranges in a short text: ``3005-3007 4e00*2`` is 々, 〆, 〇 once and 一 twice."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

__all__ = ["decode", "encode"]


def encode(code_points: NDArray[np.uint32]) -> str:
    """Write ascending code points, uint32 with shape (N,), as ranges in hexadecimal, ``*`` giving repeats."""
    values, repeats = np.unique(code_points, return_counts=True)
    breaks = np.flatnonzero((np.diff(values.astype(np.int64)) != 1) | (np.diff(repeats) != 0)) + 1
    ranges = []
    for run, repeat in zip(np.split(values, breaks), np.split(repeats, breaks), strict=True):
        if len(run):
            text = f"{run[0]:x}" if len(run) == 1 else f"{run[0]:x}-{run[-1]:x}"
            ranges.append(text if repeat[0] == 1 else f"{text}*{repeat[0]}")
    return " ".join(ranges)


def decode(text: str) -> NDArray[np.uint32]:
    """The code points that `encode` wrote, uint32 with shape (N,), ascending.

    Raises:
        ValueError: the text was not written by `encode`.
    """
    return np.concatenate([np.empty(0, np.uint32), *_runs(text)])


def _runs(text: str) -> Iterator[NDArray[np.uint32]]:
    for part in text.split():
        span, _, repeat = part.partition("*")
        first, _, last = span.partition("-")
        run = np.arange(int(first, 16), int(last or first, 16) + 1, dtype=np.uint32)
        yield np.repeat(run, int(repeat or 1))
