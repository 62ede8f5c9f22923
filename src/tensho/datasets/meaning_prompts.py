"""Training prompts of the composer: English text, and the structure of a character that it describes.

Three kinds of prompts lead to a character: one of its glosses, several of them, and, for a character of two parts, what
its parts mean ("sun moon" for 明), from which the model learns to put together what a prompt names. A fourth kind is the
structure alone. Only characters of the train split have prompts, and only their glosses appear in any prompt.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

import numpy as np

from tensho.ids.decomposition import decompositions, expand, vocabulary
from tensho.ids.syntax import ARITY, Arrangement, leaves, to_string
from tensho.split import Split, split_of
from tensho.text.embedding import clean_prompt, content_words
from tensho.text.meanings import Meaning, meanings

__all__ = ["Prompt", "PromptSet", "meaning_prompts", "readings", "structure"]

MOST_GLOSSES = 8
"""Glosses of a character that become prompts, the primary ones first."""

_JOINED = 6
"""Glosses in a prompt that joins several."""

_SHARE_OF_GLOSSES, _SHARE_OF_JOINED, _SHARE_OF_PARTS = 0.5, 0.3, 0.2
"""How a character's weight is divided among its kinds of prompts."""


@dataclasses.dataclass(frozen=True)
class Prompt:
    """``text`` is answered by the structure of ``character``; ``weight`` says how often that is practised."""

    text: str
    character: str
    weight: float


@dataclasses.dataclass(frozen=True)
class PromptSet:
    """All prompts of a split.

    Attributes:
        symbols: operators and parts in use, the commonest first.
        structures: the sequence of each character that has a meaning and a structure.
        glosses: (gloss, character) for the memory.
        prompts: for each character of ``structures`` at least one.
        dreams: sequences of all characters of two or more parts, with or without a meaning.
    """

    symbols: str
    structures: dict[str, str]
    glosses: tuple[tuple[str, str], ...]
    prompts: tuple[Prompt, ...]
    dreams: tuple[str, ...]


def structure(character: str) -> str | None:
    """The sequence that the composer writes for a character: a frequent part stays whole; None if none is known."""
    if character in vocabulary():
        return character
    return to_string(expand(character)) if character in decompositions() else None


def readings(prompt: str, most: int) -> list[str]:
    """The prompt as a whole and, if it has several, its first words that carry meaning; at most ``most`` texts."""
    words = content_words(prompt)
    return [prompt, *words[: most - 1]] if len(words) > 1 else [prompt]


def meaning_prompts(longest: int, split: Split = "train") -> PromptSet:
    """Collect the prompts whose structures have at most ``longest`` symbols.

    Raises:
        TenshoError: the dictionaries are not installed.
    """
    senses = {c: m for c, m in meanings().items() if split_of(c) == split}
    structures = {c: ids for c in senses if (ids := structure(c)) is not None and len(ids) <= longest}
    whole = (to_string(expand(c)) for c in decompositions() if split_of(c) == split)
    dreams = tuple(ids for ids in whole if len(ids) <= longest)
    practised = [prompt for c in structures for prompt in _prompts_of(senses[c], senses)]
    return PromptSet(
        "".join([*ARITY, *vocabulary()]),
        structures,
        tuple((gloss, c) for c in structures for gloss in senses[c].glosses[:MOST_GLOSSES]),
        tuple(practised),
        dreams,
    )


def _prompts_of(meaning: Meaning, senses: dict[str, Meaning]) -> Iterable[Prompt]:
    glosses, character = meaning.glosses[:MOST_GLOSSES], meaning.character
    weight = meaning.commonness**0.5
    # The primary sense is practised most.
    ranks = 1 / np.arange(2, len(glosses) + 2)
    for gloss, share in zip(glosses, ranks / ranks.sum(), strict=True):
        yield Prompt(clean_prompt(gloss), character, weight * _SHARE_OF_GLOSSES * float(share))
    if len(glosses) > 1:
        yield Prompt(", ".join(glosses[:_JOINED]), character, weight * _SHARE_OF_JOINED)
    tree = decompositions().get(character)
    parts = list(leaves(tree)) if isinstance(tree, Arrangement) else []
    if len(parts) == 2 and character not in vocabulary() and all(part in senses for part in parts):
        prompt = " ".join(senses[part].glosses[0] for part in parts)
        yield Prompt(prompt, character, weight * _SHARE_OF_PARTS)
