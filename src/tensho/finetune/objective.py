r"""The training objective of Stable Diffusion: what the U-Net predicts, and the weight of each noise level.

The latents x0 are noised to x_t = √ᾱ_t x0 + √(1-ᾱ_t) noise at a time t, and the U-Net says what is asked of it: the noise
(ε), the velocity √ᾱ_t noise - √(1-ᾱ_t) x0 (v), or x0 itself. With the signal-to-noise ratio SNR = ᾱ_t/(1-ᾱ_t), an error in
x0 is an error in ε times 1/√SNR and one in v times 1/√(SNR+1). Min-SNR weighting (arXiv 2303.09556) gives the
squared error in x0 the weight min(SNR, γ), which in the terms of what is predicted is

    ε: min(SNR, γ)/SNR        v: min(SNR, γ)/(SNR + 1)        x0: min(SNR, γ).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tensho.errors import TenshoError

__all__ = ["Objective"]

_PREDICTIONS = ("epsilon", "v_prediction", "sample")


class Objective:
    """The question and its weights, for one checkpoint.

    Args:
        scheduler: of the checkpoint; its noise levels and prediction type are read.
        min_snr: γ; 0 gives every time the weight 1.

    Raises:
        TenshoError: the prediction type is not one of epsilon, v_prediction and sample.
    """

    def __init__(self, scheduler: Any, min_snr: float) -> None:
        self.prediction: str = scheduler.config.prediction_type
        if self.prediction not in _PREDICTIONS:
            raise TenshoError(
                f"the scheduler's prediction type is {self.prediction!r}, not {', '.join(_PREDICTIONS)}"
            )
        self.alpha_bar: Tensor = scheduler.alphas_cumprod.double()
        self.weights = self._weights(min_snr).float()

    @property
    def times(self) -> int:
        """How many times t there are, from 0."""
        return len(self.alpha_bar)

    def noised(self, latents: Tensor, noise: Tensor, t: Tensor) -> Tensor:
        """x_t, with the shape (B, C, H, W) of ``latents`` and ``noise``, for times ``t``, int64 (B,)."""
        signal, spread = self._coefficients(t, latents)
        return signal * latents + spread * noise

    def target(self, latents: Tensor, noise: Tensor, t: Tensor) -> Tensor:
        """What the U-Net should say of `noised`, with the same shape."""
        if self.prediction == "epsilon":
            return noise
        if self.prediction == "sample":
            return latents
        signal, spread = self._coefficients(t, latents)
        return signal * noise - spread * latents

    def loss(self, predicted: Tensor, target: Tensor, t: Tensor) -> Tensor:
        """The weighted mean square error of each picture, float32 (B,)."""
        error = (predicted.float() - target.float()).square().mean(dim=(1, 2, 3))
        return self.weights.to(error.device)[t] * error

    def _coefficients(self, t: Tensor, like: Tensor) -> tuple[Tensor, Tensor]:
        alpha_bar = self.alpha_bar.to(t.device)[t][:, None, None, None]
        return alpha_bar.sqrt().to(like.dtype), (1 - alpha_bar).sqrt().to(like.dtype)

    def _weights(self, min_snr: float) -> Tensor:
        if min_snr == 0:
            return torch.ones_like(self.alpha_bar)
        # Some schedules end in pure noise, where the ratio is 0.
        snr = (self.alpha_bar / (1 - self.alpha_bar)).clamp(min=1e-8)
        limited = snr.clamp(max=min_snr)
        return {"epsilon": limited / snr, "v_prediction": limited / (snr + 1), "sample": limited}[
            self.prediction
        ]
