"""Scores what is known of the sound of characters: the reading from the parts, and the phonetic part from the reading.

    python -m benchmarks.sound [--split test] [--languages mandarin on …]

Characters are those of a split that are a radical beside a part with which they share a class of Casey's phonetic index
(Unihan's kPhonetic), so which ones count does not depend on how they are read. Their simplified, traditional and other
variants do not argue for them. A reading is right if it is one of the character's; a part, if it is the character's own.

Peers: the commonest principal reading in the series of the part ("majority of the series"); the reading of the part itself
as a character, or, if it has none, the majority ("nearest neighbour"). For parts: those that most characters of the reading
have; those that are read so themselves, the most productive first.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache

import numpy as np
from rich.console import Console
from rich.table import Table

from tensho.coining.compounds import Compound, compounds, radical_of
from tensho.coining.known_readings import known_readings
from tensho.coining.phonetic_series import PhoneticSeries, phonetic_series
from tensho.coining.phono_semantic import phonetic_parts
from tensho.split import SPLITS, Split, split_of
from tensho.text.syllables import LANGUAGES, NAMES, Language
from tensho.unihan import field

TOP = 5
_VARIANTS = (
    "kTraditionalVariant", "kSimplifiedVariant", "kZVariant", "kSemanticVariant", "kSpecializedSemanticVariant",
)  # fmt: skip


@cache
def phonetic_classes() -> dict[str, frozenset[str]]:
    """The classes of the phonetic index that each character is in."""
    values = field("kPhonetic", "Unihan_DictionaryLikeData.txt")
    return {char: frozenset(name.rstrip("*ABCDx") for name in value.split()) for char, value in values}


@cache
def variants() -> Mapping[str, frozenset[str]]:
    """Characters that stand for each other."""
    found: dict[str, set[str]] = defaultdict(set)
    for name in _VARIANTS:
        for char, value in field(name, "Unihan_Variants.txt"):
            for target in value.split():
                other = chr(int(target.partition("<")[0][2:], 16))
                found[char].add(other)
                found[other].add(char)
    return {char: frozenset(others) for char, others in found.items()}


def characters(split: Split, language: Language) -> list[str]:
    """The phono-semantic characters of a split that are read in a language."""
    classes, read = phonetic_classes(), known_readings(language)
    return [
        char
        for char, compound in compounds().items()
        if split_of(char) == split
        and char in read
        and classes.get(char, frozenset()) & classes.get(compound.phonetic, frozenset())
    ]


def series_readings(series: PhoneticSeries, char: str) -> list[str]:
    members = series.members.get(compounds()[char].phonetic, [])
    known = known_readings(series.language)
    others = variants().get(char, frozenset())
    return [text for text, _ in Counter(known[m][0] for m in members if m not in others).most_common()]


def readings_by(series: PhoneticSeries) -> dict[str, Callable[[str], Sequence[str]]]:
    known = known_readings(series.language)

    def ours(char: str) -> list[str]:
        chances = series.distribution(compounds()[char].phonetic, without=variants().get(char, frozenset()))
        return [series.syllables[k] for k in np.argsort(-chances, kind="stable")[:TOP].tolist()]

    def neighbour(char: str) -> list[str]:
        return list(
            dict.fromkeys([*known.get(compounds()[char].phonetic, ()), *series_readings(series, char)])
        )

    return {
        "series and kernels (ours)": ours,
        "majority of the series": lambda char: series_readings(series, char),
        "nearest neighbour": neighbour,
    }


def parts_by(series: PhoneticSeries) -> dict[str, Callable[[str, Compound], Sequence[str]]]:
    known = known_readings(series.language)
    having: dict[str, Counter[str]] = defaultdict(Counter)
    own: dict[str, list[str]] = defaultdict(list)
    for part in sorted(series.parts, key=lambda part: -len(series.members.get(part, ()))):
        for member in series.members.get(part, ()):
            having[known[member][0]][part] += 1
        for text in known.get(part, ())[:1]:
            own[text].append(part)

    def ours(reading: str, compound: Compound) -> list[str]:
        radical = radical_of(compound.semantic)
        assert radical is not None
        return [found.part for found in phonetic_parts(series, [reading], radical)[:TOP]]

    return {
        "reading and radical (ours)": ours,
        "majority: parts of most characters read so": lambda reading, _: [
            p for p, _ in having[reading].most_common()
        ],
        "nearest neighbour: parts read so themselves": lambda reading, _: own[reading],
    }


def cell(hits: Collection[bool]) -> str:
    mean = float(np.mean(list(hits)))
    return f"{100 * mean:.1f} ± {100 * (mean * (1 - mean) / len(hits)) ** 0.5:.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description="Scores what is known of the sound of characters.")
    parser.add_argument("--split", choices=SPLITS, default="test")
    parser.add_argument("--languages", choices=LANGUAGES, nargs="+", default=["mandarin", "on"])
    asked = parser.parse_args()
    console = Console(width=120)
    for language in asked.languages:
        chars, series, known = (
            characters(asked.split, language),
            phonetic_series(language),
            known_readings(language),
        )
        title = f"{NAMES[language]}: {len(chars)} phono-semantic characters, {asked.split}"
        table = Table("", "top 1, %", f"top {TOP}, %", title=title)
        for name, guess in readings_by(series).items():
            found = [list(guess(char)) for char in chars]
            right = [
                [bool({*texts[:most]} & {*known[char]}) for texts, char in zip(found, chars, strict=True)]
                for most in (1, TOP)
            ]
            table.add_row(f"reading | {name}", *map(cell, right))
        for name, choose in parts_by(series).items():
            picked = [list(choose(known[char][0], compounds()[char])) for char in chars]
            hits = [
                [
                    compounds()[char].phonetic in parts[:most]
                    for parts, char in zip(picked, chars, strict=True)
                ]
                for most in (1, TOP)
            ]
            table.add_row(f"part | {name}", *map(cell, hits))
        console.print(table)
        likelihood = np.mean([np.log(_chance(series, char)) for char in chars])
        console.print(f"mean log-likelihood of the principal reading: {likelihood:.3f} nats\n")


def _chance(series: PhoneticSeries, char: str) -> float:
    chances = series.distribution(compounds()[char].phonetic, without=variants().get(char, frozenset()))
    return float(chances[series.syllables.index(known_readings(series.language)[char][0])])


if __name__ == "__main__":
    main()
