import pickle

import pytest
import torch

from tensho.errors import TenshoError
from tensho.models.weight_file import read_metadata, read_weights, write_weights

TENSORS = {"w": torch.linspace(-1, 1, 7), "steps": torch.tensor(12_345_678_901)}


def test_weights_come_back_in_half_precision_with_their_metadata(tmp_path):
    path = tmp_path / "w.safetensors"
    write_weights(path, TENSORS, {"family": "walkback"})
    tensors, metadata = read_weights(path)
    assert metadata == read_metadata(path) == {"family": "walkback"}
    assert torch.equal(tensors["w"], TENSORS["w"].half().float())
    assert torch.equal(tensors["steps"], TENSORS["steps"])


@pytest.mark.parametrize("share", [0.0, 0.1, 0.9])
def test_a_truncated_file_is_refused(tmp_path, share):
    path = tmp_path / "w.safetensors"
    write_weights(path, TENSORS, {})
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(TenshoError, match="whole"):
        read_weights(path)


@pytest.mark.parametrize("zipped", [True, False])
def test_a_pickle_is_refused_unopened(tmp_path, zipped):
    path = tmp_path / "w.safetensors"
    if zipped:
        torch.save(TENSORS, path)
    else:
        path.write_bytes(pickle.dumps({"w": [1.0]}))
    with pytest.raises(TenshoError, match="pickle"):
        read_weights(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "nothing.safetensors", tmp_path):
        with pytest.raises(TenshoError, match="cannot read"):
            read_weights(path)


def test_diverged_weights_are_not_written(tmp_path):
    with pytest.raises(TenshoError, match="diverged"):
        write_weights(tmp_path / "w.safetensors", {"w": torch.tensor([1e30])}, {})
    assert list(tmp_path.iterdir()) == []
