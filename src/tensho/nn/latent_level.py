"""One level of latents inside a decoder: what is drawn there, given all that was drawn above it."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from tensho.nn.scaling import SLOPE

__all__ = ["LatentLevel", "gaussian_divergence"]

LARGEST = 6.0
"""Bound of log-variances, so that no exponential overflows while the network is young."""


class LatentLevel(nn.Module):
    """Latents z (B, latents, H, W) of a level, taken into the features h (B, width, H, W) of the way down.

        p(z | h) = N(μ_p(h), σ_p²(h)),   q(z | h, e) = N(μ_q(h, e), σ_q²(h, e)),   h ← h + linear(z),

    with features e (B, width, H, W) of the encoder at the same resolution (a ladder: Sønderby et al. 2016,
    arXiv 1602.02282; Child 2021, arXiv 2011.10650). p and q start as N(0, I), and the
    linear map starts small.
    """

    def __init__(self, width: int, latents: int, norm: Callable[[int], nn.Module]) -> None:
        super().__init__()
        self.latents = latents
        self.norm, self.encoded_norm = norm(width), norm(width)
        self.prior = nn.Conv2d(width, 2 * latents, 1)
        self.joint = nn.Conv2d(2 * width, width, 3, padding=1)
        self.posterior = nn.Conv2d(width, 2 * latents, 1)
        self.taken_in = nn.Conv2d(latents, width, 1)
        for layer in (self.prior, self.posterior):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
        nn.init.normal_(self.taken_in.weight, std=0.1)

    def encode(self, features: Tensor, encoded: Tensor) -> tuple[Tensor, Tensor]:
        """With a picture: h and e → the new h with a sample of q, and the divergence KL(q ‖ p), float32 (B,), in nats."""
        hidden = functional.leaky_relu(self.norm(features), SLOPE)
        prior = _moments(self.prior(hidden))
        both = torch.cat([hidden, functional.leaky_relu(self.encoded_norm(encoded), SLOPE)], 1)
        posterior = _moments(self.posterior(functional.leaky_relu(self.joint(both), SLOPE)))
        mean, log_variance = posterior
        latents = mean + (log_variance / 2).exp() * torch.randn_like(mean)
        return features + self.taken_in(latents), gaussian_divergence(posterior, prior)

    def draw(self, features: Tensor, noise: Tensor | None, temperature: float) -> Tensor:
        """Without one: h and N(0, 1) noise (B, latents, H, W) → the new h with a sample of p; no noise: with its mean."""
        mean, log_variance = _moments(self.prior(functional.leaky_relu(self.norm(features), SLOPE)))
        if noise is not None:
            mean = mean + temperature * (log_variance / 2).exp() * noise
        return features + self.taken_in(mean)  # type: ignore[no-any-return]


def gaussian_divergence(q: tuple[Tensor, Tensor], p: tuple[Tensor, Tensor]) -> Tensor:
    """KL(q ‖ p) of diagonal Gaussians, each a mean and a log-variance (B, …), summed: float32 (B,), in nats."""
    (mean_q, log_q), (mean_p, log_p) = q, p
    each = log_p - log_q + ((log_q - log_p).exp() + (mean_q - mean_p).square() * (-log_p).exp()) - 1
    return each.flatten(1).sum(1) / 2


def _moments(both: Tensor) -> tuple[Tensor, Tensor]:
    mean, log_variance = both.float().chunk(2, 1)
    return mean, LARGEST * torch.tanh(log_variance / LARGEST)
