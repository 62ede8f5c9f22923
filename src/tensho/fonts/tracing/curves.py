"""Least-squares cubic Béziers through many runs of points at once.

After P. J. Schneider, "An algorithm for automatically fitting digitized curves", Graphics Gems (1990),
with three changes. All runs of a glyph are fitted together, as sums over segments of one array. A handle
is free where the curve ends in a corner; where curves join smoothly its direction is fixed and only its
length is fitted. And a run is split first where it is level or upright, so that extremes lie on the
curve and straight stems stay straight, and only then where the fit is worst.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from tensho.fonts.tracing.edges import Floats, Ints

__all__ = ["Pieces", "Runs", "fit_curves", "straight_pieces"]

ROUNDS = 8
"""Times that points are projected on their curve and the curve is fitted again, at most."""

FLAT, SHORTEST_STRAIGHT = (
    0.04,
    7.0,
)  # pixels: a stretch that stays level within the one for the other is a line
STRAIGHT = 0.3  # the part of the tolerance that handles may be off the chord of a curve that is a line
RIDGE = 0.02  # weight, in points, of handles at a third of the chord
FEWEST = 4  # points that a run must have to be split


@dataclass(frozen=True)
class Runs:
    """Stretches of an array of points, each to become one or more curves.

    Attributes:
        number: ``(R,)``, increasing along the contours; the pieces of one run all bear its number.
        first, last: ``(R,)``, the stretch's points are ``points[first:last]``; there may be none.
        a, b: ``(R, 2)``, where the curve begins and ends, in pixels.
        ta, tb: ``(R, 2)``, unit tangents there, pointing along the curve; zero where the handle is free.
    """

    number: Ints
    first: Ints
    last: Ints
    a: Floats
    b: Floats
    ta: Floats
    tb: Floats

    def __getitem__(self, chosen: NDArray[np.bool_]) -> Runs:
        return Runs(*(getattr(self, field.name)[chosen] for field in fields(self)))

    def __add__(self, other: Runs) -> Runs:
        return Runs(*(np.concatenate([getattr(self, f.name), getattr(other, f.name)]) for f in fields(self)))


@dataclass(frozen=True)
class Pieces:
    """Lines and cubic curves in any order.

    Attributes:
        number: ``(M,)``, the run that the piece came of.
        rank: ``(M,)``, sorting by number and rank puts the pieces in the order of their points.
        controls: ``(M, 4, 2)``, end points and handles, in pixels; a line's handles lie on it.
        straight: ``(M,)``, whether it is a line.
    """

    number: Ints
    rank: NDArray[np.floating]
    controls: Floats
    straight: NDArray[np.bool_]

    def __add__(self, other: Pieces) -> Pieces:
        return Pieces(
            *(np.concatenate([getattr(self, f.name), getattr(other, f.name)]) for f in fields(self))
        )


def straight_pieces(number: Ints, rank: NDArray[np.floating], a: Floats, b: Floats) -> Pieces:
    """Lines from ``a`` to ``b``, both ``(M, 2)``."""
    thirds = np.linspace(0, 1, 4)[:, None]
    controls = a[:, None] * (1 - thirds) + b[:, None] * thirds
    return Pieces(number, rank, controls, np.ones(len(rank), np.bool_))


def fit_curves(points: Floats, runs: Runs, tolerance: float) -> Pieces:
    """Fit runs of points with as few lines and curves as stay within the tolerance.

    Args:
        points: ``(N, 2)``, in pixels.
        runs: which stretches of them, and how they end.
        tolerance: how far, in pixels, a point may be from the curve.

    Returns:
        The pieces of all runs.
    """
    nowhere = np.empty((0, 2))
    pieces = straight_pieces(np.empty(0, np.int64), np.empty(0), nowhere, nowhere)
    for remaining in reversed(range(ROUNDS)):
        bare = runs.first >= runs.last
        pieces += straight_pieces(runs.number[bare], runs.first[bare] + 0.0, runs.a[bare], runs.b[bare])
        runs = runs[~bare]
        if not len(runs.first):
            break
        level, between, lines = _split_where_level(points, runs, tolerance)
        pieces += lines
        runs = runs[~level]
        if len(runs.first):
            controls, error, worst = _fit(points, runs)
            good = (error <= tolerance) | (runs.last - runs.first < FEWEST) | (remaining == 0)
            fitted = controls[good]
            pieces += Pieces(
                runs.number[good], runs.first[good] + 0.0, fitted, _is_straight(fitted, STRAIGHT * tolerance)
            )
            runs = _split_at(points, runs[~good], worst[~good])
        runs += between
    return pieces


def _is_straight(controls: Floats, tolerance: float) -> NDArray[np.bool_]:
    chord = controls[:, 3] - controls[:, 0]
    length = np.maximum(np.hypot(*chord.T), 1e-9)
    handles = controls[:, 1:3] - controls[:, :1]
    off = np.abs(chord[:, None, 0] * handles[..., 1] - chord[:, None, 1] * handles[..., 0]) / length[:, None]
    return np.asarray(off.max(axis=1) < tolerance)


def _gather(runs: Runs) -> tuple[Ints, Ints, Ints]:
    """Indices of all points of the runs, the run of each, and where each run begins among them."""
    counts = runs.last - runs.first
    starts = np.cumsum(counts) - counts
    run = np.repeat(np.arange(len(counts)), counts)
    return np.arange(len(run)) + (runs.first - starts)[run], run, starts


@dataclass(frozen=True)
class _Crests:
    """Where each run is farthest out in one direction: between ``points[low]`` and ``points[high]``, both included.

    ``level`` is how far out that is, ``flat`` whether the run stays there long enough to be a line, and
    ``merit`` what a split there is worth (0: nothing).
    """

    low: Ints
    high: Ints
    level: Floats
    flat: NDArray[np.bool_]
    merit: Floats


def _crests(points: Floats, runs: Runs, axis: int, sign: int, tolerance: float) -> _Crests:
    index, run, starts = _gather(runs)
    coordinate = sign * points[index, axis]
    ends = sign * np.stack([runs.a[:, axis], runs.b[:, axis]])
    top = np.maximum.reduceat(coordinate, starts)
    crest = np.maximum(top, ends.max(axis=0))
    on_crest = coordinate > (crest - FLAT)[run]
    low = np.minimum.reduceat(np.where(on_crest, index, len(points)), starts)
    high = np.maximum.reduceat(np.where(on_crest, index, -1), starts)
    low = np.minimum(low, len(points) - 1)
    whole = np.add.reduceat(on_crest.astype(np.int64), starts) == high - low + 1
    length = np.where(whole, np.abs(points[high, 1 - axis] - points[low, 1 - axis]), 0)
    flat = length >= SHORTEST_STRAIGHT
    beyond = top - ends.max(axis=0)
    # A line keeps to the level of its own end, if it has one, so that it is exactly level.
    close = crest - ends < FLAT
    level = np.where(flat & close[0], ends[0], np.where(flat & close[1], ends[1], crest))
    # A straight stretch is worth more than any turning point, and of two crests of one height the first will do.
    merit = np.where(flat, 1000 + length, np.where(beyond > tolerance, beyond, 0))
    return _Crests(low, np.where(whole, high, low), sign * level, flat, merit)


def _split_where_level(
    points: Floats, runs: Runs, tolerance: float
) -> tuple[NDArray[np.bool_], Runs, Pieces]:
    """Split runs at their extremes: at one point where they turn, at two where they stay level for a while.

    Returns:
        Which runs were split, the runs that came of them, and the lines between.
    """
    crests = [_crests(points, runs, axis, sign, tolerance) for axis in (0, 1) for sign in (1, -1)]
    best = np.argmax([crest.merit for crest in crests], axis=0)

    def chosen(name: str) -> NDArray[np.generic]:
        offers: NDArray[np.generic] = np.stack([getattr(crest, name) for crest in crests])
        return np.asarray(offers[best, np.arange(len(best))][split])

    split = np.max([crest.merit for crest in crests], axis=0) > 0
    runs, axis = runs[split], best[split] // 2
    low, high = (chosen(name).astype(np.int64) for name in ("low", "high"))
    level, is_line = chosen("level").astype(np.float64), chosen("flat").astype(np.bool_)
    rank = np.arange(len(low))
    turn = (points[low] + points[high]) / 2
    begin_at, end_at = (np.where(is_line[:, None], points[cut], turn) for cut in (low, high))
    begin_at[rank, axis] = end_at[rank, axis] = level
    from_begin = is_line & (low == runs.first) & (np.abs(runs.a[rank, axis] - level) < FLAT)
    to_end = is_line & (high == runs.last - 1) & (np.abs(runs.b[rank, axis] - level) < FLAT)
    begin_at[from_begin], end_at[to_end] = runs.a[from_begin], runs.b[to_end]
    tangent = np.zeros((len(low), 2))
    across = points[np.minimum(high + 1, runs.last - 1)] - points[np.maximum(low - 1, runs.first)]
    tangent[rank, 1 - axis] = np.where(across[rank, 1 - axis] < 0, -1, 1)
    left = Runs(runs.number, runs.first, low, runs.a, begin_at, runs.ta, tangent)[~from_begin]
    right = Runs(runs.number, high + 1, runs.last, end_at, runs.b, tangent, runs.tb)[~to_end]
    lines = straight_pieces(runs.number[is_line], low[is_line] + 0.5, begin_at[is_line], end_at[is_line])
    return split, left + right, lines


def _split_at(points: Floats, runs: Runs, worst: Ints) -> Runs:
    """Split each run at a point, with the tangent that its neighbours show."""
    at = np.clip(worst, runs.first + 1, runs.last - 2)
    reach = np.minimum(3, np.minimum(at - runs.first, runs.last - 1 - at))
    tangent = points[at + reach] - points[at - reach]
    tangent /= np.maximum(np.hypot(*tangent.T), 1e-9)[:, None]
    left = Runs(runs.number, runs.first, at, runs.a, points[at], runs.ta, tangent)
    return left + Runs(runs.number, at + 1, runs.last, points[at], runs.b, tangent, runs.tb)


def _fit(points: Floats, runs: Runs) -> tuple[Floats, Floats, Ints]:
    """Fit one cubic to each run.

    Returns:
        Control points ``(R, 4, 2)``; the largest distance of a point from its curve, and that point's index.
    """
    index, run, starts = _gather(runs)
    x = points[index]
    before = np.where((index == runs.first[run])[:, None], runs.a[run], points[index - 1])
    travelled = np.cumsum(np.hypot(*(x - before).T))
    lead = travelled[starts] - np.hypot(*(x[starts] - runs.a).T)
    final = index[starts] + np.diff(np.append(starts, len(index))) - 1
    total = travelled[starts + final - index[starts]] - lead + np.hypot(*(runs.b - points[final]).T)
    u = (travelled - lead[run]) / total[run]
    for _ in range(4):
        controls = _least_squares(x, u, run, starts, runs)
        u = _nearer(x, u, controls[run])
    square = np.sum((_evaluate(controls[run], u) - x) ** 2, axis=1)
    error = np.maximum.reduceat(square, starts)
    worst = np.minimum.reduceat(np.where(square == error[run], index, len(points)), starts)
    return controls, np.sqrt(error), worst


def _least_squares(x: Floats, u: Floats, run: Ints, starts: Ints, runs: Runs) -> Floats:
    """Find the handles: two unknowns where free, one where the tangent is given (the other is then zero)."""
    v = 1 - u
    b1, b2 = 3 * u * v * v, 3 * u * u * v
    rest = x - (v**3 + b1)[:, None] * runs.a[run] - (u**3 + b2)[:, None] * runs.b[run]
    s11, s12, s22 = (np.add.reduceat(product, starts) for product in (b1 * b1, b1 * b2, b2 * b2))
    r1, r2 = (np.add.reduceat(weight[:, None] * rest, starts) for weight in (b1, b2))
    chord = (runs.b - runs.a) / 3
    basis1, basis2 = _basis(runs.ta), _basis(runs.tb)
    matrix = np.zeros((len(starts), 4, 4))
    matrix[:, :2, :2] = (s11 + RIDGE)[:, None, None] * (basis1.transpose(0, 2, 1) @ basis1)
    matrix[:, 2:, 2:] = (s22 + RIDGE)[:, None, None] * (basis2.transpose(0, 2, 1) @ basis2)
    matrix[:, :2, 2:] = s12[:, None, None] * (basis1.transpose(0, 2, 1) @ basis2)
    matrix[:, 2:, :2] = matrix[:, :2, 2:].transpose(0, 2, 1)
    idle = np.concatenate([(basis1[:, :, 1] == 0).all(axis=1), (basis2[:, :, 1] == 0).all(axis=1)])
    matrix[:, 1, 1] += idle[: len(starts)]
    matrix[:, 3, 3] += idle[len(starts) :]
    right = np.concatenate(
        [
            (basis1.transpose(0, 2, 1) @ (r1 + RIDGE * chord)[..., None])[..., 0],
            (basis2.transpose(0, 2, 1) @ (r2 - RIDGE * chord)[..., None])[..., 0],
        ],
        axis=1,
    )
    handles = np.linalg.solve(matrix, right[..., None])[..., 0]
    # A handle that points backwards makes a loop; a tenth of the chord is the least that keeps its direction.
    least = 0.3 * np.hypot(*chord.T)
    fixed1, fixed2 = idle[: len(starts)], idle[len(starts) :]
    handles[:, 0] = np.where(fixed1, np.maximum(handles[:, 0], least), handles[:, 0])
    handles[:, 2] = np.where(fixed2, np.minimum(handles[:, 2], -least), handles[:, 2])
    out = runs.a + (basis1 @ handles[:, :2, None])[..., 0]
    into = runs.b + (basis2 @ handles[:, 2:, None])[..., 0]
    return np.stack([runs.a, out, into, runs.b], axis=1)


def _basis(tangent: Floats) -> Floats:
    """``(R, 2, 2)``: the plane where the tangent is free, else the tangent as the first column and nothing."""
    free = (tangent == 0).all(axis=1)
    basis = np.zeros((len(tangent), 2, 2))
    basis[:, :, 0] = tangent
    basis[free] = np.eye(2)
    return basis


def _evaluate(controls: Floats, u: Floats) -> Floats:
    v = 1 - u
    weights = np.stack([v**3, 3 * u * v * v, 3 * u * u * v, u**3], axis=1)
    return np.asarray(np.einsum("nk,nkd->nd", weights, controls))


def _nearer(x: Floats, u: Floats, controls: Floats) -> Floats:
    """One Newton step of each parameter towards the nearest point of its curve."""
    v = 1 - u
    first = 3 * np.diff(controls, axis=1)
    second = 2 * np.diff(first, axis=1)
    off = _evaluate(controls, u) - x
    speed = np.einsum("nk,nkd->nd", np.stack([v * v, 2 * u * v, u * u], axis=1), first)
    bend = np.einsum("nk,nkd->nd", np.stack([v, u], axis=1), second)
    slope = np.sum(speed**2, axis=1) + np.sum(off * bend, axis=1)
    step = np.where(slope > 1e-9, np.sum(off * speed, axis=1) / np.maximum(slope, 1e-9), 0)
    return np.clip(u - step, 0, 1)
