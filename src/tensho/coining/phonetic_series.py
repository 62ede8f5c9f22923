"""How a part is read inside characters: P(reading | phonetic part), learned from the series that share the part.

The evidence e(s | p) for a part p is the readings s of the characters of the train split that have it as their phonetic
part, each character one vote in all, and the readings of the part itself as a character, ``own`` votes. Relatives of one
sound differ in initial, final and tone. So the reading r of one more relative is

    P(r | p) = (Σ_s e(s | p) K(r | s) + prior · P(r)) / (Σ_s e(s | p) + prior)
    K(r | s) = same · [r = s] + (1 - same) · P(r) Π_c T_c(r_c | s_c) / P_c(r_c), made to sum to 1 over r

where c runs over initial, final and tone, P is the distribution of all readings, and T_c says into what a component turns
between a phonetic part and a character that has it, counted over the train split and smoothed with P_c. Only syllables that
some character has are possible.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tensho.coining.compounds import Compound, compounds
from tensho.coining.known_readings import known_readings
from tensho.split import split_of
from tensho.text.syllables import Language, syllable

__all__ = ["PhoneticSeries", "Strengths", "phonetic_series"]


class Strengths(NamedTuple):
    """What was chosen on the validation characters; see the module."""

    own: float
    prior: float
    same: float
    smoothing: float = 2.0


STRENGTHS: dict[Language, Strengths] = {
    "mandarin": Strengths(2.0, 0.1, 0.65),
    "cantonese": Strengths(2.0, 0.1, 0.65),
    "on": Strengths(2.0, 0.1, 0.65),
    "kun": Strengths(2.0, 0.1, 1.0),
    "korean": Strengths(2.0, 0.1, 0.65),
    "vietnamese": Strengths(2.0, 0.1, 0.65),
}

_LATER = 0.5
"""What each further reading of a character counts, beside the one before it."""


@dataclass(frozen=True)
class _Votes:
    """Pairs of part and syllable with a weight each, all arrays of one length."""

    part: NDArray[np.int64]
    syllable: NDArray[np.int64]
    weight: NDArray[np.float64]


class PhoneticSeries:
    """The series of one language.

    Args:
        language: whose readings.
        readings: of every character.
        compounds: of every character that is one.
        learns: which characters' readings as compounds are learned from.
        strengths: see the module.
    """

    def __init__(
        self,
        language: Language,
        readings: Mapping[str, Collection[str]],
        compounds: Mapping[str, Compound],
        learns: Callable[[str], bool],
        strengths: Strengths,
    ) -> None:
        self.language, self.strengths = language, strengths
        self._readings = readings
        self.members: dict[str, list[str]] = defaultdict(list)
        """The characters that each part is the phonetic part of, and which are learned from."""
        for char, compound in compounds.items():
            if char in readings and learns(char):
                self.members[compound.phonetic].append(char)
        own = {compound.phonetic for compound in compounds.values()} & readings.keys()
        self.parts = sorted({*self.members, *own})
        """The parts that say anything of a sound."""
        self.syllables = sorted({text for texts in readings.values() for text in texts})
        """The readings that there are."""
        self._part = {part: k for k, part in enumerate(self.parts)}
        self._syllable = {text: k for k, text in enumerate(self.syllables)}

    def likelihood(self, reading: Iterable[str]) -> NDArray[np.float64]:
        """P of the readings together, given each of `parts`, float64 (parts,)."""
        wanted = [self._syllable[text] for text in reading if text in self._syllable]
        turned = self.kernel[:, wanted].sum(1)
        votes = self._votes
        met = np.bincount(votes.part, votes.weight * turned[votes.syllable], len(self.parts))
        weight = np.bincount(votes.part, votes.weight, len(self.parts))
        prior = self.strengths.prior
        found: NDArray[np.float64] = (met + prior * self.shares[wanted].sum()) / (weight + prior)
        return found

    def distribution(self, part: str, *, without: Collection[str] = ()) -> NDArray[np.float64]:
        """P of each of `syllables`, given a part, float64 (syllables,); ``without`` are characters not to learn from."""
        total, weight = self.strengths.prior * self.shares, self.strengths.prior
        for text, share in self.evidence(part, without=without).items():
            total = total + share * self.kernel[self._syllable[text]]
            weight += share
        return np.asarray(total / weight)

    def evidence(self, part: str, *, without: Collection[str] = ()) -> dict[str, float]:
        """The votes for each reading that the part's series and the part itself give."""
        found: dict[str, float] = defaultdict(float)
        for text, share in self._weights(part):
            found[text] += self.strengths.own * share
        for member in self.members.get(part, ()):
            if member not in without:
                for text, share in self._weights(member):
                    found[text] += share
        return dict(found)

    def agreeing(self, part: str, wanted: Collection[str]) -> list[str]:
        """The characters of the part's series that are read so, those whose principal reading it is first."""
        found = [char for char in self.members.get(part, ()) if {*self._readings[char]} & {*wanted}]
        return sorted(found, key=lambda char: next(iter(self._readings[char])) not in wanted)

    @cached_property
    def shares(self) -> NDArray[np.float64]:
        """P of each syllable in all characters that are learned from, float64 (syllables,), none of them 0."""
        count = np.full(len(self.syllables), 0.05)
        for members in self.members.values():
            for char in members:
                for text, share in self._weights(char):
                    count[self._syllable[text]] += share
        return np.asarray(count / count.sum())

    @cached_property
    def kernel(self) -> NDArray[np.float32]:
        """K, float32 (syllables, syllables): from the reading of a relative, a row, to that of another one."""
        same = self.strengths.same
        if same == 1:
            return np.eye(len(self.syllables), dtype=np.float32)
        odds = np.broadcast_to(self.shares.astype(np.float32), (len(self.syllables),) * 2).copy()
        for place in range(3):
            codes, turns, share = self._turns(place)
            odds *= (turns / share)[np.ix_(codes, codes)]
        odds /= odds.sum(1, keepdims=True)
        odds *= np.float32(1 - same)
        odds[np.diag_indices(len(odds))] += np.float32(same)
        return np.asarray(odds, np.float32)

    def _turns(self, place: int) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float32]]:
        """The component of each syllable as a number, T (from, to), and P of each component."""
        parts = [syllable(self.language, text) for text in self.syllables]
        values = [part[place] if part is not None else "" for part in parts]
        number = {value: k for k, value in enumerate(sorted(set(values)))}
        codes = np.array([number[value] for value in values])
        share = np.bincount(codes, self.shares, len(number))
        count = self.strengths.smoothing * np.broadcast_to(share, (len(number),) * 2).copy()
        before, after, weight = self._pairs
        np.add.at(count, (codes[before], codes[after]), weight)
        return codes, (count / count.sum(1, keepdims=True)).astype(np.float32), share.astype(np.float32)

    @cached_property
    def _pairs(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """The principal reading of a part, or of a member, that of another member, and how often they stand together."""
        found: defaultdict[tuple[int, int], float] = defaultdict(float)
        for part, members in self.members.items():
            codes = Counter(self._syllable[next(iter(self._readings[char]))] for char in members)
            own = self._readings.get(part)
            if own:
                start = self._syllable[next(iter(own))]
                for code, times in codes.items():
                    found[start, code] += times
            if len(members) > 1:
                for one, times in codes.items():
                    for other, others in codes.items():
                        found[one, other] += times * (others - (one == other)) / (len(members) - 1)
        pairs = np.array(list(found), np.int64).reshape(-1, 2)
        return pairs[:, 0], pairs[:, 1], np.array(list(found.values()))

    @cached_property
    def _votes(self) -> _Votes:
        rows = [
            (k, self._syllable[text], share)
            for k, part in enumerate(self.parts)
            for text, share in self.evidence(part).items()
        ]
        part, spoken, weight = zip(*rows, strict=True)
        return _Votes(np.array(part), np.array(spoken), np.array(weight))

    def _weights(self, char: str) -> Iterator[tuple[str, float]]:
        """The readings of a character, each with its share of one vote."""
        texts = self._readings.get(char, ())
        whole = sum(_LATER**k for k in range(len(texts)))
        for k, text in enumerate(texts):
            yield text, _LATER**k / whole


@cache
def phonetic_series(language: Language) -> PhoneticSeries:
    """The series as they are learned from the characters of the train split.

    Raises:
        TenshoError: the dictionaries are not installed.
    """
    return PhoneticSeries(
        language,
        known_readings(language),
        compounds(),
        lambda char: split_of(char) == "train",
        STRENGTHS[language],
    )
