"""The characters of a page: where they stand, in reading order.

Ink is cut into lines where its shadow has gaps, and lines into cells, both from left to right and from top to bottom; the
reading of which the cells are the most alike and the most square is taken, and lines have to stand further apart than
their characters.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tensho.fonts.ink_picture import open_picture, read_ink

__all__ = ["Box", "Spot", "characters_on"]

Box = tuple[int, int, int, int]

_LARGEST = 1200
"""Longest side of a page that is looked at, in pixels."""

_INK = 96
"""Grey, of 255, from which on a pixel counts as ink."""

_WIDE_GAP = 0.35
"""Of the side of a character: what is set so far apart are two, whatever they look like."""

_FLAT = 0.35
"""Width of its length that a single stroke has at most."""

_SPECK = 0.2
"""Of the side of the largest character: what is smaller in both directions is dirt."""


@dataclass(frozen=True)
class Spot:
    """A character on a picture.

    Attributes:
        ink: uint8 (H, W), ink 255 on 0, cropped with a margin; the whole picture where it shows one character.
        box: left, top, right, bottom in the pixels of the picture.
    """

    ink: NDArray[np.uint8]
    box: Box


def characters_on(path: Path) -> list[Spot]:
    """The characters on a picture, in reading order: from the top left, or from the top right where columns are set.

    Raises:
        TenshoError: no such file, no picture, or one that shows nothing.
    """
    ink = read_ink(path, largest=_LARGEST)
    with open_picture(path) as picture:
        scale = max(picture.size) / max(ink.shape)
    boxes = _cells(ink >= _INK)
    if len(boxes) < 2:
        alone = read_ink(path)
        return [Spot(alone, (0, 0, round(ink.shape[1] * scale), round(ink.shape[0] * scale)))]
    return [Spot(_cropped(ink, box), _scaled(box, scale)) for box in boxes]


def _cells(ink: NDArray[np.bool_]) -> list[Box]:
    """The boxes of characters that are set in lines or columns; one box where there seems to be one character."""
    whole = _bounds(ink)
    if whole is None:
        return []
    rows = _lines(ink, whole)
    left, top, right, bottom = whole
    columns = [
        [(x0, y0, x1, y1) for y0, x0, y1, x1 in column]
        for column in _lines(ink.T, (top, left, bottom, right))
    ]
    columns.reverse()  # they are read from the right
    rows, columns = _without_specks(rows), _without_specks(columns)
    best = rows if _unlikeliness(rows, 0) <= _unlikeliness(columns, 1) else columns
    cells = [box for line in best for box in line]
    around = (
        min(box[0] for box in cells),
        min(box[1] for box in cells),
        max(box[2] for box in cells),
        max(box[3] for box in cells),
    )
    return cells if len(cells) > 1 and not _may_be_one(cells, around) else [around]


def _without_specks(lines: list[list[Box]]) -> list[list[Box]]:
    side = max(max(x1 - x0, y1 - y0) for line in lines for x0, y0, x1, y1 in line)
    kept = [[box for box in line if max(box[2] - box[0], box[3] - box[1]) >= _SPECK * side] for line in lines]
    return [line for line in kept if line]


def _may_be_one(cells: list[Box], whole: Box) -> bool:
    """Whether few cells stand as near to each other as the parts of one character, and fill a square together."""
    width, height = whole[2] - whole[0], whole[3] - whole[1]
    if not 0.6 < width / height < 1.67:
        return False
    side = float(np.median([max(x1 - x0, y1 - y0) for x0, y0, x1, y1 in cells]))
    if all(min(x1 - x0, y1 - y0) < _FLAT * max(x1 - x0, y1 - y0) for x0, y0, x1, y1 in cells):
        return len(cells) < 5  # the strokes of 二, 三 or 川
    across = max(_gaps([(box[0], box[2]) for box in cells]), default=0)
    down = max(_gaps([(box[1], box[3]) for box in cells]), default=0)
    return len(cells) < 5 and max(across, down) < _WIDE_GAP * side


def _unlikeliness(lines: list[list[Box]], along: int) -> float:
    """How far cells are from squares of one size, and more if lines stand nearer to each other than their characters.

    ``along`` is 0 where lines run from left to right, 1 where they run from top to bottom.
    """
    sides = np.array([(x1 - x0, y1 - y0) for line in lines for x0, y0, x1, y1 in line], np.float64)
    shape = np.abs(np.log(sides[:, 0] / sides[:, 1]))
    size = np.log(sides.max(axis=1))
    inside = _gaps([(box[along], box[along + 2]) for line in lines for box in line])
    between = _gaps([(box[1 - along], box[3 - along]) for line in lines for box in line])
    crowded = bool(inside and between and np.median(between) < np.median(inside))
    return float(shape.mean() + size.std()) + 0.1 * crowded


def _gaps(spans: list[tuple[int, int]]) -> list[int]:
    """The gaps between the unions of spans."""
    found, end = [], None
    for first, last in sorted(spans):
        if end is not None and first > end:
            found.append(first - end)
        end = last if end is None else max(end, last)
    return found


def _lines(ink: NDArray[np.bool_], whole: Box) -> list[list[Box]]:
    """Lines from the top, the cells of each from the left: runs of ink, joined while they are no larger than a square."""
    left, top, right, bottom = whole
    page = ink[top:bottom, left:right]
    runs = _runs(page, 1)
    bands = _joined(runs, _pitch(runs, right - left))
    found = []
    for first, last in bands:
        cells = _joined(_runs(page[first:last], 0), last - first)
        line = []
        for start, stop in cells:
            inner = np.flatnonzero(page[first:last, start:stop].any(axis=1))
            line.append(
                (left + start, top + first + int(inner[0]), left + stop, top + first + int(inner[-1]) + 1)
            )
        found.append(line)
    return found


def _pitch(runs: list[tuple[int, int]], width: int) -> int:
    """The height of a line: of the tallest run; of all of them where they seem to be one character in pieces."""
    tallest = max(stop - start for start, stop in runs)
    whole = runs[-1][1] - runs[0][0]
    gap = max((after[0] - before[1] for before, after in pairwise(runs)), default=0)
    return whole if whole <= 1.2 * width and len(runs) < 5 and gap < _WIDE_GAP * tallest else tallest


def _joined(runs: list[tuple[int, int]], side: int) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, stop in runs:
        if joined and stop - joined[-1][0] <= 1.15 * side and start - joined[-1][1] < _WIDE_GAP * side:
            joined[-1] = joined[-1][0], stop
        else:
            joined.append((start, stop))
    return joined


def _runs(ink: NDArray[np.bool_], axis: int) -> list[tuple[int, int]]:
    """Where the ink's shadow along an axis begins and ends."""
    filled = np.asarray(ink.any(axis=axis))
    edges = np.flatnonzero(np.diff(np.concatenate([[False], filled, [False]]).astype(np.int8)))
    return [(int(start), int(stop)) for start, stop in zip(edges[::2], edges[1::2], strict=True)]


def _bounds(ink: NDArray[np.bool_]) -> Box | None:
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _cropped(ink: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    left, top, right, bottom = box
    return np.pad(ink[top:bottom, left:right], max(2, (right - left) // 16))


def _scaled(box: Box, scale: float) -> Box:
    left, top, right, bottom = (round(edge * scale) for edge in box)
    return left, top, right, bottom
