r"""Samplers of Gaussian diffusion: ancestral, DDIM and DPM-Solver++.

The chain has x_t = α_t x_0 + σ_t ε (see `tensho.samplers.noise_schedule`); a sampler goes through ``levels`` of falling noise, the last of
them the image (α = 1, σ = 0), and starts from x ~ N(0, I). From level t to the next, s:

- `ancestral` draws from the posterior of the chain with the estimate in the place of the image,
  q(x_s | x_t, x_0 = D(x_t, t)) (Ho, Jain and Abbeel 2020, arXiv 2006.11239, equations 6 and 7).
- `ddim` keeps the noise that the estimate implies, ε = (x_t - α_t D) / σ_t, and takes less of it, with nothing random
  (Song, Meng and Ermon 2021, arXiv 2010.02502, equation 12 with σ = 0).
- `dpm_solver` is DPM-Solver++(2M): exact for an estimate that is linear in λ = log(α/σ) between two levels, extrapolated
  from the last two estimates (Lu et al. 2022, arXiv 2211.01095, algorithm 2). The first and the last piece are `ddim`'s.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import torch
from torch import Tensor

from tensho.samplers.noise_schedule import Level
from tensho.samplers.step import Denoiser, Step

__all__ = ["Normal", "ancestral", "ddim", "dpm_solver", "step_to"]

Normal = Callable[[], Tensor]
"""Fresh standard normal noise of the shape of the images."""

Scale = float | Tensor
"""Of the image or of the noise: α or σ."""


def ancestral(denoise: Denoiser, start: Tensor, levels: Sequence[Level], normal: Normal) -> Iterator[Step]:
    """Draw from q(x_s | x_t, x_0 = D(x_t, t)) from level to level; ``start`` is (B, …)."""
    x = start
    for now, after in pairwise(levels):
        clean = _evaluate(denoise, x, now)
        yield Step(now.t, x, clean)
        kept = now.alpha / after.alpha
        added = now.sigma**2 - (kept * after.sigma) ** 2
        mean = kept * (after.sigma / now.sigma) ** 2 * x + after.alpha * added / now.sigma**2 * clean
        x = mean + math.sqrt(added) * after.sigma / now.sigma * normal() if after.sigma > 0 else mean


def ddim(denoise: Denoiser, start: Tensor, levels: Sequence[Level]) -> Iterator[Step]:
    """x_s = α_s D + σ_s (x_t - α_t D) / σ_t from level to level; ``start`` is (B, …)."""
    x = start
    for now, after in pairwise(levels):
        clean = _evaluate(denoise, x, now)
        yield Step(now.t, x, clean)
        x = step_to(x, clean, now.alpha, now.sigma, after.alpha, after.sigma)


def step_to(x: Tensor, clean: Tensor, alpha: Scale, sigma: Scale, alpha_s: Scale, sigma_s: Scale) -> Tensor:
    """x_s from x_t, (B, …), and the estimate D: α_s D + σ_s (x_t - α_t D) / σ_t. Scales are one for all, or tensors of one a row."""
    return alpha_s * clean + sigma_s / sigma * (x - alpha * clean)


def dpm_solver(denoise: Denoiser, start: Tensor, levels: Sequence[Level]) -> Iterator[Step]:
    """As `ddim`, with the estimate extrapolated by half a step in λ; ``start`` is (B, …)."""
    x, former, former_gain = start, None, 0.0
    for now, after in pairwise(levels):
        clean = _evaluate(denoise, x, now)
        yield Step(now.t, x, clean)
        gain = _log_snr(after) - _log_snr(now)
        ahead = clean
        if former is not None and after.sigma > 0:
            ahead = clean + gain / former_gain / 2 * (clean - former)
        x = step_to(x, ahead, now.alpha, now.sigma, after.alpha, after.sigma)
        former, former_gain = clean, gain


def _log_snr(level: Level) -> float:
    return math.log(level.alpha / level.sigma) if level.sigma > 0 else math.inf


def _evaluate(denoise: Denoiser, x: Tensor, level: Level) -> Tensor:
    return denoise(x, torch.full((len(x),), level.t, device=x.device))
