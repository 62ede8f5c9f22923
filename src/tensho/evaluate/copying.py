r"""Copies among samples: distances to the nearest training glyph, beside those of held-out characters.

Two glyphs a and b are as far apart as the ink they do not share, the one moved over the other by up to two pixels
each way (at 64 px; in proportion at other sizes):

.. math:: d(a,b)=1-\max_{|s|_\infty\le 2}\frac{2\langle a_s,b\rangle}{|a|^2+|b|^2}

which is the squared difference over the squared ink: 0 for the same picture, 1 for pictures that share no ink. The search
looks at the training set at 16×16 first, slightly blurred, and measures exactly the candidates that are nearest there.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional

from tensho.errors import TenshoError
from tensho.glyph_arrays import as_glyphs

__all__ = ["COPY_PERCENTILE", "Nearest", "TrainingSet", "closest_pairs", "copy_rate"]

COPY_PERCENTILE = 1.0
"""A sample counts as a copy if it is nearer to the training set than all but this share of held-out glyphs, in %."""

_CANDIDATES = 48
"""Training glyphs that a sample is compared with at every shift, the nearest by their small pictures."""

_QUERIES = 64
"""Samples searched for at once, by memory."""

_GRID = 16
"""Side of the small pictures, in cells."""


class Nearest(NamedTuple):
    """The nearest training glyph of each sample: distances float32 (N,) in [0, 1], and indices int64 (N,)."""

    distances: NDArray[np.float32]
    indices: NDArray[np.int64]


class TrainingSet:
    """A training set to be searched.

    Args:
        images: a sample set as in `as_glyphs`; it may be memory-mapped and is read a part at a time.
    """

    def __init__(self, images: NDArray[np.uint8]) -> None:
        if images.ndim != 3 or images.dtype != np.uint8 or len(images) < _CANDIDATES:
            raise TenshoError(
                f"the training set is {images.dtype} {images.shape}; give uint8 (N, S, S), {_CANDIDATES} or more"
            )
        self.images = images
        self._shift = round(2 * images.shape[1] / 64)
        parts = [_coarse(_ink(images[i : i + 4096])) for i in range(0, len(images), 4096)]
        self._coarse = torch.cat(parts)
        self._coarse_ink = self._coarse.square().sum(dim=1)

    def nearest(self, samples: ArrayLike) -> Nearest:
        """Find the nearest training glyph of each sample.

        Args:
            samples: a sample set as in `as_glyphs`, of the training set's size.

        Raises:
            TenshoError: the samples are no glyphs of that size.
        """
        glyphs = as_glyphs(samples, size=self.images.shape[1])
        found = [self._search(glyphs[i : i + _QUERIES]) for i in range(0, len(glyphs), _QUERIES)]
        distances, indices = zip(*found, strict=True)
        return Nearest(torch.cat(distances).numpy(), torch.cat(indices).numpy())

    def _search(self, glyphs: NDArray[np.uint8]) -> tuple[Tensor, Tensor]:
        ink = _ink(glyphs)
        coarse = _coarse(ink)
        shared = 2 * coarse @ self._coarse.T / (coarse.square().sum(dim=1)[:, None] + self._coarse_ink + 1e-9)
        candidates = shared.topk(_CANDIDATES, dim=1).indices
        inks = _ink(self.images[candidates.flatten().numpy()]).unflatten(0, candidates.shape)
        distances = _distances(ink, inks, self._shift)
        best = distances.min(dim=1)
        return best.values, candidates.gather(1, best.indices[:, None])[:, 0]


def copy_rate(samples: Nearest, held_out: Nearest) -> float:
    """The share of samples in [0, 1] nearer to the training set than 99 % of the held-out glyphs are.

    Characters that nobody copied come to 0.01 by construction.
    """
    threshold = np.percentile(held_out.distances, COPY_PERCENTILE)
    return float((samples.distances < threshold).mean())


def closest_pairs(
    samples: ArrayLike, nearest: Nearest, training: TrainingSet, *, pairs: int = 24
) -> Image.Image:
    """A picture of the samples that come closest to the training set, each above its nearest training glyph.

    Closest first, in rows of 12 pairs, black on white.
    """
    glyphs = as_glyphs(samples)
    size, gap, columns = glyphs.shape[1], 8, 12
    order = np.argsort(nearest.distances, kind="stable")[:pairs]
    rows = -(-len(order) // columns)
    height = 2 * size + 3 * gap
    page = np.zeros((rows * height + gap, min(columns, len(order)) * (size + gap) + gap), np.uint8)
    for place, sample in enumerate(order):
        row, column = divmod(place, columns)
        top, left = gap + row * height, gap + column * (size + gap)
        page[top : top + size, left : left + size] = glyphs[sample]
        below = top + size + gap // 2
        page[below : below + size, left : left + size] = training.images[nearest.indices[sample]]
    return Image.fromarray(255 - page)


def _ink(glyphs: NDArray[np.uint8]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(glyphs)).float() / 255


def _coarse(ink: Tensor) -> Tensor:
    """Glyphs (N, S, S) at 16×16 with a slight blur, (N, 256): a shift of a pixel or two changes little."""
    small = functional.adaptive_avg_pool2d(ink[:, None], _GRID)
    kernel = torch.tensor([0.25, 0.5, 0.25])
    return functional.conv2d(small, (kernel[:, None] * kernel)[None, None], padding=1).flatten(1)


def _distances(glyphs: Tensor, candidates: Tensor, shift: int) -> Tensor:
    """Distances (B, K) of glyphs (B, S, S) to candidates (B, K, S, S), the least over all shifts."""
    size = glyphs.shape[1]
    moved = functional.pad(glyphs, (shift,) * 4).unfold(1, size, 1).unfold(2, size, 1)
    shared = torch.bmm(moved.flatten(3).flatten(1, 2), candidates.flatten(2).mT).amax(dim=1)
    ink = glyphs.square().sum(dim=(1, 2))[:, None] + candidates.square().sum(dim=(2, 3))
    # Two blank pictures are the same picture.
    return torch.where(ink > 0, (1 - 2 * shared / ink).clamp(min=0), torch.zeros_like(ink))
