r"""Brush: from a draft to a fair copy, by flow matching.

A draft shows where each part of a character goes and roughly how it looks; the network paints the glyph. Glyph x_0
and draft d lie in [-1, 1]. The flow does not start from pure noise but from the draft, roughened,

    x_t = t x_0 + (1 - t) (d + σ ε),   ε ~ N(0, I),   t in [0, 1],

a coupling that depends on the data (Albergo et al. 2023, arXiv 2310.03725): what the draft has right need not be found
again, and a few steps are enough. The network D(x_t, t, d, s) estimates x_0 from x_t, with the draft beside it and the
style s; its loss is that of the velocity (x_0 - x_t)/(1 - t), clipped,

    L = E ‖D(x_t, t, d, s) - x_0‖² / max(1 - t, 1/2)²,   t = sigmoid(N(-0.8, 1))

(Lipman et al. 2023, arXiv 2210.02747; times as in Esser et al. 2024, arXiv 2403.03206, equation 19).

Style comes in two ways. Either the draft is made of the reference face's parts and the embedding s names the face that
the copy shall be in; or the draft is made of the wanted face's own parts and s is "as the draft", which is how a face
that was never trained on is continued. Training has both kinds, half and half; the draft and the style are dropped
from one sample in ten each.
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
from tensho.errors import TenshoError
from tensho.models.base import Losses, Model, Preset, Recipe, Spec
from tensho.models.config import Config, setting
from tensho.models.trajectory import Trajectory, Walker
from tensho.nn.embeddings import Sinusoidal
from tensho.nn.unet import UNet
from tensho.samplers import Step, euler, linear_times
from tensho.seeds import SampleNoise

__all__ = ["Brush", "BrushConfig"]

SIX_FACES = ("sans-jp", "serif-jp", "sans-sc", "serif-sc", "sans-tc", "serif-tc")

BLANK = -1.0


@dataclasses.dataclass(frozen=True)
class BrushConfig(Config):
    """Architecture and sampling of the brush."""

    size: int = setting(64, "Side of the glyph, in pixels.")
    block: int = setting(2, "Side of the pixel blocks that the network works on.")
    widths: tuple[int, ...] = setting(
        (32, 64, 128, 192), "Channels of each level; each halves the resolution."
    )
    blocks: int = setting(2, "Residual blocks of each level, on the way down and on the way up.")
    condition_width: int = setting(128, "Width of the embedding of time and style.")
    styles: tuple[str, ...] = setting(SIX_FACES, "Names of the styles, in the order of the data's faces.")
    roughness: float = setting(
        0.5, "Standard deviation σ of the noise on the draft that the flow starts from."
    )
    drop: float = setting(0.1, "Share of samples whose draft is dropped, and of those whose style is.")
    evaluations: int = setting(4, "Network evaluations of one drawing.")

    def check(self) -> None:
        """Raise `TenshoError` on a shape that the network cannot have."""
        self.require(self.block >= 1 and self.blocks >= 1, "--block and --blocks must be at least 1")
        self.require(
            bool(self.widths) and all(width >= 8 and width % 8 == 0 for width in self.widths),
            f"--widths is {self.widths}, but must be multiples of 8",
        )
        coarsest = self.block * 2 ** (len(self.widths) - 1)
        self.require(
            self.size > 0 and self.size % coarsest == 0,
            f"--size is {self.size}, but must be a multiple of {coarsest}",
        )
        self.require(self.roughness > 0, f"--roughness is {self.roughness}, but must be positive")
        self.require(0 <= self.drop < 1, f"--drop is {self.drop}, but must be in [0, 1)")
        self.require(self.evaluations >= 1, f"--evaluations is {self.evaluations}, but must be at least 1")
        self.require(len(self.styles) >= 1, "--styles names no style")


class Brush(Model[BrushConfig], Walker):
    """Turns a draft into a fair copy, in a named style or in the draft's own."""

    family: ClassVar[str] = "brush"
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
    chunk: ClassVar[int] = 4

    def __init__(self, config: BrushConfig) -> None:
        super().__init__(config)
        width = config.condition_width
        self.time = nn.Sequential(Sinusoidal(128), nn.Linear(128, width), nn.SiLU(), nn.Linear(width, width))
        self.style = nn.Embedding(len(config.styles) + 1, width)
        pixels = config.block**2
        self.unet = UNet(2 * pixels, pixels, config.widths, config.blocks, width)

    @property
    def spec(self) -> Spec:
        """One glyph, from a draft, in a style."""
        return Spec((1, self.config.size, self.config.size), ("draft", "face"))

    @property
    def as_the_draft(self) -> int:
        """The style that means: as the draft is."""
        return len(self.config.styles)

    def style_index(self, name: str) -> int:
        """The index of a named style.

        Raises:
            TenshoError: these weights know no style of that name.
        """
        if name not in self.config.styles:
            raise TenshoError(f"unknown style {name!r}; there are {', '.join(self.config.styles)}")
        return self.config.styles.index(name)

    def config_for(self, dataset: Dataset) -> BrushConfig:
        """The settings with the data's faces as the styles."""
        if isinstance(dataset, DraftedGlyphs):
            return dataclasses.replace(self.config, styles=dataset.faces)
        return self.config

    def forward(self, noisy: Tensor, t: Tensor, draft: Tensor, style: Tensor) -> Tensor:
        """Estimate the glyph.

        Args:
            noisy: x_t, float (B, 1, S, S).
            t: times in [0, 1], float (B,).
            draft: float (B, 1, S, S) in [-1, 1]; -1 everywhere is no draft.
            style: int64 (B,), an index into the styles or `as_the_draft`.

        Returns:
            The estimate of x_0, float32 (B, 1, S, S), about [-1, 1].
        """
        condition = functional.silu(self.time(t) + self.style(style))
        blocks = functional.pixel_unshuffle(torch.cat([noisy, draft], 1), self.config.block)
        painted = self.unet(blocks.contiguous(memory_format=torch.channels_last), condition)
        return draft + functional.pixel_shuffle(painted, self.config.block).float()

    def training_step(self, batch: Mapping[str, Tensor], step: int) -> Iterator[Losses]:  # noqa: ARG002
        """The weighted loss of the module's docstring.

        Args:
            batch: ``image``, ``draft`` (of the reference face's parts) and ``own_draft`` (of the face's own), uint8
                (B, 1, S, S); ``face``, int64 (B,).
            step: not used.
        """
        x0, own = _signed(batch["image"]), _signed(batch["own_draft"])
        size, device, drop = len(x0), x0.device, self.config.drop
        by_draft = torch.rand(size, device=device) < 0.5
        draft = torch.where(by_draft[:, None, None, None], own, _signed(batch["draft"]))
        no_draft = torch.rand(size, device=device) < drop
        draft = draft.masked_fill(no_draft[:, None, None, None], BLANK)
        no_style = by_draft | (torch.rand(size, device=device) < drop)
        style = batch["face"].masked_fill(no_style, self.as_the_draft)
        t = torch.sigmoid(torch.randn(size, device=device) - 0.8)
        start = draft + self.config.roughness * torch.randn_like(x0)
        noisy = start.lerp(x0, t[:, None, None, None])
        error = (self(noisy, t, draft, style) - x0).square().mean((1, 2, 3))
        weighted = error / (1 - t).clamp_min(0.5).square()
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
            condition: ``draft`` uint8 (B, 1, S, S), none: blank; ``face`` int64 (B,), the style, none: as the draft.
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
        draft = _signed(condition["draft"]) if "draft" in condition else torch.full_like(roughening, BLANK)
        style = condition.get("face", torch.full((len(noise),), self.as_the_draft, device=noise.device))
        return euler(
            lambda noisy, t: self(noisy, t, draft, style).clamp(-1, 1),
            draft + roughening,
            linear_times(steps or self.config.evaluations),
        )


def _signed(image: Tensor) -> Tensor:
    return image.float() / 127.5 - 1


def _unsigned(image: Tensor) -> Tensor:
    return ((image + 1) / 2).clamp(0, 1)


def _mean(values: Tensor, where: Tensor) -> Tensor:
    """Mean of (B,) values where a (B,) mask holds; 0 where it nowhere does."""
    return (values * where).sum() / where.sum().clamp_min(1)
