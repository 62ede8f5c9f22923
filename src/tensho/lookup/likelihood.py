r"""How likely each of the nearest characters is the one that is shown, and how likely none of them is.

Hands differ: in print a glyph lies within 0.1 of its character, in a brush hand as far off as another character would in print. So
the distance d_k of a candidate counts beside its lead over what is ten places behind, d₁₀. And two characters of which one part
differs look nearly the same, but are read differently: so the probability r_k counts that the reader gives to the candidate's
description. With ε = 0.02 and s_k = log r_k, the candidates' probabilities are

    p_k = exp z_k / (1 + Σ_j exp z_j),
    z_k = a + b log(d_k + ε) + c log((d₁₀ + ε) / (d_k + ε)) + e s_k + f max(s_k, -4),

where the 1 stands for none of them; of a candidate without a description the last two terms are a constant g. Fitted by
maximum likelihood, as much weight on encoded characters as on invented ones, in faces that neither the reader nor the index
has seen: ``python -m benchmarks.looks --fit``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["ODDS", "Odds", "evidence", "posterior"]

_EPSILON, _DOUBT = 0.02, -4.0


class Odds(NamedTuple):
    """The weights of `evidence`: a, b, c, e, f and g above."""

    constant: float
    distance: float
    lead: float
    reading: float
    doubt: float
    unread: float


ODDS = Odds(1.89, 3.9, 10.1, 0.23, 0.77, -4.32)


def evidence(
    distances: Sequence[float], tenth: float, readings: Sequence[float | None]
) -> NDArray[np.float64]:
    """What the odds weigh.

    Args:
        distances: of each of K candidates, in [0, 2].
        tenth: that of the tenth nearest character.
        readings: natural logarithms of the probabilities of their descriptions; None where there is none.

    Returns:
        (K, 6), in the order of `Odds`.
    """
    d = np.asarray(distances) + _EPSILON
    known = np.array([reading is not None for reading in readings])
    s = np.array([reading or 0.0 for reading in readings])
    one = np.ones(len(d))
    return np.stack(
        [one, np.log(d), np.log((tenth + _EPSILON) / d), s, np.maximum(s, _DOUBT) * known, one - known], 1
    )


def posterior(found: NDArray[np.float64], odds: Odds = ODDS) -> NDArray[np.float64]:
    """The probability of each candidate, (K,), of its evidence; what is missing from 1 is that of none of them."""
    z = found @ np.array(odds)
    highest = max(float(z.max()), 0.0)
    raised = np.exp(z - highest)
    return np.asarray(raised / (np.exp(-highest) + raised.sum()))
