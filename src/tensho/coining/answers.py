"""What to write for a meaning, and for a sound if one is asked for: coined characters, and those that exist already."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from tensho.bounds import check_whole
from tensho.coining.compounds import radical_of
from tensho.coining.phono_semantic import coin
from tensho.coining.semantic_parts import is_far, semantic_parts
from tensho.coining.sounds import Sound
from tensho.errors import TenshoError
from tensho.ids.canonical import exists, variants
from tensho.ids.syntax import leaves, parse
from tensho.models.composer.base import ComposerBase
from tensho.models.composer.candidates import compose_meaning, read_prompt
from tensho.text.embedding import clean_prompt

__all__ = ["MOST", "Answer", "Answers", "answer"]

MOST = 256
"""Characters of one answer."""

_POOLS = 24, 72, MOST
"""Compound ideographs that are drawn; the larger pools where a smaller one does not suffice."""

_RADICAL = 2.0
"""What the likelihood of its radical counts for a compound ideograph, beside the composer's score; from validation."""

_LEAST = 0.02
"""Probability that a character has a radical which memory does not vote for at all."""


@dataclass(frozen=True)
class Answer:
    """One character.

    Attributes:
        ids: its description.
        explanation: in one line, why these parts.
        characters: the encoded characters that are built so, or nearly; empty if it is coined.
        sure_of_meaning: probability that a character of this meaning is filed under one of its parts.
        sure_of_sound: probability that a character with its phonetic part is read so; None where no sound was asked for.
    """

    ids: str
    explanation: str
    characters: tuple[str, ...]
    sure_of_meaning: float
    sure_of_sound: float | None = None


@dataclass(frozen=True)
class Answers:
    """Attributes: the coined characters and the existing ones, the best first; ``doubt``: why to doubt all, or ""."""

    coined: tuple[Answer, ...]
    existing: tuple[Answer, ...]
    doubt: str = ""

    def __iter__(self) -> Iterator[Answer]:
        yield from self.coined
        yield from self.existing


def answer(
    composer: ComposerBase,
    meaning: str,
    n: int,
    *,
    sound: Sound | None = None,
    new: bool = False,
    seed: int = 0,
    is_new: Callable[[str], bool] = lambda _: True,
) -> Answers:
    """Characters for a meaning.

    Args:
        composer: whose memory knows the meanings.
        meaning: a word or a phrase.
        n: how many; at most half of them exist already, as far as enough can be coined.
        sound: also for a sound.
        new: coined ones alone.
        seed: of what is drawn.
        is_new: what else a coined character has to be.

    Raises:
        TenshoError: the meaning is empty or too long, n is out of range, or not so many can be coined.
    """
    check_whole("-n", n, 1, MOST)
    meaning = clean_prompt(meaning)
    recalled = composer.recall(read_prompt(composer, meaning))
    semantic = semantic_parts(composer, recalled)
    chances = {part.radical: part.probability for part in semantic}
    if sound is None:
        offered = _ideographs(composer, meaning, chances, n, seed)
    else:
        offered = (
            Answer(c.ids, c.explanation, (), c.sure_of_meaning, c.sure_of_sound)
            for c in coin(semantic, sound)
        )
    most_existing = 0 if new else n // 2 if n > 1 else 1
    coined: list[Answer] = []
    existing: list[Answer] = []
    for candidate in offered:
        if len(coined) + len(existing) >= n:
            break
        tree = parse(candidate.ids)
        known = (exists(tree) or variants(tree))[:2]
        if known and len(existing) < most_existing and not any(known[0] in e.characters for e in existing):
            existing.append(replace(candidate, characters=tuple(known)))
        elif not known and is_new(candidate.ids):
            coined.append(candidate)
    if not coined and not existing:
        raise TenshoError(f"nothing could be coined for {meaning!r}; ask in other words")
    return Answers(tuple(coined), tuple(existing), _doubt(meaning) if is_far(recalled) else "")


def _ideographs(
    composer: ComposerBase, meaning: str, chances: dict[int, float], n: int, seed: int
) -> Iterator[Answer]:
    """會意: parts that mean something together, as the composer draws them."""
    seen: set[str] = set()
    for most in (min(max(pool, 2 * n), MOST) for pool in _POOLS):
        drawn = compose_meaning(composer, meaning, most, seed=seed)
        ranked = sorted(
            (candidate for candidate in drawn if candidate.ids not in seen),
            key=lambda candidate: (
                -candidate.score - _RADICAL * math.log(_sure(candidate.ids, chances) + _LEAST)
            ),
        )
        for candidate in ranked:
            seen.add(candidate.ids)
            yield Answer(candidate.ids, candidate.explanation, (), _sure(candidate.ids, chances))


def _sure(ids: str, chances: dict[int, float]) -> float:
    radicals = filter(None, map(radical_of, leaves(parse(ids))))
    return max((chances.get(radical, _LEAST) for radical in radicals), default=_LEAST)


def _doubt(meaning: str) -> str:
    shown = meaning if len(meaning) <= 40 else f"{meaning[:39]}…"
    return f"unsure: no known meaning is near {shown!r}, so the parts are a guess"
