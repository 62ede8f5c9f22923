"""Randomness that is a function of what it is for, never of when it is drawn.

Everything random in tensho comes from a seed and a few integers (the step and rank of a training batch, the
index of a glyph), so that runs resume exactly and a glyph does not depend on the batch it is drawn in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import torch
from torch import Tensor

__all__ = ["SampleNoise", "derived_seed"]


def derived_seed(*parts: int | str) -> int:
    """A 63-bit seed from any number of integers and words: BLAKE2b of their decimal forms, joined by '/'."""
    digest = hashlib.blake2b("/".join(map(str, parts)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


class SampleNoise:
    """Standard normal noise for samples ``indices`` of ``seed``: row i depends on (seed, indices[i]) alone.

    Each row has its own CPU generator, so the values are the same for every batch size and every device.
    """

    def __init__(self, seed: int, indices: Sequence[int], device: torch.device | str = "cpu") -> None:
        self.seed = seed
        self.indices = tuple(indices)
        self.device = torch.device(device)
        self._generators = [
            torch.Generator().manual_seed(derived_seed("sample", seed, index)) for index in self.indices
        ]

    def __len__(self) -> int:
        return len(self.indices)

    def normal(self, *shape: int) -> Tensor:
        """The next draw, N(0, 1), float32 with shape (len(self), *shape)."""
        rows = [torch.randn(shape, generator=generator) for generator in self._generators]
        return torch.stack(rows).to(self.device)

    def uniform(self, *shape: int) -> Tensor:
        """The next draw, U[0, 1), float32 with shape (len(self), *shape)."""
        rows = [torch.rand(shape, generator=generator) for generator in self._generators]
        return torch.stack(rows).to(self.device)
