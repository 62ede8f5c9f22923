"""The index of encoded characters: which one a glyph looks like, and whether it exists already.

The index that ships with the package holds one to three vectors of 128 bytes for every character of the six faces of the
glyph set, one more only where the Japanese, the mainland and the Taiwan forms differ; so it needs no font. A vector is
a description (see `tensho.lookup.descriptor`) under a linear map that brings the same training character in different
faces together and keeps different ones apart (Fisher's discriminant); the distance of two is one minus the cosine
of their angle, 0 to 2.

The verdict compares the distance to the nearest character with how near *real* characters come to one another: validation
characters, drawn in the faces of the set, against an index without them. One in a hundred of those is nearer than
``exists``, one in ten nearer than ``near``. So it speaks of glyphs in faces like those of the set. In a pen or brush
hand the right character still comes first, but as far off as another character would be in print, and "new" means
little.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from tensho.errors import TenshoError
from tensho.lookup.descriptor import LENGTH, describe

__all__ = ["SHIPPED", "Index", "Match", "Verdict", "open_index", "shipped_index"]

SHIPPED = Path(__file__).parent / "nearest.safetensors"

Verdict = Literal["exists", "near copy", "new"]


class Match(NamedTuple):
    """An encoded character, and its distance in [0, 2]; 0 is the same."""

    character: str
    distance: float


@dataclass(frozen=True, eq=False)
class Index:
    """Vectors of encoded characters, to be searched.

    Attributes:
        mean: float32 (512,), subtracted from a description.
        projection: float32 (512, 128), applied after that.
        vectors: float32 (M, 128), of unit length.
        characters: the character of each vector, (M,).
        exists: nearer than this is the verdict "exists".
        near: nearer than this, but not so near, is "near copy".
    """

    mean: NDArray[np.float32]
    projection: NDArray[np.float32]
    vectors: NDArray[np.float32]
    characters: NDArray[np.str_]
    exists: float
    near: float

    def embed(self, glyphs: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Vectors float32 (N, 128), of unit length, of glyphs uint8 (N, H, W), ink = 255 on 0, of any size.

        Raises:
            TenshoError: a glyph has no ink.
        """
        return embed(describe(glyphs), self.mean, self.projection)

    def search(self, glyphs: NDArray[np.uint8], k: int = 5) -> list[list[Match]]:
        """The k nearest different characters of each glyph, nearest first.

        Args:
            glyphs: uint8 (N, H, W), ink = 255 on 0, of any size.
            k: how many.

        Raises:
            TenshoError: a glyph has no ink, or k is not positive.
        """
        if k < 1:
            raise TenshoError(f"cannot look for {k} characters; ask for at least 1")
        queries = self.embed(glyphs)
        return [self._ranked(1 - self.vectors @ query, k) for query in queries]

    def verdict(self, matches: list[Match]) -> Verdict:
        """What the distance to the nearest character says."""
        distance = matches[0].distance
        return "exists" if distance < self.exists else "near copy" if distance < self.near else "new"

    def _ranked(self, distances: NDArray[np.float32], k: int) -> list[Match]:
        # A character has few vectors, so 4k of them hold at least k characters.
        count = min(4 * k, len(distances))
        first = np.argpartition(distances, count - 1)[:count]
        first = first[np.argsort(distances[first], kind="stable")]
        found: dict[str, float] = {}
        for place in first:
            found.setdefault(str(self.characters[place]), max(0.0, float(distances[place])))
        return [Match(character, distance) for character, distance in list(found.items())[:k]]


def embed(
    descriptions: NDArray[np.float32], mean: NDArray[np.float32], projection: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Map descriptions (N, 512) to vectors of unit length (N, D) with a mean (512,) and a projection (512, D)."""
    vectors = (descriptions - mean) @ projection
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def open_index(path: Path) -> Index:
    """Open an index that `tools/build_nearest.py` wrote.

    Raises:
        TenshoError: the file is missing, damaged, or no index.
    """
    try:
        with safe_open(path, framework="np") as file:
            metadata = file.metadata()
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        vectors = tensors["vectors"].astype(np.float32)
        index = Index(
            mean=tensors["mean"].astype(np.float32),
            projection=tensors["projection"].astype(np.float32),
            vectors=vectors / np.linalg.norm(vectors, axis=1, keepdims=True),
            characters=tensors["code_points"].astype("<u4").view("<U1"),
            exists=float(metadata["exists"]),
            near=float(metadata["near"]),
        )
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise TenshoError(f"{path} is no index of characters or is damaged; install tensho again") from error
    if index.projection.shape[0] != LENGTH or len(index.characters) != len(index.vectors):
        raise TenshoError(f"{path} is an index of another version; install tensho again")
    return index


@cache
def shipped_index() -> Index:
    """The index that comes with the package."""
    return open_index(SHIPPED)
