r"""The Euler sampler of flow matching.

t runs from 0 to 1 (image), from a starting point z that is noise or whatever else the denoiser was trained with,

    x_t = t x_0 + (1 - t) z,

whose velocity at x_t is (D(x_t, t) - x_t) / (1 - t) (Lipman et al. 2023, arXiv 2210.02747, equation 23).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import torch
from torch import Tensor

from tensho.samplers.step import Denoiser, Step

__all__ = ["euler", "linear_times"]


def linear_times(steps: int) -> list[float]:
    """``steps + 1`` times from 0 to 1 at equal distances."""
    return [k / steps for k in range(steps + 1)]


def euler(denoise: Denoiser, start: Tensor, times: list[float]) -> Iterator[Step]:
    """Follow the flow in straight pieces: x ← x + (t' - t) (D(x, t) - x) / (1 - t).

    The last piece ends at t = 1, where x is the denoiser's own estimate: the last step's ``clean`` is the image, and
    may be finer than x.
    """
    x = start
    for t, following in pairwise(times):
        clean = denoise(x, torch.full((len(x),), t, device=x.device))
        yield Step(t, x, clean)
        if following < 1:
            x = x + (following - t) * (clean - x) / (1 - t)
