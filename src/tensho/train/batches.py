"""Batches as a function of (seed, step, rank), so that a resumed run sees the same ones.

The run reads one endless sequence of images, the permutations of epoch 0, 1, 2, … one after the other. Step t
takes the next global batch of it, and the processes share that batch out in order of rank, so that N processes
with batches of B see what one process with batches of N·B sees.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tensho.datasets.base import Dataset
from tensho.seeds import derived_seed

__all__ = ["Resident", "batch_indices", "resident_if_it_fits"]

_CHUNK = 4096
"""Examples read at once when a whole set is moved to the device."""


@lru_cache(maxsize=2)  # a batch reads one epoch's order, or the end of one and the start of the next
def _epoch_order(length: int, seed: int, epoch: int) -> NDArray[np.int64]:
    return np.random.default_rng(derived_seed("epoch", seed, epoch)).permutation(length)


def batch_indices(
    length: int, batch_size: int, *, seed: int, step: int, rank: int = 0, processes: int = 1
) -> NDArray[np.int64]:
    """The images of one process's batch, as int64 indices (batch_size,) into a data set of ``length`` images."""
    first = (step * processes + rank) * batch_size
    epochs, places = np.divmod(np.arange(first, first + batch_size), length)
    return np.concatenate(
        [_epoch_order(length, seed, int(epoch))[places[epochs == epoch]] for epoch in np.unique(epochs)]
    )


class Resident:
    """A whole data set in the memory of ``device``; it costs no copy a batch."""

    def __init__(self, dataset: Dataset, device: torch.device) -> None:
        self.digest = dataset.digest
        self._length = len(dataset)
        self._columns: dict[str, Tensor] = {}
        for start in range(0, self._length, _CHUNK):
            rows = np.arange(start, min(start + _CHUNK, self._length))
            for name, values in dataset.batch(rows).items():
                if name not in self._columns:
                    shape = (self._length, *values.shape[1:])
                    self._columns[name] = torch.empty(shape, dtype=values.dtype, device=device)
                self._columns[name][start : start + len(rows)] = values

    def __len__(self) -> int:
        return self._length

    def batch(self, indices: NDArray[np.int64]) -> dict[str, Tensor]:
        """The examples of ``indices`` on the device; see `Dataset.batch`."""
        rows = torch.from_numpy(indices)
        return {name: column[rows.to(column.device)] for name, column in self._columns.items()}


def resident_if_it_fits(dataset: Dataset, device: torch.device) -> Dataset:
    """``dataset`` in the memory of a GPU if that leaves more than half of what is free there, else as it is."""
    if device.type != "cuda":
        return dataset
    one = sum(column.nbytes for column in dataset.batch(np.zeros(1, dtype=np.int64)).values())
    free, _ = torch.cuda.mem_get_info(device)
    return Resident(dataset, device) if one * len(dataset) < free / 2 else dataset
