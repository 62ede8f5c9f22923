"""`ComposerBase`: grammar-constrained sampling and likelihood of sequences from given logits, without torch.

See `tensho.models.composer.network` for the mathematics. A `ComposerBase` supplies the logits and what it recalls of a prompt; the
torch `Composer` is one, and its ONNX graphs are another (`tensho.models`).
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tensho.errors import TenshoError
from tensho.ids.syntax import ARITY
from tensho.models.config import MOST_LAYERS, Config, setting
from tensho.seeds import NoiseRows
from tensho.text.embedding import DIMENSIONS

if TYPE_CHECKING:
    from torch import Tensor

__all__ = [
    "END",
    "FIRST_SYMBOL",
    "RECALLED",
    "START",
    "ComposerBase",
    "ComposerConfig",
    "ComposerDataset",
    "Context",
    "Recalled",
    "arities",
    "inverse_cdf",
]

END, START, FIRST_SYMBOL = 0, 1, 2
"""Codes that are no symbols: what follows a whole sequence, and what precedes any; then come the symbols."""

RECALLED = 400
"""Glosses of the memory that `ComposerBase.recall` finds."""


@dataclasses.dataclass(frozen=True)
class ComposerConfig(Config):
    """Settings of the composer; ``symbols`` and the sizes of the memory come from the data that it is trained on."""

    symbols: str = setting("", "Operators and parts, one character each.")
    width: int = setting(128, "Width of the network.")
    blocks: int = setting(3, "Transformer blocks.", most=MOST_LAYERS)
    heads: int = setting(4, "Attention heads.")
    dropout: float = setting(0.15, "Dropout rate.")
    longest: int = setting(10, "Most symbols in one sequence.")
    readings: int = setting(5, "Readings of a prompt: the whole and its first words.")
    neighbours: int = setting(12, "Retrieved structures that the network attends to.")
    voters: int = setting(128, "Retrieved glosses of each reading that vote for parts.", most=10_000_000)
    characters: int = setting(0, "Characters in the memory.", most=10_000_000)
    glosses: int = setting(0, "Glosses in the memory.", most=10_000_000)
    key_width: int = setting(128, "Width of a gloss's key in the memory.")

    def check(self) -> None:
        """Raise `TenshoError` on sizes that do not make a network."""
        self.require(self.width % self.heads == 0, f"width {self.width} is no multiple of {self.heads} heads")
        self.require(self.longest >= 3, f"--longest is {self.longest}, but two parts and an operator make 3")
        self.require(len(set(self.symbols)) == len(self.symbols), "a symbol occurs twice in the vocabulary")


class ComposerDataset(ABC):
    """Examples to learn from, with what a composer has to take over from them.

    Attributes:
        digest: identity of the content; see `tensho.datasets.base.Dataset`.
        config: the settings with the symbols in use and the sizes of the memory.
        memory: the composer's buffers by name, filled: the training glosses and whose they are.
    """

    digest: str
    config: ComposerConfig
    memory: Mapping[str, Tensor]

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def batch(self, indices: NDArray[np.int64]) -> dict[str, Tensor]:
        """The examples of ``indices``, int64 (B,); see `tensho.datasets.base.Dataset`."""


class Context(NamedTuple):
    """All that a prompt says: arrays, or tensors for a network that computes with them.

    Attributes:
        readings: float32 (B, R, 512), the whole prompt first; rows of zeros are absent.
        structures: int64 (B, N, T), codes of the neighbours' sequences.
        similarity: float32 (B, N), of the neighbours; 0 where there is none.
        role: int64 (B, N), the reading that each neighbour belongs to.
        votes: float32 (B, V), distribution over parts.
        evidence: float32 (B, V), log ratio of the votes to the parts' general frequency, 0 for operators.
        given: bool (B,), False where the model is to dream.
    """

    readings: Any
    structures: Any
    similarity: Any
    role: Any
    votes: Any
    evidence: Any
    given: Any

    def repeated(self, n: int) -> Context:
        """Every prompt n times, side by side; the fields become arrays."""
        return Context(*(np.repeat(np.asarray(field), n, axis=0) for field in self))


class Recalled(NamedTuple):
    """What a prompt brings to mind.

    Attributes:
        context: of the one prompt, arrays with B = 1.
        similarity: float32 (K,), cosine of the whole prompt to the nearest glosses of the memory, nearest first.
        sequences: of their characters, K of them.
    """

    context: Context
    similarity: NDArray[np.float32]
    sequences: list[str]


@cache
def arities(symbols: str) -> NDArray[np.int64]:
    """How many operands each code takes, int64 (V,); 0 for parts."""
    return np.array([0, 0, *(ARITY.get(symbol, 0) for symbol in symbols)])


class ComposerBase(ABC):
    """Draws sequences symbol by symbol, by the logits of a network.

    Codes are int64: `END`, `START`, then ``config.symbols`` in order.
    """

    family: ClassVar[str] = "composer"
    chunk: ClassVar[int] = 16
    """Sequences drawn at once. Fixed, because the last bits of a matrix product depend on the batch size."""

    config: ComposerConfig

    @abstractmethod
    def next_logits(self, codes: NDArray[np.int64], context: Context) -> NDArray[np.float32]:
        """Of what follows each prefix, codes (B, T) that begin with `START`: (B, T, V)."""

    @abstractmethod
    def recall(self, readings: NDArray[np.float32]) -> Recalled:
        """Read one prompt, (1, R, 512)."""

    def codes_of(self, sequences: Sequence[str]) -> NDArray[np.int64]:
        """Codes of sequences, int64 (len(sequences), longest), `END` after the last symbol of each.

        Raises:
            TenshoError: one is too long, or holds a symbol that the vocabulary lacks.
        """
        codes = np.full((len(sequences), self.config.longest), END)
        for row, ids in zip(codes, sequences, strict=True):
            unknown = [symbol for symbol in ids if symbol not in self.config.symbols]
            if unknown or len(ids) > self.config.longest:
                reason = f"{unknown[0]} is not in its vocabulary" if unknown else "it is too long"
                raise TenshoError(f"the composer cannot read {ids}: {reason}")
            row[: len(ids)] = [self.config.symbols.index(symbol) + FIRST_SYMBOL for symbol in ids]
        return codes

    def decode(self, codes: Any) -> list[str]:
        """The sequences that codes, an array or a tensor (B, T), stand for."""
        symbols = self.config.symbols
        return [
            "".join(symbols[code - FIRST_SYMBOL] for code in row if code >= FIRST_SYMBOL)
            for row in codes.tolist()
        ]

    def no_context(self, n: int) -> Context:
        """What n dreams start from: a reading and a neighbour that are absent."""
        codes = len(self.config.symbols) + FIRST_SYMBOL
        return Context(
            readings=np.zeros((n, 1, DIMENSIONS), np.float32),
            structures=np.zeros((n, 1, self.config.longest), np.int64),
            similarity=np.zeros((n, 1), np.float32),
            role=np.zeros((n, 1), np.int64),
            votes=np.zeros((n, codes), np.float32),
            evidence=np.zeros((n, codes), np.float32),
            given=np.zeros(n, bool),
        )

    def likelihood(self, codes: Any, context: Context) -> NDArray[np.float64]:
        """Log-likelihood, in nats, of whole sequences, codes (B, longest): (B,)."""
        codes = np.asarray(codes)
        prefix = np.concatenate([np.full_like(codes[:, :1], START), codes[:, :-1]], 1)
        each = np.take_along_axis(_log_softmax(self.next_logits(prefix, context)), codes[..., None], 2)[
            ..., 0
        ]
        total: NDArray[np.float64] = (each * (codes >= FIRST_SYMBOL)).sum(1)
        return total

    def draw(
        self,
        context: Context,
        noise: NoiseRows,
        *,
        temperature: float,
        caution: float = 1.0,
        fewest: int = 1,
    ) -> NDArray[np.int64]:
        """Draw one sequence for each prompt.

        Args:
            context: of B prompts.
            noise: B rows.
            temperature: divides the logits; less is more cautious.
            caution: temperature of a prompt until a part is placed that has at least half of the votes of the
                foremost one; so the sense of a character is sure, and the rest free.
            fewest: symbols in a sequence, at least; 2 excludes lone parts.

        Returns:
            Codes, int64 (B, longest), each row a whole sequence.
        """
        longest, rows, arity = self.config.longest, len(noise), arities(self.config.symbols)
        uniform = np.asarray(noise.uniform(longest))
        codes = np.full((rows, longest + 1), END)
        codes[:, 0] = START
        open_slots = np.ones(rows, np.int64)
        anchored, votes = ~np.asarray(context.given), np.asarray(context.votes)
        foremost = votes >= 0.5 * votes.max(-1, keepdims=True)
        for step in range(longest):
            active = open_slots > 0
            if not active.any():
                break
            logits = self.next_logits(codes[:, : step + 1], context)[:, -1]
            allowed = open_slots[:, None] - 1 + arity <= longest - step - 1
            allowed[:, :FIRST_SYMBOL] = False
            if step + 1 < fewest:
                allowed &= (open_slots[:, None] > 1) | (arity > 0)
            degree = np.where(anchored, temperature, caution)[:, None]
            probability = np.exp(_log_softmax(np.where(allowed, logits, -np.inf) / degree))
            chosen = np.where(active, inverse_cdf(probability, uniform[:, step]), END)
            anchored |= foremost[np.arange(rows), chosen]
            open_slots = np.where(active, open_slots - 1 + arity[chosen], open_slots)
            codes[:, step + 1] = chosen
        return codes[:, 1:]


def inverse_cdf(probability: NDArray[np.float64], uniform: NDArray[np.floating[Any]]) -> NDArray[np.int64]:
    """Draw from rows of probability (B, V) with uniform (B,) in [0, 1): never an outcome of probability 0."""
    cumulative = np.cumsum(probability, -1, dtype=np.float64)
    drawn: NDArray[np.int64] = (cumulative > uniform[:, None] * cumulative[:, -1:]).argmax(-1)
    return drawn


def _log_softmax(logits: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    lowered = logits.astype(np.float64) - logits.max(-1, keepdims=True)
    normalised: NDArray[np.float64] = lowered - np.log(np.exp(lowered).sum(-1, keepdims=True))
    return normalised
