r"""Variational auto-encoder: from a character to a point of a latent space, and from any point to a character.

An encoder turns an image x in [0, 1] into a Gaussian q(z|x) = N(μ(x), diag σ²(x)) over latent vectors, a decoder turns
z into the probability p of ink in each pixel. Both are trained on the evidence lower bound, a sum over the D
pixels and the L latent dimensions of each image,

    −ELBO = −Σ_d [x_d log p_d(z) + (1 − x_d) log(1 − p_d(z))]  +  β · ½ Σ_l [μ_l² + σ_l² − 1 − log σ_l²],   z ~ q(z|x)

(Kingma and Welling 2014, arXiv 1312.6114, equation 10; β: Higgins et al. 2017). The loss is −ELBO / D, in nats a pixel,
so that learning rates do not depend on the size of the image; the balance of its two terms is as above.

A new character is decoded from a z that no image was encoded to. The prior N(0, I) is what the second term pulls the
codes towards, not where they end up: their mixture over all images, the aggregate posterior, has another covariance.
So z is drawn from a Gaussian *fitted* to the codes of training, whose mean and covariance are kept as moving averages
(ex-post density estimation: Ghosh et al. 2020, arXiv 1903.12436, section 4); ``--prior standard`` draws from N(0, I).
Deviations from the mean are scaled by a temperature: below 1, samples are less varied and better formed.

One vector cannot say where every stroke ends, and the decoder's answer to what it was not told is a grey mean. With
``details`` the decoder draws further latents z_1, z_2, … on its way, at each level given all above
(a ladder: Sønderby et al. 2016, arXiv 1602.02282; Child 2021, arXiv 2011.10650), each with a prior of its own,
which is learned and sampled from with the same temperature; their divergences are added to the second term.

Where the data have faces, the decoder is given the vector of a style beside z (see `tensho.models.styled`).
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import ClassVar, NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from tensho.errors import TenshoError
from tensho.models.base import Losses, Preset, Recipe, Spec
from tensho.models.config import Config, setting
from tensho.models.styled import Styled, StyledConfig
from tensho.nn.latent_level import LatentLevel, gaussian_divergence
from tensho.nn.scaling import SLOPE, ScalingConvolution, ScalingResidual, group_norm, halved_sides
from tensho.seeds import SampleNoise

__all__ = ["PRESETS", "Posterior", "Vae", "VaeConfig"]

FITTING_RATE = 0.005
"""Share of the newest batch in the moving averages of the codes' moments."""

LAYERS = {"resnet": ScalingResidual, "plain": ScalingConvolution}


@dataclasses.dataclass(frozen=True)
class VaeConfig(StyledConfig):
    """Architecture, objective and sampling; widths of four levels make 7 residual blocks each way."""

    size: int = setting(64, "Side of the square image, in pixels.")
    channels: int = setting(1, "Channels of the image: 1 for glyphs, 3 for colour.")
    net: str = setting("resnet", "Kind of layer: resnet (two convolutions and a skip) or plain (one).")
    block: int = setting(1, "Side of the pixel blocks that the networks work on.")
    widths: tuple[int, ...] = setting(
        (64, 128, 256, 512), "Channels of each level; each halves the resolution."
    )
    latent: int = setting(128, "Dimensions of the latent space.")
    details: tuple[int, ...] = setting(
        (),
        "Channels of further latents at each level of the decoder, coarse to fine, 0 for none; empty: at no level.",
    )
    beta: float = setting(1.0, "Weight β of the divergence from the prior; 1 is the ELBO.")
    prior: str = setting("fitted", "What dreams are drawn from: fitted (to the codes) or standard, N(0, I).")
    temperature: float = setting(0.8, "Scale of a dream's deviation from the mean code; 0 draws the mean.")
    contrast: float = setting(1.0, "Factor of the logits of the ink that is shown; above 1, less grey.")

    def check(self) -> None:
        """Raise `TenshoError` on a shape that the networks cannot have."""
        super().check()
        self.require(self.net in LAYERS, f"--net is {self.net!r}, but must be resnet or plain")
        self.require(self.channels >= 1, f"--channels is {self.channels}, but must be at least 1")
        self.require(self.block >= 1, f"--block is {self.block}, but must be at least 1")
        self.require(
            self.size > 0 and self.size % self.block == 0,
            f"--size is {self.size}, but must be a multiple of --block = {self.block}",
        )
        self.require(
            bool(self.widths) and all(width >= 8 and width % 8 == 0 for width in self.widths),
            f"--widths is {self.widths}, but must be multiples of 8",
        )
        self.require(self.latent >= 1, f"--latent is {self.latent}, but must be at least 1")
        self.require(
            len(self.details) in (0, len(self.widths)) and all(count >= 0 for count in self.details),
            f"--details is {self.details}, but must be a number of channels for each of {len(self.widths)} widths",
        )
        self.require(self.beta >= 0, f"--beta is {self.beta}, but must not be negative")
        self.require(
            self.prior in ("fitted", "standard"), f"--prior is {self.prior!r}, but must be fitted or standard"
        )
        self.require(self.temperature >= 0, f"--temperature is {self.temperature}, but must not be negative")
        self.require(self.contrast > 0, f"--contrast is {self.contrast}, but must be positive")


class Posterior(NamedTuple):
    """The Gaussian q(z|x) of a batch: mean μ and log-variance log σ², float32 (B, latent) each."""

    mean: Tensor
    log_variance: Tensor

    def sample(self) -> Tensor:
        """One z = μ + σ ε for each image, ε from torch's global generator."""
        return self.mean + (self.log_variance / 2).exp() * torch.randn_like(self.mean)

    def divergence(self) -> Tensor:
        """KL(q ‖ N(0, I)) of each image, (B,), in nats."""
        zeros = torch.zeros_like(self.mean)
        return gaussian_divergence((self.mean, self.log_variance), (zeros, zeros))


class Passage(NamedTuple):
    """Images through the bottleneck and back.

    logits: of the ink, float32 (B, C, S, S). codes: z ~ q(z|x), (B, latent). divergence: of all latents, (B,), in nats.
    """

    logits: Tensor
    codes: Tensor
    divergence: Tensor


PRESETS: Mapping[str, Preset[VaeConfig]] = {
    "small": Preset(
        VaeConfig(block=2, widths=(64, 96, 128, 192), latent=64, details=(16, 8, 4, 0), style_drop=0.1),
        Recipe(steps=10_000, batch_size=32, learning_rate=1e-3),
    ),
    "full": Preset(
        VaeConfig(latent=256, style_drop=0.1),
        Recipe(steps=60_000, batch_size=128, learning_rate=1e-3, ema=0.9995),
    ),
}
"""Sizes of the family, each with the recipe that trains it."""


class Vae(Styled[VaeConfig]):
    """Encoder and decoder of a latent space in which every point is a character."""

    family: ClassVar[str] = "vae"
    config_class: ClassVar[type[Config]] = VaeConfig
    latent_mean: Tensor
    latent_square: Tensor

    def __init__(self, config: VaeConfig) -> None:
        super().__init__(config)
        widths = config.widths
        sides = halved_sides(config.size // config.block, len(widths) - 1)
        pixels = config.channels * config.block**2
        coarsest = (widths[-1], sides[-1], sides[-1])
        self.encoder = nn.Sequential(
            nn.PixelUnshuffle(config.block),
            nn.Conv2d(pixels, widths[0], 3, padding=1),
            *_layers(config.net, widths, sides),
            group_norm(widths[-1]),
            nn.LeakyReLU(SLOPE),
            nn.Flatten(),
            nn.Linear(math.prod(coarsest), 2 * config.latent),
        )
        self.style = self.embedding(config.latent)
        self.details = nn.ModuleDict(
            {
                str(level): LatentLevel(width, count, group_norm)
                for level, (width, count) in enumerate(zip(widths[::-1], config.details, strict=False))
                if count > 0
            }
        )
        self.decoder = nn.Sequential(
            nn.Linear(config.latent * (1 if self.style is None else 2), math.prod(coarsest)),
            nn.Unflatten(1, coarsest),
            *_layers(config.net, widths[::-1], sides[::-1]),
            group_norm(widths[0]),
            nn.LeakyReLU(SLOPE),
            nn.Conv2d(widths[0], pixels, 3, padding=1),
            nn.PixelShuffle(config.block),
        )
        self.register_buffer("latent_mean", torch.zeros(config.latent))
        self.register_buffer("latent_square", torch.eye(config.latent))

    @property
    def spec(self) -> Spec:
        """One image, in a style if there are any."""
        return Spec((self.config.channels, self.config.size, self.config.size), self.style_condition)

    def forward(self, images: Tensor, style: Tensor | None = None) -> Passage:
        """Through the bottleneck: float (B, C, S, S) in [0, 1], in styles int64 (B,)."""
        posterior, encoded = self._encoded(images)
        codes, divergences = posterior.sample(), [posterior.divergence()]

        def taken_in(level: LatentLevel, features: Tensor, place: int) -> Tensor:
            features, divergence = level.encode(features, encoded[place])
            divergences.append(divergence)
            return features

        return Passage(self._decoded(codes, style, taken_in), codes, torch.stack(divergences).sum(0))

    def encode(self, images: Tensor) -> Posterior:
        """Where images lie in the latent space: float (B, C, S, S) in [0, 1] → a Gaussian for each."""
        return self._encoded(images)[0]

    def decode(self, codes: Tensor, style: Tensor | None = None, noise: SampleNoise | None = None) -> Tensor:
        """The images at points of the latent space: float (B, latent) → float32 (B, C, S, S) in [0, 1].

        An image shows in each pixel the probability of ink, sharpened by the setting ``contrast``.

        Args:
            codes: the points.
            style: int64 (B,); None: of no style in particular.
            noise: what details are drawn with; None: each is what is expected there.
        """

        def drawn(level: LatentLevel, features: Tensor, place: int) -> Tensor:  # noqa: ARG001
            normal = None if noise is None else noise.normal(level.latents, *features.shape[-2:])
            return level.draw(features, normal, self.config.temperature)

        return torch.sigmoid(self.config.contrast * self._decoded(codes, style, drawn))

    def reconstruct(self, images: Tensor, style: Tensor | None = None) -> Tensor:
        """Images through the bottleneck and back, by their mean codes: (B, C, S, S) in [0, 1], both."""
        return self.decode(self.encode(images).mean, style)

    def training_step(self, batch: Mapping[str, Tensor], step: int) -> Iterator[Losses]:  # noqa: ARG002
        """−ELBO / D of the module's docstring; logged are its terms, in nats an image."""
        images = batch["image"].float() / 255
        passage = self(images, self.told_styles(batch))
        reconstruction = reconstruction_loss(passage.logits, images).mean()
        divergence = passage.divergence.mean()
        self._fit(passage.codes.detach())
        yield Losses(
            (reconstruction + self.config.beta * divergence) / images[0].numel(),
            {"reconstruction": reconstruction, "divergence": divergence},
        )

    def draw(
        self, noise: SampleNoise, *, steps: int | None = None, condition: Mapping[str, Tensor] | None = None
    ) -> Tensor:
        """Decode points drawn from the setting ``prior``, in one pass, so that ``steps`` must be None."""
        if steps is not None:
            raise TenshoError("vae draws in one pass; leave --steps out")
        style = self.wanted_styles(noise, condition)
        deviation = self.config.temperature * noise.normal(self.config.latent)
        if self.config.prior == "standard":
            return self.decode(deviation, style, noise)
        covariance = self.latent_square - torch.outer(self.latent_mean, self.latent_mean)
        variances, axes = torch.linalg.eigh(covariance)
        root = axes * variances.clamp_min(0).sqrt() @ axes.T
        return self.decode(self.latent_mean + deviation @ root, style, noise)

    def _encoded(self, images: Tensor) -> tuple[Posterior, list[Tensor]]:
        """The posterior, and what the encoder has at the end of each level, coarse to fine."""
        hidden, ends = images, []
        for place, layer in enumerate(self.encoder):
            hidden = layer(hidden)
            if place in range(2, 2 * len(self.config.widths) + 1, 2):
                ends.append(hidden)
        return Posterior(*hidden.float().chunk(2, 1)), ends[::-1]

    def _decoded(
        self, codes: Tensor, style: Tensor | None, detail: Callable[[LatentLevel, Tensor, int], Tensor]
    ) -> Tensor:
        """Logits, float32; ``detail`` (level, features, place) gives the features with the latents of a place taken in."""
        if self.style is not None:
            codes = torch.cat([codes, self.style(self.or_any(style, codes))], 1)
        hidden = codes
        for place, layer in enumerate(self.decoder):
            hidden = layer(hidden)
            # A level begins with what has been brought to its resolution: the coarsest after two modules, then each after two more.
            if place % 2 == 1 and str(place // 2) in self.details:
                hidden = detail(cast(LatentLevel, self.details[str(place // 2)]), hidden, place // 2)
        return hidden.float()

    @torch.no_grad()
    def _fit(self, codes: Tensor) -> None:
        """Let the moments of the aggregate posterior follow a batch of codes (B, latent)."""
        with torch.autocast(codes.device.type, enabled=False):  # half precision would distort the covariance
            self.latent_mean.lerp_(codes.mean(0), FITTING_RATE)
            self.latent_square.lerp_(codes.T @ codes / len(codes), FITTING_RATE)


def reconstruction_loss(logits: Tensor, images: Tensor) -> Tensor:
    """Cross-entropy of each image, (B,), in nats: logits of any range and images in [0, 1], both (B, C, S, S)."""
    pixels = functional.binary_cross_entropy_with_logits(logits, images, reduction="none")
    return pixels.flatten(1).sum(1)


def _layers(net: str, widths: Sequence[int], sides: Sequence[int]) -> list[nn.Module]:
    """One layer at each level and one between any two; the levels are given in order of the way."""
    layer = partial(LAYERS[net], norm=group_norm)
    layers: list[nn.Module] = [layer(widths[0], widths[0], sides[0], sides[0])]
    for (width, side), (next_width, next_side) in itertools.pairwise(zip(widths, sides, strict=True)):
        layers += [
            layer(width, next_width, side, next_side),
            layer(next_width, next_width, next_side, next_side),
        ]
    return layers
