"""The interface of data sets: a length, batches by index and a digest; of images also their shape."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Dataset", "Images", "Subset"]


class Dataset(Protocol):
    """Examples, fetched by index a batch at a time."""

    @property
    def digest(self) -> str:
        """64 hexadecimal digits that change whenever an example or the order of the examples might."""

    def __len__(self) -> int:
        """How many examples there are."""

    def batch(self, indices: NDArray[np.int64]) -> dict[str, Tensor]:
        """The examples of ``indices``, an int64 array (B,), in that order: tensors with first axis B."""


class Images(Dataset, Protocol):
    """Images of one shape. Batches hold "image", uint8 (B, C, H, W), and what is known about them (a face, a label)."""

    @property
    def faces(self) -> tuple[str, ...]:
        """Names of the faces that "face", int64 (B,), counts into; empty where the images are of none."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape (C, H, W) of one image."""


class Subset:
    """The images of ``dataset`` at ``indices``, an int64 array (N,), as a dataset of their own."""

    def __init__(self, dataset: Images, indices: NDArray[np.int64]) -> None:
        self.dataset = dataset
        self.indices = indices
        self.faces = dataset.faces
        self.shape = dataset.shape
        self.digest = hashlib.sha256(dataset.digest.encode() + indices.astype("<i8").tobytes()).hexdigest()

    def __len__(self) -> int:
        return len(self.indices)

    def batch(self, indices: NDArray[np.int64]) -> dict[str, Tensor]:
        """The images at positions ``indices`` of this subset; see `Dataset.batch`."""
        return self.dataset.batch(self.indices[indices])
