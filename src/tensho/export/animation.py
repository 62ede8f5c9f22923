"""Animations of glyphs: a walk from noise to a character, or one character turning into another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageFilter, PngImagePlugin
from scipy import ndimage

from tensho.atomic import replaced_file
from tensho.errors import TenshoError

__all__ = ["morph", "write_animation"]

INK, PAPER = (24, 22, 20), (250, 247, 240)
SHADES = 32  # of grey: more are not seen on a moving glyph and cost bytes
ROUNDNESS = 0.014  # of the side: how far corners are rounded half-way through a morph
LARGEST = 2_000_000  # bytes, what chat programs and issue trackers show at once


def write_animation(
    frames: ArrayLike,
    path: Path,
    *,
    size: int = 256,
    frame_ms: int = 60,
    pause_ms: int = 1200,
) -> None:
    """Write a looping animation in ink on paper, ``.gif`` or ``.png`` (APNG).

    Args:
        frames: ``(T, H, W)``, ink = 1 on paper = 0; values outside [0, 1], such as noise, are clipped.
        path: where to write it.
        size: of the longer side, in pixels.
        frame_ms: how long a frame is shown, in milliseconds.
        pause_ms: how long the last one is shown, before it starts again.

    Raises:
        TenshoError: no frames, another ending, more than 2 MB, or a place that cannot be written.
    """
    array = np.asarray(frames, np.float32)
    if array.ndim != 3 or 0 in array.shape or not np.isfinite(array).all():
        raise TenshoError(f"an animation needs frames (T, H, W) of finite numbers, not {array.shape}")
    if path.suffix.lower() not in {".gif", ".png", ".apng"}:
        raise TenshoError(f"an animation ends in .gif or .png, not in {path.suffix or 'nothing'}; rename it")
    if not 16 <= size <= 1024 or frame_ms < 20 or pause_ms < 20:
        raise TenshoError("an animation is 16 to 1024 pixels wide and shows a frame for 20 ms or more")
    pictures = [_picture(frame, size) for frame in array]
    durations = [frame_ms] * (len(pictures) - 1) + [max(frame_ms, pause_ms)]
    with replaced_file(path) as temporary:
        first, rest = pictures[0], pictures[1:]
        if path.suffix.lower() == ".gif":
            first.save(
                temporary,
                "GIF",
                save_all=True,
                append_images=rest,
                duration=durations,
                loop=0,
                optimize=False,
            )
        else:
            about = PngImagePlugin.PngInfo()
            about.add_text("Software", "tensho")
            first.save(
                temporary, "PNG", save_all=True, append_images=rest, duration=durations, loop=0, pnginfo=about
            )
        if temporary.stat().st_size > LARGEST:
            raise TenshoError(
                f"the animation takes {temporary.stat().st_size / 1e6:.1f} MB, more than 2; fewer frames, or a "
                "smaller size"
            )


def morph(start: ArrayLike, end: ArrayLike, frames: int = 24) -> NDArray[np.float32]:
    """Let one glyph turn into another as ink would flow: distances to the edge are mixed and not greys.

    On the way corners are rounded, and the edge is set where the amount of ink goes evenly from the one to
    the other; distances alone would tear the strokes into splinters.

    Args:
        start: ``(S, S)`` in [0, 1], ink = 1.
        end: the same shape.
        frames: how many, both ends included.

    Returns:
        ``(frames, S, S)`` in [0, 1].

    Raises:
        TenshoError: the shapes differ, a glyph has no ink or no paper, or there are fewer than two frames.
    """
    first, last = np.asarray(start, np.float32), np.asarray(end, np.float32)
    if first.shape != last.shape or first.ndim != 2 or frames < 2:
        raise TenshoError("a morph needs two glyphs of the same size and two frames or more")
    a, b = _signed_distance(first), _signed_distance(last)
    return np.stack(
        [first, *(_between(a, b, time) for time in np.linspace(0, 1, frames)[1:-1].tolist()), last]
    )


def _between(a: NDArray[np.float32], b: NDArray[np.float32], time: float) -> NDArray[np.float32]:
    eased = time * time * (3 - 2 * time)
    roundness = 4 * eased * (1 - eased) * len(a) * ROUNDNESS
    # Pillow blurs bytes: distances that matter here, a few pixels, take 256 steps.
    span = 4 + 3 * roundness
    steps = np.rint(np.clip((a + eased * (b - a)) / span, -1, 1) * 127.5 + 127.5).astype(np.uint8)
    blurred = Image.fromarray(steps).filter(ImageFilter.GaussianBlur(roundness))
    distance = (np.asarray(blurred, np.float32) / 127.5 - 1) * span
    ink = (1 - eased) * np.mean(a > 0) + eased * np.mean(b > 0)
    return np.asarray(np.clip(0.5 + distance - np.quantile(distance, 1 - ink), 0, 1), np.float32)


def _signed_distance(glyph: NDArray[np.float32]) -> NDArray[np.float32]:
    """Distance to the edge in pixels, positive in the ink, with the grey of edge pixels as its fraction."""
    ink = glyph >= 0.5
    if not ink.any() or ink.all():
        raise TenshoError("a glyph has no ink, or nothing but ink; a morph needs an edge to follow")
    inside, outside = (ndimage.distance_transform_edt(mask) - 0.5 for mask in (ink, ~ink))
    signed = np.where(ink, inside, -outside)
    edge = np.abs(signed) <= 0.5
    return np.where(edge, glyph - 0.5, signed).astype(np.float32)


def _picture(frame: NDArray[np.float32], size: int) -> Image.Image:
    """One frame in the palette that all frames share."""
    grey = np.rint(np.clip(frame, 0, 1) * 255).astype(np.uint8)
    scale = size / max(grey.shape)
    resized = Image.fromarray(grey).resize(
        (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale))), Image.Resampling.BICUBIC
    )
    shade = np.rint(np.asarray(resized) / 255 * (SHADES - 1)).astype(np.uint8)
    picture = Image.fromarray(shade, "P")
    picture.putpalette(_palette())
    return picture


def _palette() -> Sequence[int]:
    ramp = np.linspace(PAPER, INK, SHADES)
    return [int(value) for value in np.rint(ramp).ravel()]
