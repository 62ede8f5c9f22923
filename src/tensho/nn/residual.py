"""The residual block of the convolutional networks."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

__all__ = ["Residual"]


class Residual(nn.Module):
    """Two 3×3 convolutions around which the input is added; a condition scales and shifts between them.

        h = conv₁(silu(norm₁(x))),   y = skip(x) + conv₂(silu(norm₂(h)·(1 + a) + b)),   (a, b) = linear(condition)

    (adaptive group normalisation, Dhariwal and Nichol 2021, section 3.3). conv₂ starts at zero, so the block starts
    as its skip. Shapes: x (B, inputs, H, W), condition (B, condition_width) → (B, outputs, H, W). With a
    ``condition_width`` of 0 there is no condition, and a = b = 0.
    """

    def __init__(self, inputs: int, outputs: int, condition_width: int, groups: int = 8) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, inputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.condition = nn.Linear(condition_width, 2 * outputs) if condition_width > 0 else None
        self.norm2 = nn.GroupNorm(groups, outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.skip = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else nn.Identity()
        nn.init.zeros_(self.conv2.weight)
        nn.init.zeros_(self.conv2.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor, condition: Tensor | None = None) -> Tensor:
        """One block."""
        hidden = self.norm2(self.conv1(functional.silu(self.norm1(x))))
        if self.condition is not None:
            scale, shift = self.condition(condition)[:, :, None, None].chunk(2, 1)
            hidden = hidden * (1 + scale) + shift
        return self.skip(x) + self.conv2(functional.silu(hidden))  # type: ignore[no-any-return]
