"""Draws with a brush, and draws smeared glyphs again without the reference draft.

A brush gets two drafts. Where they say different things, or one is a tangle, the copy is at times smeared: grey without
an edge. Such a copy is painted again without the reference's draft, and the better of the two counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from PIL import Image

from tensho.models.brush.base import BrushBase

__all__ = ["paint", "smear"]

Images = NDArray[np.float32]

MOST_SMEAR = 0.005
"""Smear of a copy that is not painted again. Drafts have next to none, in any style."""

_LOOKED_AT = 128
"""Side in pixels to which larger glyphs are reduced before their smear is measured."""

_PAPER, _INK = 0.12, 0.88
"""Ink, of 1, between which a pixel is grey."""


def paint(
    brush: BrushBase,
    condition: Mapping[str, NDArray[Any]],
    *,
    seed: int = 0,
    first: int = 0,
    steps: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Images:
    """Paint every row of a condition, and once more what is smeared.

    Args:
        brush: what paints.
        condition: the arrays that `BrushBase.sample` asks for, ``draft`` among them.
        seed: any integer.
        first: place of the first row in the seed; a glyph depends on its place and its row alone.
        steps: network evaluations; None: the brush's default.
        progress: called with the number of glyphs that each finished chunk adds.

    Returns:
        float32 (n, F, F) in [0, 1], ink 1.
    """

    n = len(condition["draft"])
    drawn = brush.sample(n, seed=seed, first=first, steps=steps, condition=condition, progress=progress)
    images: Images = np.asarray(drawn)[:, 0].copy()
    alone = {**condition, "draft": np.zeros_like(condition["draft"])}
    smears = smear(images)
    for rows in _pages(np.flatnonzero(smears > MOST_SMEAR), first, brush.chunk):
        page = {name: value[rows] for name, value in alone.items()}
        again = np.asarray(brush.sample_at((first + rows).tolist(), seed=seed, steps=steps, condition=page))[
            :, 0
        ]
        better = smear(again) < smears[rows]
        images[rows[better]] = again[better]
    return images


def _pages(rows: NDArray[np.int64], first: int, chunk: int) -> list[NDArray[np.int64]]:
    """Rows, ``chunk`` at a time, each at the place (first + row) % chunk; a place that nothing is left for gets a row again.

    The last bits of a copy may depend on its place, and shall not on which other copies are smeared.
    """
    of_place = [rows[(first + rows) % chunk == place] for place in range(chunk)]
    pages = []
    for k in range(max(map(len, of_place))):
        page = [int(having[k]) if k < len(having) else -1 for having in of_place]
        some = max(page)
        pages.append(np.array([some if row < 0 else row for row in page]))
    return pages


def smear(images: Images) -> NDArray[np.float64]:
    """The share of each glyph's ink that lies in grey without an edge: in 3 × 3 pixels of which none is ink or paper.

    Args:
        images: float32 (n, F, F) in [0, 1]; larger ones than 128 are made smaller first, where an edge is a pixel wide.
    """
    if images.shape[-1] > _LOOKED_AT:
        side = (_LOOKED_AT, _LOOKED_AT)
        images = np.stack([np.asarray(Image.fromarray(i).resize(side, Image.Resampling.BOX)) for i in images])
    grey = (images > _PAPER) & (images < _INK)
    smeared = sliding_window_view(grey, (3, 3), axis=(1, 2)).all((-1, -2)).sum((1, 2))
    share: NDArray[np.float64] = smeared / np.maximum(images.sum((1, 2)), 1.0)
    return share
