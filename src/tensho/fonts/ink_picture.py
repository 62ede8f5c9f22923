"""Reads the ink of a picture of any kind: drawn, scanned or photographed, in colour, light on dark, with transparency.

What is seen of paper is its colour times the light that falls on it, and the light changes slowly over the picture. Hence

1. colours are taken along the line on which they differ most, since red on blue may be one grey;
2. a threshold (Otsu 1979) parts two classes, and that which most of the border belongs to is the paper;
3. a quadratic surface through the paper's pixels is the light; what the ink takes away is measured as a share of it;
4. that share is stretched, from the paper's grain to the ink's black.
"""

from __future__ import annotations

import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps

from tensho.errors import TenshoError

__all__ = [
    "MOST_PIXELS",
    "UNREADABLE",
    "ink_of",
    "names_folder",
    "names_picture",
    "on_paper",
    "open_picture",
    "pictures_in",
    "read_ink",
]

UNREADABLE = (OSError, ValueError, SyntaxError, EOFError, struct.error, Image.DecompressionBombError)
"""What Pillow raises where a file is no picture, or a damaged one."""

MOST_PIXELS = 2**28
"""Pixels of a picture that is read, which then takes a gigabyte: 16,384 × 16,384. Pillow alone refuses from 178,956,970 on."""

_OPENING = threading.Lock()
"""Held while Pillow's own limit is put aside."""

_LARGEST = 512
"""Longest side that is looked at, in pixels; larger pictures are made smaller."""

_GRAINY = 200
"""Longest side from which on specks of a pixel are taken away: no stroke is as thin there."""

_NOISY, _FINE = 0.05, 100
"""Standard deviation of the paper, of the ink's black, from which on the noise is taken for specks; and the longest side from
which on that does strokes no harm, either."""

_LEAST = 0.1
"""Difference of paper and ink, of what there can be, below which a picture shows nothing."""


def names_picture(text: str) -> bool:
    """Whether a text is the name of a file, or of a picture that is not there, and not a character or a description."""
    try:
        return Path(text).is_file() or Path(text).suffix.lower() in Image.registered_extensions()
    except (OSError, ValueError):
        return False


def names_folder(text: str) -> bool:
    """Whether a text is the name of a folder, and not a character, which may well be one too."""
    try:
        return len(text) > 1 and Path(text).is_dir()
    except (OSError, ValueError):
        return False


def read_ink(path: Path, *, largest: int = _LARGEST) -> NDArray[np.uint8]:
    """The ink of a picture file, made smaller where its longest side has more than ``largest`` pixels; see `ink_of`.

    Raises:
        TenshoError: there is no such file, it is no picture, or it shows nothing.
    """
    try:
        with open_picture(path) as picture:
            ImageOps.exif_transpose(picture, in_place=True)
            picture.thumbnail((largest, largest), Image.Resampling.BOX)
            return ink_of(picture)
    except _ShowsNothing as error:
        raise TenshoError(f"{path} shows nothing; give a picture of one character") from error


@contextmanager
def open_picture(path: Path) -> Iterator[Image.Image]:
    """A picture file, of which nothing is decoded yet; what Pillow raises while it is read becomes a `TenshoError`.

    Raises:
        TenshoError: there is no such file, it is no picture, or it has more than `MOST_PIXELS`.
    """
    try:
        with _OPENING:
            usual, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
            try:
                picture = Image.open(path)
            finally:
                Image.MAX_IMAGE_PIXELS = usual
        with picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise TenshoError(
                    f"{path} has {picture.width:,} × {picture.height:,} pixels; make it smaller, "
                    f"{MOST_PIXELS:,} are read at most"
                )
            yield picture
    except FileNotFoundError as error:
        raise TenshoError(f"there is no file {path}; give a picture, a character or a description") from error
    except IsADirectoryError as error:
        raise TenshoError(f"{path} is a folder; name a picture in it") from error
    except UNREADABLE as error:
        raise TenshoError(f"{path} cannot be read as a picture; save it as PNG") from error


def pictures_in(folder: Path) -> list[Path]:
    """The picture files of a folder, by name.

    Raises:
        TenshoError: there are none.
    """
    kinds = Image.registered_extensions()
    found = sorted(path for path in folder.iterdir() if path.is_file() and path.suffix.lower() in kinds)
    if not found:
        raise TenshoError(f"{folder} holds no picture; give a folder of PNG, JPEG or other picture files")
    return found


def ink_of(picture: Image.Image) -> NDArray[np.uint8]:
    """The ink of a picture, uint8 (H, W), ink = 255 on 0.

    Raises:
        TenshoError: it shows nothing.
    """
    flat = on_paper(picture)
    if flat.mode not in ("L", "RGB"):
        flat = flat.convert("RGB")
    longest = max(flat.size)
    ink, noise = _ink(flat.filter(_SPECKS) if longest >= _GRAINY else flat)
    if noise > _NOISY and longest >= _FINE:
        ink, _ = _ink(flat.filter(_SPECKS).filter(_SPECKS))
    return ink


_SPECKS = ImageFilter.MedianFilter(3)


def _ink(flat: Image.Image) -> tuple[NDArray[np.uint8], float]:
    """The ink of a picture without transparency, and the noise of its paper, of the ink's black."""
    grey = _along_contrast(np.asarray(flat.convert("RGB"), np.float64) / 255)
    if np.ptp(grey) < _LEAST:
        raise _ShowsNothing("the picture shows nothing; give one of one character")
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    if np.median(border) <= _threshold(grey):
        grey = 1 - grey
    light = np.full_like(grey, np.median(grey[grey > _threshold(grey)]))
    for _ in range(3):
        share = grey / light
        paper = share > _threshold(share)
        light = np.maximum(_surface(grey, paper), 0.05)
    taken = 1 - grey / light
    limit = _threshold(taken)
    inked = taken > limit
    black, grain = np.percentile(taken[inked], 80), np.percentile(taken[~inked], 75)
    if black - grain < _LEAST:
        raise _ShowsNothing("the picture shows nothing; give one of one character")
    # Edges of strokes are few of the paper's pixels, so that its quartiles are its own.
    noise = (grain - np.percentile(taken[~inked], 25)) / 1.35 / (black - grain)
    ink = np.rint(255 * np.clip((taken - grain) / (black - grain), 0, 1))
    return np.asarray(ink, np.uint8), float(noise)


def on_paper(picture: Image.Image) -> Image.Image:
    """A picture of 8 bits without transparency: what is transparent is the opposite of what is not."""
    if not picture.has_transparency_data:
        return _eight_bits(picture)
    colours = picture.convert("RGBA")
    lightness, alpha = (np.asarray(colours.convert("LA"), np.float64)[..., k] for k in range(2))
    ink = (lightness * alpha).sum() / max(alpha.sum(), 1e-9)
    paper = Image.new("RGBA", picture.size, "white" if ink < 128 else "black")
    return Image.alpha_composite(paper, colours).convert("RGB")


class _ShowsNothing(TenshoError):
    pass


def _eight_bits(picture: Image.Image) -> Image.Image:
    # Pillow clips 16-bit greys to 255 where it should scale them.
    if picture.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8))
    return picture if picture.mode in ("L", "RGB") else picture.convert("RGB")


def _along_contrast(colours: NDArray[np.float64]) -> NDArray[np.float64]:
    """Colours (H, W, 3) in [0, 1] along the axis on which they differ most, (H, W) in [0, 1]; light is light."""
    flat = colours.reshape(-1, 3)
    _, axes = np.linalg.eigh(np.cov((flat - flat.mean(0)).T) + 1e-9 * np.ones((3, 3)))
    axis = axes[:, -1] * (1 if axes[:, -1].sum() >= 0 else -1)
    # From the darkest to the lightest colour that lies that way.
    low, high = np.minimum(axis, 0).sum(), np.maximum(axis, 0).sum()
    return np.asarray(((flat @ axis - low) / (high - low)).reshape(colours.shape[:2]))


def _threshold(values: NDArray[np.float64]) -> float:
    """The value that parts two classes of least variance (Otsu 1979)."""
    counts, edges = np.histogram(values, 128)
    middles = (edges[1:] + edges[:-1]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    sums = np.cumsum(counts * middles)
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    between = np.nan_to_num(between, nan=0.0, posinf=0.0)
    # In the middle of an empty gap, which all parts alike.
    best = np.flatnonzero(between >= between.max() * (1 - 1e-9))
    return float(edges[1:][best].mean())


def _surface(grey: NDArray[np.float64], paper: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The quadratic surface (H, W) that fits the paper's pixels best, by least squares."""
    height, width = grey.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], -1)
    if paper.sum() < 50:
        return np.full_like(grey, grey[paper].mean() if paper.any() else 1.0)
    chosen = np.flatnonzero(paper)[:: max(1, int(paper.sum()) // 4000)]
    fit = np.linalg.lstsq(terms.reshape(-1, 6)[chosen], grey.ravel()[chosen], rcond=None)[0]
    return np.asarray(terms @ fit)
