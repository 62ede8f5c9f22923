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
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from tensho.errors import TenshoError
from tensho.models.base import Losses, Model, Preset, Recipe, Spec
from tensho.models.config import Config, setting
from tensho.nn.scaling import SLOPE, ScalingConvolution, ScalingResidual, group_norm, halved_sides
from tensho.seeds import SampleNoise

__all__ = ["PRESETS", "Posterior", "Vae", "VaeConfig"]

FITTING_RATE = 0.005
"""Share of the newest batch in the moving averages of the codes' moments."""

LAYERS = {"resnet": ScalingResidual, "plain": ScalingConvolution}


@dataclasses.dataclass(frozen=True)
class VaeConfig(Config):
    """Architecture, objective and sampling; widths of four levels make 7 residual blocks each way."""

    size: int = setting(64, "Side of the square image, in pixels.")
    channels: int = setting(1, "Channels of the image: 1 for glyphs, 3 for colour.")
    net: str = setting("resnet", "Kind of layer: resnet (two convolutions and a skip) or plain (one).")
    block: int = setting(1, "Side of the pixel blocks that the networks work on.")
    widths: tuple[int, ...] = setting(
        (64, 128, 256, 512), "Channels of each level; each halves the resolution."
    )
    latent: int = setting(128, "Dimensions of the latent space.")
    beta: float = setting(1.0, "Weight β of the divergence from the prior; 1 is the ELBO.")
    prior: str = setting("fitted", "What dreams are drawn from: fitted (to the codes) or standard, N(0, I).")
    temperature: float = setting(0.8, "Scale of a dream's deviation from the mean code; 0 draws the mean.")

    def check(self) -> None:
        """Raise `TenshoError` on a shape that the networks cannot have."""
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
        self.require(self.beta >= 0, f"--beta is {self.beta}, but must not be negative")
        self.require(
            self.prior in ("fitted", "standard"), f"--prior is {self.prior!r}, but must be fitted or standard"
        )
        self.require(self.temperature >= 0, f"--temperature is {self.temperature}, but must not be negative")


class Posterior(NamedTuple):
    """The Gaussian q(z|x) of a batch: mean μ and log-variance log σ², float32 (B, latent) each."""

    mean: Tensor
    log_variance: Tensor

    def sample(self) -> Tensor:
        """One z = μ + σ ε for each image, ε from torch's global generator."""
        return self.mean + (self.log_variance / 2).exp() * torch.randn_like(self.mean)

    def divergence(self) -> Tensor:
        """KL(q ‖ N(0, I)) of each image, (B,), in nats."""
        return (self.mean.square() + self.log_variance.exp() - 1 - self.log_variance).sum(1) / 2


PRESETS: Mapping[str, Preset[VaeConfig]] = {
    "small": Preset(
        VaeConfig(block=4, widths=(48, 96, 192), latent=64),
        Recipe(steps=6_000, batch_size=32, learning_rate=2e-3),
    ),
    "full": Preset(
        VaeConfig(latent=256), Recipe(steps=60_000, batch_size=128, learning_rate=1e-3, ema=0.9995)
    ),
}
"""Sizes of the family, each with the recipe that trains it."""


class Vae(Model[VaeConfig]):
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
        self.decoder = nn.Sequential(
            nn.Linear(config.latent, math.prod(coarsest)),
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
        """One unconditioned image."""
        return Spec((self.config.channels, self.config.size, self.config.size))

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Posterior]:
        """Through the bottleneck: float (B, C, S, S) in [0, 1] → the ink's logits, z ~ q(z|x) and q itself."""
        posterior = self.encode(images)
        codes = posterior.sample()
        return self.decoder(codes).float(), codes, posterior

    def encode(self, images: Tensor) -> Posterior:
        """Where images lie in the latent space: float (B, C, S, S) in [0, 1] → a Gaussian for each."""
        mean, log_variance = self.encoder(images).float().chunk(2, 1)
        return Posterior(mean, log_variance)

    def decode(self, codes: Tensor) -> Tensor:
        """The images at points of the latent space: float (B, latent) → float32 (B, C, S, S) in [0, 1]."""
        return torch.sigmoid(self.decoder(codes).float())

    def reconstruct(self, images: Tensor) -> Tensor:
        """Images through the bottleneck and back, by their mean codes: (B, C, S, S) in [0, 1], both."""
        return self.decode(self.encode(images).mean)

    def training_step(self, batch: Mapping[str, Tensor], step: int) -> Iterator[Losses]:  # noqa: ARG002
        """−ELBO / D of the module's docstring; logged are its terms, in nats an image."""
        images = batch["image"].float() / 255
        logits, codes, posterior = self(images)
        reconstruction = reconstruction_loss(logits, images).mean()
        divergence = posterior.divergence().mean()
        self._fit(codes.detach())
        yield Losses(
            (reconstruction + self.config.beta * divergence) / images[0].numel(),
            {"reconstruction": reconstruction, "divergence": divergence},
        )

    def draw(
        self, noise: SampleNoise, *, steps: int | None = None, condition: Mapping[str, Tensor] | None = None
    ) -> Tensor:
        """Decode points drawn from the setting ``prior``, in one pass, so that ``steps`` must be None."""
        if condition:
            raise TenshoError("vae draws unconditionally")
        if steps is not None:
            raise TenshoError("vae draws in one pass; leave --steps out")
        deviation = self.config.temperature * noise.normal(self.config.latent)
        if self.config.prior == "standard":
            return self.decode(deviation)
        covariance = self.latent_square - torch.outer(self.latent_mean, self.latent_mean)
        variances, axes = torch.linalg.eigh(covariance)
        root = axes * variances.clamp_min(0).sqrt() @ axes.T
        return self.decode(self.latent_mean + deviation @ root)

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
