"""Control sample sets: real glyphs, copies and degraded glyphs, which a measure has to put in the right order.

A measure that ranks a wrong set as high as real glyphs says nothing about a model, so it is not shown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from torch.nn import functional

from tensho.datasets.glyph_set import GlyphSet
from tensho.errors import TenshoError
from tensho.seeds import derived_seed

__all__ = [
    "DEGRADED",
    "FLOOR",
    "blurred",
    "control_sets",
    "distinct_characters",
    "noise",
    "oblique_bold",
    "reference_set",
    "scrambled",
]

FLOOR = "real"
"""Name of the control that nothing can beat but by luck or by copying."""

Glyphs = NDArray[np.uint8]


def blurred(glyphs: Glyphs, rng: np.random.Generator) -> Glyphs:
    """Glyphs (N, S, S) out of focus: a Gaussian with a standard deviation of S/43, 1.5 pixels at 64."""
    del rng
    sigma = glyphs.shape[1] / 43
    return np.asarray(ndimage.gaussian_filter(glyphs, (0, sigma, sigma)))


def oblique_bold(glyphs: Glyphs, rng: np.random.Generator) -> Glyphs:
    """Glyphs (N, S, S) in a face that is not in the set: their own, slanted by 14° and a pixel in 64 heavier."""
    del rng
    slant = torch.tensor([[1.0, 0.25, 0.0], [0.0, 1.0, 0.0]]).expand(len(glyphs), 2, 3)
    ink = torch.from_numpy(glyphs[:, None].astype(np.float32))
    grid = functional.affine_grid(slant, list(ink.shape), align_corners=False)
    slanted = functional.grid_sample(ink, grid, align_corners=False)[:, 0].numpy()
    weight = round(glyphs.shape[1] / 64) + 1
    heavier = ndimage.grey_dilation(slanted, size=(1, weight, weight))
    return np.asarray(np.rint(heavier), np.uint8)


def scrambled(glyphs: Glyphs, rng: np.random.Generator) -> Glyphs:
    """Glyphs (N, S, S) with their quadrants in another order."""
    half = glyphs.shape[1] // 2
    corners = [(y, x) for y in (0, half) for x in (0, half)]
    quadrants = [glyphs[:, y : y + half, x : x + half] for y, x in corners]
    mixed = np.zeros_like(glyphs)
    # Moving every quadrant by one to three places leaves none where it was.
    moves = rng.integers(1, 4, len(glyphs))
    for place, (y, x) in enumerate(corners):
        chosen = np.choose((place + moves)[:, None, None] % 4, quadrants)
        mixed[:, y : y + half, x : x + half] = chosen
    return mixed


def noise(glyphs: Glyphs, rng: np.random.Generator) -> Glyphs:
    """Pixels (N, S, S), uniform in 0…255."""
    return rng.integers(0, 256, glyphs.shape, dtype=np.uint8)


DEGRADED: Mapping[str, Callable[[Glyphs, np.random.Generator], Glyphs]] = {
    "oblique bold": oblique_bold,
    "blur": blurred,
    "scrambled": scrambled,
    "noise": noise,
}
"""What makes a wrong set of a real one."""


def distinct_characters(glyphs: GlyphSet) -> int:
    """How many characters either half of the held-out ones has: as many glyphs can be drawn with none of them twice."""
    return min(len(set(glyphs.characters[half])) for half in _halves(glyphs))


def reference_set(glyphs: GlyphSet, n: int) -> Glyphs:
    """What everything is measured against: n glyphs (n, S, S) of one half of the held-out characters, all faces.

    No character comes again, in another face, before all have come once.

    Raises:
        TenshoError: the set has fewer.
    """
    return _drawn(glyphs, _halves(glyphs)[0], n, "reference", 0)


def control_sets(glyphs: GlyphSet, n: int, seed: int) -> Iterator[tuple[str, Glyphs]]:
    """Yield each control's name and n glyphs (n, S, S), each set in an order like that of `reference_set`.

    "real" are glyphs of the other half of the held-out characters, "copier" ones of the training set, "one face" those of the
    other half in the last face of the set alone; the rest is made of "real" by `DEGRADED`.

    Raises:
        TenshoError: the set has too few glyphs.
    """
    others = _halves(glyphs)[1]
    last = others[glyphs.face_index[others] == len(glyphs.faces) - 1]
    real = _drawn(glyphs, others, n, FLOOR, seed)
    yield FLOOR, real
    yield "copier", _drawn(glyphs, glyphs.split("train"), n, "copier", seed)
    # One face has fewer held-out glyphs than are asked for, so some come twice.
    yield "one face", _drawn(glyphs, np.resize(last, max(n, len(last))), n, "one face", seed)
    for name, degrade in DEGRADED.items():
        yield name, degrade(real, np.random.default_rng(derived_seed("control", name, seed)))


def _halves(glyphs: GlyphSet) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The held-out glyphs by character, two disjoint sets of indices."""
    held_out = glyphs.split("test")
    characters = glyphs.characters[held_out]
    half = {
        character: hashlib.sha256(f"half {character}".encode()).digest()[0] % 2
        for character in set(characters)
    }
    second = np.array([half[character] == 1 for character in characters], bool)
    return held_out[~second], held_out[second]


def _drawn(glyphs: GlyphSet, indices: NDArray[np.int64], n: int, name: str, seed: int) -> Glyphs:
    if len(indices) < n:
        raise TenshoError(f"the glyph set has {len(indices)} glyphs for {name!r}, not {n}; lower -n")
    order = np.random.default_rng(derived_seed("control", name, seed)).permutation(indices)
    _, first = np.unique(glyphs.characters[order], return_index=True)
    again = np.ones(len(order), bool)
    again[first] = False
    return np.asarray(glyphs.images[order[np.argsort(again, kind="stable")[:n]]])
