"""Ranked and explained candidates for a prompt, and structures without one, from any composer."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tensho.bounds import check_whole
from tensho.datasets.meaning_prompts import readings
from tensho.ids.canonical import exists
from tensho.ids.syntax import leaves, parse
from tensho.models.composer.base import ComposerBase, Context, Recalled
from tensho.seeds import NoiseRows
from tensho.text.embedding import DIMENSIONS, clean_prompt, embed
from tensho.text.meanings import Meaning, meanings, sense_of_part

__all__ = ["Candidate", "compose_meaning", "dream_structures", "read_prompt", "sampled"]

POOL = 48
"""Sequences drawn for a prompt, of which the best are shown first. Fixed, so that a candidate's rank never depends
on how many were asked for."""

_MOST, _PAGES = 256, 10
"""Candidates that can be asked for, and pools that are drawn for them, at most."""

_TEMPERATURE, _CAUTION = 0.7, 0.2
"""Of the logits while the rest is free, and until a part of the meaning is placed; see `ComposerBase.draw`."""

_SURPRISE, _VOTES = 0.6, 4.0
"""Weights of a candidate's score: of its likelihood without the prompt, which counts against it, and of the votes
for its parts."""

_DREAM_TEMPERATURE = 1.0
"""Of the logits without a prompt."""

_ATTEMPTS = 24
"""Times that a structure is drawn again until it is accepted."""

_SAME_SENSE = 0.98
"""Cosine of two sentence embeddings, from which on they mean the same."""

_LITERAL = 2
"""Most candidates that are characters which mean literally the prompt; they come first."""

_NEAR = 2
"""Characters of near meaning that an explanation names."""


@dataclass(frozen=True)
class Candidate:
    """One answer to a prompt.

    Attributes:
        ids: an ideographic description sequence, always valid; a lone part is an encoded character.
        score: how well it answers the prompt; what is drawn is ranked by it.
        characters: encoded characters that have this structure; empty if it is new.
        parts: (part, what it means or None), in writing order.
        near: (known character, what it means) that shares parts with it and is near to the prompt in sense.
    """

    ids: str
    score: float
    characters: tuple[str, ...]
    parts: tuple[tuple[str, str | None], ...]
    near: tuple[tuple[str, str], ...]

    @property
    def explanation(self) -> str:
        """One line: "馬 (horse) + 華 (splendour), near 騎 ride"."""
        named = " + ".join(f"{part} ({sense})" if sense else part for part, sense in self.parts)
        if self.characters:
            return f"{named}, which is {' '.join(self.characters)}"
        if self.near:
            return f"{named}, near " + ", ".join(f"{character} {sense}" for character, sense in self.near)
        return named


def read_prompt(composer: ComposerBase, prompt: str) -> NDArray[np.float32]:
    """Readings of a prompt, float32 (1, R, 512): the whole, then its words.

    Raises:
        TenshoError: the prompt is empty or too long, or the encoder is not installed.
    """
    texts = readings(clean_prompt(prompt), composer.config.readings)
    rows = np.zeros((1, composer.config.readings, DIMENSIONS), np.float32)
    rows[0, : len(texts)] = embed(texts)
    return rows


def sampled(composer: ComposerBase, prompt: str, n: int, *, seed: int = 0) -> list[str]:
    """Sequences as they are drawn for a prompt, neither ranked nor made distinct; sequence i depends on i alone.

    Raises:
        TenshoError: the prompt is empty or too long.
    """
    context = composer.recall(read_prompt(composer, prompt)).context
    pages = (_drawn(composer, context, seed, start) for start in range(0, n, composer.chunk))
    return [ids for page in pages for ids in page][:n]


def compose_meaning(composer: ComposerBase, prompt: str, n: int = 4, *, seed: int = 0) -> list[Candidate]:
    """Structures that could mean ``prompt``, the most fitting first, all different.

    Candidate i depends on the prompt, the seed and i alone. At most two known characters that mean literally what
    the prompt says come first; what follows is drawn, and ranked by score.

    Raises:
        TenshoError: the prompt is empty or too long, or n is not in 1 … 256.
    """
    check_whole("-n", n, 1, _MOST)
    recalled = composer.recall(read_prompt(composer, prompt))
    context = recalled.context
    literal = _literal(clean_prompt(prompt), recalled)[:_LITERAL]
    scores = _ranked(composer, context, literal)
    found = {ids: scores[ids] for ids in literal}
    for page in range(_PAGES):
        if len(found) >= n:
            break
        starts = range(page * POOL, (page + 1) * POOL, composer.chunk)
        drawn = {ids for start in starts for ids in _drawn(composer, context, seed, start)}
        found |= _ranked(composer, context, sorted(drawn - found.keys()))
    similar = list(dict.fromkeys(recalled.sequences))
    return [_explained(ids, score, similar) for ids, score in list(found.items())[:n]]


def dream_structures(
    composer: ComposerBase,
    n: int,
    *,
    seed: int = 0,
    first: int = 0,
    accept: Callable[[str], bool] = lambda ids: not exists(parse(ids)),
) -> list[str]:
    """Structures ``first`` … ``first + n - 1`` that ``seed`` dreams; each depends on its own index alone.

    A dream that is not accepted is dreamt again; after `_ATTEMPTS` it is taken as it is.

    Args:
        composer: of any training.
        n: how many.
        seed: any integer.
        first: index of the first one.
        accept: what makes a structure worth drawing; by default, that no encoded character has it.

    Raises:
        TenshoError: n is not positive.
    """
    check_whole("the number of structures", n, 1)
    dreams: list[str] = []
    for start in range(first - first % composer.chunk, first + n, composer.chunk):
        noise = NoiseRows(seed, range(start, start + composer.chunk))
        context = composer.no_context(composer.chunk)
        waiting = [row for row in range(composer.chunk) if first <= start + row < first + n]
        chosen: dict[int, str] = {}
        for _ in range(_ATTEMPTS):
            codes = composer.draw(context, noise, temperature=_DREAM_TEMPERATURE, fewest=2)
            decoded = composer.decode(codes)
            chosen |= {row: decoded[row] for row in waiting}
            waiting = [row for row in waiting if not accept(chosen[row])]
            if not waiting:
                break
        dreams += chosen.values()
    return dreams


def _drawn(composer: ComposerBase, context: Context, seed: int, first: int) -> list[str]:
    # Each further pool is drawn more freely, or else it would repeat the ones before.
    warmth = 1 + first // POOL
    noise = NoiseRows(seed, range(first, first + composer.chunk))
    codes = composer.draw(
        context.repeated(composer.chunk), noise, temperature=warmth * _TEMPERATURE, caution=warmth * _CAUTION
    )
    return composer.decode(codes)


def _literal(prompt: str, recalled: Recalled) -> list[str]:
    """Structures of the training characters that mean what the prompt says, no more and no less.

    The commonest come first, and among them those of which it is the primary sense.
    """
    nearest = zip(recalled.similarity, recalled.sequences, strict=True)
    structures = dict.fromkeys(ids for similarity, ids in nearest if similarity > _SAME_SENSE)
    return sorted(structures, key=lambda ids: -max((_fitness(m, prompt) for m in _known(ids)), default=0.0))


def _fitness(meaning: Meaning, prompt: str) -> float:
    glosses = [gloss.lower() for gloss in meaning.glosses]
    rank = glosses.index(prompt.lower()) if prompt.lower() in glosses else len(glosses)
    return meaning.commonness - 0.1 * rank


def _ranked(composer: ComposerBase, context: Context, pool: list[str]) -> dict[str, float]:
    """Sequences and how well each answers the prompt, the best first.

    The score is the likelihood given the prompt, less a part of the likelihood without it (what is common anyway
    says little), plus the logarithm of the votes for the foremost of its parts.
    """
    if not pool:
        return {}
    codes = composer.codes_of(pool)
    given = composer.likelihood(codes, context.repeated(len(pool)))
    free = composer.likelihood(codes, composer.no_context(len(pool)))
    votes = np.asarray(context.votes)[0][codes].max(1)
    scores = given - _SURPRISE * free + _VOTES * np.log(votes + 1e-3)
    return dict(sorted(zip(pool, scores.tolist(), strict=True), key=lambda item: (-item[1], item[0])))


def _explained(ids: str, score: float, similar: list[str]) -> Candidate:
    parts = list(dict.fromkeys(leaves(parse(ids))))
    sharing = sorted(
        (other for other in similar if other != ids), key=lambda other: -len({*other} & {*parts})
    )
    known = (m for other in sharing if {*other} & {*parts} for m in _known(other)[:1])
    return Candidate(
        ids,
        score,
        tuple(exists(parse(ids))),
        tuple((part, sense_of_part(part)) for part in parts),
        tuple((m.character, m.glosses[0]) for m in itertools.islice(known, _NEAR)),
    )


def _known(ids: str) -> list[Meaning]:
    """The characters of a structure that have a meaning, the commonest first."""
    found = [meanings()[character] for character in exists(parse(ids)) if character in meanings()]
    return sorted(found, key=lambda meaning: -meaning.commonness)
