"""The writing of a character as pictures, for an animation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from tensho.composition.strokes.fitting import sampled
from tensho.composition.strokes.splitting import EM
from tensho.export.strokes.svg import PAUSE, durations
from tensho.export.strokes.written_glyph import TOP, WrittenGlyph, ink

__all__ = ["FRAME_MS", "writing_frames"]

FRAME_MS = 50

_GHOST = 0.13
"""Ink of what is not yet written."""

_EDGE = 0.06
"""Length of the pen's soft edge, beside that of the stroke."""

_MOST = 220
"""Frames of one animation; more strokes are written faster."""


def writing_frames(glyph: WrittenGlyph, size: int) -> NDArray[np.float32]:
    """The character as it is written, float32 (T, size, size) in [0, 1], ink = 1; the last frame is the whole glyph."""
    whole = ink(glyph.outline, size)
    times = durations(glyph)
    speed = max(1.0, 1000 * (sum(times) + PAUSE * len(times)) / FRAME_MS / _MOST)
    done = np.zeros_like(whole)
    frames = []
    for stroke, time in zip(glyph.strokes, times, strict=True):
        own = np.minimum(ink(stroke.outline, size), whole)
        when = _when(stroke.median, own, size)
        count = max(2, round(1000 * time / FRAME_MS / speed))
        for step in range(1, count + 1):
            reached = (1 + _EDGE) * step / count
            now = np.maximum(done, own * np.clip((reached - when) / _EDGE, 0, 1))
            frames.append(np.maximum(now, _GHOST * whole))
        done = np.maximum(done, own)
        frames += [np.maximum(done, _GHOST * whole)] * max(1, round(1000 * PAUSE / FRAME_MS / speed))
    return np.asarray([*frames, whole], np.float32)


def _when(median: NDArray[np.float64], own: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """How far along the stroke each pixel of it is, float32 (size, size) in [0, 1]."""
    fine = sampled(median, EM.units / size)
    rows, columns = np.nonzero(own > 0)
    scale = EM.units / size
    places = np.stack([(columns + 0.5) * scale, TOP - (rows + 0.5) * scale], 1)
    _, number = cKDTree(fine).query(places)
    when = np.ones_like(own)
    when[rows, columns] = number / max(len(fine) - 1, 1)
    return when
