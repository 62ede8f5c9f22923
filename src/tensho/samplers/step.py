"""Types that samplers share: the denoiser, and one step."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor

__all__ = ["Denoiser", "Step"]

Denoiser = Callable[[Tensor, Tensor], Tensor]
"""(x_t (B, …), t (B,)) → posterior mean (B, …)."""


class Step(NamedTuple):
    """One network evaluation of a sampler: at time t, x_t in, the estimate of x_0 out, both (B, …)."""

    t: float
    noisy: Tensor
    clean: Tensor
