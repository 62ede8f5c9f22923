"""Attention over the places of a feature map."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

__all__ = ["SpatialAttention"]

HEAD = 32
"""Channels of an attention head."""


class SpatialAttention(nn.Module):
    """Every place looks at every other, and what it finds is added: (B, channels, H, W) → the same shape.

    Multi-head softmax attention with heads of 32 channels (one head where that does not divide them), after a group normalisation (Ho, Jain and Abbeel
    2020, arXiv 2006.11239, appendix B). The last projection starts at zero, so the block starts as the identity.
    """

    def __init__(self, channels: int, groups: int = 8) -> None:
        super().__init__()
        self.heads = channels // HEAD if channels % HEAD == 0 else 1
        self.norm = nn.GroupNorm(groups, channels)
        self.query_key_value = nn.Conv2d(channels, 3 * channels, 1)
        self.outlet = nn.Conv2d(channels, channels, 1)
        nn.init.zeros_(self.outlet.weight)
        nn.init.zeros_(self.outlet.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        """Attend."""
        batch, channels, height, width = x.shape
        projected = self.query_key_value(self.norm(x)).flatten(2).transpose(1, 2)
        query, key, value = projected.unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        found = functional.scaled_dot_product_attention(query, key, value)
        found = found.permute(0, 1, 3, 2).reshape(batch, channels, height, width)
        return x + self.outlet(found)  # type: ignore[no-any-return]
