"""Which encoded character a glyph shows, if any: the nearest by looks, weighed by how the glyph is read."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tensho.fonts.ink_box import ink_in_the_middle
from tensho.lookup.index import Match, shipped_index
from tensho.lookup.likelihood import evidence, posterior
from tensho.lookup.readings import readings

__all__ = ["Recognised", "candidates", "recognise"]

CANDIDATES, LAST = 5, 10
"""Characters that are weighed, and the place of the one whose distance they are compared with."""


class Recognised(NamedTuple):
    """What a glyph may show.

    Attributes:
        matches: encoded characters, the candidates first, likeliest first, then others by their distance.
        chances: the probability of each candidate, in the order of the matches.
    """

    matches: tuple[Match, ...]
    chances: tuple[float, ...]

    @property
    def probability(self) -> float:
        """That it is an encoded character at all, in [0, 1]; nearly always the first of the matches then."""
        return sum(self.chances)


def recognise(glyph: NDArray[np.uint8], k: int = CANDIDATES) -> Recognised:
    """Compare a glyph with all encoded characters.

    Args:
        glyph: uint8 (H, W), ink = 255 on 0, of any size.
        k: how many characters are named, `CANDIDATES` at least.

    Raises:
        TenshoError: the glyph has no ink.
    """
    near, found = candidates(glyph, k)
    chances = posterior(found)
    order = np.argsort(-chances, kind="stable")
    matches = [*(near[place] for place in order), *near[CANDIDATES:]]
    return Recognised(tuple(matches[: max(k, CANDIDATES)]), tuple(chances[order].tolist()))


def candidates(glyph: NDArray[np.uint8], k: int = LAST) -> tuple[list[Match], NDArray[np.float64]]:
    """The nearest characters, `LAST` or k of them, and the evidence (`CANDIDATES`, 6) of the first of them."""
    index = shipped_index()
    seen = index.reader.see(ink_in_the_middle(glyph))
    near = index.nearest(index.reader.look(seen), max(k, LAST))
    known = {match.character: readings().get(match.character) for match in near[:CANDIDATES]}
    described = {char: ids for char, ids in known.items() if ids is not None}
    weighed = dict(zip(described, index.reader.weigh(seen, list(described.values())).tolist(), strict=True))
    distances = [match.distance for match in near[:CANDIDATES]]
    return near, evidence(distances, near[LAST - 1].distance, [weighed.get(char) for char in known])
