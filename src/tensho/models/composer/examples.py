"""The composer's training examples: each prompt embedded, and the glosses that its memory holds near it retrieved once."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tensho.datasets.meaning_prompts import PromptSet, meaning_prompts, readings
from tensho.errors import TenshoError
from tensho.models.composer.base import ComposerConfig, ComposerDataset
from tensho.models.composer.network import Composer
from tensho.text.embedding import embed_cached
from tensho.user_folder import data_home

__all__ = ["ComposerExamples", "training_examples"]

_DRAWS = 4
"""Examples of each prompt, on average; a prompt has as many of them as its weight says."""

_EXTRA = 48
"""Glosses retrieved beyond the voters, so that enough are left when a character's own are hidden."""


class ComposerExamples(ComposerDataset):
    """Examples to learn from, of the prompts of the train split.

    Args:
        given: the prompts.
        composer: an untrained one with room for them; its memory is filled.

    Batches hold, for B examples, R readings, K glosses and sequences of T codes:
        readings float32 (B, R, 512); similarity float32 and gloss int64 (B, R, K), what the memory holds near
        them; character int64 (B,), the memory's number of the character that answers; target int64 (B, T), its
        codes; dream int64 (B, T), the codes of some character that has nothing to do with the prompt.
    """

    def __init__(self, given: PromptSet, composer: Composer) -> None:
        most = composer.config.readings
        read = [readings(prompt.text, most) for prompt in given.prompts]
        texts = sorted({text for row in read for text in row} | {gloss for gloss, _ in given.glosses})
        place = {text: i for i, text in enumerate(texts)}
        number = {c: i for i, c in enumerate(given.structures)}
        self._embeddings = torch.from_numpy(embed_cached(texts, data_home()))
        self._targets = torch.from_numpy(composer.codes_of(list(given.structures.values())))
        self._dreams = torch.from_numpy(composer.codes_of(given.dreams))
        self._texts = torch.tensor([[place[t] for t in row] + [-1] * (most - len(row)) for row in read])
        self._character = torch.tensor([number[prompt.character] for prompt in given.prompts])
        self._prompt = _by_weight(np.array([prompt.weight for prompt in given.prompts]))
        composer.memorise(
            self._embeddings[[place[gloss] for gloss, _ in given.glosses]],
            torch.tensor([number[c] for _, c in given.glosses]),
            self._targets,
        )
        found = [
            composer.retrieve(rows[:, None], composer.config.voters + _EXTRA)
            for rows in self._embeddings.split(1024)
        ]
        self._similarity = torch.cat([f.similarity[:, 0] for f in found])
        self._gloss = torch.cat([f.gloss[:, 0].int() for f in found])
        self.config = composer.config
        self.memory = {name: buffer.clone() for name, buffer in composer.named_buffers()}
        self.digest = hashlib.sha256(repr(given).encode()).hexdigest()

    def __len__(self) -> int:
        return len(self._prompt)

    def batch(self, indices: NDArray[np.int64]) -> dict[str, Tensor]:
        """The examples of ``indices``; see the class."""
        prompt = torch.from_numpy(self._prompt[indices])
        texts, character = self._texts[prompt], self._character[prompt]
        present = (texts >= 0)[..., None]
        return {
            "readings": self._embeddings[texts] * present,
            "similarity": self._similarity[texts].where(present, -torch.ones(())),
            "gloss": self._gloss[texts].long(),
            "character": character,
            "target": self._targets[character],
            "dream": self._dreams[torch.from_numpy(indices) % len(self._dreams)],
        }


def _by_weight(weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """Row numbers, each as often as its share of the weight says: systematic resampling, int64."""
    share = np.cumsum(weights) / weights.sum()
    draws = _DRAWS * len(weights)
    return np.searchsorted(share, (np.arange(draws) + 0.5) / draws).clip(max=len(weights) - 1)


def training_examples(
    name: str, config: ComposerConfig, report: Callable[[str], object] = lambda _: None
) -> ComposerExamples:
    """The examples of the train split, which are called ``meanings``; there are no others.

    Raises:
        TenshoError: ``name`` names other data, or the dictionaries or the encoder are not installed.
    """
    if name != "meanings":
        raise TenshoError(f"a composer learns from meanings, not from {name!r}; leave --data out")
    given = meaning_prompts(config.longest)
    report(f"{len(given.prompts):,} prompts for {len(given.structures):,} characters")
    sizes = {"characters": len(given.structures), "glosses": len(given.glosses)}
    return ComposerExamples(given, Composer(dataclasses.replace(config, symbols=given.symbols, **sizes)))
