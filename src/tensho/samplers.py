r"""How a denoiser is walked from noise to an image.

A sampler sees a denoiser, the posterior mean D(x_t, t) = E[x_0 | x_t], and times; it knows no parametrisation.
Here t runs from 0 to 1 (image) along the straight path of flow matching, from a starting point z that is noise or
whatever else the denoiser was trained with,

    x_t = t x_0 + (1 - t) z,

whose velocity at x_t is (D(x_t, t) - x_t) / (1 - t) (Lipman et al. 2023, arXiv 2210.02747, equation 23).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor

__all__ = ["Step", "euler", "linear_times"]

Denoiser = Callable[[Tensor, Tensor], Tensor]
"""(x_t (B, …), t (B,)) → posterior mean (B, …)."""


class Step(NamedTuple):
    """One network evaluation of a sampler: at time t, x_t in, the estimate of x_0 out, both (B, …)."""

    t: float
    noisy: Tensor
    clean: Tensor


def linear_times(steps: int) -> list[float]:
    """``steps + 1`` times from 0 to 1 at equal distances."""
    return [k / steps for k in range(steps + 1)]


def euler(denoise: Denoiser, start: Tensor, times: list[float]) -> Iterator[Step]:
    """Follow the flow in straight pieces: x ← x + (t' - t) (D(x, t) - x) / (1 - t).

    The last piece ends at t = 1, where x is the denoiser's own estimate; the last step's ``clean`` is the image.
    """
    x = start
    for t, following in pairwise(times):
        clean = denoise(x, torch.full((len(x),), t, device=x.device))
        yield Step(t, x, clean)
        x = x + (following - t) * (clean - x) / (1 - t)
