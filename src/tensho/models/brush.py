r"""Brush: from a draft to a fair copy, by flow matching.

A draft shows where each part of a character goes and roughly how it looks; the network paints the glyph. Glyph x_0
and draft d lie in [-1, 1]. The flow does not start from pure noise but from the draft, roughened,

    x_t = t x_0 + (1 - t) (d + σ ε),   ε ~ N(0, I),   t in [0, 1],

a coupling that depends on the data (Albergo et al. 2023, arXiv 2310.03725): what the draft has right need not be found
again, and a few steps are enough. The network D(x_t, t, d, r, s) estimates x_0 from x_t, with the draft d, a second
draft r and the style s beside it; its loss is that of the velocity (x_0 - x_t)/(1 - t), clipped,

    L = E Σ ρ(D(x_t, t, d, r, s) - x_0) / max(1 - t, 1/2),   ρ(e) = √(e² + c²) - c,   t = sigmoid(N(-0.8, 1))

(Lipman et al. 2023, arXiv 2210.02747; times as in Esser et al. 2024, arXiv 2403.03206, equation 19). The distance ρ, with
c = 0.1, is the pseudo-Huber one (Charbonnier et al. 1994) instead of the square: where a stroke may lie here or there,
the square asks for the grey mean of both, and ρ nearly for the median, which is ink or paper. With little noise and
estimates that are sharp, each step sees what it saw in training, as in direct iteration (Delbracio and Milanfar 2023,
arXiv 2303.11435).

Style comes in two ways. Either d is made of the reference face's parts, r is blank, and the embedding s names the face
that the copy shall be in. Or d is made of the wanted face's own parts, r of the reference face's, and s is "as the
draft": so a face that was never trained on is continued, and where its own parts could not be had cleanly, r says what
was meant. Training has both kinds, half and half; drafts and style are dropped now and then. There are few faces, so
samples of the second kind are often bent, glyph and draft d alike, into faces that do not exist.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from tensho.data.dataset import Dataset
from tensho.data.drafted import DraftedGlyphs
from tensho.models.base import Losses, Model, Preset, Recipe, Spec
from tensho.models.config import Config
from tensho.models.distortion import distorted
from tensho.models.painter import BLANK, BrushConfig, Painter
from tensho.models.trajectory import Trajectory, Walker
from tensho.nn.embeddings import Sinusoidal
from tensho.nn.unet import UNet
from tensho.samplers import Step, euler, linear_times
from tensho.seeds import SampleNoise

__all__ = ["Brush", "BrushConfig"]


SOFTNESS = 0.1
"""c of the loss: errors much smaller count by their square, larger ones by their size."""


class Brush(Model[BrushConfig], Walker, Painter):
    """Turns a draft into a fair copy, in a named style or in the draft's own."""

    config_class: ClassVar[type[Config]] = BrushConfig
    presets: ClassVar[Mapping[str, Preset[BrushConfig]]] = {
        "small": Preset(
            BrushConfig(), Recipe(steps=20_000, batch_size=64, learning_rate=1e-3, weight_decay=0.01)
        ),
        "full": Preset(
            BrushConfig(size=128, block=2, widths=(64, 128, 192, 256, 320), condition_width=256),
            Recipe(steps=60_000, batch_size=256, learning_rate=1e-3, weight_decay=0.01, ema=0.9995),
        ),
    }
    chunk: ClassVar[int] = Painter.chunk

    def __init__(self, config: BrushConfig) -> None:
        super().__init__(config)
        width = config.condition_width
        self.time = nn.Sequential(Sinusoidal(128), nn.Linear(128, width), nn.SiLU(), nn.Linear(width, width))
        self.style = nn.Embedding(len(config.styles) + 1, width)
        pixels = config.block**2
        self.unet = UNet(3 * pixels, pixels, config.widths, config.blocks, width)

    @property
    def spec(self) -> Spec:
        """One glyph, from drafts, in a style."""
        return Spec((1, self.config.size, self.config.size), ("draft", "own_draft", "face"))

    def config_for(self, dataset: Dataset) -> BrushConfig:
        """The settings with the data's faces as the styles."""
        if isinstance(dataset, DraftedGlyphs):
            return dataclasses.replace(self.config, styles=dataset.faces)
        return self.config

    def forward(self, noisy: Tensor, t: Tensor, drafts: Tensor, style: Tensor) -> Tensor:
        """Estimate the glyph.

        Args:
            noisy: x_t, float (B, 1, S, S).
            t: times in [0, 1], float (B,).
            drafts: d and r, float (B, 2, S, S) in [-1, 1]; -1 everywhere is none.
            style: int64 (B,), an index into the styles or `as_the_draft`.

        Returns:
            The estimate of x_0, float32 (B, 1, S, S), about [-1, 1].
        """
        condition = functional.silu(self.time(t) + self.style(style))
        blocks = functional.pixel_unshuffle(torch.cat([noisy, drafts], 1), self.config.block)
        painted = self.unet(blocks.contiguous(memory_format=torch.channels_last), condition)
        return drafts[:, :1] + functional.pixel_shuffle(painted, self.config.block).float()

    def training_step(self, batch: Mapping[str, Tensor], step: int) -> Iterator[Losses]:  # noqa: ARG002
        """The weighted loss of the module's docstring.

        Args:
            batch: ``image``, ``draft`` (of the reference face's parts) and ``own_draft`` (of the face's own), uint8
                (B, 1, S, S); ``face``, int64 (B,).
            step: not used.
        """
        reference, drop = _signed(batch["draft"]), self.config.drop
        size, device = len(reference), reference.device

        def chosen(share: float) -> Tensor:
            return torch.rand(size, device=device) < share

        by_draft, dropped = chosen(0.5), chosen(drop)
        pair = torch.cat([_signed(batch["image"]), _signed(batch["own_draft"])], 1)
        bent = by_draft & chosen(self.config.distort)
        x0, own = torch.where(bent[:, None, None, None], distorted(pair), pair).split(1, 1)
        drafts = torch.cat([torch.where(by_draft[:, None, None, None], own, reference), reference], 1)
        blank = torch.stack([dropped, dropped | ~by_draft | chosen(drop)], 1)
        drafts = drafts.masked_fill(blank[:, :, None, None], BLANK)
        style = batch["face"].masked_fill(by_draft | chosen(drop), self.as_the_draft)
        t = torch.sigmoid(torch.randn(size, device=device) - 0.8)
        start = drafts[:, :1] + self.config.roughness * torch.randn_like(x0)
        noisy = start.lerp(x0, t[:, None, None, None])
        error = self(noisy, t, drafts, style) - x0
        distance = ((error.square() + SOFTNESS**2).sqrt() - SOFTNESS).mean((1, 2, 3))
        weighted = distance / (1 - t).clamp_min(0.5)
        yield Losses(
            weighted.mean(), {"by draft": _mean(weighted, by_draft), "by name": _mean(weighted, ~by_draft)}
        )

    def draw(
        self, noise: SampleNoise, *, steps: int | None = None, condition: Mapping[str, Tensor] | None = None
    ) -> Tensor:
        """Paint drafts.

        Args:
            noise: one row for each glyph.
            steps: network evaluations; default `BrushConfig.evaluations`.
            condition: ``draft`` uint8 (B, 1, S, S), of the reference face's parts, none: blank; ``own_draft`` uint8
                (B, 1, S, S), of the wanted face's own parts, none: ``draft`` alone; ``face`` int64 (B,), the style,
                none: as the draft.
        """
        *_, last = self._steps(noise, steps, condition or {})
        return _unsigned(last.clean)

    def trajectory(self, noise: SampleNoise, *, steps: int | None = None) -> Trajectory:
        """Every step of a drawing without draft and style; levels are 1 - t."""
        frames = list(self._steps(noise, steps, {}))
        return Trajectory(
            tuple(1 - frame.t for frame in frames),
            torch.stack([(frame.noisy + 1) / 2 for frame in frames]),
            torch.stack([_unsigned(frame.clean) for frame in frames]),
        )

    def _steps(
        self, noise: SampleNoise, steps: int | None, condition: Mapping[str, Tensor]
    ) -> Iterator[Step]:
        roughening = self.config.roughness * noise.normal(*self.spec.shape)
        blank = torch.full_like(roughening, BLANK)
        reference = _signed(condition["draft"]) if "draft" in condition else blank
        own = _signed(condition["own_draft"]) if "own_draft" in condition else None
        drafts = torch.cat([reference, blank] if own is None else [own, reference], 1)
        style = condition.get("face", torch.full((len(noise),), self.as_the_draft, device=noise.device))
        return euler(
            lambda noisy, t: self(noisy, t, drafts, style).clamp(-1, 1),
            drafts[:, :1] + roughening,
            linear_times(steps or self.config.evaluations),
        )


def _signed(image: Tensor) -> Tensor:
    return image.float() / 127.5 - 1


def _unsigned(image: Tensor) -> Tensor:
    return ((image + 1) / 2).clamp(0, 1)


def _mean(values: Tensor, where: Tensor) -> Tensor:
    """Mean of (B,) values where a (B,) mask holds; 0 where it nowhere does."""
    return (values * where).sum() / where.sum().clamp_min(1)
