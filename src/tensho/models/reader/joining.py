"""Characters that nobody has written: two glyphs squeezed into one square, and their descriptions under one operator.

A reader that has seen each part in the company of a few others only learns the company. Joined to any other glyph, a part
has to be read by its own looks.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from tensho.models.reader.codes import BLANK, FIRST_SYMBOL, Codes

__all__ = ["Shown", "some_joined", "squeezed_together"]

_OPERATORS = ((False, "⿰", "⿰⿲"), (True, "⿱", "⿱⿳"))
"""Whether the first glyph is over the second, the operator that says so, and the operators that neither description may begin
with: a row within a row would be spelled as one row."""


class Shown(NamedTuple):
    """Glyphs and their descriptions.

    Attributes:
        images: float32 (B, 1, S, S) in [0, 1], ink 1.
        targets: int64 (B, T), codes of descriptions.
        alone: bool (B,), which are single glyphs.
    """

    images: Tensor
    targets: Tensor
    alone: Tensor


def some_joined(images: Tensor, targets: Tensor, codes: Codes, share: float) -> Shown:
    """Join each glyph with probability ``share`` to another one of the batch, if both descriptions are known and fit.

    Args:
        images: as of `Shown`.
        targets: likewise; all `BLANK` where no description is known.
        codes: the vocabulary.
        share: in [0, 1].
    """
    count, device = len(images), images.device
    upright = torch.rand(count, device=device) < 0.5
    other = torch.randperm(count, device=device)
    longest = targets.shape[1]
    length, more = (targets != BLANK).sum(1), (targets[other] != BLANK).sum(1)
    chosen = torch.rand(count, device=device) < share
    chosen &= (length > 0) & (more > 0) & (length + more < longest)
    operators = torch.zeros_like(length)
    for over, symbol, unlike in _OPERATORS:
        within = torch.zeros_like(chosen)
        for code in map(codes.code, unlike):
            within |= (targets[:, 0] == code) | (targets[other, 0] == code)
        chosen &= (upright != over) | ~within
        operators = operators.where(upright != over, codes.code(symbol))
    chosen &= operators >= FIRST_SYMBOL
    # The operator, the first description, and the second one from where the first one ends.
    place = torch.arange(longest, device=device)
    first = targets.gather(1, (place - 1).clamp_min(0).expand(count, longest))
    second = targets[other].gather(1, (place - 1 - length[:, None]).clamp(0, longest - 1))
    both = torch.where(place <= length[:, None], first, second)
    both = torch.where(place == 0, operators[:, None], both)
    pair = squeezed_together(images, images[other], upright)
    return Shown(
        torch.where(chosen[:, None, None, None], pair, images),
        torch.where(chosen[:, None], both, targets),
        ~chosen,
    )


def squeezed_together(first: Tensor, second: Tensor, upright: Tensor) -> Tensor:
    """Two glyphs squeezed into one square, side by side, or one over the other.

    Args:
        first: float32 (B, 1, S, S) in [0, 1], ink 1, the left or upper one.
        second: the other one, likewise.
        upright: bool (B,), whether the first is over the second.

    Returns:
        float32 (B, 1, S, S); the line between them is drawn at random.
    """
    count, device = len(first), first.device
    share = 0.38 + 0.24 * torch.rand(count, device=device)
    room = 0.04 * torch.rand(count, device=device)
    left = _squeezed(first, torch.zeros_like(share), share - room, upright)
    right = _squeezed(second, share + room, torch.ones_like(share), upright)
    return torch.maximum(left, right)


def _squeezed(images: Tensor, start: Tensor, stop: Tensor, upright: Tensor) -> Tensor:
    """Images between two lines across their square, (B,) in [0, 1]; blank elsewhere."""
    scale = 1 / (stop - start)
    offset = -(start + stop - 1) * scale
    one, zero = torch.ones_like(scale), torch.zeros_like(scale)
    across = torch.stack([torch.where(upright, one, scale), zero, torch.where(upright, zero, offset)], 1)
    down = torch.stack([zero, torch.where(upright, scale, one), torch.where(upright, offset, zero)], 1)
    grid = functional.affine_grid(torch.stack([across, down], 1), list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, mode="bilinear", align_corners=False)
