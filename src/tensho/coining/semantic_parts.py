"""Which part shall tell the meaning: the first decision of whoever coins a character.

A composer's memory votes for the parts of the characters whose meanings are nearest. A vote counts as far as the part, where
it occurs, is the one that characters are filed under: 氵 nearly always is, 田 seldom. Votes for forms of one radical are
votes for that radical; in which form and on which side it stands is told by the characters of the train split.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache

import numpy as np

from tensho.coining import compounds as compounds_module
from tensho.coining.compounds import Compound, compounds, radical_of
from tensho.datasets import meaning_prompts
from tensho.ids.decomposition import decompositions
from tensho.ids.installed_table import PACKAGES, SOURCES
from tensho.kept_table import kept
from tensho.models.composer.base import FIRST_SYMBOL, ComposerBase, Recalled
from tensho.split import split_of

__all__ = [
    "SIMPLIFIED",
    "SemanticPart",
    "forms_of",
    "likelihood_of_semantic",
    "semantic_parts",
    "training_compounds",
]

SIMPLIFIED = frozenset("讠钅纟饣贝见门马鱼鸟页车风韦齿龙龟麦")
"""Forms of the script of 1956, which go with phonetic parts of that script."""

_SLOPE, _SHIFT = 1.3, 0.25
"""From a radical's share of the votes to the probability that it is the one, in logits; from validation characters."""

_FAR = 0.6
"""Cosine of the nearest known meaning, under which nothing near is known."""


@dataclass(frozen=True)
class SemanticPart:
    """A radical as the part that tells a meaning.

    Attributes:
        radical: its number, 1 to 214.
        part: its commonest form.
        probability: that it is the one, in (0, 1).
    """

    radical: int
    part: str
    probability: float


def semantic_parts(composer: ComposerBase, recalled: Recalled) -> list[SemanticPart]:
    """The radicals that memory votes for, the likeliest first.

    Args:
        composer: whose memory.
        recalled: what it recalls of a prompt.
    """
    votes = np.asarray(recalled.context.votes)[0]
    found: dict[int, float] = defaultdict(float)
    for code in np.flatnonzero(votes).tolist():
        part = composer.config.symbols[code - FIRST_SYMBOL]
        radical = radical_of(part)
        if radical is not None:
            found[radical] += float(votes[code]) * likelihood_of_semantic(part)
    whole = sum(found.values())
    ranked = sorted(found, key=lambda radical: (-found[radical], radical))
    return [
        SemanticPart(radical, next(iter(forms_of(radical)))[0], _probability(found[radical] / whole))
        for radical in ranked
        if found[radical] > 0 and forms_of(radical)
    ]


def is_far(recalled: Recalled) -> bool:
    """Whether no known meaning is near to a prompt: a name, a new word, or nonsense."""
    return float(recalled.similarity[0]) < _FAR


@cache
def training_compounds() -> dict[str, Compound]:
    """The compounds of the train split."""
    return {char: compound for char, compound in compounds().items() if split_of(char) == "train"}


@cache
def forms_of(radical: int) -> dict[tuple[str, str], float]:
    """The share of each (form, slot) in which a radical stands, the commonest first."""
    count = _forms().get(radical, Counter())
    whole = sum(count.values())
    return {key: number / whole for key, number in count.most_common()}


def likelihood_of_semantic(part: str) -> float:
    """How often a part, where it occurs, is the one that the character is filed under."""
    return _shares().get(part, 0.0)


@cache
def _forms() -> dict[int, Counter[tuple[str, str]]]:
    found: dict[int, Counter[tuple[str, str]]] = defaultdict(Counter)
    for compound in training_compounds().values():
        radical = radical_of(compound.semantic)
        assert radical is not None
        found[radical][compound.semantic, compound.slot] += 1
    return dict(found)


@cache
def _shares() -> dict[str, float]:
    sources = (__file__, str(compounds_module.__file__), str(meaning_prompts.__file__), *SOURCES)
    return {part: float(share) for part, share in kept("semantic-shares", sources, PACKAGES, _count).items()}


def _count() -> dict[str, str]:
    semantic = Counter(compound.semantic for compound in training_compounds().values())
    trees = (meaning_prompts.structure(char) for char in decompositions() if split_of(char) == "train")
    occurs = Counter(part for text in trees if text for part in set(text))
    return {part: f"{count / max(occurs[part], count):.6f}" for part, count in semantic.items()}


def _probability(share: float) -> float:
    share = min(max(share, 1e-3), 1 - 1e-3)
    return 1 / (1 + math.exp(-_SLOPE * math.log(share / (1 - share)) - _SHIFT))
