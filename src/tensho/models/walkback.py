r"""Walkback: a generalised denoising auto-encoder, trained and sampled by walking up and down noise levels.

A denoiser f is trained to undo Gaussian noise of every temperature of a schedule

    kT_0 = 0 < kT_1 < … < kT_{K-1},

not from one corruption but from a *walk*: starting at a training image x, walk i adds noise and denoises at the
temperatures kT_i, kT_{i-1}, …, kT_0 in turn,

    y ← f(y + kT_j ε),   ε ~ N(0, I),   j = i, i-1, …, 0,

and each walk goes on from where the one before it ended. The loss is the squared distance to x at the end of
each of the K walks, summed, plus the mean square of all weights,

    L = Σ_i ‖y_i - x‖² / D  +  Σ_w w² / #w,

with gradients through the whole chain. So f learns to come back from where its own mistakes lead
(Bengio, Yao, Alain and Vincent 2013, arXiv 1305.6663, section 4: the walkback algorithm). The Markov chain that
alternates noise and f then has the data distribution as its stationary one (theorem 1 there), and `dream`
runs it up and down the schedule from pure noise.

The square loss makes f answer with a mean, so that where a cycle ends there is grey between the forms that could be. So
a dream may end in a *cooling*: some more steps of the chain, at temperatures that fall from ``cooling_from`` to `COLDEST`
by one factor, as in simulated annealing (Kirkpatrick, Gelatt and Vecchi 1983). Each leaves f less to choose from.

There are two networks to be f. ``small`` is the published one: stride-2 convolutions with batch norm, and skips that
are added. ``unet`` is that of `tensho.models.ddpm` on blocks of 4×4 pixels, without its time, since f is not told how strong
the noise is: residual blocks with group norm, and skips that are concatenated. It is told what to change, not what to
draw: its answer is added to the standardised input before the last sigmoid (residual denoising, Zhang et al. 2017, arXiv
1608.03981), so that an untrained one already keeps a clean glyph.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from tensho.bounds import MOST_STEPS, check_whole
from tensho.datasets.base import Dataset
from tensho.errors import TenshoError
from tensho.models.base import Losses, Preset, Recipe, Spec
from tensho.models.config import MOST_LAYERS, Config, setting
from tensho.models.styled import Styled, StyledConfig
from tensho.models.trajectory import StepwiseSampler, Trajectory
from tensho.nn.unet import UNet
from tensho.seeds import SampleNoise

__all__ = ["PRESETS", "Walkback", "WalkbackConfig"]

_BLOCK = 4
"""Side of the blocks of pixels that the unet works on."""

COLDEST = 0.05
"""The last temperature of the cooling, a twentieth of the range from paper to ink."""

_STYLE_WIDTH = 64
"""Of the vector of a style that the unet is told."""


@dataclasses.dataclass(frozen=True)
class WalkbackConfig(StyledConfig):
    """Architecture and temperature schedule; the defaults are the published ones (444,169 parameters)."""

    net: str = setting("small", "The denoiser: small (the published one) or unet (that of ddpm).")
    size: int = setting(64, "Side of the square image, in pixels.")
    channels: int = setting(1, "Channels of the image: 1 for glyphs, 3 for colour.")
    features: int = setting(8, "Feature maps at full resolution; each level doubles them.")
    levels: int = setting(4, "How often the resolution is halved.", most=MOST_LAYERS)
    temperatures: int = setting(8, "Length K of the schedule kT = linspace(0, max_temperature, K).")
    max_temperature: float = setting(1.5, "Standard deviation of the strongest noise.")
    cycles: int = setting(10, "Times that a dream goes up and down the schedule.")
    cooling: int = setting(
        0, "Steps of falling noise after the last cycle; 0: end as the published chain does."
    )
    cooling_from: float = setting(0.5, "Temperature at which the cooling begins.")

    def check(self) -> None:
        """Raise `TenshoError` on a shape that the network cannot have."""
        super().check()
        self.require(self.net in ("small", "unet"), f"--net is {self.net!r}, but must be one of small, unet")
        self.require(self.features >= 1 and self.levels >= 1, "--features and --levels must be at least 1")
        self.require(
            self.net == "small" or self.levels >= 2,
            f"--levels is {self.levels}, but must be at least 2 for the unet, whose blocks of pixels are the first two",
        )
        self.require(self.channels >= 1, f"--channels is {self.channels}, but must be at least 1")
        self.require(
            self.size > 0 and self.size % 2**self.levels == 0,
            f"--size is {self.size}, but must be a multiple of 2^levels = {2**self.levels}",
        )
        self.require(self.temperatures >= 2, f"--temperatures is {self.temperatures}, but must be at least 2")
        self.require(self.max_temperature > 0, "--max-temperature must be positive")
        self.require(self.cycles >= 1, f"--cycles is {self.cycles}, but must be at least 1")
        self.require(self.cooling >= 0, f"--cooling is {self.cooling}, but must not be negative")
        self.require(
            self.cooling_from >= COLDEST,
            f"--cooling-from is {self.cooling_from}, but must be at least {COLDEST}",
        )


def _convolution(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1), nn.BatchNorm2d(outputs), nn.ReLU()
    )


def _transposed(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.ConvTranspose2d(inputs, outputs, 3, stride=2, padding=1, output_padding=1),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )


PRESETS: Mapping[str, Preset[WalkbackConfig]] = {
    "small": Preset(WalkbackConfig(features=4), Recipe(steps=6_000, batch_size=32, learning_rate=2e-3)),
    "unet": Preset(
        WalkbackConfig(net="unet", features=6, temperatures=4, cooling=16, style_drop=0.1),
        Recipe(steps=6_000, batch_size=8, learning_rate=2e-3),
    ),
    "full": Preset(WalkbackConfig(), Recipe(steps=20_000, batch_size=64, learning_rate=2e-3)),
}
"""Sizes of the family, each with the recipe that trains it."""


class Walkback(Styled[WalkbackConfig], StepwiseSampler):
    """A denoiser that is trained and sampled by walking back from noise."""

    family: ClassVar[str] = "walkback"
    config_class: ClassVar[type[Config]] = WalkbackConfig

    def __init__(self, config: WalkbackConfig) -> None:
        super().__init__(config)
        if config.net == "unet":
            pixels = config.channels * _BLOCK**2
            widths = [8 * config.features * 2**level for level in range(config.levels - 1)]
            self.style = self.embedding(_STYLE_WIDTH)
            self.unet = UNet(
                pixels,
                pixels,
                widths,
                blocks=1,
                condition_width=0 if self.style is None else _STYLE_WIDTH,
                upsampling="bilinear",
            )
            # A glyph is about a fifth ink: standardised, ink is near 2 and ground near -0.5, so these give 0.98 and 0.02.
            self.scale, self.shift = nn.Parameter(torch.tensor(3.0)), nn.Parameter(torch.tensor(-2.25))
            return
        widths = [config.features * 2**level for level in range(config.levels + 1)]
        self.input = nn.Sequential(
            _convolution(config.channels, widths[0]), _convolution(widths[0], widths[0])
        )
        self.encoder = nn.ModuleList(
            nn.Sequential(_convolution(fine, coarse, stride=2), _convolution(coarse, coarse))
            for fine, coarse in itertools.pairwise(widths)
        )
        self.decoder = nn.ModuleList(
            nn.Sequential(_transposed(coarse, fine), _convolution(fine, fine))
            for coarse, fine in zip(widths[:0:-1], widths[-2::-1], strict=True)
        )
        self.output = nn.Sequential(
            _convolution(widths[0], widths[0]),
            nn.Conv2d(widths[0], config.channels, 3, padding=1),
            nn.Sigmoid(),
        )

    @property
    def spec(self) -> Spec:
        """One image, in a style if there are any."""
        return Spec((self.config.channels, self.config.size, self.config.size), self.style_condition)

    @property
    def schedule(self) -> tuple[float, ...]:
        """The temperatures kT_0 … kT_{K-1}, rising from 0."""
        return tuple(torch.linspace(0, self.config.max_temperature, self.config.temperatures).tolist())

    @property
    def cooling(self) -> tuple[float, ...]:
        """The temperatures of the cooling, falling, and 0 at the end; none where there is no cooling."""
        count = self.config.cooling
        if count == 0:
            return ()
        falling = torch.logspace(math.log2(self.config.cooling_from), math.log2(COLDEST), count, base=2)
        return (*falling.tolist(), 0.0)

    def config_for(self, dataset: Dataset) -> WalkbackConfig:
        """The settings with the data's faces as the styles of the unet; the published network knows none."""
        return super().config_for(dataset) if self.config.net == "unet" else self.config

    def forward(self, noisy: Tensor, style: Tensor | None = None) -> Tensor:
        """Denoise: any real (B, C, H, W), in styles int64 (B,) → (B, C, H, W) in [0, 1].

        Each channel of each image is standardised first (zero mean, unit variance), so the network never
        sees how strong the noise is except by what it did to the picture.
        """
        variance, mean = torch.var_mean(noisy, dim=(2, 3), keepdim=True)
        standard = (noisy - mean) * variance.clamp_min(1e-12).rsqrt()
        if self.config.net == "unet":
            blocks = functional.pixel_unshuffle(standard, _BLOCK)
            condition = None
            if self.style is not None:
                condition = functional.silu(self.style(self.or_any(style, noisy)))
            change = functional.pixel_shuffle(self.unet(blocks, condition), _BLOCK)
            return (change + self.scale * standard + self.shift).sigmoid()
        hidden, skips = self.input(standard), []
        for down in self.encoder:
            hidden = down(hidden)
            skips.append(hidden)
        for up in self.decoder:
            hidden = up(hidden + skips.pop())
        return self.output(hidden)  # type: ignore[no-any-return]

    def training_step(self, batch: Mapping[str, Tensor], step: int) -> Iterator[Losses]:  # noqa: ARG002
        """The walkback loss of the module's docstring."""
        target, style = batch["image"].float() / 255, self.told_styles(batch)
        image, errors = target, []
        for last in range(len(self.schedule)):
            for kt in self.schedule[last::-1]:
                image = self(image + kt * torch.randn_like(image), style)
            errors.append(functional.mse_loss(image, target))
        penalty = self.weight_penalty()
        reconstruction = torch.stack(errors).sum()
        yield Losses(
            reconstruction + penalty,
            {"reconstruction": reconstruction, "last walk": errors[-1], "penalty": penalty},
        )

    def weight_penalty(self) -> Tensor:
        """Mean square of all parameters, a scalar."""
        squares = torch.stack([parameter.square().sum() for parameter in self.parameters()])
        return squares.sum() / sum(parameter.numel() for parameter in self.parameters())

    def draw(
        self, noise: SampleNoise, *, steps: int | None = None, condition: Mapping[str, Tensor] | None = None
    ) -> Tensor:
        """`dream` in ``steps`` cycles."""
        return self.dream(noise, num_cycles=steps, style=self.wanted_styles(noise, condition))

    @torch.no_grad()
    def dream(
        self,
        noise: SampleNoise,
        *,
        num_cycles: int | None = None,
        kt: Sequence[float] | None = None,
        style: Tensor | None = None,
    ) -> Tensor:
        """Run the chain from N(0, I), up and down a schedule of temperatures ``num_cycles`` times, and cool it.

        Args:
            noise: one row for each image.
            num_cycles: default `WalkbackConfig.cycles`.
            kt: any sequence of non-negative temperatures instead of the model's own schedule and cooling.
            style: int64 (len(noise),); None: of no style in particular.

        Returns:
            (len(noise), C, H, W) in [0, 1].

        Raises:
            TenshoError: no cycle, an empty schedule or a temperature that is negative or not finite.
        """
        cycles = self.config.cycles if num_cycles is None else num_cycles
        check_whole("--steps", cycles, 1, MOST_STEPS)
        cooling = self.cooling if kt is None else ()
        image = noise.normal(*self.spec.shape)
        for value in (*cycles * self._up_and_down(kt), *cooling):
            image = self(image + value * noise.normal(*self.spec.shape), style)
        return image

    @torch.no_grad()
    def walk(
        self,
        image: Tensor,
        noise: SampleNoise,
        *,
        kt: Sequence[float] | None = None,
        style: Tensor | None = None,
    ) -> Trajectory:
        """One cycle of the chain from ``image`` (B, C, H, W), with every frame kept and without cooling."""
        return self._frames(image, noise, self._up_and_down(kt), style)

    @torch.no_grad()
    def trajectory(
        self, noise: SampleNoise, *, steps: int | None = None, condition: Mapping[str, Tensor] | None = None
    ) -> Trajectory:
        """The last of the ``steps`` cycles of a dream, and its cooling; its last output is what `draw` returns."""
        cycles, style = self.config.cycles if steps is None else steps, self.wanted_styles(noise, condition)
        if cycles == 1:
            image = noise.normal(*self.spec.shape)
        else:
            image = self.dream(noise, num_cycles=cycles - 1, kt=self.schedule, style=style)
        return self._frames(image, noise, (*self._up_and_down(None), *self.cooling), style)

    def _frames(
        self, image: Tensor, noise: SampleNoise, temperatures: Sequence[float], style: Tensor | None
    ) -> Trajectory:
        inputs, outputs = [], []
        for value in temperatures:
            inputs.append(image + value * noise.normal(*self.spec.shape))
            image = self(inputs[-1], style)
            outputs.append(image)
        return Trajectory(tuple(temperatures), torch.stack(inputs), torch.stack(outputs))

    def _up_and_down(self, kt: Sequence[float] | None) -> tuple[float, ...]:
        schedule = self.schedule if kt is None else tuple(kt)
        if not schedule or not all(0 <= value < float("inf") for value in schedule):
            raise TenshoError(f"temperatures {schedule} must be finite, not negative, and at least one")
        return (*schedule, *reversed(schedule))
