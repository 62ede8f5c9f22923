r"""Noise schedules: how much of an image is left after t steps of noise.

The forward chain adds a little Gaussian noise in each of T steps (Sohl-Dickstein et al. 2015, arXiv 1503.03585; Ho, Jain
and Abbeel 2020, arXiv 2006.11239, equations 2 and 4),

    q(x_t | x_{t-1}) = N(√(1 - β_t) x_{t-1}, β_t I),   so   x_t = α_t x_0 + σ_t ε,
    α_t = √ᾱ_t,   σ_t = √(1 - ᾱ_t),   ᾱ_t = Π_{s≤t} (1 - β_s),   t = 0 … T-1.

``linear``: β rises from 1e-4 to 0.02 (for T = 1000; scaled by 1000/T otherwise, so that the chain always ends as
noisy). A trace of the image, α_{T-1} ≈ 0.006, is left at the end.

``cosine``: ᾱ_t follows cos²(π/2 · (t/T + s)/(1 + s)), s = 0.008, with β at most 0.999 (Nichol and Dhariwal 2021, arXiv
2102.09672, equation 17). Nothing is left at the end, so sampling starts from what training ended in, and the share of
ink of a glyph is not given away by its noise (Lin et al. 2023, arXiv 2305.08891).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from tensho.errors import TenshoError

__all__ = ["SCHEDULES", "Level", "Schedule", "stratified"]


class Level(NamedTuple):
    """A place on the schedule: x_t = alpha x_0 + sigma ε at step t; t = -1 is the image itself."""

    t: int
    alpha: float
    sigma: float


CLEAN = Level(-1, 1.0, 0.0)


def linear_betas(steps: int) -> Tensor:
    """β of the linear schedule, float64 (steps,)."""
    scale = 1000 / steps
    return torch.linspace(1e-4 * scale, 0.02 * scale, steps, dtype=torch.float64).clamp_max(0.999)


def cosine_betas(steps: int) -> Tensor:
    """β of the cosine schedule, float64 (steps,)."""
    place = torch.arange(steps + 1, dtype=torch.float64) / steps
    left = (math.pi / 2 * (place + 0.008) / 1.008).cos().square()
    return (1 - left[1:] / left[:-1]).clamp_max(0.999)


SCHEDULES = {"linear": linear_betas, "cosine": cosine_betas}


class Schedule:
    """α and σ of every step of a chain, from its β, float64 (T,).

    Attributes:
        alpha: float64 (T,), falling.
        sigma: float64 (T,), rising.
    """

    def __init__(self, betas: Tensor) -> None:
        left = (1 - betas).cumprod(0)
        self.alpha = left.sqrt()
        self.sigma = (1 - left).sqrt()
        # The image itself comes last, so that -1 finds it.
        self._table = torch.stack(
            [torch.cat([self.alpha, left.new_ones(1)]), torch.cat([self.sigma, left.new_zeros(1)])]
        ).float()

    def __len__(self) -> int:
        return len(self.alpha)

    def at(self, t: Tensor) -> tuple[Tensor, Tensor]:
        """α_t and σ_t, float32 (B,), of steps t, int64 (B,), on t's device; -1 is the image itself, as in `Level`."""
        alpha, sigma = self._table.to(t.device)[:, t]
        return alpha, sigma

    def levels(self, evaluations: int) -> list[Level]:
        """``evaluations + 1`` levels at equal distances in t, from the last step T-1 down to the image.

        That it begins at the last step, which is noise, and not short of it, is what few steps need
        ("trailing", arXiv 2305.08891, table 2).

        Raises:
            TenshoError: more evaluations than the chain has steps.
        """
        steps = len(self)
        if evaluations > steps:
            raise TenshoError(f"cannot sample in {evaluations} steps; the chain has {steps}, ask for no more")
        chosen = [round(steps - k * steps / evaluations) - 1 for k in range(evaluations)]
        return [*(Level(t, self.alpha[t].item(), self.sigma[t].item()) for t in chosen), CLEAN]


def stratified(count: int, steps: int, device: torch.device) -> Tensor:
    """Random steps, int64 (count,) in 0 … steps-1, one from each of ``count`` equal parts of the chain.

    Each is uniform over its part, so all of them together are uniform, and the loss of a batch varies less than
    with independent ones (Kingma et al. 2021, arXiv 2107.00630, appendix I.1).
    """
    place = (torch.arange(count, device=device) + torch.rand(count, device=device)) / count
    return (place * steps).long().clamp_max(steps - 1)
