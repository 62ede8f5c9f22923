"""Which images each step sees."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from tensho.train.batches import Resident, batch_indices
from tests.train.toy import ToyData


@given(
    length=st.integers(1, 40),
    batch_size=st.integers(1, 50),
    processes=st.integers(1, 4),
    seed=st.integers(0, 9),
)
def test_every_image_once_an_epoch(length, batch_size, processes, seed):
    steps = -(-3 * length // (batch_size * processes))
    seen = np.concatenate(
        [
            batch_indices(length, batch_size, seed=seed, step=step, rank=rank, processes=processes)
            for step in range(steps)
            for rank in range(processes)
        ]
    )
    for epoch in range(3):
        assert sorted(seen[epoch * length : (epoch + 1) * length]) == list(range(length))


@given(step=st.integers(0, 10_000), seed=st.integers(-5, 5))
def test_processes_share_the_batch_of_one(step, seed):
    whole = batch_indices(101, 12, seed=seed, step=step)
    parts = [batch_indices(101, 4, seed=seed, step=step, rank=rank, processes=3) for rank in range(3)]
    assert np.array_equal(np.concatenate(parts), whole)
    assert whole.dtype == np.int64


def test_seeds_and_epochs_have_their_own_order():
    orders = {tuple(batch_indices(50, 50, seed=seed, step=step)) for seed in range(3) for step in range(3)}
    assert len(orders) == 9


def test_the_callers_generators_are_left_alone():
    np.random.seed(0)  # noqa: NPY002
    before = np.random.get_state()[1].tolist()  # type: ignore[index]  # noqa: NPY002
    batch_indices(30, 5, seed=1, step=2)
    assert np.random.get_state()[1].tolist() == before  # type: ignore[index]  # noqa: NPY002


def test_a_resident_data_set_gives_the_same_batches(monkeypatch):
    monkeypatch.setattr("tensho.train.batches._CHUNK", 5)
    data = ToyData(22)
    resident = Resident(data, torch.device("cpu"))
    indices = np.array([3, 21, 3, 0])
    assert (len(resident), resident.digest) == (22, data.digest)
    ours, theirs = resident.batch(indices), data.batch(indices)
    assert ours.keys() == theirs.keys()
    for name, column in ours.items():
        assert column.dtype == theirs[name].dtype
        assert torch.equal(column, theirs[name])
