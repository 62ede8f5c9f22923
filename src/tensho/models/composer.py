"""From a meaning to the parts of a character: a small language model over ideographic description sequences.

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

import dataclasses
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tensho.data.embedding import DIMENSIONS
from tensho.data.ids import ARITY
from tensho.errors import TenshoError
from tensho.models.config import Config, setting
from tensho.models.stored import Stored
from tensho.seeds import SampleNoise

__all__ = ["END", "Composer", "ComposerConfig", "Context", "Retrieved", "inverse_cdf"]

END, START = 0, 1
"""Codes that are no symbols: what follows a whole sequence, and what precedes any."""

_FIRST_SYMBOL = 2
_SHARPNESS = 10.0
_EPSILON = 1e-3


@dataclasses.dataclass(frozen=True)
class ComposerConfig(Config):
    """Settings of the composer; ``symbols`` and the sizes of the memory come from the data that it is trained on."""

    symbols: str = setting("", "Operators and parts, one character each.")
    width: int = setting(128, "Width of the network.")
    blocks: int = setting(3, "Transformer blocks.")
    heads: int = setting(4, "Attention heads.")
    dropout: float = setting(0.15, "Dropout rate.")
    longest: int = setting(10, "Most symbols in one sequence.")
    readings: int = setting(5, "Readings of a prompt: the whole and its first words.")
    neighbours: int = setting(12, "Retrieved structures that the network attends to.")
    voters: int = setting(128, "Retrieved glosses of each reading that vote for parts.")
    characters: int = setting(0, "Characters in the memory.")
    glosses: int = setting(0, "Glosses in the memory.")
    key_width: int = setting(128, "Width of a gloss's key in the memory.")

    def check(self) -> None:
        """Raise `TenshoError` on sizes that do not make a network."""
        self.require(self.width % self.heads == 0, f"width {self.width} is no multiple of {self.heads} heads")
        self.require(self.longest >= 3, f"--longest is {self.longest}, but two parts and an operator make 3")
        self.require(len(set(self.symbols)) == len(self.symbols), "a symbol occurs twice in the vocabulary")


class Retrieved(NamedTuple):
    """What the memory holds near each reading, nearest first.

    Attributes:
        similarity: float32 (B, R, K), cosine in [-1, 1]; -1 where a reading is absent.
        gloss: int64 (B, R, K), rows of the memory.
    """

    similarity: Tensor
    gloss: Tensor


class Context(NamedTuple):
    """All that a prompt says.

    Attributes:
        readings: float32 (B, R, 512), the whole prompt first; rows of zeros are absent.
        structures: int64 (B, N, T), codes of the neighbours' sequences.
        similarity: float32 (B, N), of the neighbours; 0 where there is none.
        role: int64 (B, N), the reading that each neighbour belongs to.
        votes: float32 (B, V), distribution over parts.
        evidence: float32 (B, V), log ratio of the votes to the parts' general frequency, 0 for operators.
        given: bool (B,), False where the model is to dream.
    """

    readings: Tensor
    structures: Tensor
    similarity: Tensor
    role: Tensor
    votes: Tensor
    evidence: Tensor
    given: Tensor

    def repeated(self, n: int) -> Context:
        """Every prompt n times, side by side."""
        return Context(*(field.repeat_interleave(n, 0) for field in self))


class Composer(Stored[ComposerConfig]):
    """The language model and its memory of training glosses.

    Codes are int64: `END`, `START`, then ``config.symbols`` in order.
    """

    family: ClassVar[str] = "composer"
    config_class: ClassVar[type[Config]] = ComposerConfig
    chunk = 16
    """Sequences drawn at once. Fixed, because the last bits of a matrix product depend on the batch size."""

    def __init__(self, config: ComposerConfig) -> None:
        super().__init__(config)
        codes, width = len(config.symbols) + _FIRST_SYMBOL, config.width
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
        arity = [ARITY.get(symbol, 0) for symbol in config.symbols]
        self.register_buffer("arity", torch.tensor([0, 0, *arity]), persistent=False)
        self.centre: Tensor
        self.projection: Tensor
        self.keys: Tensor
        self.owner: Tensor
        self.structures: Tensor
        self.arity: Tensor

    def encode(self, ids: str) -> Tensor:
        """Codes of a sequence, int64 (longest,), `END` after its last symbol.

        Raises:
            TenshoError: it is too long, or holds a symbol that the vocabulary lacks.
        """
        unknown = [symbol for symbol in ids if symbol not in self.config.symbols]
        if unknown or len(ids) > self.config.longest:
            reason = f"{unknown[0]} is not in its vocabulary" if unknown else "it is too long"
            raise TenshoError(f"the composer cannot read {ids}: {reason}")
        codes = [self.config.symbols.index(symbol) + _FIRST_SYMBOL for symbol in ids]
        return torch.tensor(codes + [END] * (self.config.longest - len(codes)))

    def decode(self, codes: Tensor) -> list[str]:
        """The sequences that codes (B, T) stand for."""
        return [
            "".join(self.config.symbols[code - _FIRST_SYMBOL] for code in row if code >= _FIRST_SYMBOL)
            for row in codes.tolist()
        ]

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
        nearest = similarity.topk(min(n, len(self.keys)))
        present = readings.abs().amax(-1, keepdim=True) > 0
        return Retrieved(nearest.values.where(present, -torch.ones(())), nearest.indices)

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

    def no_context(self, n: int) -> Context:
        """What n dreams start from: no readings and no neighbours."""
        codes = len(self.arity)
        return Context(
            readings=torch.zeros(n, 0, DIMENSIONS),
            structures=torch.zeros(n, 0, self.config.longest, dtype=torch.long),
            similarity=torch.zeros(n, 0),
            role=torch.zeros(n, 0, dtype=torch.long),
            votes=torch.zeros(n, codes),
            evidence=torch.zeros(n, codes),
            given=torch.zeros(n, dtype=torch.bool),
        )

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

    def likelihood(self, codes: Tensor, context: Context) -> Tensor:
        """Log-likelihood, in nats, of whole sequences, int64 (B, longest): float32 (B,)."""
        prefix = torch.cat([torch.full_like(codes[:, :1], START), codes[:, :-1]], 1)
        each = self(prefix, context).log_softmax(-1).gather(2, codes[..., None])[..., 0]
        total: Tensor = (each * (codes >= _FIRST_SYMBOL)).sum(1)
        return total

    @torch.no_grad()
    def draw(
        self,
        context: Context,
        noise: SampleNoise,
        *,
        temperature: float,
        caution: float = 1.0,
        fewest: int = 1,
    ) -> Tensor:
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
        longest, rows = self.config.longest, len(noise)
        uniform = noise.uniform(longest)
        codes = torch.full((rows, longest + 1), END)
        codes[:, 0] = START
        open_slots = torch.ones(rows, dtype=torch.long)
        anchored = ~context.given
        foremost = context.votes >= 0.5 * context.votes.amax(-1, keepdim=True)
        for step in range(longest):
            if not open_slots.any():
                break
            logits = self(codes[:, : step + 1], context)[:, -1]
            allowed = open_slots[:, None] - 1 + self.arity <= longest - step - 1
            allowed[:, :_FIRST_SYMBOL] = False
            if step + 1 < fewest:
                allowed &= (open_slots[:, None] > 1) | (self.arity > 0)
            logits = logits.masked_fill(~allowed, -torch.inf)
            degree = torch.full((rows,), temperature).where(anchored, torch.tensor(caution))
            chosen = inverse_cdf((logits / degree[:, None]).softmax(-1), uniform[:, step])
            active = open_slots > 0
            chosen = chosen.where(active, torch.tensor(END))
            anchored |= foremost.gather(1, chosen[:, None])[:, 0]
            open_slots = (open_slots - 1 + self.arity[chosen]).where(active, open_slots)
            codes[:, step + 1] = chosen
        return codes[:, 1:]

    def _key(self, embeddings: Tensor) -> Tensor:
        return F.normalize((embeddings - self.centre) @ self.projection, dim=-1)

    def _votes(self, similarity: Tensor, structures: Tensor) -> Tensor:
        weight = (_SHARPNESS * (similarity - similarity[..., :1])).exp() * (similarity > -1)
        weight = weight / weight.sum(-1, keepdim=True).clamp(min=1e-9)
        # The whole prompt counts as much as all of its words together.
        words = (weight[:, 1:].sum(-1) > 0).sum(-1, keepdim=True).clamp(min=1)
        weight = torch.cat([weight[:, :1], weight[:, 1:] / words[..., None]], 1)
        is_part = (self.arity[structures] == 0) & (structures >= _FIRST_SYMBOL)
        votes = torch.zeros(len(similarity), len(self.arity), device=similarity.device)
        votes.scatter_add_(1, structures.flatten(1), (weight[..., None] * is_part).flatten(1))
        return votes / votes.sum(-1, keepdim=True).clamp(min=1e-9)

    def _share(self) -> Tensor:
        every = self.structures[self.owner.long()].long().flatten()
        count = torch.bincount(every, minlength=len(self.arity)).float()
        count = count.masked_fill(self.arity > 0, 0.0)
        count[:_FIRST_SYMBOL] = 0.0
        return count / count.sum().clamp(min=1.0)

    def _interleaved(self, similarity: Tensor, owner: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The first of each reading, then the second of each, and so on: similarity, reading and owner (B, N)."""
        role = torch.arange(similarity.shape[1], device=owner.device)[:, None].expand_as(owner)
        near, role, owner = (field.transpose(1, 2).flatten(1) for field in (similarity, role, owner))
        order = (near <= -1).long().argsort(dim=1, stable=True)[:, : self.config.neighbours]
        return near.gather(1, order), role.gather(1, order), owner.gather(1, order)

    def _attended(self, context: Context) -> tuple[Tensor, Tensor]:
        rows = len(context.given)
        readings = (
            self.reading(self.embedding_scale * context.readings) + self.role[: context.readings.shape[1]]
        )
        drawn = (context.structures >= _FIRST_SYMBOL)[..., None]
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


def inverse_cdf(probability: Tensor, uniform: Tensor) -> Tensor:
    """Draw from rows of probability (B, V) with uniform (B,) in [0, 1): never an outcome of probability 0."""
    cumulative = probability.double().cumsum(-1)
    reached = uniform[:, None].double() * cumulative[:, -1:]
    return (cumulative > reached).int().argmax(-1)
