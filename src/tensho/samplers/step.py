"""Types that samplers share: the denoiser, and one step."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import NamedTuple

from torch import Tensor

__all__ = ["Denoiser", "Step", "last_step"]

Denoiser = Callable[[Tensor, Tensor], Tensor]
"""(x_t (B, …), t (B,)) → posterior mean (B, …)."""


class Step(NamedTuple):
    """One network evaluation of a sampler: at time t, x_t in, the estimate of x_0 out, both (B, …)."""

    t: float
    noisy: Tensor
    clean: Tensor


def last_step(steps: Iterable[Step]) -> Step:
    """The last of one or more steps, with no other kept."""
    return deque(steps, maxlen=1)[0]
