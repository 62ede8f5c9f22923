"""The way back: what a character may mean and how it may be read, from its parts alone.

Which part tells the meaning is learned from the characters of the train split: of those in which the part stands in the
same place, how many are filed under it. The readings are those of the other part's series (see
`tensho.coining.phonetic_series`), weighed by how likely it is to be the phonetic one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from tensho.coining import compounds as compounds_module
from tensho.coining.compounds import Compound, compounds, radical_of, split_tree
from tensho.coining.phonetic_series import PhoneticSeries, phonetic_series
from tensho.coining.semantic_parts import training_compounds
from tensho.ids.decomposition import decompose
from tensho.ids.installed_table import PACKAGES, SOURCES, installed_descriptions
from tensho.ids.syntax import ARITY, Arrangement, Tree, parse, to_string
from tensho.kept_table import kept
from tensho.split import split_of
from tensho.text.meanings import meanings, sense_of_part
from tensho.text.syllables import Language

__all__ = ["MeaningField", "ReadFromParts", "Spoken", "likely_fields", "likely_readings", "read_from_parts"]

_ARGUE = 4
"""Characters that argue for an answer."""

_DOUBT = 1.0
"""Characters that are taken to have a part in a place without being filed under it."""

_DEEPEST = 3


@dataclass(frozen=True)
class MeaningField:
    """A part that may tell the meaning.

    Attributes:
        part: which.
        sense: what it stands for, or None.
        probability: that dictionaries would file the character under it.
        like: (character, its sense) that are filed under it.
    """

    part: str
    sense: str | None
    probability: float
    like: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Spoken:
    """A reading, its probability, the part that tells it, and characters with that part which are read so."""

    reading: str
    probability: float
    part: str
    like: tuple[str, ...]


@dataclass(frozen=True)
class ReadFromParts:
    """All that the parts of a character say; ``readings`` has the likeliest first in every language asked for."""

    ids: str
    fields: tuple[MeaningField, ...]
    readings: dict[Language, tuple[Spoken, ...]]


def read_from_parts(
    tree: Tree, languages: Collection[Language], k: int = 5, *, without: Collection[str] = ()
) -> ReadFromParts:
    """Read a structure.

    Args:
        tree: a character or a description.
        languages: those whose readings are wanted.
        k: readings in each.
        without: characters that must not argue, such as itself.
    """
    whole = _opened(tree)
    fields = tuple(likely_fields(whole, without=without))
    return ReadFromParts(
        to_string(whole),
        fields,
        {language: tuple(likely_readings(whole, language, k, without=without)) for language in languages},
    )


def likely_fields(tree: Tree, *, without: Collection[str] = ()) -> list[MeaningField]:
    """The parts that may tell the meaning of a structure, the likeliest first; their probabilities sum to at most 1."""
    if isinstance(tree, str):
        return [MeaningField(tree, sense_of_part(tree), 1.0, tuple(_filed_under(tree, without)))]
    return [
        MeaningField(
            compound.semantic,
            sense_of_part(compound.semantic),
            chance,
            tuple(_filed_under(compound.semantic, without)),
        )
        for compound, chance in _ways(tree)
    ]


def likely_readings(tree: Tree, language: Language, k: int, *, without: Collection[str] = ()) -> list[Spoken]:
    """The k likeliest readings of a structure in a language."""
    series = phonetic_series(language)
    weights = _phonetic_weights(tree)
    found = np.zeros(len(series.syllables))
    told = {part: _distribution(series, part, without) for part in weights}
    for part, weight in weights.items():
        found += weight * told[part]
    readings = []
    for code in np.argsort(-found, kind="stable")[:k].tolist():
        text = series.syllables[code]
        part = max(weights, key=lambda part: weights[part] * told[part][code])
        like = [char for char in series.agreeing(part, [text]) if char not in without]
        readings.append(Spoken(text, float(found[code]), part, tuple(like[:_ARGUE])))
    return readings


def _opened(tree: Tree) -> Tree:
    """The largest parts of a character, or the description as it is."""
    return tree if isinstance(tree, Arrangement) else decompose(tree) or tree


def _ways(tree: Tree) -> list[tuple[Compound, float]]:
    """The ways in which a structure is a compound, each with its probability, the likeliest first."""
    ways = split_tree(tree)
    places = _places()
    share = []
    for way in ways:
        filed, stands = places.get((way.semantic, way.slot), (0, 0))
        share.append(filed / (stands + _DOUBT))
    whole = max(sum(share), 1.0)
    chances = [(way, chance / whole) for way, chance in zip(ways, share, strict=True) if chance > 0]
    return sorted(chances, key=lambda item: -item[1])


def _phonetic_weights(tree: Tree) -> dict[str, float]:
    """The parts that may tell the sound, and how likely each is to."""
    if isinstance(tree, str):
        return {tree: 1.0}
    weights = {way.phonetic: chance for way, chance in _ways(tree)}
    if not weights:
        weights = {to_string(part): 1.0 for part in tree.children}
    whole = sum(weights.values())
    return {part: weight / whole for part, weight in weights.items()}


def _distribution(
    series: PhoneticSeries, part: str, without: Collection[str], depth: int = 0
) -> NDArray[np.float64]:
    """P of each syllable given a part: that of its series, or if it has none, of the parts that it is made of."""
    if depth == _DEEPEST or series.evidence(part, without=without):
        return series.distribution(part, without=without)
    tree = parse(part) if part[0] in ARITY else decompose(part)
    if tree is None or isinstance(tree, str):
        return series.distribution(part, without=without)
    found = np.zeros(len(series.syllables))
    for inner, weight in _phonetic_weights(tree).items():
        found += weight * _distribution(series, inner, without, depth + 1)
    return found


def _filed_under(part: str, without: Collection[str]) -> list[tuple[str, str]]:
    radical = radical_of(part)
    members = _members_of_radical().get(radical, ()) if radical is not None else ()
    known = meanings()
    return [(char, known[char].glosses[0]) for char in members if char not in without][:_ARGUE]


@cache
def _members_of_radical() -> dict[int, list[str]]:
    """The characters of the train split that are filed under each radical and mean something, the commonest first."""
    found: dict[int, list[str]] = defaultdict(list)
    known = meanings()
    ranked = sorted(
        (char for char in training_compounds() if char in known), key=lambda char: -known[char].commonness
    )
    for char in ranked:
        radical = radical_of(compounds()[char].semantic)
        assert radical is not None
        found[radical].append(char)
    return dict(found)


@cache
def _places() -> dict[tuple[str, str], tuple[int, int]]:
    """Of each part in a place: the characters of the train split that are filed under it, and all that have it there."""
    table = kept(
        "places-of-parts", (__file__, str(compounds_module.__file__), *SOURCES), PACKAGES, _count_places
    )
    counts = ((key.split(" "), value.split(" ")) for key, value in table.items())
    return {(part, slot): (int(filed), int(stands)) for (part, slot), (filed, stands) in counts}


def _count_places() -> dict[str, str]:
    filed = Counter((compound.semantic, compound.slot) for compound in training_compounds().values())
    stands: Counter[tuple[str, str]] = Counter()
    for char, text in installed_descriptions().items():
        if split_of(char) == "train":
            tree = parse(text)
            if isinstance(tree, Arrangement):
                stands.update(
                    (part, f"{tree.operator}{k}")
                    for k, part in enumerate(tree.children)
                    if isinstance(part, str)
                )
    return {f"{part} {slot}": f"{filed[part, slot]} {count}" for (part, slot), count in stands.items()}
