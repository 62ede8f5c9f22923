"""A U-Net of residual blocks with skip connections."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, cat, nn
from torch.nn import functional

from tensho.nn.attention import SpatialAttention
from tensho.nn.residual import Residual

__all__ = ["UNet"]


class UNet(nn.Module):
    """(B, inputs, H, W) and a condition (B, condition_width) → (B, outputs, H, W), for any H and W.

    Level k has ``widths[k]`` channels at 1/2^k of the resolution, ``blocks`` residual blocks on the way down and as many
    on the way up, where the features of the way down are concatenated (Ronneberger et al. 2015). The ``attention``
    coarsest levels end in self-attention on both ways. ``upsampling`` is nearest or bilinear. A ``condition_width``
    of 0 means no condition. The last convolution starts at zero, so an untrained network gives zero.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        widths: Sequence[int],
        blocks: int,
        condition_width: int,
        *,
        attention: int = 0,
        upsampling: str = "nearest",
    ) -> None:
        super().__init__()
        self.upsampling = upsampling
        self.inlet = nn.Conv2d(inputs, widths[0], 3, padding=1)
        self.down, self.shrink, self.up = nn.ModuleList(), nn.ModuleList(), nn.ModuleList()
        self.down_attention, self.up_attention = nn.ModuleList(), nn.ModuleList()
        channels = widths[0]
        attends = [len(widths) - level <= attention for level in range(len(widths))]
        for level, width in enumerate(widths):
            self.down.append(_stage(channels, width, blocks, condition_width))
            self.down_attention.append(SpatialAttention(width) if attends[level] else nn.Identity())
            last = level == len(widths) - 1
            self.shrink.append(nn.Identity() if last else nn.Conv2d(width, width, 3, stride=2, padding=1))
            channels = width
        self.middle = Residual(channels, channels, condition_width)
        for level, width in reversed(list(enumerate(widths))):
            self.up.append(_stage(channels + width, width, blocks, condition_width))
            self.up_attention.append(SpatialAttention(width) if attends[level] else nn.Identity())
            channels = width
        self.norm, self.outlet = nn.GroupNorm(8, channels), nn.Conv2d(channels, outputs, 3, padding=1)
        nn.init.zeros_(self.outlet.weight)
        nn.init.zeros_(self.outlet.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor, condition: Tensor | None = None) -> Tensor:
        """One pass down and up."""
        hidden, skips = self.inlet(x), []
        for stage, attention, shrink in zip(self.down, self.down_attention, self.shrink, strict=True):
            for block in stage:  # type: ignore[attr-defined]
                hidden = block(hidden, condition)
            hidden = attention(hidden)
            skips.append(hidden)
            hidden = shrink(hidden)
        hidden = self.middle(hidden, condition)
        for stage, attention in zip(self.up, self.up_attention, strict=True):
            skip = skips.pop()
            if hidden.shape[-2:] != skip.shape[-2:]:
                hidden = functional.interpolate(hidden, skip.shape[-2:], mode=self.upsampling)
            hidden = cat([hidden, skip], 1)
            for block in stage:  # type: ignore[attr-defined]
                hidden = block(hidden, condition)
            hidden = attention(hidden)
        return self.outlet(functional.silu(self.norm(hidden)))  # type: ignore[no-any-return]


def _stage(inputs: int, outputs: int, blocks: int, condition_width: int) -> nn.ModuleList:
    return nn.ModuleList(
        Residual(inputs if block == 0 else outputs, outputs, condition_width) for block in range(blocks)
    )
