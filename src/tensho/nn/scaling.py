"""Convolutional layers that halve or double the resolution, of squares of any side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional

__all__ = [
    "SLOPE",
    "ScalingConvolution",
    "ScalingResidual",
    "group_norm",
    "halved_sides",
    "scaling_residuals",
]

SLOPE = 0.2
"""Of the leaky rectifier (Radford et al. 2016, arXiv 1511.06434)."""


def halved_sides(side: int, halvings: int) -> tuple[int, ...]:
    """``side`` and what is left of it after each halving, rounded up: 28, 14, 7, 4."""
    return tuple(-(-side // 2**halving) for halving in range(halvings + 1))


def group_norm(channels: int) -> nn.Module:
    """Normalisation in 8 groups; ``channels`` is a multiple of 8."""
    return nn.GroupNorm(8, channels)


class ScalingResidual(nn.Module):
    """Two 3×3 convolutions around which the input is added, from one resolution to another.

        y = scale(skip(x)) + conv₂(act(norm₂(scale(conv₁(act(norm₁(x)))))))

    (He et al. 2016, arXiv 1603.05027; with a change of resolution as in Gulrajani et al. 2017, arXiv 1704.00028,
    appendix C). Down, the strided conv₁ halves and the skip is averaged; up, pixels are repeated. conv₂ starts at
    zero, so the block starts as its skip. Shapes: (B, inputs, side, side) → (B, outputs, target, target).
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        side: int,
        target: int,
        norm: Callable[[int], nn.Module] = nn.Identity,
    ) -> None:
        super().__init__()
        self.side, self.target = side, target
        self.norm1, self.norm2 = norm(inputs), norm(outputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride=2 if target < side else 1, padding=1)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.skip = nn.Conv2d(inputs, outputs, 1, bias=False) if inputs != outputs else nn.Identity()
        nn.init.zeros_(self.conv2.weight)
        nn.init.zeros_(self.conv2.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        """One block."""
        hidden = self.conv1(functional.leaky_relu(self.norm1(x), SLOPE))
        if self.target < self.side:
            x = functional.avg_pool2d(x, 2, ceil_mode=True)
        x = self.skip(x)
        if self.target > self.side:
            x, hidden = (functional.interpolate(each, (self.target, self.target)) for each in (x, hidden))
        return x + self.conv2(functional.leaky_relu(self.norm2(hidden), SLOPE))  # type: ignore[no-any-return]


def scaling_residuals(
    widths: Sequence[int], sides: Sequence[int], norm: Callable[[int], nn.Module] = nn.Identity
) -> Iterator[ScalingResidual]:
    """Blocks in a row, from each width and side to the next."""
    for channels, extent in zip(pairwise(widths), pairwise(sides), strict=True):
        yield ScalingResidual(*channels, *extent, norm=norm)


class ScalingConvolution(nn.Module):
    """One 3×3 convolution with normalisation, from one resolution to another.

    Down, it has stride 2; up, pixels are repeated first (Odena et al. 2016, "Deconvolution and checkerboard
    artifacts"). Shapes: (B, inputs, side, side) → (B, outputs, target, target).
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        side: int,
        target: int,
        norm: Callable[[int], nn.Module] = nn.Identity,
    ) -> None:
        super().__init__()
        self.side, self.target = side, target
        self.conv = nn.Conv2d(inputs, outputs, 3, stride=2 if target < side else 1, padding=1)
        self.norm = norm(outputs)

    def forward(self, x: Tensor) -> Tensor:
        """One layer."""
        if self.target > self.side:
            x = functional.interpolate(x, (self.target, self.target))
        return functional.leaky_relu(self.norm(self.conv(x)), SLOPE)
