"""形聲: a part for the meaning beside a part for the sound.

A candidate is a radical in one of its forms and places beside a phonetic part, and scores

    1.7 log P(radical | meaning) + log P(form, slot | radical) + 1.7 log P(sound | phonetic part) + log(members + 0.3)

where ``members`` is the number of characters that have the phonetic part already: what a part tells in many, it tells best.
A series does not take a radical twice: pairs of radical and phonetic part that a character of the train split has are
other characters, and lose `_TAKEN`. So does a part that is no character, or one of the rare ones (outside the basic plane).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tensho.coining.compounds import Compound, compound_of, radical_of
from tensho.coining.known_readings import known_readings
from tensho.coining.phonetic_series import PhoneticSeries, phonetic_series
from tensho.coining.semantic_parts import SIMPLIFIED, SemanticPart, forms_of, training_compounds
from tensho.coining.sounds import Sound
from tensho.unihan import field

__all__ = ["Coined", "PhoneticPart", "coin", "phonetic_parts"]

_RADICALS, _PHONETICS, _FORMS = 6, 48, 3
"""Of each that many are combined."""

_PRODUCTIVE, _TAKEN, _UNCOMMON = 0.3, 1.5, 1.5

_CLEAR = 0.7
"""What is coined shall be understood by whoever sees it, so both probabilities count more than in what history made."""

_TWICE = 2.0
"""What it costs that the phonetic part has the radical in it already, as 雪 has 雨."""

_LIKE = 2
"""Characters that an explanation names."""


class PhoneticPart(NamedTuple):
    """A part that can tell a sound: ``score`` ranks it, ``probability`` is that of the sound in one more character."""

    part: str
    score: float
    probability: float


@dataclass(frozen=True)
class Coined:
    """A candidate.

    Attributes:
        compound: what it is made of.
        score: see the module; the higher, the better.
        sure_of_meaning: probability that a character of this meaning has this radical.
        sure_of_sound: probability that a character with this phonetic part is read so.
        like: characters that have the phonetic part and are read so.
        sound: the phonetic part's own reading that is meant, or "" where only characters with it are read so.
    """

    compound: Compound
    score: float
    sure_of_meaning: float
    sure_of_sound: float
    like: tuple[str, ...]
    sound: str

    @property
    def ids(self) -> str:
        """The description of the whole."""
        return self.compound.ids

    @property
    def explanation(self) -> str:
        """One line: "月 for meaning, 越 yuè for the sound; like 鉞 and 樾"."""
        spoken = f"{self.compound.phonetic} {self.sound}" if self.sound else self.compound.phonetic
        like = f"; like {' and '.join(self.like)}" if self.like else ""
        return f"{self.compound.semantic} for meaning, {spoken} for the sound{like}"


def phonetic_parts(series: PhoneticSeries, sound: Iterable[str], radical: int) -> list[PhoneticPart]:
    """The parts that can tell a sound beside a radical, the best first."""
    likelihood = series.likelihood(sound)
    score = np.log(likelihood) + np.log(_members(series) + _PRODUCTIVE)
    number = {part: k for k, part in enumerate(series.parts)}
    for part in _taken().get(radical, ()):
        if part in number:
            score[number[part]] -= _TAKEN
    score -= _UNCOMMON * _uncommon(series)
    order = np.argsort(-score, kind="stable")
    return [PhoneticPart(series.parts[k], float(score[k]), float(likelihood[k])) for k in order.tolist()]


def coin(meaning: Iterable[SemanticPart], sound: Sound) -> list[Coined]:
    """Candidates for a meaning and a sound, the best first; whether they exist is not looked up.

    Args:
        meaning: the radicals that can tell it, the likeliest first.
        sound: the readings that are meant.
    """
    series = phonetic_series(sound.language)
    found = [
        candidate
        for semantic in list(meaning)[:_RADICALS]
        for phonetic in phonetic_parts(series, sound.readings, semantic.radical)[:_PHONETICS]
        for candidate in _placed(semantic, phonetic, sound, series)
    ]
    return sorted(found, key=lambda candidate: (-candidate.score, candidate.ids))


def _placed(
    semantic: SemanticPart, phonetic: PhoneticPart, sound: Sound, series: PhoneticSeries
) -> Iterator[Coined]:
    """The pair in the commonest forms and places of the radical that go with the phonetic part."""
    if radical_of(phonetic.part) == semantic.radical:
        return
    inside = compound_of(phonetic.part)
    twice = _TWICE if inside is not None and radical_of(inside.semantic) == semantic.radical else 0.0
    simplified = phonetic.part in _simplified()
    forms = [
        (form, slot, share)
        for (form, slot), share in forms_of(semantic.radical).items()
        if (form in SIMPLIFIED) <= simplified
    ]
    own = [text for text in known_readings(sound.language).get(phonetic.part, ()) if text in sound.readings]
    for form, slot, share in forms[:_FORMS]:
        told = np.log(semantic.probability)
        score = phonetic.score + told + np.log(share) + _CLEAR * (told + np.log(phonetic.probability)) - twice
        yield Coined(
            Compound(slot, form, phonetic.part),
            float(score),
            semantic.probability,
            phonetic.probability,
            tuple(series.agreeing(phonetic.part, sound.readings)[:_LIKE]),
            own[0] if own else "",
        )


@cache
def _members(series: PhoneticSeries) -> NDArray[np.float64]:
    return np.array([len(series.members.get(part, ())) for part in series.parts], np.float64)


@cache
def _uncommon(series: PhoneticSeries) -> NDArray[np.float64]:
    return np.array([len(part) > 1 or ord(part) > 0xFFFF for part in series.parts], np.float64)


@cache
def _taken() -> dict[int, frozenset[str]]:
    """The phonetic parts that each radical has beside it in some character of the train split."""
    found: dict[int, set[str]] = defaultdict(set)
    for compound in training_compounds().values():
        radical = radical_of(compound.semantic)
        assert radical is not None
        found[radical].add(compound.phonetic)
    return {radical: frozenset(parts) for radical, parts in found.items()}


@cache
def _simplified() -> frozenset[str]:
    """Characters that stand for another, traditional one."""
    pairs = field("kTraditionalVariant", "Unihan_Variants.txt")
    return frozenset(char for char, value in pairs if f"U+{ord(char):04X}" not in value.split())
