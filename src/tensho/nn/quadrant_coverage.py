"""Exact coverage of the quadrants of cells by a bitmap that is laid into a box of cells."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["quadrant_coverage"]


def quadrant_coverage(bitmaps: Tensor, places: Tensor, columns: Tensor, height: int, width: int) -> Tensor:
    """The share of each quadrant of each cell that the letters' bitmaps cover, float (B, G, 4, height, width).

    A bitmap lies on all columns of its box and on the rows that ``places`` says. Shares are exact: differences
    of the bitmap's integral at the quadrants' corners.
    """
    size, glyphs, side = bitmaps.shape[:3]
    integral = functional.pad(bitmaps.float() / 255, (1, 0, 1, 0)).cumsum(-1).cumsum(-2)
    top, bottom = places[..., 0], places[..., 1]
    rows = torch.arange(2 * height + 1, device=bitmaps.device) / 2
    across = torch.arange(2 * width + 1, device=bitmaps.device) / 2
    y = ((rows - top[..., None]) / (bottom - top).clamp_min(0.5)[..., None]).clamp(0, 1)
    x = (across / columns.clamp_min(1)[..., None]).clamp(0, 1)
    corners = torch.stack(
        torch.broadcast_tensors(2 * x[..., None, :] - 1, 2 * y[..., :, None] - 1), -1
    ).flatten(0, 1)
    sums = functional.grid_sample(
        integral.flatten(0, 1)[:, None], corners.float(), mode="bilinear", align_corners=True
    )
    quadrants = sums.diff(dim=-1).diff(dim=-2)
    area = (side / (2 * columns.clamp_min(1))) * (side / (2 * (bottom - top).clamp_min(0.5)))
    shares = functional.pixel_unshuffle(quadrants / area.view(-1, 1, 1, 1), 2)
    return shares.view(size, glyphs, 4, height, width).clamp(0, 1)
