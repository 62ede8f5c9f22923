"""The residual block of networks that classify, with batch normalisation."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

__all__ = ["BasicBlock"]


class BasicBlock(nn.Module):
    """Two 3×3 convolutions around which the input is added, at half the resolution with a ``stride`` of 2.

        y = relu(skip(x) + norm₂(conv₂(relu(norm₁(conv₁(x))))))

    (He et al. 2016, arXiv 1512.03385, figure 2). norm₂ starts at zero, so the block starts as its skip (Goyal et al. 2017,
    arXiv 1706.02677, section 5.1). Shapes: (B, inputs, H, W) → (B, outputs, H / stride, W / stride).
    """

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        nn.init.zeros_(self.norm2.weight)
        self.skip = (
            nn.Identity()
            if inputs == outputs and stride == 1
            else nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
        )

    def forward(self, x: Tensor) -> Tensor:
        """One block."""
        hidden = self.norm2(self.conv2(functional.relu(self.norm1(self.conv1(x)))))
        return functional.relu(self.skip(x) + hidden)
