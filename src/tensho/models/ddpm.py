r"""DDPM: a denoising diffusion model, trained to tell the noise in an image and sampled by taking it away.

Images x_0 lie in [-1, 1]. A chain of T steps turns them into noise, x_t = α_t x_0 + σ_t ε with ε ~ N(0, I) (see
`tensho.samplers.noise_schedule`). The network F(x_t, t) estimates the velocity v = α_t ε - σ_t x_0, from which noise and image follow,

    ε̂ = α_t F + σ_t x_t,     D(x_t, t) = E[x_0 | x_t] ≈ α_t x_t - σ_t F

(Salimans and Ho 2022, arXiv 2202.00512, appendix D). So the network neither has to copy the noise at high levels nor is
divided by α_t → 0 there. What is minimised, over uniform t, is the error of the noise or that of the velocity,

    L = E ‖ε̂ - ε‖² = E α_t² ‖F - v‖²   (Ho, Jain and Abbeel 2020, arXiv 2006.11239, equation 14)   or   L = E ‖F - v‖²,

which differ in the weight of the high levels, where a glyph gets its structure. The network is a U-Net on blocks of
``block`` × ``block`` pixels. A sampler (see `tensho.samplers`) then walks D from N(0, I) to an image.

A mean of images is never quite as light or as dark as they are, so what should be paper comes out as a faint texture. The
last estimate is therefore multiplied by ``contrast``, c, and cut off: x = clamp(c D, -1, 1).

Where the data have faces, the embedding of the style is added to that of the time (see `tensho.models.styled`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from functools import partial
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from tensho.models.base import Losses, Preset, Recipe, Spec
from tensho.models.config import MOST_LAYERS, Config, setting
from tensho.models.styled import Styled, StyledConfig
from tensho.models.trajectory import StepwiseSampler, Trajectory
from tensho.nn.embeddings import Sinusoidal
from tensho.nn.unet import UNet
from tensho.samplers import Step, ancestral, ddim, dpm_solver, last_step
from tensho.samplers.noise_schedule import SCHEDULES, Schedule, stratified
from tensho.seeds import SampleNoise

__all__ = ["PRESETS", "Ddpm", "DdpmConfig"]

EVALUATIONS = {"dpm++": 28, "ddim": 50, "ancestral": 256}
"""The samplers, and how many network evaluations each takes unless told otherwise."""


@dataclasses.dataclass(frozen=True)
class DdpmConfig(StyledConfig):
    """Architecture, noise and sampling of the diffusion model."""

    size: int = setting(64, "Side of the square image, in pixels.")
    channels: int = setting(1, "Channels of the image: 1 for glyphs, 3 for colour.")
    block: int = setting(2, "Side of the pixel blocks that the network works on.")
    widths: tuple[int, ...] = setting(
        (32, 64, 128, 192), "Channels of each level; each halves the resolution."
    )
    blocks: int = setting(
        2, "Residual blocks of each level, on the way down and on the way up.", most=MOST_LAYERS
    )
    attention: int = setting(1, "How many levels, from the coarsest, have self-attention.", most=MOST_LAYERS)
    condition_width: int = setting(128, "Width of the embedding of time.")
    noise_steps: int = setting(1024, "Steps T of the noising chain.", most=100_000)
    schedule: str = setting("cosine", f"Noise schedule: {' or '.join(SCHEDULES)}.")
    loss: str = setting("velocity", "Whose squared error is minimised: noise or velocity.")
    sampler: str = setting("dpm++", f"How images are drawn: {', '.join(EVALUATIONS)}.")
    evaluations: int = setting(0, "Network evaluations of one drawing; 0: what the sampler needs.")
    contrast: float = setting(1.0, "How steeply the grey next to black or white is made black or white.")

    def check(self) -> None:
        """Raise `TenshoError` on a network or a chain that cannot be."""
        super().check()
        self.require(self.channels >= 1, f"--channels is {self.channels}, but must be at least 1")
        self.require(self.block >= 1 and self.blocks >= 1, "--block and --blocks must be at least 1")
        self.require(
            self.size > 0 and self.size % self.block == 0,
            f"--size is {self.size}, but must be a multiple of --block, {self.block}",
        )
        self.require(
            bool(self.widths) and all(width >= 8 and width % 8 == 0 for width in self.widths),
            f"--widths is {self.widths}, but must be multiples of 8",
        )
        self.require(
            0 <= self.attention <= len(self.widths),
            f"--attention is {self.attention}, but must be from 0 to the {len(self.widths)} levels",
        )
        self.require(
            self.condition_width >= 1, f"--condition-width is {self.condition_width}, but must be at least 1"
        )
        self.require(self.noise_steps >= 2, f"--noise-steps is {self.noise_steps}, but must be at least 2")
        for name, known in (
            ("schedule", SCHEDULES),
            ("loss", ("noise", "velocity")),
            ("sampler", EVALUATIONS),
        ):
            value = getattr(self, name)
            self.require(value in known, f"--{name} is {value!r}, but must be one of {', '.join(known)}")
        self.require(
            0 <= self.evaluations <= self.noise_steps,
            f"--evaluations is {self.evaluations}, but must be from 0 to the {self.noise_steps} noise steps",
        )
        self.require(self.contrast > 0, f"--contrast is {self.contrast}, but must be positive")


PRESETS: Mapping[str, Preset[DdpmConfig]] = {
    "small": Preset(
        DdpmConfig(widths=(40, 80, 160, 192), attention=2, contrast=1.08, style_drop=0.1),
        Recipe(steps=10_000, batch_size=32, learning_rate=1e-3, weight_decay=0.01, ema=0.995),
    ),
    "full": Preset(
        DdpmConfig(
            block=1,
            widths=(64, 128, 256, 512),
            blocks=3,
            attention=2,
            condition_width=256,
            loss="noise",
            style_drop=0.1,
        ),
        Recipe(steps=100_000, batch_size=128, learning_rate=3e-4, weight_decay=0.01, ema=0.9995),
    ),
}
"""Sizes of the family, each with the recipe that trains it."""


class Ddpm(Styled[DdpmConfig], StepwiseSampler):
    """Denoising diffusion with a U-Net, drawn by one of three samplers."""

    family: ClassVar[str] = "ddpm"
    config_class: ClassVar[type[Config]] = DdpmConfig

    def __init__(self, config: DdpmConfig) -> None:
        super().__init__(config)
        width = config.condition_width
        self.schedule = Schedule(SCHEDULES[config.schedule](config.noise_steps))
        self.time = nn.Sequential(Sinusoidal(128), nn.Linear(128, width), nn.SiLU(), nn.Linear(width, width))
        self.style = self.embedding(width)
        pixels = config.channels * config.block**2
        self.unet = UNet(
            pixels,
            pixels,
            config.widths,
            config.blocks,
            width,
            attention=config.attention,
            upsampling="bilinear",
        )

    @property
    def spec(self) -> Spec:
        """One image, in a style if there are any."""
        return Spec((self.config.channels, self.config.size, self.config.size), self.style_condition)

    def forward(self, noisy: Tensor, t: Tensor, style: Tensor | None = None) -> Tensor:
        """The velocity's estimate F: x_t (B, C, H, W) at steps t, in styles, int64 (B,) both → float32 (B, C, H, W)."""
        embedded = self.time(t / self.config.noise_steps)
        if self.style is not None:
            embedded = embedded + self.style(self.or_any(style, t))
        condition = functional.silu(embedded)
        blocks = functional.pixel_unshuffle(noisy, self.config.block)
        velocity = functional.pixel_shuffle(self.unet(blocks, condition), self.config.block)
        return velocity.float()

    def posterior_mean(self, noisy: Tensor, t: Tensor, style: Tensor | None = None) -> Tensor:
        """The denoiser D(x_t, t), (B, C, H, W) in [-1, 1]."""
        alpha, sigma = self._at(t)
        return (alpha * noisy - sigma * self(noisy, t, style)).clamp(-1, 1)  # type: ignore[no-any-return]

    def training_step(self, batch: Mapping[str, Tensor], step: int) -> Iterator[Losses]:  # noqa: ARG002
        """The loss of the module's docstring; the parts are the mean squared errors of noise and velocity.

        Args:
            batch: ``image``, uint8 (B, C, H, W), and ``face``, int64 (B,), if there are styles.
            step: not used.
        """
        x0 = batch["image"].float() / 127.5 - 1
        t = stratified(len(x0), self.config.noise_steps, x0.device)
        alpha, sigma = self._at(t)
        noise = torch.randn_like(x0)
        error = self(alpha * x0 + sigma * noise, t, self.told_styles(batch)) - (alpha * noise - sigma * x0)
        parts = {"noise": (alpha * error).square().mean(), "velocity": error.square().mean()}
        yield Losses(parts[self.config.loss], parts)

    def draw(
        self, noise: SampleNoise, *, steps: int | None = None, condition: Mapping[str, Tensor] | None = None
    ) -> Tensor:
        """Draw with the sampler of the settings, in ``steps`` network evaluations.

        Raises:
            TenshoError: a condition but the style, or more evaluations than the chain has steps.
        """
        last = last_step(self._steps(noise, steps, condition))
        return ((self.config.contrast * last.clean + 1) / 2).clamp(0, 1)

    @torch.no_grad()
    def trajectory(
        self, noise: SampleNoise, *, steps: int | None = None, condition: Mapping[str, Tensor] | None = None
    ) -> Trajectory:
        """Every step of a drawing; levels are the noise's standard deviation σ_t."""
        frames = list(self._steps(noise, steps, condition))
        return Trajectory(
            tuple(self.schedule.sigma[int(frame.t)].item() for frame in frames),
            torch.stack([(frame.noisy + 1) / 2 for frame in frames]),
            torch.stack([(frame.clean + 1) / 2 for frame in frames]),
        )

    def _steps(
        self, noise: SampleNoise, steps: int | None, condition: Mapping[str, Tensor] | None
    ) -> Iterator[Step]:
        denoise = partial(self.posterior_mean, style=self.wanted_styles(noise, condition))
        sampler, shape = self.config.sampler, self.spec.shape
        usual = self.config.evaluations or min(EVALUATIONS[sampler], self.config.noise_steps)
        levels = self.schedule.levels(steps or usual)
        start = noise.normal(*shape)
        if sampler == "ancestral":
            return ancestral(denoise, start, levels, lambda: noise.normal(*shape))
        return {"ddim": ddim, "dpm++": dpm_solver}[sampler](denoise, start, levels)

    def _at(self, t: Tensor) -> tuple[Tensor, Tensor]:
        alpha, sigma = self.schedule.at(t)
        return alpha[:, None, None, None], sigma[:, None, None, None]
