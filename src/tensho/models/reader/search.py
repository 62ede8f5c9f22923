"""Beam search over sequences in prefix order: the likeliest whole ones within a bounded length."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from tensho.models.reader.codes import BLANK, FIRST_SYMBOL, START

__all__ = ["Found", "search"]


class Found(NamedTuple):
    """The sequences that were found.

    Attributes:
        codes: int64 (B, K, T), each row a whole sequence, `BLANK` after its end; the likeliest first.
        scores: float32 (B, K), natural logarithms of their probabilities; -inf where there are no more.
    """

    codes: Tensor
    scores: Tensor


def search(
    next_logits: Callable[[Tensor, Tensor], Tensor],
    count: int,
    arity: Tensor,
    longest: int,
    beam: int,
    *,
    least: float = 1e-4,
) -> Found:
    """Write sequences symbol by symbol, and keep the likeliest beginnings.

    A symbol is considered only if the operands that are open after it fit into what is left of ``longest``. The others'
    probability is shared out among those considered.

    Args:
        next_logits: called with R prefixes, int64 (R, t), that begin with `START`, and what each is a prefix for, int64 (R,) in
            [0, B); the logits of what follows each, float32 (R, V).
        count: B.
        arity: operands of each code, int64 (V,).
        longest: T.
        beam: K.
        least: beginnings that are less likely than this share of the likeliest one are given up.
    """
    device = arity.device
    codes = torch.full((count, 1, 1), START, device=device)
    scores = torch.zeros(count, 1, device=device)
    unfinished = torch.ones(count, 1, dtype=torch.int64, device=device)
    number = torch.arange(len(arity), device=device)
    owner = torch.arange(count, device=device)[:, None]
    # A sequence that is whole goes on with blanks at no cost.
    whole = torch.where(number == BLANK, 0.0, -torch.inf)
    lowest = math.log(least) if least > 0 else -math.inf
    for step in range(longest):
        active = (unfinished > 0) & (scores > -torch.inf)
        if not active.any():
            break
        room = longest - step - 1
        allowed = (number >= FIRST_SYMBOL) & (unfinished[active][:, None] - 1 + arity <= room)
        logits = next_logits(codes[active], owner.expand_as(active)[active])
        each = whole.repeat(count, codes.shape[1], 1)
        each[active] = logits.masked_fill(~allowed, -torch.inf).log_softmax(-1)
        total = (scores[..., None] + each).flatten(1)
        scores, best = total.topk(min(beam, total.shape[1]), 1)
        row, chosen = best // len(arity), best % len(arity)
        codes = torch.cat([codes.gather(1, row[..., None].expand(-1, -1, step + 1)), chosen[..., None]], 2)
        unfinished = unfinished.gather(1, row)
        unfinished = torch.where(unfinished > 0, unfinished - 1 + arity[chosen], 0)
        scores = scores.masked_fill(scores < scores[:, :1] + lowest, -torch.inf)
    return Found(torch.nn.functional.pad(codes[..., 1:], (0, longest + 1 - codes.shape[2])), scores)
