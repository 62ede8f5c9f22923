"""A skeleton laid into the ink of a glyph: every stroke along the middle of its own.

The layout knows where parts stand on average; a face, and the composer of outlines, put them a little elsewhere. So the
skeleton is moved in three steps, from coarse to fine, towards the middle lines of the ink: each part as a whole, then each
stroke, then each point along with its neighbours. Every point is drawn to the nearest point of a middle line that runs the
same way (Besl and McKay's iterated closest points, with the direction as two more coordinates).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from tensho.composition.strokes.skeleton import PlacedStroke, Skeleton
from tensho.errors import TenshoError

__all__ = ["GRID", "FittedStroke", "fitted", "sampled"]

GRID = 256
"""Side of the picture in which ink is looked at, in pixels."""

_STEP = 3.0
"""Between points along a stroke, in pixels."""

_TURN = 22.0
"""What the opposite direction counts beside distances, in pixels."""

_ROUNDS = {"part": 8, "stroke": 6, "point": 8}
_STIFF = {"part": 0.3, "stroke": 0.6}
"""How much a part, or a stroke, is kept from changing its size, beside the pull of its points."""

_REACH = {"part": 48.0, "stroke": 28.0, "point": 14.0}
"""Beyond these distances a middle line is another stroke's, in pixels."""

_BACK = 0.5
"""What it counts to be the nearest to a point of a middle line, beside being drawn to the nearest one."""

_FURTHER, _SHORT = 8, 3
"""Pixels by which a line is made longer at most, and by which it ends before the ink does."""

_TAKEN = 0.6
"""A point of a middle line draws no stroke to it that is further away than another one by this factor."""

_HOLD = 0.3
"""What keeps a point where it is, beside what draws it."""

_SMOOTH = 2.0
"""Points by which a move spreads to both sides along a stroke."""

Points = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FittedStroke:
    """A stroke in a glyph.

    Attributes:
        line: its centre line from where it begins, float64 (N, 2) in pixels of `GRID`, y downwards, at equal distances.
        half: half of the width of the ink along it, float64 (N,), in pixels.
        placed: the stroke of the skeleton that it is.
    """

    line: Points
    half: NDArray[np.float64]
    placed: PlacedStroke


def fitted(skeleton: Skeleton, ink: NDArray[np.float64]) -> list[FittedStroke]:
    """Lay a skeleton into a glyph.

    Args:
        skeleton: of the character that the glyph shows.
        ink: float64 (GRID, GRID) in [0, 1], ink = 1.

    Raises:
        TenshoError: the picture has no ink.
    """
    inside = ink > 0.5
    if not inside.any():
        raise TenshoError("a glyph without ink has no strokes; leave it out")
    depth = ndimage.distance_transform_edt(inside)
    middle = _Middle(ink, depth)
    lines = _in_ink([stroke.line for stroke in skeleton.strokes], inside, middle.half)
    parts = _runs([(stroke.part, stroke.donor) for stroke in skeleton.strokes])
    for step, together in (("part", parts), ("stroke", [[k] for k in range(len(lines))])):
        for _ in range(_ROUNDS[step]):
            pulls = middle.pulls(lines, _REACH[step])
            for run in together:
                _pull([lines[k] for k in run], [pulls[k] for k in run], step)
    for _ in range(_ROUNDS["point"]):
        for line, pull in zip(lines, middle.pulls(lines, _REACH["point"]), strict=True):
            move = ndimage.gaussian_filter1d(
                pull.weight[:, None] * (pull.target - line), _SMOOTH, axis=0, mode="nearest"
            )
            share = ndimage.gaussian_filter1d(pull.weight, _SMOOTH, mode="nearest")
            line += 0.5 * move / (share + _HOLD)[:, None]
    found = []
    for line, stroke in zip(lines, skeleton.strokes, strict=True):
        even = sampled(_reaching(line, inside), _STEP)
        here = np.clip(even.round().astype(int), 0, GRID - 1)
        half = ndimage.maximum_filter(depth, 3)[here[:, 1], here[:, 0]]
        found.append(FittedStroke(even, np.maximum(half, 1.0), stroke))
    return found


def sampled(line: Points, step: float) -> Points:
    """Points along a line ``step`` apart or nearly so, its ends among them, float64 (N, 2), N at least 2."""
    length = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    number = max(2, round(float(length[-1]) / step) + 1)
    at = np.linspace(0, length[-1], number)
    return np.stack([np.interp(at, length, axis) for axis in line.T], 1)


@dataclass(frozen=True, eq=False)
class _Pull:
    """Where the points of a line are drawn to, float64 (N, 2), and how strongly, float64 (N,)."""

    target: Points
    weight: NDArray[np.float64]


class _Middle:
    """The middle lines of ink, each point with its direction."""

    def __init__(self, ink: NDArray[np.float64], depth: NDArray[np.float64]) -> None:
        smooth = ndimage.gaussian_filter(depth, 1.0)
        slope = np.hypot(ndimage.sobel(smooth, 0), ndimage.sobel(smooth, 1)) / 8
        ridge = (depth > 0.5) & (slope < 0.6) & (depth >= ndimage.maximum_filter(depth, 3) - 0.5)
        rows, columns = np.nonzero(ridge)
        self.half = float(np.median(depth[ridge])) if len(rows) else 1.0
        spread = max(self.half, 1.5)
        dy, dx = ndimage.gaussian_filter(ink, 1.0, (1, 0)), ndimage.gaussian_filter(ink, 1.0, (0, 1))
        xx, yy, xy = (ndimage.gaussian_filter(a, spread) for a in (dx * dx, dy * dy, dx * dy))
        # Twice the angle across the edges; the stroke runs at a right angle to it.
        strength = np.hypot(xx - yy, 2 * xy) + 1e-12
        cos, sin = -(xx - yy) / strength, -2 * xy / strength
        coherent = strength / (xx + yy + 1e-12)
        self._points = np.stack([columns, rows], 1).astype(np.float64)
        turn = _TURN / 2 * np.stack([cos, sin], -1)[rows, columns] * coherent[rows, columns, None]
        self._directed = np.concatenate([self._points, turn], 1)
        self._tree = cKDTree(self._directed)

    def pulls(self, lines: Sequence[Points], reach: float) -> list[_Pull]:
        """Where the points of lines are drawn to: to the nearest middle line, and by those of which they are the nearest."""
        asked = np.concatenate([_directed(line) for line in lines])
        owner = np.repeat(np.arange(len(lines)), [len(line) for line in lines])
        distance, number = self._tree.query(asked)
        back, nearest = cKDTree(asked).query(self._directed)
        taken = (owner[nearest[number]] != owner) & (back[number] < _TAKEN * distance)
        weight = ((distance < reach) & ~taken).astype(np.float64)
        target = self._points[number] * weight[:, None]
        near = back < reach
        np.add.at(weight, nearest[near], _BACK)
        np.add.at(target, nearest[near], _BACK * self._points[near])
        target /= np.maximum(weight, 1e-9)[:, None]
        ends = np.cumsum([len(line) for line in lines])[:-1]
        return [_Pull(t, w) for t, w in zip(np.split(target, ends), np.split(weight, ends), strict=True)]


def _directed(line: Points) -> Points:
    """The points of a line, each with its direction as two more coordinates, float64 (N, 4)."""
    along = np.gradient(line, axis=0)
    angle = 2 * np.arctan2(along[:, 1], along[:, 0])
    return np.concatenate([line, _TURN / 2 * np.stack([np.cos(angle), np.sin(angle)], 1)], 1)


def _reaching(line: Points, inside: NDArray[np.bool_]) -> Points:
    """A line that goes on at both ends as far as there is ink, but for half the width of a usual end."""
    for _ in range(2):
        line = line[::-1]
        back = line[max(-len(line), -3)]
        towards = line[-1] - back
        length = float(np.hypot(*towards))
        if length < 1e-6:
            continue
        far = 0
        while far < _FURTHER:
            x, y = np.clip(
                (line[-1] + (far + 1 + _SHORT) * towards / length).round().astype(int), 0, GRID - 1
            )
            if not inside[y, x]:
                break
            far += 1
        line = np.concatenate([line, line[-1:] + far * towards / length]) if far else line
    return line


def _in_ink(lines: Sequence[Points], inside: NDArray[np.bool_], half: float) -> list[Points]:
    """Lines in the unit square, moved so that all together fill the box of the ink but for half a stroke."""
    rows, columns = np.nonzero(inside)
    low = np.array([columns.min(), rows.min()]) + half
    high = np.array([columns.max(), rows.max()]) - half
    every = np.concatenate(lines)
    start, end = every.min(0), every.max(0)
    size = np.maximum(end - start, 1e-6)
    scale = (high - low) / size
    # What is one line has no height to be filled.
    scale = np.where(size * GRID < 4 * half, GRID, scale)
    middle = (low + high) / 2 - scale * (start + end) / 2
    return [sampled(line * scale + middle, _STEP) for line in lines]


def _pull(lines: list[Points], pulls: list[_Pull], step: str) -> None:
    """Move and scale lines together, in place, half-way to where their points are drawn."""
    points = np.concatenate(lines)
    targets, weight = np.concatenate([p.target for p in pulls]), np.concatenate([p.weight for p in pulls])
    if weight.sum() < 2:
        return
    centre, goal = np.average(points, 0, weight), np.average(targets, 0, weight)
    spread = (weight[:, None] * (points - centre) ** 2).sum(0)
    together = (weight[:, None] * (points - centre) * (targets - goal)).sum(0)
    stiff = _STIFF[step] * spread.max() + 1e-6
    scale = np.clip((together + stiff) / (spread + stiff), 0.8, 1.25)
    for line in lines:
        line += 0.5 * ((line - centre) * scale + goal - line)


def _runs(keys: Sequence[tuple[str, str]]) -> list[list[int]]:
    """The strokes of each part: those in a row that have one key, the rest of an enclosure with its beginning."""
    found: list[list[int]] = []
    last: tuple[str, str] | None = None
    for k, key in enumerate(keys):
        if key == last:
            found[-1].append(k)
        else:
            found.append([k])
        last = key
    return found
