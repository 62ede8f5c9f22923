"""How likely the nearest character of the index is the one that is shown.

Hands differ: in print a glyph lies within 0.1 of its character, in a brush hand as far off as another character would in print. So
the lead of the nearest character over the second counts beside its distance d₁: with d₂ that of the second one, the log odds are

    log p / (1 - p) = a + b d₁ + c (d₂ - d₁),

fitted by maximum likelihood (`tools/fit_likelihood.py`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from tensho.lookup.index import Match

__all__ = ["DRAFT", "PICTURE", "Odds", "likelihood"]


class Odds(NamedTuple):
    """What the log odds are a sum of."""

    constant: float
    distance: float
    lead: float


PICTURE = Odds(0.0, -1.0, 1.0)
"""Of glyphs as faces draw them."""

DRAFT = Odds(0.0, -1.0, 1.0)
"""Of parts that are roughly put together."""


def likelihood(matches: Sequence[Match], odds: Odds) -> float:
    """The probability in [0, 1] that the first match is what is shown; there are two matches at least, nearest first."""
    first, second = matches[0].distance, matches[1].distance
    return 1 / (1 + math.exp(-(odds.constant + odds.distance * first + odds.lead * (second - first))))
