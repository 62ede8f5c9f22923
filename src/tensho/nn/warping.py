"""Warps an image by a smooth displacement field."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["warped"]


def warped(images: Tensor, field: Tensor) -> Tensor:
    """Give each pixel the value found at its own place plus the field there: y(p) = x(p + u(p)).

    (Jaderberg et al. 2015, arXiv 1506.02025.) Between pixels, images are read bicubically and the field bilinearly.

    Args:
        images: float32 (B, C, S, S); outside there is 0.
        field: float32 (B, 2, F, F), across and down, in half sides of the square; it may be coarser than the images.

    Returns:
        float32 (B, C, S, S).
    """
    side = images.shape[-1]
    # Centres of pixels in a square from -1 to 1.
    centres = (torch.arange(side, device=images.device, dtype=images.dtype) + 0.5) * (2 / side) - 1
    here = torch.stack([centres.expand(side, side), centres[:, None].expand(side, side)])
    there = here + functional.interpolate(field, (side, side), mode="bilinear", align_corners=False)
    return functional.grid_sample(
        images, there.permute(0, 2, 3, 1), mode="bicubic", padding_mode="zeros", align_corners=False
    )
