"""Augmentation for the reader: one glyph as other pens, weights, hands and scanners would show it.

Every image of a batch is changed in its own way, in a few operations on the whole batch. What a change does is a number
for each image, zero for many of them, so that clean glyphs stay among the examples.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from tensho.nn.warping import warped

__all__ = ["varied"]

_TURN, _SLANT, _STRETCH, _SHIFT = math.radians(5), math.tan(math.radians(12)), 0.12, 0.06
"""Largest turn, slant (a tangent), change of width or height, and shift (of half a side)."""

_SMALLEST, _LARGEST = 0.75, 1.05
"""Size of a glyph."""

_BEND, _KNOTS = 0.045, 5
"""Standard deviation of a smooth warp, in half sides, and the knots of its field along a side."""

_THICKER, _THINNER = 1.6, 0.55
"""Pixels by which a stroke's edge moves outwards or inwards, at most."""

_GREY = 0.15
"""Grey of the paper, and what is missing from the black of the ink, at most."""

_GRAIN = 0.12
"""Largest standard deviation of the noise of a pixel."""


def varied(images: Tensor, share: float) -> Tensor:
    """Show each glyph in another way, with probability ``share``.

    Args:
        images: float32 (B, 1, S, S) in [0, 1], ink 1.
        share: in [0, 1].

    Returns:
        The same shape and range; random numbers are torch's global ones.
    """
    moved = warped(images, _movement(images)).clamp(0, 1)
    seen = _scanned(_weighted(moved)).clamp(0, 1)
    return torch.where(_some(images, share), seen, images)


def _movement(images: Tensor) -> Tensor:
    """A turn, slant, stretch, shift and smooth warp for each image, as a field for `warped`."""
    count, _, side, _ = images.shape
    device = images.device
    turn, slant, wide, high, right, down = (2 * torch.rand(6, count, device=device) - 1).unbind()
    size = _SMALLEST + (_LARGEST - _SMALLEST) * torch.rand(count, device=device)
    cos, sin = (_TURN * turn).cos(), (_TURN * turn).sin()
    across, along = (1 + _STRETCH * wide) / size, (1 + _STRETCH * high) / size
    sheared = _SLANT * slant
    # Where each pixel of the result comes from: a rotation after a shear after a scaling.
    rows = [
        torch.stack([cos * across, (cos * sheared - sin) * along, _SHIFT * right], 1),
        torch.stack([sin * across, (sin * sheared + cos) * along, _SHIFT * down], 1),
    ]
    there = functional.affine_grid(torch.stack(rows, 1), [count, 1, side, side], align_corners=False)
    here = functional.affine_grid(
        torch.eye(2, 3, device=device)[None], [1, 1, side, side], align_corners=False
    )
    strength = _BEND * torch.rand(count, 1, 1, 1, device=device)
    knots = strength * torch.randn(count, 2, _KNOTS, _KNOTS, device=device)
    bend = functional.interpolate(knots, (side, side), mode="bicubic", align_corners=True)
    return (there - here).permute(0, 3, 1, 2) + bend


def _weighted(images: Tensor) -> Tensor:
    """Strokes thicker or thinner, those across and those down each by their own amount."""
    common = _amount(images)
    for kernel in ((3, 1), (1, 3)):
        images = _thickened(images, (common + 0.5 * _amount(images)).clamp(-1, 1), kernel)
    return images


def _thickened(images: Tensor, amount: Tensor, kernel: tuple[int, int]) -> Tensor:
    """Edges moved along one axis by ``amount`` in [-1, 1] times the most, (B, 1, 1, 1); fractions of a pixel are blended."""
    pad = (kernel[0] // 2, kernel[1] // 2)
    wide = functional.max_pool2d(images, kernel, 1, pad)
    wider = functional.max_pool2d(wide, kernel, 1, pad)
    thin = -functional.max_pool2d(-images, kernel, 1, pad)
    pixels = torch.where(amount > 0, _THICKER * amount, _THINNER * amount)
    grown = torch.lerp(torch.lerp(images, wide, pixels.clamp(0, 1)), wider, (pixels - 1).clamp(0, 1))
    return torch.lerp(grown, thin, (-pixels).clamp(0, 1))


def _scanned(images: Tensor) -> Tensor:
    """Out of focus, coarse, pale, uneven, stained and with a corner missing; a little of each, or nothing of it."""
    count, _, side, _ = images.shape
    device = images.device
    for sigma in (0.8, 1.6):
        share = torch.rand(count, 1, 1, 1, device=device) * _some(images, 0.35)
        images = torch.lerp(images, _blurred(images, sigma), share)
    for coarse in (side * 3 // 4, side // 2):
        small = functional.interpolate(images, (coarse, coarse), mode="area")
        again = functional.interpolate(small, (side, side), mode="bilinear", align_corners=False)
        images = torch.where(_some(images, 0.08), again, images)
    steep = 1 + 2 * torch.rand(count, 1, 1, 1, device=device) * _some(images, 0.5)
    middle = 0.35 + 0.3 * torch.rand(count, 1, 1, 1, device=device)
    images = torch.where(steep > 1, ((images - middle) * steep + 0.5).clamp(0, 1), images)
    shade = functional.interpolate(torch.rand(count, 1, 3, 3, device=device), (side, side), mode="bicubic")
    paper = _GREY * shade * _some(images, 0.3)
    black = 1 - 2 * _GREY * torch.rand(count, 1, 1, 1, device=device)
    images = paper + images * (black - paper)
    grain = _GRAIN * torch.rand(count, 1, 1, 1, device=device) * _some(images, 0.4)
    images = images + grain * torch.randn_like(images)
    return torch.where(_patch(images) & _some(images, 0.1), torch.zeros_like(images), images)


def _blurred(images: Tensor, sigma: float) -> Tensor:
    reach = math.ceil(2.5 * sigma)
    line = torch.exp(-(torch.arange(-reach, reach + 1, device=images.device) ** 2) / (2 * sigma**2))
    line = (line / line.sum()).to(images.dtype)
    across = functional.conv2d(images, line[None, None, None], padding=(0, reach))
    return functional.conv2d(across, line[None, None, :, None], padding=(reach, 0))


def _patch(images: Tensor) -> Tensor:
    """A rectangle anywhere in each image, bool, the size of a stroke's end or of a corner."""
    count, _, side, _ = images.shape
    device = images.device
    centre, half = torch.rand(2, count, 2, device=device).unbind()
    half = 0.03 + 0.07 * half
    at = (torch.arange(side, device=device) + 0.5) / side
    inside = (at - centre[..., None]).abs() < half[..., None]
    return (inside[:, 0, :, None] & inside[:, 1, None, :])[:, None]


def _amount(images: Tensor) -> Tensor:
    """A number in [-1, 1] for each image, (B, 1, 1, 1)."""
    return 2 * torch.rand(len(images), 1, 1, 1, device=images.device) - 1


def _some(images: Tensor, share: float) -> Tensor:
    """Each image chosen or not, bool (B, 1, 1, 1)."""
    return torch.rand(len(images), 1, 1, 1, device=images.device) < share
