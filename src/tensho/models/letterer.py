r"""Letterer: text as ASCII art, by absorbing discrete diffusion.

A letter is a grid x_0 of symbols. The forward process hides each cell on its own with probability t and never shows it
again, the discrete twin of the Gaussian chain q(x_t | x_{t-1}) = N(√(1 - β_t) x_{t-1}, β_t I):

    q(x_t | x_0) = t [MASK] + (1 - t) x_0,   cell by cell

(Austin et al. 2021, arXiv 2107.03006, section 3.1). The network learns p(x_0 | x_t, …) by the cross-entropy of the hidden
cells, with t stratified over the batch. Sampling hides everything, then uncovers the cells in a random order, a
share of them with each evaluation, each drawn from p at a low temperature. (To uncover the surest cells first ends in
blanks: the paper around a letter is always surest.)

The unit is a *group of letters*: G letters of one style. k of them are given, the others are hidden, and all are seen together, so
that style is what the letters of a group of letters share. What a letter is, its bitmap tells: the coverage of the quadrants
of each cell, once it is laid into the letter's box. Its embedding helps where there is one. The same letter in a
font near to the given ones, in their symbols, is a first guess. For training, guess and embedding are dropped, and
the symbols of half of the groups of letters are permuted. The box has the height of the style; its width is the answer of a
small network of its own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from tensho.bounds import MOST_STEPS, check_whole
from tensho.models.config import Config, setting
from tensho.models.trainable import Losses, Preset, Recipe, Trainable
from tensho.nn.embeddings import Sinusoidal
from tensho.nn.letter_group_net import LetterGroupNet, Task
from tensho.nn.quadrant_coverage import quadrant_coverage
from tensho.nn.symbol_remapping import box_columns, boxed, remapped_symbols
from tensho.nn.widths import WidthHead
from tensho.seeds import SampleNoise
from tensho.text.ascii_grid import COLUMNS, MASK, PAD, ROWS

__all__ = ["PRESETS", "UNKNOWN", "Letterer", "LettererConfig", "Request"]

UNKNOWN = 94
"""The letter that is none of visible ASCII."""

_COLUMNS = ("letters", "bitmaps", "places", "grids", "neighbour", "height")


class Request(NamedTuple):
    """Groups of letters to be drawn, B of them with G letters each.

    Attributes:
        letters: int64 (B, G): 0 to 93 for ! to ~, or `UNKNOWN`.
        bitmaps: uint8 (B, G, S, S): the ink of each letter, stretched to a square.
        places: float (B, G, 3): the rows of the box between which the ink stands, and its natural width in columns.
        given: uint8 (B, G, ROWS, COLUMNS): letters that are drawn already; one without a box is to be drawn.
        neighbour: uint8 (B, G, ROWS, COLUMNS): the letters in a font near the given ones; without a box: none.
        height: int64 (B,): rows of the boxes.
    """

    letters: Tensor
    bitmaps: Tensor
    places: Tensor
    given: Tensor
    neighbour: Tensor
    height: Tensor


@dataclasses.dataclass(frozen=True)
class LettererConfig(Config):
    """Architecture and sampling of the letterer."""

    widths: tuple[int, ...] = setting((96, 160), "Channels of the two levels.")
    symbol_width: int = setting(32, "Width of a symbol's vector.")
    condition_width: int = setting(96, "Width of the embedding of time, letter and box.")
    drop_letter: float = setting(0.3, "Share of letters whose embedding is dropped.")
    drop_neighbour: float = setting(0.5, "Share of groups of letters whose neighbour is dropped.")
    permuted: float = setting(0.5, "Share of groups of letters whose symbols are permuted.")
    temperature: float = setting(0.25, "Temperature at which symbols are drawn.")
    evaluations: int = setting(12, "Network evaluations of one drawing.")

    def check(self) -> None:
        """Raise `TenshoError` on a shape that the network cannot have."""
        self.require(
            len(self.widths) == 2 and all(width >= 8 and width % 8 == 0 for width in self.widths),
            f"--widths is {self.widths}, but must be two multiples of 8",
        )
        self.require(
            self.symbol_width >= 1, f"--symbol-width is {self.symbol_width}, but at least 1 is needed"
        )
        self.require(
            self.condition_width >= 1,
            f"--condition-width is {self.condition_width}, but at least 1 is needed",
        )
        for name in ("drop_letter", "drop_neighbour", "permuted"):
            value = getattr(self, name)
            self.require(0 <= value <= 1, f"--{name.replace('_', '-')} is {value}, but must be in [0, 1]")
        self.require(self.temperature > 0, f"--temperature is {self.temperature}, but must be positive")
        self.require(self.evaluations >= 1, f"--evaluations is {self.evaluations}, but must be at least 1")


PRESETS: Mapping[str, Preset[LettererConfig]] = {
    "small": Preset(
        LettererConfig(),
        Recipe(steps=20_000, batch_size=16, learning_rate=2e-3, weight_decay=0.01, ema=0.998),
    ),
    "full": Preset(
        LettererConfig(widths=(192, 320), symbol_width=64, condition_width=192),
        Recipe(steps=100_000, batch_size=64, learning_rate=1e-3, weight_decay=0.01, ema=0.9995),
    ),
}
"""Sizes of the family, each with the recipe that trains it."""


class Letterer(Trainable[LettererConfig]):
    """Draws letters in symbols, all of a group of letters in one style."""

    family: ClassVar[str] = "letterer"
    config_class: ClassVar[type[Config]] = LettererConfig

    def __init__(self, config: LettererConfig) -> None:
        super().__init__(config)
        width = config.condition_width
        self.hidden = nn.Sequential(Sinusoidal(64), nn.Linear(64, width))
        self.letter = nn.Embedding(UNKNOWN + 1, width)
        self.box = nn.Linear(4, width)
        self.mix = nn.Sequential(nn.SiLU(), nn.Linear(width, width))
        self.net = LetterGroupNet((config.widths[0], config.widths[1]), config.symbol_width, width)
        self.columns = WidthHead(UNKNOWN + 1, COLUMNS)

    def training_step(self, batch: Mapping[str, Tensor], step: int) -> Iterator[Losses]:  # noqa: ARG002
        """The cross-entropy of hidden cells and of the widths of hidden letters.

        Args:
            batch: as of `tensho.datasets.letters.groups.LetterGroups`.
            step: not used.
        """
        # The loop lays what has four axes out as images, which these are not.
        letters, bitmaps, places, x0, near, height = (batch[name].contiguous() for name in _COLUMNS)
        x0, columns = x0.long(), box_columns(x0)
        size, glyphs = x0.shape[:2]
        device = x0.device
        count = torch.randint(1, glyphs - 1, (size, 1), device=device)
        given = torch.arange(glyphs, device=device) < count
        x0 = _permuted(x0, torch.rand(size, device=device) < self.config.permuted)
        known = torch.where(given[..., None, None], x0, PAD)
        dropped = torch.rand(size, device=device) < self.config.drop_neighbour
        near = near.long().masked_fill(dropped[:, None, None, None], PAD)
        neighbour = remapped_symbols(near, known, height, columns)
        t = _stratified(size * glyphs, device).view(size, glyphs)
        hidden = torch.rand(x0.shape, device=device) < t[..., None, None]
        hidden &= (x0 != PAD) & ~given[..., None, None]
        unknown = torch.rand(size, glyphs, device=device) < self.config.drop_letter
        letters = letters.masked_fill(unknown, UNKNOWN)
        codes = x0.masked_fill(hidden, MASK)
        # Between the mean over cells, where large letters are all that counts, and that over letters.
        weight = (height[:, None] * columns).float().rsqrt()[..., None, None].expand(x0.shape)
        total, right = weight.new_zeros(()), weight.new_zeros(())
        for rows, tall, wide in _groups(height, columns):
            crop = (rows, slice(None), slice(tall), slice(wide))
            content = quadrant_coverage(bitmaps[rows], places[rows], columns[rows], tall, wide)
            task = Task(codes[crop], neighbour[crop], content, self._condition(letters[rows], codes[rows]))
            logits, answers = self.net(task)[hidden[crop]].float(), x0[crop][hidden[crop]]
            losses = functional.cross_entropy(logits, answers, reduction="none")
            total = total + (losses * weight[crop][hidden[crop]]).sum()
            right = right + (logits.argmax(-1) == answers).sum()
        cell_loss = total / weight[hidden].sum().clamp_min(1e-6)
        # The widths of the near font itself: stretched to this style's boxes, they would be the answer.
        widths = self.columns(letters, places[..., 2], box_columns(near), columns * given, height)
        width_loss = functional.cross_entropy(widths[~given].float(), columns[~given] - 1)
        yield Losses(
            cell_loss + 0.2 * width_loss,
            {"cells": cell_loss, "widths": width_loss, "right": right / hidden.sum().clamp_min(1)},
        )

    def uncover(self, request: Request, noise: SampleNoise, *, steps: int | None = None) -> Iterator[Tensor]:
        """The groups of letters after each evaluation of the network, int64 (B, G, ROWS, COLUMNS); hidden cells are `MASK`.

        The given letters stay as they are. First all boxes get their widths, then the cells their symbols.

        Args:
            request: what to draw.
            noise: one row for each group of letters.
            steps: network evaluations; default `LettererConfig.evaluations`.

        Raises:
            TenshoError: steps is out of range.
        """
        steps = self.config.evaluations if steps is None else steps
        check_whole("--steps", steps, 1, MOST_STEPS)
        given = request.given.long()
        present = (given != PAD).any(-1).any(-1)
        columns = self._boxes(request, box_columns(given))
        codes = torch.where(
            present[..., None, None], given, boxed(torch.full_like(given, MASK), request.height, columns)
        )
        neighbour = remapped_symbols(request.neighbour.long(), given, request.height, columns)
        glyphs = codes.shape[1]
        order = noise.uniform(glyphs, ROWS, COLUMNS)
        chance = noise.uniform(glyphs, ROWS, COLUMNS)
        yield codes
        for step in range(1, steps + 1):
            due = (codes == MASK) & (order < step / steps)
            codes = codes.clone()
            for rows, height, width in _groups(request.height, columns):
                crop = (rows, slice(None), slice(height), slice(width))
                content = quadrant_coverage(
                    request.bitmaps[rows], request.places[rows], columns[rows], height, width
                )
                condition = self._condition(request.letters[rows], codes[rows])
                with torch.no_grad():
                    logits = self.net(Task(codes[crop], neighbour[crop], content, condition)).float()
                likely = (logits / self.config.temperature).softmax(-1).cumsum(-1)
                drawn = (likely < chance[crop][..., None]).sum(-1).clamp(max=MASK - 1)
                codes[crop] = torch.where(due[crop], drawn, codes[crop])
            yield codes

    def _boxes(self, request: Request, columns: Tensor) -> Tensor:
        """The widths of all boxes, int64 (B, G): the likeliest for those that are 0."""
        near = box_columns(request.neighbour)
        logits = self.columns(request.letters, request.places[..., 2], near, columns, request.height)
        return torch.where(columns > 0, columns, logits.argmax(-1) + 1)

    def _condition(self, letters: Tensor, codes: Tensor) -> Tensor:
        """What is told of each letter besides its cells: which it is, how much of it is hidden, and its box."""
        inside, hidden = codes != PAD, codes == MASK
        cells = inside.sum((-1, -2))
        share = hidden.sum((-1, -2)) / cells.clamp_min(1)
        height, width = inside.any(-1).sum(-1) / ROWS, inside.any(-2).sum(-1) / COLUMNS
        box = torch.stack([height, width, share, (share > 0).float()], -1)
        amount = self.hidden(share.flatten()).view(*share.shape, -1)
        return self.mix(amount + self.letter(letters) + self.box(box))  # type: ignore[no-any-return]


def _groups(height: Tensor, columns: Tensor) -> Iterator[tuple[Tensor, int, int]]:
    """Rows of the batch whose boxes fit grids of the same size, and that size: small letters are cheap."""
    tall = ((height + 3) // 4 * 4).clamp(4, ROWS)
    wide = ((columns.amax(1) + 7) // 8 * 8).clamp(8, COLUMNS)
    for key in torch.unique(tall * 100 + wide).tolist():
        yield torch.nonzero(tall * 100 + wide == key)[:, 0], key // 100, key % 100


def _stratified(count: int, device: torch.device) -> Tensor:
    """Shares to hide, one uniform draw from each of ``count`` equal parts of [0, 1], in random order."""
    return (torch.randperm(count, device=device) + torch.rand(count, device=device)) / count


def _permuted(codes: Tensor, chosen: Tensor) -> Tensor:
    """The groups of letters ``chosen`` (B,) with their symbols permuted, a permutation each; blanks stay."""
    size, device = len(codes), codes.device
    order = torch.rand(size, MASK - 1, device=device).argsort(1) + 1
    fixed = torch.arange(PAD + 1, device=device).repeat(size, 1)
    table = torch.where(chosen[:, None], torch.cat([fixed[:, :1], order, fixed[:, MASK:]], 1), fixed)
    return table.gather(1, codes.flatten(1)).view_as(codes)
