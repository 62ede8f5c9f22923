"""Augmentation for the brush: a glyph and its drafts slanted, stretched and shifted alike.

What stays true in every such face is how the draft and the glyph differ, and that is what can be learned from them.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["distorted"]

_SHEAR, _TURN, _STRETCH, _SHIFT = 0.15, 0.05, 0.1, 0.05
"""Largest slant (a tangent), turn (radians), change of width or height, and shift (of the square's half side)."""


def distorted(images: Tensor) -> Tensor:
    """Give each sample a random slant, turn, stretch and shift, the same for all its images; never a mirroring.

    Args:
        images: float32 (B, K, S, S) in [-1, 1], -1 the paper.

    Returns:
        The same shape and range; random numbers are torch's global ones.
    """
    count, device = len(images), images.device
    slant, turn, wide, high, right, down = (2 * torch.rand(6, count, device=device) - 1).unbind()
    cos, sin = (_TURN * turn).cos(), (_TURN * turn).sin()
    across, along = 1 + _STRETCH * wide, 1 + _STRETCH * high
    sheared = _SHEAR * slant
    # Where each pixel of the result comes from: a rotation after a shear after a scaling.
    rows = [
        torch.stack([cos * across, (cos * sheared - sin) * along, _SHIFT * right], 1),
        torch.stack([sin * across, (sin * sheared + cos) * along, _SHIFT * down], 1),
    ]
    grid = functional.affine_grid(torch.stack(rows, 1), list(images.shape), align_corners=False)
    moved = functional.grid_sample(images + 1, grid, mode="bicubic", align_corners=False)
    return (moved - 1).clamp(-1, 1)
