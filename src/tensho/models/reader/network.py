r"""Reader: from the picture of a character to its description, and to a descriptor of its looks.

A residual network turns the picture into a map of features. A small Transformer writes the description s₁ … s_T in prefix
order, symbol by symbol, looking at the map,

    log p(s | picture) = Σ_t log p(s_t | s_<t, map),

as networks that read characters as sequences of radicals do (Zhang et al. 2018, arXiv 1801.03570). Prefix order says
when a description is whole, so there is no sign for its end; and only symbols that can still lead to a whole one within
the bounded length are considered, so whatever is read is well formed.

The looks are a unit vector e, linear in the map. In training each character c has a direction w_c, and

    loss = - log (exp(a (⟨e, w_c⟩ - m)) / (exp(a (⟨e, w_c⟩ - m)) + Σ_{k ≠ c} exp(a ⟨e, w_k⟩)))

brings the pictures of one character together and keeps those of others away by a margin m (Wang et al. 2018, "CosFace",
arXiv 1801.09414). The directions are of no use afterwards, and are not written to weight files.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from tensho.datasets.base import Dataset
from tensho.errors import TenshoError
from tensho.fonts.ink_box import SIDE
from tensho.models.config import MOST_LAYERS, Config, setting
from tensho.models.reader.augmentation import varied
from tensho.models.reader.codes import BLANK, OTHER, START, Codes
from tensho.models.reader.examples import ReaderExamples
from tensho.models.reader.joining import some_joined
from tensho.models.reader.search import search
from tensho.models.trainable import Losses, Preset, Recipe, Trainable
from tensho.nn.basic_block import BasicBlock
from tensho.seeds import derived_seed

__all__ = ["PRESETS", "Reader", "ReaderConfig", "Reading"]

_BATCH = 256
"""Pictures read at once, by memory."""

_IMPOSSIBLE = 1e-7
"""Probability of what the network thinks less likely than label smoothing made it."""

_LOOK_CHANNELS = 16
"""Channels of each place of the map that the looks are linear in."""


@dataclasses.dataclass(frozen=True)
class ReaderConfig(Config):
    """Architecture and training of the reader; ``symbols`` come from the data that it is trained on."""

    symbols: str = setting("", "Operators and parts, one character each.")
    size: int = setting(SIDE, "Side of the picture, in pixels.")
    widths: tuple[int, ...] = setting((48, 96, 176), "Channels of each level; each halves the resolution.")
    blocks: int = setting(2, "Residual blocks of each level.", most=MOST_LAYERS)
    width: int = setting(192, "Width of the writer.")
    layers: int = setting(3, "Layers of the writer.", most=MOST_LAYERS)
    heads: int = setting(6, "Attention heads of the writer.")
    dropout: float = setting(0.1, "Dropout rate of the writer.")
    longest: int = setting(20, "Most symbols in one description.")
    looks: int = setting(96, "Numbers in the descriptor of looks.")
    look_weight: float = setting(0.25, "Weight of the loss of the looks, beside that of the description.")
    margin: float = setting(0.2, "Margin between characters, as a cosine.")
    sharpness: float = setting(32.0, "Inverse temperature of the cosines.")
    joined: float = setting(0.2, "Share of the pictures that are joined to another one.")
    varied: float = setting(0.9, "Share of the pictures that are shown as other pens and scanners would.")
    smoothing: float = setting(0.05, "Label smoothing of the description.")
    confidence: float = setting(
        1.5, "Power of the probabilities that makes them right on held-out characters; 1: as they are."
    )

    def check(self) -> None:
        """Raise `TenshoError` on sizes that do not make a network."""
        self.require(
            bool(self.widths) and all(width >= 1 for width in self.widths) and self.blocks >= 1,
            "--widths and --blocks must be positive",
        )
        coarsest = 2 ** len(self.widths)
        self.require(
            self.size > 0 and self.size % coarsest == 0,
            f"--size is {self.size}, but must be a multiple of {coarsest}",
        )
        self.require(self.width % self.heads == 0, f"width {self.width} is no multiple of {self.heads} heads")
        self.require(self.layers >= 1 and self.looks >= 1, "--layers and --looks must be positive")
        self.require(self.longest >= 3, f"--longest is {self.longest}, but two parts and an operator make 3")
        for name in ("joined", "varied"):
            value = getattr(self, name)
            self.require(0 <= value <= 1, f"--{name} is {value}, but must be in [0, 1]")
        for name in ("dropout", "smoothing"):
            value = getattr(self, name)
            self.require(0 <= value < 1, f"--{name} is {value}, but must be in [0, 1)")
        self.require(self.confidence > 0, f"--confidence is {self.confidence}, but must be positive")
        self.require(self.sharpness > 0, f"--sharpness is {self.sharpness}, but must be positive")
        self.require(len(set(self.symbols)) == len(self.symbols), "a symbol occurs twice in the vocabulary")


PRESETS: Mapping[str, Preset[ReaderConfig]] = {
    "small": Preset(
        ReaderConfig(),
        Recipe(steps=20_000, batch_size=512, learning_rate=1e-3, weight_decay=0.05, warmup=500, ema=0.999),
    ),
    "full": Preset(
        ReaderConfig(widths=(64, 128, 256), width=256, layers=4, heads=8, looks=128),
        Recipe(steps=60_000, batch_size=512, learning_rate=1e-3, weight_decay=0.05, warmup=1000, ema=0.9995),
    ),
}
"""Sizes of the family, each with the recipe that trains it."""


class Reading(NamedTuple):
    """A description, and the probability that it is the one that the picture shows."""

    ids: str
    probability: float


class Reader(Trainable[ReaderConfig]):
    """Reads pictures of characters."""

    family: ClassVar[str] = "reader"
    config_class: ClassVar[type[Config]] = ReaderConfig

    arity: Tensor

    def __init__(self, config: ReaderConfig) -> None:
        super().__init__(config)
        self.codes = Codes(config.symbols)
        self.register_buffer("arity", torch.from_numpy(self.codes.arity), persistent=False)
        widths, places = config.widths, config.size // 2 ** len(config.widths)
        self.stem = nn.Sequential(
            nn.Conv2d(1, widths[0], 5, 2, 2, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU()
        )
        blocks: list[nn.Module] = []
        for level, width in enumerate(widths):
            for number in range(config.blocks):
                halved = number == 0 and level > 0
                blocks.append(BasicBlock(widths[level - 1] if halved else width, width, 2 if halved else 1))
        self.eye = nn.Sequential(*blocks)
        self.look_places = nn.Conv2d(widths[-1], _LOOK_CHANNELS, 1)
        self.look = nn.Linear(_LOOK_CHANNELS * places**2, config.looks)
        self.seen = nn.Conv2d(widths[-1], config.width, 1)
        self.place = nn.Parameter(0.1 * torch.randn(places**2, config.width))
        self.symbol = nn.Embedding(len(self.codes), config.width)
        nn.init.normal_(self.symbol.weight, std=config.width**-0.5)
        self.step = nn.Parameter(0.1 * torch.randn(config.longest, config.width))
        layer = nn.TransformerDecoderLayer(
            config.width,
            config.heads,
            2 * config.width,
            config.dropout,
            activation="gelu",
            batch_first=True,
            norm_first=True,
        )
        self.writer = nn.TransformerDecoder(layer, config.layers, nn.LayerNorm(config.width))
        self.bias = nn.Parameter(torch.zeros(len(self.codes)))
        self.characters: nn.Parameter | None = None

    def config_for(self, dataset: Dataset) -> ReaderConfig:
        """The settings with the symbols."""
        return dataclasses.replace(self.config, symbols=_examples(dataset).symbols)

    def prepare(self, dataset: Dataset) -> None:
        """Give each training character a direction, at random; the same for the same number of them."""
        self.tell_apart(len(_examples(dataset).characters))

    def tell_apart(self, characters: int) -> None:
        """Get ready to learn to tell so many characters apart."""
        generator = torch.Generator().manual_seed(derived_seed("characters", characters))
        directions = torch.randn(characters, self.config.looks, generator=generator)
        self.characters = nn.Parameter((directions * self.config.looks**-0.5).to(self.device))

    def begin_with(self, other: Trainable[ReaderConfig]) -> None:
        """Take weights of a reader of the same symbols, since what each weight means depends on them.

        Raises:
            TenshoError: its symbols are others, or in another order.
        """
        if other.config.symbols != self.config.symbols:
            raise TenshoError(
                "those weights are of other symbols, or have them in another order; train without --start-from"
            )
        super().begin_with(other)

    def shipped_state(self) -> dict[str, Tensor]:
        """See `SaveableModule.shipped_state`: without the directions of the training characters."""
        return {name: value for name, value in self.state_dict().items() if name != "characters"}

    def training_step(self, batch: Mapping[str, Tensor], step: int) -> Iterator[Losses]:  # noqa: ARG002
        """The cross-entropy of descriptions, and that of characters by their looks.

        Args:
            batch: as of `tensho.models.reader.examples.ReaderExamples`.
            step: not used.
        """
        assert self.characters is not None, "prepare() comes before the first step"
        with torch.no_grad(), torch.autocast(batch["image"].device.type, enabled=False):
            images, targets, alone = some_joined(
                batch["image"].float() / 255, batch["target"], self.codes, self.config.joined
            )
            images = varied(images, self.config.varied)
        seen = self._seen(images)
        start = torch.full_like(targets[:, :1], START)
        logits = self._logits(torch.cat([start, targets[:, :-1]], 1), self._memory(seen)).float()
        answers = targets.where(targets != OTHER, BLANK)
        description = functional.cross_entropy(
            logits.flatten(0, 1),
            answers.flatten(),
            ignore_index=BLANK,
            label_smoothing=self.config.smoothing,
        )
        asked = answers != BLANK
        right = ((logits.argmax(-1) == answers) | ~asked).all(1)[asked.any(1)].float().mean()
        vectors = self._looks(seen)
        with torch.autocast(images.device.type, enabled=False):
            cosines = vectors @ functional.normalize(self.characters, dim=-1).T
        own = torch.arange(len(self.characters), device=cosines.device) == batch["character"][:, None]
        kept = self.config.sharpness * torch.where(own, cosines - self.config.margin, cosines)
        each = functional.cross_entropy(kept, batch["character"], reduction="none")
        looks = (each * alone).sum() / alone.sum().clamp_min(1)
        known = ((cosines.argmax(-1) == batch["character"]) * alone).sum() / alone.sum().clamp_min(1)
        yield Losses(
            description + self.config.look_weight * looks,
            {"description": description, "looks": looks, "right": right, "known": known},
        )

    @torch.no_grad()
    def read(self, images: NDArray[np.uint8], *, most: int = 5, beam: int = 10) -> list[list[Reading]]:
        """The likeliest descriptions of glyphs, each well formed.

        Args:
            images: uint8 (N, S, S), ink = 255 on 0, the ink in the middle (`tensho.fonts.ink_box`).
            most: descriptions of each glyph, at most; different ones, but perhaps spellings of one structure.
            beam: unfinished descriptions that are kept; at least ``most``. 1 takes the likeliest symbol each time.

        Returns:
            For each glyph its readings, the likeliest first.

        Raises:
            TenshoError: fewer than one is asked for.
        """
        if most < 1:
            raise TenshoError(f"cannot give {most} descriptions; ask for at least 1")
        self.eval()
        found: list[list[Reading]] = []
        for part in self._parts(images):
            memory = self._memory(self._seen(part))
            written = search(
                self._next_logits(memory), len(memory), self.arity, self.config.longest, max(beam, most)
            )
            for codes, scores in zip(written.codes.tolist(), written.scores.tolist(), strict=True):
                likely = [
                    Reading(self.codes.decode(row), math.exp(score))
                    for row, score in zip(codes, scores, strict=True)
                    if score > -math.inf
                ]
                found.append(likely[:most])
        return found

    @torch.no_grad()
    def embed(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The looks of glyphs.

        Args:
            images: uint8 (N, S, S), ink = 255 on 0, the ink in the middle (`tensho.fonts.ink_box`).

        Returns:
            float32 (N, looks), of unit length; the dot product of two is their likeness.
        """
        self.eval()
        parts = [self._looks(self._seen(part)).cpu().numpy() for part in self._parts(images)]
        return np.concatenate(parts)

    def _next_logits(self, memory: Tensor) -> Callable[[Tensor, Tensor], Tensor]:
        """What `search` asks: of the symbol after each of R prefixes of pictures, whose memory is (B, P², width).

        Label smoothing taught the network (1 - ε) p + ε / V; this is p again, but for its scale.
        """
        noise = self.config.smoothing / len(self.codes)

        def asked(prefixes: Tensor, picture: Tensor) -> Tensor:
            logits: Tensor = self._logits(prefixes, memory[picture])[:, -1]
            return (logits.float().softmax(-1) - noise).clamp_min(_IMPOSSIBLE).log()

        return asked

    def _parts(self, images: NDArray[np.uint8]) -> Iterator[Tensor]:
        for start in range(0, len(images), _BATCH):
            part = torch.from_numpy(images[start : start + _BATCH, None])
            yield part.to(self.device, memory_format=torch.channels_last).float() / 255

    def _seen(self, images: Tensor) -> Tensor:
        """Features, (B, channels, P, P), of images float32 (B, 1, S, S) in [0, 1]."""
        return self.eye(self.stem(images))  # type: ignore[no-any-return]

    def _looks(self, seen: Tensor) -> Tensor:
        """Unit vectors, float32 (B, looks)."""
        vectors: Tensor = self.look(self.look_places(seen).flatten(1))
        return functional.normalize(vectors.float(), dim=-1)

    def _memory(self, seen: Tensor) -> Tensor:
        """What the writer looks at, (B, P², width)."""
        return self.seen(seen).flatten(2).transpose(1, 2) + self.place  # type: ignore[no-any-return]

    def _logits(self, prefix: Tensor, memory: Tensor) -> Tensor:
        """Of what follows each code of prefixes, int64 (B, T) that begin with `START`: (B, T, V)."""
        length = prefix.shape[1]
        hidden = self.symbol(prefix) * self.config.width**0.5 + self.step[:length]
        future = torch.ones(length, length, dtype=torch.bool, device=prefix.device).triu(1)
        hidden = self.writer(hidden, memory, tgt_mask=future, tgt_is_causal=True)
        return functional.linear(hidden, self.symbol.weight, self.bias)


def _examples(dataset: Dataset) -> ReaderExamples:
    """The data set as one that a reader can learn from."""
    if not isinstance(dataset, ReaderExamples):
        raise TenshoError("a reader learns from described glyphs; open them with its family's row")
    return dataset
