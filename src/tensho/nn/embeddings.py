"""Sinusoidal embedding of numbers."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

__all__ = ["Sinusoidal"]


class Sinusoidal(nn.Module):
    """Cosines and sines of a number at geometrically spaced frequencies (Vaswani et al. 2017, section 3.5).

    (B,) float in [0, 1] → (B, width) float32. Frequencies run from 1000 down to 0.1 radians over the unit interval.
    """

    frequencies: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        half = width // 2
        exponents = -math.log(1e4) * torch.arange(half) / half
        self.register_buffer("frequencies", 1000 * exponents.exp(), persistent=False)

    def forward(self, number: Tensor) -> Tensor:
        """Embed."""
        angles = number[:, None].float() * self.frequencies
        return torch.cat([angles.cos(), angles.sin()], -1)
