"""Corners of closed polylines, told from tight bends.

A bend turns evenly, a corner turns at one place. So the tangents on both sides of a point are carried
on to the point itself, each with the turning that it shows on its own side: what is left between the two
is the corner's angle, and it is zero on a circle of any radius. The last 0.8 pixels before the point are
not looked at, because there a pixel's square has rounded the corner.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tensho.fonts.tracing.edges import Floats, Ints, Rings

__all__ = ["Corners", "find_corners"]

STEP = 0.4  # pixels from sample to sample
NEAR, MIDDLE, FAR = 2, 4, 7  # samples from the corner between which tangents are taken
REACH = 4  # samples to either side among which a corner is the sharpest
LEAST_ANGLE = np.deg2rad(24)
LEAST_TURN = np.deg2rad(28)
MOST_BEND = np.deg2rad(20)  # a side that turns more than this meets its own next corner


@dataclass(frozen=True)
class Corners:
    """Where polylines have corners.

    Attributes:
        ring: ``(K,)``, the ring each corner is on.
        position: ``(K,)``, how far along that ring it is, in pixels from the ring's first point.
        points: ``(K, 2)``, roughly where it is, in pixels.
        before, after: ``(K, 2)``, a point on either side that the rounding of the corner has not reached.
        leaving, arriving: ``(K, 2)``, unit tangents, along the ring, of the sides before and after the corner,
            carried on to the corner.
    """

    ring: Ints
    position: Floats
    points: Floats
    before: Floats
    after: Floats
    leaving: Floats
    arriving: Floats


def find_corners(rings: Rings) -> Corners:
    """Find the corners of closed polylines."""
    samples, position = _resample(rings)
    points = samples.points
    at = {k: points[samples.shifted(k)] for k in (-FAR, -MIDDLE, -NEAR, NEAR, MIDDLE, FAR)}
    before, before_far = _angle(at[-NEAR] - at[-MIDDLE]), _angle(at[-MIDDLE] - at[-FAR])
    after, after_far = _angle(at[MIDDLE] - at[NEAR]), _angle(at[FAR] - at[MIDDLE])
    # Tangents hold at the middle of the chord they are taken from.
    ratio = (NEAR + MIDDLE) / (FAR - NEAR)
    bend_before = ratio * np.clip(_wrapped(before - before_far), -MOST_BEND, MOST_BEND)
    bend_after = ratio * np.clip(_wrapped(after_far - after), -MOST_BEND, MOST_BEND)
    turn = _wrapped(after - before)
    angle = np.abs(turn - bend_before - bend_after)
    strength = np.where(np.abs(turn) > LEAST_TURN, np.minimum(angle, np.abs(turn)), 0)
    earlier = np.max([strength[samples.shifted(-k)] for k in range(1, REACH + 1)], axis=0)
    later = np.max([strength[samples.shifted(k)] for k in range(1, REACH + 1)], axis=0)
    found = np.flatnonzero((strength > LEAST_ANGLE) & (strength > earlier) & (strength >= later))
    return Corners(
        ring=samples.ring[found],
        position=position[found],
        points=points[found],
        before=at[-NEAR][found],
        after=at[NEAR][found],
        leaving=_direction(before + bend_before)[found],
        arriving=_direction(after - bend_after)[found],
    )


def _resample(rings: Rings) -> tuple[Rings, Floats]:
    """Points at equal steps along each ring, and how far along it they are."""
    first = rings.starts
    abscissa, lengths = rings.along()
    counts = np.maximum(8, np.ceil(lengths / STEP)).astype(np.int64)
    # Rings are closed by their first point and laid end to end with a gap, so that one call interpolates all.
    offsets = np.cumsum(lengths + 1) - lengths - 1
    abscissa += offsets[rings.ring]
    abscissa = np.append(np.insert(abscissa, first[1:], (offsets + lengths)[:-1]), offsets[-1] + lengths[-1])
    order = np.append(np.insert(np.arange(len(rings.points)), first[1:], first[:-1]), first[-1])
    ring = np.repeat(np.arange(len(counts)), counts)
    rank = np.arange(len(ring)) - np.repeat(np.cumsum(counts) - counts, counts)
    position = rank * (lengths / counts)[ring]
    closed = rings.points[order]
    where = offsets[ring] + position
    return Rings(np.stack([np.interp(where, abscissa, axis) for axis in closed.T], axis=1), counts), position


def _angle(vectors: Floats) -> Floats:
    return np.arctan2(vectors[:, 1], vectors[:, 0])


def _direction(angles: Floats) -> Floats:
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _wrapped(angles: Floats) -> Floats:
    return (angles + np.pi) % (2 * np.pi) - np.pi
