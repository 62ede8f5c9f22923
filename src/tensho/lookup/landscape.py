r"""The index as a map in two dimensions: where real characters lie, and how densely.

Every character of the nearest-character index is a vector v of unit length. Of the linear maps to the plane, the one
of largest variance shows a single mound; more is to be seen along the directions u in which characters fall apart into
kinds, such as those built side by side and those built one above the other. So the leading principal components are
whitened, z, and the two orthogonal directions of least kurtosis E[(u·z)⁴] are taken: a mixture of two kinds has less
than a Gaussian. (Projection pursuit; Peña and Prieto 2001, "Cluster identification using projections".)

The height of the land is the energy -log p, p a kernel estimate of the characters' density: they live in the valleys.
"""

from __future__ import annotations

import base64
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tensho.lookup.index import shipped_index
from tensho.text.meanings import meanings

__all__ = ["Landscape", "landscape", "places"]

COMPONENTS, GRID, REACH, BLUR = 16, 128, 2.5, 2.6
"""Principal components kept; cells along a side of the map; half its side, in standard deviations; the kernel's
width, in cells."""

LANDMARKS, COMMON = 8, 2500
"""Landmarks along a side, and the common characters that they are chosen from."""

SAMPLE, STARTS, ITERATIONS = 4000, 4, 100
"""Of the search for directions of least kurtosis: vectors looked at, starting points, steps."""

FAINTEST = 0.5
"""Ink, of 1, below which a glyph is blank and lies nowhere."""


class Landscape(NamedTuple):
    """The plane, and the land on it.

    Attributes:
        mean: float32 (D,), subtracted from a vector of the index.
        axes: float32 (D, 2), applied after that; most characters then lie in [-REACH, REACH]².
        energy: float32 (GRID, GRID) in [0, 1], rows from the top (largest second coordinate) down.
        landmarks: common characters and their places, spread over the plane.
    """

    mean: NDArray[np.float32]
    axes: NDArray[np.float32]
    energy: NDArray[np.float32]
    landmarks: tuple[tuple[str, float, float], ...]

    def report(self) -> dict[str, Any]:
        """The land for the page: energies as base64 of a byte each, and the landmarks."""
        heights = np.rint(self.energy * 255).astype(np.uint8)
        return {
            "grid": GRID,
            "reach": REACH,
            "energy": base64.b64encode(heights.tobytes()).decode(),
            "landmarks": [[char, round(x, 3), round(y, 3)] for char, x, y in self.landmarks],
        }


@cache
def landscape() -> Landscape:
    """The land of the shipped index."""
    index = shipped_index()
    mean = index.vectors.mean(0)
    centred = index.vectors - mean
    values, vectors = np.linalg.eigh(centred.T @ centred / len(centred))
    whitening = vectors[:, : -COMPONENTS - 1 : -1] / np.sqrt(values[: -COMPONENTS - 1 : -1])
    axes = np.asarray(whitening @ _least_kurtosis(centred @ whitening), np.float32)
    points = centred @ axes
    return Landscape(mean, axes, _energy(points), _landmarks(points, index.characters))


def places(glyphs: NDArray[np.float32]) -> list[tuple[float, float] | None]:
    """Where glyphs (N, H, W), ink = 1 on 0, lie on the map; None for one without ink."""
    land, index = landscape(), shipped_index()
    found: list[tuple[float, float] | None] = []
    for glyph in glyphs:
        if glyph.max() < FAINTEST:
            found.append(None)
            continue
        pixels = np.rint(np.clip(glyph, 0, 1) * 255).astype(np.uint8)
        x, y = ((index.embed(pixels[None])[0] - land.mean) @ land.axes).tolist()
        found.append((round(x, 3), round(y, 3)))
    return found


def _least_kurtosis(white: NDArray[np.float32]) -> NDArray[np.float32]:
    """Two orthogonal unit vectors (D, 2) along which white data (N, D) have little kurtosis, least first.

    The fixed-point iteration of FastICA (Hyvärinen 1999) for the fourth moment, from the best of the basis vectors.
    """
    sample = np.ascontiguousarray(white[:: max(1, len(white) // SAMPLE)])
    kurtosis = (sample**4).mean(0)
    starts = np.eye(white.shape[1], dtype=np.float32)[np.argsort(kurtosis)[:STARTS]]
    found: list[NDArray[np.float32]] = []
    for _ in range(2):
        ends = [_descend(sample, start, found) for start in starts]
        found.append(min(ends, key=lambda u: float(np.mean((sample @ u) ** 4))))
    return np.stack(found, 1)


def _descend(
    sample: NDArray[np.float32], start: NDArray[np.float32], others: list[NDArray[np.float32]]
) -> NDArray[np.float32]:
    # Not from the basis vector itself, which may be one of the others.
    u = _unit(start + np.float32(0.01), others)
    for _ in range(ITERATIONS):
        before = u
        u = _unit(3 * u - sample.T @ (sample @ u) ** 3 / len(sample), others)
        if abs(float(u @ before)) > 1 - 1e-5:
            break
    return u


def _unit(u: NDArray[np.float32], others: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Of unit length, and orthogonal to the others."""
    for other in others:
        u = u - (u @ other) * other
    return np.asarray(u / np.linalg.norm(u), np.float32)


def _energy(points: NDArray[np.float32]) -> NDArray[np.float32]:
    edges = np.linspace(-REACH, REACH, GRID + 1)
    counts, _, _ = np.histogram2d(-points[:, 1], points[:, 0], bins=[edges, edges])
    offsets = np.arange(GRID)[:, None] - np.arange(GRID)[None]
    blur = np.exp(-((offsets / BLUR) ** 2) / 2)
    density = blur @ counts @ blur.T
    height = -np.log(density + density.max() * 1e-2)
    return np.asarray((height - height.min()) / (height.max() - height.min()), np.float32)


def _landmarks(
    points: NDArray[np.float32], characters: NDArray[np.str_]
) -> tuple[tuple[str, float, float], ...]:
    """The common character nearest to the middle of each square of a coarse grid, where one is near."""
    known = sorted(meanings().values(), key=lambda meaning: -meaning.commonness)[:COMMON]
    common = np.isin(characters, [meaning.character for meaning in known])
    near, names = points[common], characters[common]
    side = 2 * REACH / LANDMARKS
    middles = -REACH + side * (np.arange(LANDMARKS) + 0.5)
    found = {}
    for x in middles:
        for y in middles:
            distances = np.hypot(near[:, 0] - x, near[:, 1] - y)
            k = int(distances.argmin())
            if distances[k] < side / 4:
                found[str(names[k])] = (float(near[k, 0]), float(near[k, 1]))
    return tuple((char, x, y) for char, (x, y) in found.items())
