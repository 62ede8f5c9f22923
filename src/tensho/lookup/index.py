"""The index of encoded characters: which one a glyph looks like.

The index that ships with the package holds a vector of 96 bytes for every encoded ideograph of Unicode 17, and more where the
forms of regions differ; so it needs no font. A vector says how a glyph looks to the reader (`tensho.models.reader.without_torch`),
which learned to see one character in the hands of many faces; the distance of two is one minus the cosine of their angle, 0 to 2.
How likely the nearest character is the one that is shown, `tensho.lookup.recognition` says.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from tensho.errors import TenshoError
from tensho.fonts.ink_box import ink_in_the_middle
from tensho.models.catalogue import SHIPPED as WEIGHTS
from tensho.models.reader.without_torch import ArrayReader

__all__ = ["SHIPPED", "Index", "Match", "open_index", "shipped_index", "shipped_reader"]

SHIPPED = Path(__file__).parent / "nearest.safetensors"

READER = WEIGHTS / "reader.safetensors"
"""The weights that the vectors of the index were made with."""

_MOST_VECTORS = 5
"""Of one character: its form in the first font, and those of regions where they differ."""


class Match(NamedTuple):
    """An encoded character, and its distance in [0, 2]; 0 is the same."""

    character: str
    distance: float


@dataclass(frozen=True, eq=False)
class Index:
    """Vectors of encoded characters, to be searched.

    Attributes:
        vectors: float32 (M, 96), of unit length.
        characters: the character of each vector, (M,), those of one character together.
        reader: what makes vectors of glyphs.
    """

    vectors: NDArray[np.float32]
    characters: NDArray[np.str_]
    reader: ArrayReader = field(repr=False)

    @cached_property
    def known(self) -> frozenset[str]:
        """The characters that it holds."""
        return frozenset(self.characters.tolist())

    def embed(self, glyphs: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Vectors float32 (N, 96), of unit length, of glyphs uint8 (N, H, W), ink = 255 on 0, of any size.

        Raises:
            TenshoError: a glyph has no ink.
        """
        return self.reader.embed(np.stack([ink_in_the_middle(glyph) for glyph in glyphs]))

    def search(self, glyphs: NDArray[np.uint8], k: int = 5) -> list[list[Match]]:
        """The k nearest different characters of each glyph, nearest first.

        Args:
            glyphs: uint8 (N, H, W), ink = 255 on 0, of any size.
            k: how many.

        Raises:
            TenshoError: a glyph has no ink, or k is not positive.
        """
        return [self.nearest(query, k) for query in self.embed(glyphs)]

    def nearest(self, vector: NDArray[np.float32], k: int) -> list[Match]:
        """The k different characters nearest to a vector of unit length, nearest first.

        Raises:
            TenshoError: k is not positive.
        """
        if k < 1:
            raise TenshoError(f"cannot look for {k} characters; ask for at least 1")
        likeness = self.vectors @ vector
        count = min(_MOST_VECTORS * k, len(likeness))
        first = np.argpartition(-likeness, count - 1)[:count]
        first = first[np.argsort(-likeness[first], kind="stable")]
        found: dict[str, float] = {}
        for place in first:
            found.setdefault(str(self.characters[place]), max(0.0, 1 - float(likeness[place])))
        return [Match(character, distance) for character, distance in list(found.items())[:k]]


def open_index(path: Path) -> Index:
    """Open an index that `tools/build_nearest.py` wrote.

    Raises:
        TenshoError: the file is missing, damaged, or no index.
    """
    try:
        with safe_open(path, framework="np") as file:
            vectors = file.get_tensor("vectors").astype(np.float32)
            characters = file.get_tensor("code_points").astype("<u4").view("<U1")
    except (OSError, SafetensorError, TypeError, ValueError) as error:
        raise TenshoError(f"{path} is no index of characters or is damaged; install tensho again") from error
    if vectors.ndim != 2 or len(characters) != len(vectors):
        raise TenshoError(f"{path} is an index of another version; install tensho again")
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return Index(vectors, characters, shipped_reader())


@cache
def shipped_reader() -> ArrayReader:
    """What makes the vectors of the shipped index."""
    return ArrayReader(READER)


@cache
def shipped_index() -> Index:
    """The index that comes with the package."""
    return open_index(SHIPPED)
