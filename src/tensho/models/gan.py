r"""Generative adversarial network: a generator that draws, and a discriminator that learns to tell it from the data.

G turns noise z ~ N(0, I) into an image, D gives an image a score, high for real ones x. They are trained in turn, by one
of four pairs of losses, D's on the left (Goodfellow et al. 2014, arXiv 1406.2661; Arjovsky et al. 2017,
arXiv 1701.07875; Lim and Ye 2017, arXiv 1705.02894):

    bce           E softplus(−D(x)) + E softplus(D(G(z)))              E softplus(−D(G(z)))
    wasserstein   E D(G(z)) − E D(x)                                   −E D(G(z))
    hinge         E max(0, 1 − D(x)) + E max(0, 1 + D(G(z)))           −E D(G(z))
    relativistic  E softplus(D(G(z)) − D(x))                           E softplus(D(x) − D(G(z)))

The last one compares the images of a batch and the samples pair by pair, so that G is never done by being called real
alone: it has to look more real than the images do (Jolicoeur-Martineau 2018, arXiv 1807.00734; Huang et al. 2024,
arXiv 2501.05441).

D is kept smooth by a penalty w · E (‖∇D(y)‖ − k)² on its gradient. ``gp``: k = 1 and y lies anywhere between an image and a
sample (Gulrajani et al. 2017, arXiv 1704.00028); ``r1``: k = 0 and y is an image (Mescheder et al. 2018,
arXiv 1801.04406, where w is γ/2); ``r1r2``: that penalty at images plus the same at samples (Huang et al. 2024). It is
computed in single precision, in whatever precision the rest is, and may be left out of all but every k-th step and weigh
k times as much there (Karras et al. 2020, arXiv 1912.04958, appendix B).

D may be updated several times for each update of G, since G learns from it only what it knows; but not once it wins,
since G then learns nothing. It wins when it scores more than a given share of all pairs of an image and a
sample in the right order, a moving average that means the same for all four losses.

Where the data have faces (see `tensho.models.styled`), G is given the vector of a style beside its noise, and D's score
is that of the last layer plus the product of its features with another vector of the style (projection: Miyato and Koyama
2018, arXiv 1802.05637).

Images are in [-1, 1] inside. D has no normalisation, so that its penalty is each image's own; what draws is the moving
average of G.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from tensho.errors import TenshoError
from tensho.models.base import Losses, Preset, Recipe, Spec
from tensho.models.config import UNBOUNDED, Config, setting
from tensho.models.styled import Styled, StyledConfig
from tensho.nn.scaling import SLOPE, group_norm, halved_sides, scaling_residuals
from tensho.seeds import SampleNoise

__all__ = ["LOSSES", "PRESETS", "Gan", "GanConfig", "gradient_penalty"]

ORDER_RATE = 0.02
"""Share of the newest batch in the moving average of the pairs that D orders right."""


@dataclasses.dataclass(frozen=True)
class GanConfig(StyledConfig):
    """Architecture and game; the generator's widths make four residual blocks, each of which doubles the resolution."""

    size: int = setting(
        64, "Side of the square image, in pixels: 64 for glyphs, 28 for MNIST, 32 for CIFAR-10."
    )
    channels: int = setting(1, "Channels of the image: 1 for glyphs, 3 for colour.")
    latent: int = setting(128, "Dimensions of the noise that an image is drawn from.")
    block: int = setting(1, "Side of the pixel blocks that the networks work on.")
    generator_widths: tuple[int, ...] = setting(
        (512, 512, 256, 256, 128), "Channels of the generator's levels, coarse to fine."
    )
    discriminator_widths: tuple[int, ...] = setting(
        (64, 128, 256, 512, 512), "Channels of the discriminator's levels, fine to coarse."
    )
    loss: str = setting("hinge", "The game: hinge, wasserstein, bce or relativistic.")
    penalty: str = setting(
        "gp",
        "Penalty on the discriminator's gradient: gp (norm 1), r1 (norm 0, at real images), r1r2 (at both) or none.",
    )
    penalty_weight: float = setting(10.0, "Weight of that penalty.")
    penalty_every: int = setting(
        1, "Steps from one penalty to the next, which then weighs as much more.", most=UNBOUNDED
    )
    contrast: float = setting(1.0, "Factor of the logits of the ink that is shown; above 1, less grey.")
    ratio: int = setting(5, "Updates of the discriminator for one of the generator, while it does not win.")
    winning: float = setting(0.97, "Share of pairs in the right order from which on the discriminator wins.")

    def check(self) -> None:
        """Raise `TenshoError` on a shape that the networks cannot have, or a game that cannot be played."""
        super().check()
        self.require(self.channels >= 1, f"--channels is {self.channels}, but must be at least 1")
        self.require(self.latent >= 1, f"--latent is {self.latent}, but must be at least 1")
        self.require(self.block >= 1, f"--block is {self.block}, but must be at least 1")
        self.require(self.contrast > 0, f"--contrast is {self.contrast}, but must be positive")
        self.require(
            self.size > 0 and self.size % self.block == 0,
            f"--size is {self.size}, but must be a multiple of --block = {self.block}",
        )
        for flag, widths in (
            ("--generator-widths", self.generator_widths),
            ("--discriminator-widths", self.discriminator_widths),
        ):
            self.require(
                len(widths) >= 2 and all(width >= 8 and width % 8 == 0 for width in widths),
                f"{flag} is {widths}, but must be two or more multiples of 8",
            )
        self.require(self.loss in LOSSES, f"--loss is {self.loss!r}, but must be one of {', '.join(LOSSES)}")
        self.require(
            self.penalty in (*NORMS, "none"),
            f"--penalty is {self.penalty!r}, but must be gp, r1, r1r2 or none",
        )
        self.require(
            self.penalty_weight > 0, f"--penalty-weight is {self.penalty_weight}, but must be positive"
        )
        self.require(
            self.penalty_every >= 1, f"--penalty-every is {self.penalty_every}, but must be at least 1"
        )
        self.require(self.ratio >= 1, f"--ratio is {self.ratio}, but must be at least 1")
        self.require(0 < self.winning <= 1, f"--winning is {self.winning}, but must be in (0, 1]")


@dataclasses.dataclass(frozen=True)
class Game:
    """A pair of losses: scores of real images and of samples, float (B,) each, to scalars.

    ``compares`` says that the generator's loss needs the images' scores too; otherwise they are not computed.
    """

    discriminator: Callable[[Tensor, Tensor], Tensor]
    generator: Callable[[Tensor, Tensor], Tensor]
    compares: bool = False


LOSSES = {
    "hinge": Game(
        lambda real, fake: functional.relu(1 - real).mean() + functional.relu(1 + fake).mean(),
        lambda _, fake: -fake.mean(),
    ),
    "wasserstein": Game(lambda real, fake: fake.mean() - real.mean(), lambda _, fake: -fake.mean()),
    "bce": Game(
        lambda real, fake: functional.softplus(-real).mean() + functional.softplus(fake).mean(),
        lambda _, fake: functional.softplus(-fake).mean(),
    ),
    "relativistic": Game(
        lambda real, fake: functional.softplus(fake - real).mean(),
        lambda real, fake: functional.softplus(real - fake).mean(),
        compares=True,
    ),
}

NORMS = {"gp": 1.0, "r1": 0.0, "r1r2": 0.0}
"""The gradient norm k that each penalty pulls towards."""


PRESETS: Mapping[str, Preset[GanConfig]] = {
    "small": Preset(
        GanConfig(
            latent=64,
            block=2,
            generator_widths=(256, 128, 96, 48),
            discriminator_widths=(24, 64, 128, 256),
            loss="relativistic",
            penalty="r1r2",
            penalty_weight=0.5,
            penalty_every=2,
            ratio=1,
        ),
        Recipe(steps=10_000, batch_size=32, learning_rate=5e-4, beta1=0.0, clip=10.0),
    ),
    "full": Preset(
        GanConfig(),
        Recipe(steps=60_000, batch_size=64, learning_rate=2e-4, beta1=0.0, clip=10.0, ema=0.999),
    ),
}
"""Sizes of the family, each with the recipe that trains it."""


class Gan(Styled[GanConfig]):
    """A generator and the discriminator that it was trained against."""

    family: ClassVar[str] = "gan"
    of_each_style: ClassVar[frozenset[str]] = frozenset({"style.weight", "suits.weight"})
    config_class: ClassVar[type[Config]] = GanConfig
    ordered: Tensor

    def __init__(self, config: GanConfig) -> None:
        super().__init__(config)
        pixels, side = config.channels * config.block**2, config.size // config.block
        self.style = self.embedding(config.latent)
        self.generator = _generator(config.latent * (1 if self.style is None else 2), pixels, side, config)
        self.discriminator = _discriminator(pixels, side, config)
        # How much each style has of what D looks for, beside what all have (zero at first).
        features = (
            config.discriminator_widths[-1]
            * halved_sides(side, len(config.discriminator_widths) - 1)[-1] ** 2
        )
        self.suits = self.embedding(features)
        if self.suits is not None:
            nn.init.zeros_(self.suits.weight)
        self.register_buffer("ordered", torch.tensor(0.5))

    @property
    def spec(self) -> Spec:
        """One image, in a style if there are any."""
        return Spec((self.config.channels, self.config.size, self.config.size), self.style_condition)

    def optimizers(self, recipe: Recipe) -> dict[str, torch.optim.Optimizer]:
        """One AdamW for each network."""
        networks = {
            "discriminator": (self.discriminator, self.suits),
            "generator": (self.generator, self.style),
        }
        return {
            name: recipe.optimizer(
                parameter for part in parts if part is not None for parameter in part.parameters()
            )
            for name, parts in networks.items()
        }

    def forward(self, noise: Tensor, style: Tensor | None = None) -> Tensor:
        """Draw: (B, latent), N(0, 1), in styles int64 (B,) → float32 (B, C, S, S) in [-1, 1]."""
        return self._logits(noise, style).tanh()

    def _logits(self, noise: Tensor, style: Tensor | None) -> Tensor:
        """Half the log odds of ink in each pixel: tanh of them is the image in [-1, 1]."""
        if self.style is not None:
            noise = torch.cat([noise, self.style(self.or_any(style, noise))], 1)
        return self.generator(noise).float()  # type: ignore[no-any-return]

    def score(self, images: Tensor, style: Tensor | None = None) -> Tensor:
        """How real images look for their styles: float (B, C, S, S) in [-1, 1] and int64 (B,) → float32 (B,), any range."""
        if self.suits is None:
            return self.discriminator(images).float().flatten()  # type: ignore[no-any-return]
        features = self.discriminator[:-1](images)
        score = self.discriminator[-1](features).float().flatten()
        return score + (self.suits(self.or_any(style, images)) * features.float()).sum(1)  # type: ignore[no-any-return]

    def training_step(self, batch: Mapping[str, Tensor], step: int) -> Iterator[Losses]:
        """One update of the discriminator or several, all on this batch's images, then one of the generator."""
        game = LOSSES[self.config.loss]
        images, style = batch["image"].float() / 127.5 - 1, self.told_styles(batch)
        twice = None if style is None else style.repeat(2)
        for _ in range(self.discriminator_updates()):
            with torch.no_grad():
                samples = self._samples(images, style)
            real, fake = self.score(torch.cat([images, samples]), twice).chunk(2)
            loss, penalty = game.discriminator(real, fake), self._penalty(images, samples, style, step)
            self._watch(real.detach(), fake.detach())
            yield Losses(
                loss + penalty,
                {"penalty": penalty, "pairs in order": self.ordered.clone()},
                optimizer="discriminator",
            )
        fake = self.score(self._samples(images, style), style)
        with torch.no_grad():
            real = self.score(images, style) if game.compares else fake
        yield Losses(game.generator(real, fake), optimizer="generator")

    def discriminator_updates(self) -> int:
        """How often the discriminator is updated in the next step; the same in all processes of a run."""
        return 1 if self.ordered > self.config.winning else self.config.ratio

    def draw(
        self, noise: SampleNoise, *, steps: int | None = None, condition: Mapping[str, Tensor] | None = None
    ) -> Tensor:
        """Draw in one pass, so that ``steps`` must be None; the ink is sharpened by the setting ``contrast``."""
        if steps is not None:
            raise TenshoError("gan draws in one pass; leave --steps out")
        style = self.wanted_styles(noise, condition)
        logits = self._logits(noise.normal(self.config.latent), style)
        return torch.sigmoid(2 * self.config.contrast * logits)

    def _samples(self, like: Tensor, style: Tensor | None) -> Tensor:
        return self(torch.randn(len(like), self.config.latent, device=like.device), style)  # type: ignore[no-any-return]

    def _penalty(self, images: Tensor, samples: Tensor, style: Tensor | None, step: int) -> Tensor:
        if self.config.penalty == "none" or step % self.config.penalty_every != 0:
            return images.new_zeros(())
        places = images
        if self.config.penalty == "gp":
            places = samples.lerp(images, torch.rand(len(images), 1, 1, 1, device=images.device))
        elif self.config.penalty == "r1r2":
            places = torch.cat([images, samples])
            style = None if style is None else style.repeat(2)
        # The mean over images and samples together is half the sum of their means, and the sum is charged.
        weight = self.config.penalty_weight * self.config.penalty_every * len(places) / len(images)
        return weight * gradient_penalty(partial(self.score, style=style), places, NORMS[self.config.penalty])

    @torch.no_grad()
    def _watch(self, real: Tensor, fake: Tensor) -> None:
        """Take scores (B,) of images and of samples into the share of pairs in the right order."""
        self.ordered.lerp_((real[:, None] > fake).float().mean(), ORDER_RATE)


def gradient_penalty(score: Callable[[Tensor], Tensor], images: Tensor, norm: float) -> Tensor:
    """E (‖∇score(y)‖ − norm)² over images y (B, C, S, S), in single precision, with a graph for the score's weights."""
    with torch.autocast(images.device.type, enabled=False), torch.enable_grad():
        places = images.detach().float().requires_grad_()
        (gradients,) = torch.autograd.grad(score(places).sum(), places, create_graph=True)
        # The small constant, because the root of 0 has no gradient.
        norms = (gradients.flatten(1).square().sum(1) + 1e-12).sqrt()
        return (norms - norm).square().mean()


def _generator(latent: int, pixels: int, side: int, config: GanConfig) -> nn.Sequential:
    widths = config.generator_widths
    sides = halved_sides(side, len(widths) - 1)[::-1]
    coarsest = (widths[0], sides[0], sides[0])
    return nn.Sequential(
        nn.Linear(latent, math.prod(coarsest)),
        nn.Unflatten(1, coarsest),
        *scaling_residuals(widths, sides, group_norm),
        group_norm(widths[-1]),
        nn.LeakyReLU(SLOPE),
        nn.Conv2d(widths[-1], pixels, 3, padding=1),
        nn.PixelShuffle(config.block),
    )


def _discriminator(pixels: int, side: int, config: GanConfig) -> nn.Sequential:
    widths = config.discriminator_widths
    sides = halved_sides(side, len(widths) - 1)
    return nn.Sequential(
        nn.PixelUnshuffle(config.block),
        nn.Conv2d(pixels, widths[0], 3, padding=1),
        *scaling_residuals(widths, sides),
        nn.LeakyReLU(SLOPE),
        nn.Flatten(),
        nn.Linear(widths[-1] * sides[-1] ** 2, 1),
    )
