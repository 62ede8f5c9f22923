"""What the training loop asks of data: a length, an image shape, and batches by index."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Dataset", "Subset"]


class Dataset(Protocol):
    """Images of one shape, fetched by index a batch at a time."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape (C, H, W) of one image."""

    @property
    def digest(self) -> str:
        """64 hexadecimal digits that change whenever an image or the order of the images might."""

    def __len__(self) -> int:
        """How many images there are."""

    def batch(self, indices: NDArray[np.int64]) -> dict[str, Tensor]:
        """The images of ``indices``, an int64 array (B,), in that order.

        Returns "image", uint8 with shape (B, C, H, W), and for each thing known about them (a face, a
        label) one int64 tensor (B,).
        """


class Subset:
    """The images of ``dataset`` at ``indices``, an int64 array (N,), as a dataset of their own."""

    def __init__(self, dataset: Dataset, indices: NDArray[np.int64]) -> None:
        self.dataset = dataset
        self.indices = indices
        self.shape = dataset.shape
        self.digest = hashlib.sha256(dataset.digest.encode() + indices.astype("<i8").tobytes()).hexdigest()

    def __len__(self) -> int:
        return len(self.indices)

    def batch(self, indices: NDArray[np.int64]) -> dict[str, Tensor]:
        """The images at positions ``indices`` of this subset; see `Dataset.batch`."""
        return self.dataset.batch(self.indices[indices])
