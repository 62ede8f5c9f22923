"""Random numbers as functions of (purpose, seed, index), never of the order in which they are drawn.

Everything random in tensho comes from a seed and a few integers (the step and rank of a training batch, the
index of a glyph), so that runs resume exactly and a glyph does not depend on the batch it is drawn in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch
    from torch import Tensor

__all__ = ["BlendedNoise", "NoiseRows", "SampleNoise", "derived_seed"]


def derived_seed(*parts: int | str) -> int:
    """A 63-bit seed from any number of integers and words: BLAKE2b of their decimal forms, joined by '/'."""
    digest = hashlib.blake2b("/".join(map(str, parts)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


class NoiseRows:
    """Noise for samples ``indices`` of ``seed``, as arrays: row i depends on (seed, indices[i]) alone.

    Each row has its own generator (PCG-64), so the values are the same for every batch size.
    """

    def __init__(self, seed: int, indices: Sequence[int]) -> None:
        self._generators = [
            np.random.Generator(np.random.PCG64(derived_seed("sample", seed, index))) for index in indices
        ]

    def __len__(self) -> int:
        return len(self._generators)

    def normal(self, *shape: int) -> NDArray[np.float32]:
        """The next draw, N(0, 1), float32 with shape (len(self), …), ``shape`` after it."""
        return np.stack([row.standard_normal(shape, np.float32) for row in self._generators])

    def uniform(self, *shape: int) -> NDArray[np.float32]:
        """The next draw, U[0, 1), float32 with shape (len(self), …), ``shape`` after it."""
        return np.stack([row.random(shape, np.float32) for row in self._generators])


class SampleNoise:
    """The same noise as tensors, on the device that asks for it.

    It is drawn by NumPy, because runtimes without torch draw the same, and because torch's generators on the CPU use
    only 32 bits of their seed: among 100,000 samples, two would probably be alike.
    """

    def __init__(self, seed: int, indices: Sequence[int], device: torch.device | str = "cpu") -> None:
        import torch

        self.device = torch.device(device)
        self._rows = NoiseRows(seed, indices)

    def __len__(self) -> int:
        return len(self._rows)

    def normal(self, *shape: int) -> Tensor:
        """The next draw, N(0, 1), float32 with shape (len(self), …), ``shape`` after it."""
        return self._tensor(self._rows.normal(*shape))

    def uniform(self, *shape: int) -> Tensor:
        """The next draw, U[0, 1), float32 with shape (len(self), …), ``shape`` after it."""
        return self._tensor(self._rows.uniform(*shape))

    def _tensor(self, rows: NDArray[np.float32]) -> Tensor:
        import torch

        return torch.from_numpy(rows).to(self.device)


class BlendedNoise(SampleNoise):
    """Noise on the way from one sample's to another's: at time 0 the noise of sample ``first``, at 1 that of ``second``.

    Row k is at ``times[k]``, in [0, 1]. A normal draw is cos(πt/2) a + sin(πt/2) b, which is N(0, 1) at every time,
    so that a model meets on the way what it was trained on; a uniform one is that of the nearer end.
    """

    def __init__(
        self,
        seed: int,
        first: int,
        second: int,
        times: Sequence[float],
        device: torch.device | str = "cpu",
    ) -> None:
        super().__init__(seed, [first] * len(times), device)
        self._others = NoiseRows(seed, [second] * len(times))
        self._times = np.asarray(times, np.float32)

    def normal(self, *shape: int) -> Tensor:
        """The next draw, N(0, 1), float32 with shape (len(self), …), ``shape`` after it."""
        angles = (self._times * np.float32(np.pi / 2)).reshape(-1, *[1] * len(shape))
        blend = np.cos(angles) * self._rows.normal(*shape) + np.sin(angles) * self._others.normal(*shape)
        return self._tensor(blend)

    def uniform(self, *shape: int) -> Tensor:
        """The next draw, U[0, 1), float32 with shape (len(self), …), ``shape`` after it."""
        nearer = (self._times > 0.5).reshape(-1, *[1] * len(shape))
        return self._tensor(np.where(nearer, self._others.uniform(*shape), self._rows.uniform(*shape)))
