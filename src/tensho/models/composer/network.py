"""Composer: a small language model over ideographic description sequences, from a meaning to the parts of a character.

A sequence s₁ … s_T is drawn symbol by symbol from

    log p(s_t | s_<t, prompt) = network(s_<t, readings, neighbours) + gate(s_<t) · evidence + const,

and only over symbols that can still lead to a whole sequence within the bounded length, so that whatever is drawn is
valid. The prompt is *read* as a whole and word by word; each reading is a sentence embedding. Its *neighbours* are
the training characters with the nearest glosses. Their structures are context for cross-attention, as in
retrieval-augmented models (Borgeaud et al., arXiv 2112.04426), and they vote for parts (Khandelwal et al.,
arXiv 1911.00172):

    evidence(part) = log((votes(part) + ε) / (share of all characters that have it + ε)).

Without a prompt neither is there, and the model dreams.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from tensho.datasets.base import Dataset
from tensho.errors import TenshoError
from tensho.models.composer.base import (
    END,
    FIRST_SYMBOL,
    RECALLED,
    START,
    ComposerBase,
    ComposerConfig,
    ComposerDataset,
    Context,
    Recalled,
    arities,
)
from tensho.models.config import Config
from tensho.models.trainable import Losses, Preset, Recipe, Trainable
from tensho.text.embedding import DIMENSIONS

__all__ = ["PRESETS", "Composer", "Retrieved"]

_SHARPNESS = 10.0
"""Inverse temperature of the votes of retrieved glosses, by cosine."""

_EPSILON = 1e-3
"""ε of the evidence: a share of votes that is as good as none."""

_TIE = 1e-5
"""Step to which cosines are rounded before they are ordered."""

_DREAMS = 0.22
"""Share of the examples that are structures without a prompt."""

_FORGOTTEN = 0.1
"""Share of the prompts that are dropped."""

_HIDDEN = 0.75
"""How often a prompt must do without its own character's glosses, as it will for words that are new."""

_JITTER = 0.01
"""Standard deviation of the noise on an embedding's entries."""


def _recipe(steps: int) -> Recipe:
    return Recipe(
        steps, batch_size=128, learning_rate=2e-3, weight_decay=0.05, beta2=0.98, anneal=0.9, ema=0.99
    )


class Retrieved(NamedTuple):
    """What the memory holds near each reading, nearest first.

    Attributes:
        similarity: float32 (B, R, K), cosine in [-1, 1]; -1 where a reading is absent.
        gloss: int64 (B, R, K), rows of the memory.
    """

    similarity: Tensor
    gloss: Tensor


PRESETS: Mapping[str, Preset[ComposerConfig]] = {
    "small": Preset(ComposerConfig(), _recipe(steps=1_500)),
    "full": Preset(ComposerConfig(width=256, blocks=4, heads=8, dropout=0.25), _recipe(steps=6_000)),
}
"""Sizes of the family, each with the recipe that trains it."""


class Composer(Trainable[ComposerConfig], ComposerBase):
    """The language model and its memory of training glosses."""

    config_class: ClassVar[type[Config]] = ComposerConfig

    def __init__(self, config: ComposerConfig) -> None:
        super().__init__(config)
        codes, width = len(config.symbols) + FIRST_SYMBOL, config.width
        self.symbol = nn.Embedding(codes, width)
        self.place = nn.Parameter(0.02 * torch.randn(config.longest, width))
        self.neighbour_place = nn.Parameter(0.02 * torch.randn(config.longest, width))
        self.role = nn.Parameter(0.02 * torch.randn(config.readings, width))
        self.nothing = nn.Parameter(0.02 * torch.randn(1, width))
        self.reading = nn.Linear(DIMENSIONS, width)
        self.nearness = nn.Linear(2, width)
        self.blocks = nn.ModuleList(_Block(width, config.heads, config.dropout) for _ in range(config.blocks))
        self.norm = nn.LayerNorm(width)
        self.logits = nn.Linear(width, codes)
        self.gate = nn.Linear(width, 1)
        nn.init.normal_(self.symbol.weight, std=0.1)

        # Unit-length embeddings have entries of about 1/√512, a network's inputs are of order 1.
        self.embedding_scale = 8.0
        self.register_buffer("centre", torch.zeros(DIMENSIONS))
        self.register_buffer("projection", torch.zeros(DIMENSIONS, config.key_width))
        self.register_buffer("keys", torch.zeros(config.glosses, config.key_width, dtype=torch.int8))
        self.register_buffer("owner", torch.zeros(config.glosses, dtype=torch.int16))
        self.register_buffer("structures", torch.zeros(config.characters, config.longest, dtype=torch.int16))
        self.register_buffer("arity", torch.from_numpy(arities(config.symbols)), persistent=False)
        self.centre: Tensor
        self.projection: Tensor
        self.keys: Tensor
        self.owner: Tensor
        self.structures: Tensor
        self.arity: Tensor

    def config_for(self, dataset: Dataset) -> ComposerConfig:
        """The settings with the symbols and the sizes of the memory."""
        return _examples(dataset).config

    def prepare(self, dataset: Dataset) -> None:
        """Take over the memory of training glosses."""
        memory = _examples(dataset).memory
        for name, buffer in self.named_buffers():
            buffer.copy_(memory[name])

    def begin_with(self, other: Trainable[Any]) -> None:
        """Take weights of a composer of the same symbols, since what each weight means depends on them.

        Raises:
            TenshoError: its symbols are others, or in another order.
        """
        assert isinstance(other, Composer)
        if other.config.symbols != self.config.symbols:
            raise TenshoError(
                "those weights are of other symbols, or have them in another order; train without --start-from"
            )
        super().begin_with(other)

    def training_step(self, batch: Mapping[str, Tensor], step: int) -> Iterator[Losses]:  # noqa: ARG002
        """Mean negative log-likelihood per symbol, of answers to prompts and of structures without one.

        Args:
            batch: as of `tensho.models.composer.examples.ComposerExamples`.
            step: not used.
        """
        size, device = len(batch["target"]), batch["target"].device
        dream = torch.arange(size, device=device) >= round((1 - _DREAMS) * size)
        chance = torch.rand(2, size, device=device)
        hidden = batch["character"].where(chance[0] < _HIDDEN, torch.tensor(-1, device=device))
        embeddings = batch["readings"]
        noisy = embeddings + _JITTER * torch.randn_like(embeddings) * (embeddings != 0)
        context = self.context(noisy, Retrieved(batch["similarity"], batch["gloss"]), hidden)
        context = context._replace(given=~dream & (chance[1] >= _FORGOTTEN))
        yield Losses(self.loss(batch["dream"].where(dream[:, None], batch["target"]), context))

    def encode(self, ids: str) -> Tensor:
        """Codes of a sequence, int64 (longest,), `END` after its last symbol.

        Raises:
            TenshoError: it is too long, or holds a symbol that the vocabulary lacks.
        """
        return torch.from_numpy(self.codes_of([ids])[0])

    def memorise(self, embeddings: Tensor, owner: Tensor, structures: Tensor) -> None:
        """Fill the memory.

        Args:
            embeddings: float32 (glosses, 512), of the glosses of training characters.
            owner: int64 (glosses,), the character that each belongs to.
            structures: int64 (characters, longest), the codes of each character.
        """
        self.centre.copy_(embeddings.mean(0))
        centred = embeddings - self.centre
        _, directions = torch.linalg.eigh(centred.T @ centred)
        self.projection.copy_(directions.flip(1)[:, : self.config.key_width])
        self.keys.copy_((127 * self._key(embeddings)).round())
        self.owner.copy_(owner)
        self.structures.copy_(structures)

    def retrieve(self, readings: Tensor, n: int) -> Retrieved:
        """The n glosses of the memory that are nearest to each reading (B, R, 512)."""
        similarity = self._key(readings) @ self.keys.float().T / 127
        # Characters share glosses: of equal ones the first is the nearer, whatever computes the similarity.
        steps = (similarity / _TIE).round().long()
        order = steps * len(self.keys) - torch.arange(steps.shape[-1], device=steps.device)
        gloss = order.topk(min(n, len(self.keys))).indices
        present = readings.abs().amax(-1, keepdim=True) > 0
        return Retrieved(similarity.gather(-1, gloss).where(present, -torch.ones(())), gloss)

    def context(
        self, readings: Tensor, retrieved: Retrieved | None = None, hidden: Tensor | None = None
    ) -> Context:
        """Read prompts.

        Args:
            readings: float32 (B, R, 512).
            retrieved: what `retrieve` found, if it is known already.
            hidden: int64 (B,), a character of the memory that each prompt must not see; -1 hides none.
        """
        similarity, gloss = retrieved or self.retrieve(readings, self.config.voters)
        owner = self.owner[gloss].long()
        if hidden is not None:
            similarity = similarity.masked_fill(owner == hidden[:, None, None], -1.0)
            similarity, order = similarity.sort(dim=-1, descending=True, stable=True)
            owner = owner.gather(-1, order)
        similarity, owner = similarity[..., : self.config.voters], owner[..., : self.config.voters]
        votes = self._votes(similarity, self.structures[owner].long())
        share = self._share()
        evidence = ((votes + _EPSILON) / (share + _EPSILON)).log().masked_fill(self.arity > 0, 0.0)
        near, role, nearest = self._interleaved(similarity, owner)
        return Context(
            readings,
            self.structures[nearest].long(),
            near.clamp(min=0.0),
            role,
            votes,
            evidence,
            torch.ones(len(readings), dtype=torch.bool, device=readings.device),
        )

    @torch.no_grad()
    def next_logits(self, codes: NDArray[np.int64], context: Context) -> NDArray[np.float32]:
        """Of what follows each prefix; see `ComposerBase.next_logits`."""
        tensors = Context(*map(torch.as_tensor, context))
        found: NDArray[np.float32] = self(torch.as_tensor(codes), tensors).numpy()
        return found

    @torch.no_grad()
    def recall(self, readings: NDArray[np.float32]) -> Recalled:
        """Read one prompt; see `ComposerBase.recall`."""
        context, similarity, codes = self.recalled(torch.from_numpy(readings))
        return Recalled(Context(*map(np.asarray, context)), similarity[0].numpy(), self.decode(codes[0]))

    def recalled(self, readings: Tensor) -> tuple[Context, Tensor, Tensor]:
        """What prompts bring to mind.

        Args:
            readings: float32 (B, R, 512).

        Returns:
            Their contexts; float32 (B, K), cosines of the whole prompts to the nearest glosses; int64 (B, K, longest),
            the codes of these glosses' characters.
        """
        found = self.retrieve(readings, RECALLED)
        codes = self.structures[self.owner[found.gloss[:, 0]].long()].long()
        return self.context(readings, found), found.similarity[:, 0], codes

    def forward(self, codes: Tensor, context: Context) -> Tensor:
        """Logits of what follows each prefix.

        Args:
            codes: int64 (B, T), beginning with `START`.
            context: of B prompts.

        Returns:
            float32 (B, T, V).
        """
        memory, seen = self._attended(context)
        hidden = self.symbol(codes) + self.place[: codes.shape[1]]
        for block in self.blocks:
            hidden = block(hidden, memory, seen)
        hidden = self.norm(hidden)
        trusted = F.softplus(self.gate(hidden)) * context.given[:, None, None]
        logits: Tensor = self.logits(hidden) + trusted * context.evidence[:, None]
        return logits

    def loss(self, targets: Tensor, context: Context) -> Tensor:
        """Mean negative log-likelihood per symbol, in nats, of codes (B, T); `END` is not predicted but implied."""
        prefix = torch.cat([torch.full_like(targets[:, :1], START), targets[:, :-1]], 1)
        return F.cross_entropy(self(prefix, context).transpose(1, 2), targets, ignore_index=END)

    def _key(self, embeddings: Tensor) -> Tensor:
        return F.normalize((embeddings - self.centre) @ self.projection, dim=-1)

    def _votes(self, similarity: Tensor, structures: Tensor) -> Tensor:
        weight = (_SHARPNESS * (similarity - similarity[..., :1])).exp() * (similarity > -1)
        weight = weight / weight.sum(-1, keepdim=True).clamp(min=1e-9)
        # The whole prompt counts as much as all of its words together.
        words = (weight[:, 1:].sum(-1) > 0).sum(-1, keepdim=True).clamp(min=1)
        weight = torch.cat([weight[:, :1], weight[:, 1:] / words[..., None]], 1)
        is_part = (self.arity[structures] == 0) & (structures >= FIRST_SYMBOL)
        votes = torch.zeros(similarity.shape[0], len(self.arity), device=similarity.device)
        votes.scatter_add_(1, structures.flatten(1), (weight[..., None] * is_part).flatten(1))
        return votes / votes.sum(-1, keepdim=True).clamp(min=1e-9)

    def _share(self) -> Tensor:
        every = self.structures[self.owner.long()].long().flatten()
        count = torch.zeros(len(self.arity), device=every.device)
        count.scatter_add_(0, every, torch.ones((), device=every.device).expand_as(every))
        count = count.masked_fill(self.arity > 0, 0.0)
        count[:FIRST_SYMBOL] = 0.0
        return count / count.sum().clamp(min=1.0)

    def _interleaved(self, similarity: Tensor, owner: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The first of each reading, then the second of each, and so on: similarity, reading and owner (B, N)."""
        role = torch.arange(similarity.shape[1], device=owner.device)[:, None].expand_as(owner)
        near, role, owner = (field.transpose(1, 2).flatten(1) for field in (similarity, role, owner))
        # Absent readings' neighbours go to the end, all others keep their order.
        place = torch.arange(near.shape[1], device=near.device)
        order = (place + near.shape[1] * (near <= -1)).sort(dim=1).indices[:, : self.config.neighbours]
        return near.gather(1, order), role.gather(1, order), owner.gather(1, order)

    def _attended(self, context: Context) -> tuple[Tensor, Tensor]:
        rows = context.given.shape[0]
        readings = (
            self.reading(self.embedding_scale * context.readings) + self.role[: context.readings.shape[1]]
        )
        drawn = (context.structures >= FIRST_SYMBOL)[..., None]
        neighbours = ((self.symbol(context.structures) + self.neighbour_place) * drawn).sum(2) / 2
        scale = torch.stack([context.similarity, 4 * (context.similarity - 0.5)], -1)
        neighbours = neighbours + self.nearness(scale) + self.role[context.role]
        given = context.given[:, None]
        seen = [
            torch.ones_like(given),
            (context.readings.abs().amax(-1) > 0) & given,
            (context.similarity > 0) & given,
        ]
        return torch.cat([self.nothing.expand(rows, 1, -1), readings, neighbours], 1), torch.cat(seen, 1)


def _examples(dataset: Dataset) -> ComposerDataset:
    if not isinstance(dataset, ComposerDataset):
        raise TenshoError(
            "a composer learns from prompts and structures; see `tensho.models.composer.examples`"
        )
    return dataset


class _Block(nn.Module):
    """Causal self-attention, cross-attention to the context, and a two-layer perceptron, each on a residual path."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(4))
        self.query_key_value = nn.Linear(width, 3 * width)
        self.self_output = nn.Linear(width, width)
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.cross_output = nn.Linear(width, width)
        self.perceptron = nn.Sequential(
            nn.Linear(width, 3 * width), nn.GELU(), nn.Dropout(dropout), nn.Linear(3 * width, width)
        )
        self.dropout = nn.Dropout(dropout)

    def forward(self, hidden: Tensor, context: Tensor, seen: Tensor) -> Tensor:
        """Hidden states (B, T, D) after attending to context (B, N, D) where ``seen``, bool (B, N)."""
        query, key, value = self.query_key_value(self.norms[0](hidden)).chunk(3, -1)
        attended = self._attend(query, key, value, None)
        hidden = hidden + self.dropout(self.self_output(attended))
        key, value = self.key_value(self.norms[1](context)).chunk(2, -1)
        attended = self._attend(self.query(self.norms[2](hidden)), key, value, seen[:, None, None])
        hidden = hidden + self.dropout(self.cross_output(attended))
        out: Tensor = hidden + self.dropout(self.perceptron(self.norms[3](hidden)))
        return out

    def _attend(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
        query, key, value = (x.unflatten(-1, (self.heads, -1)).transpose(1, 2) for x in (query, key, value))
        attended = F.scaled_dot_product_attention(query, key, value, attn_mask=mask, is_causal=mask is None)
        return attended.transpose(1, 2).flatten(2)
