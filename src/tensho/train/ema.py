r"""The moving average of the weights: what is sampled from and shipped.

After step t (from 0) each weight's average becomes

    ā ← d_t ā + (1 - d_t) a,   d_t = min(ema, (1 + t) / (10 + t)),

so that the average follows closely while the weights still move fast. Buffers (batch-norm statistics, integer
counters) are copied: they are averages already. ``ema = 0`` makes the average the weights themselves.
"""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch.optim.swa_utils import get_ema_multi_avg_fn

from tensho.models.trainable import Trainable

__all__ = ["MovingAverage"]


class MovingAverage:
    """A copy of ``model``, in evaluation mode, whose parameters trail those of the original."""

    def __init__(self, model: Trainable[Any], ema: float) -> None:
        self.ema = ema
        self.model = copy.deepcopy(model).eval().requires_grad_(False)

    @torch.no_grad()
    def update(self, model: Trainable[Any], step: int) -> None:
        """Take in the weights after step ``step`` (from 0)."""
        decay = min(self.ema, (1 + step) / (10 + step))
        averages, weights = list(self.model.parameters()), list(model.parameters())
        get_ema_multi_avg_fn(decay)(
            averages, weights, step
        )  # all at once: a GPU would wait for each one's launch
        for copied, buffer in zip(self.model.buffers(), model.buffers(), strict=True):
            copied.copy_(buffer)
