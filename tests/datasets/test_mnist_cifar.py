from __future__ import annotations

import dataclasses
import gzip
import pickle
import struct
import tracemalloc
import warnings
from contextlib import suppress

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from tensho.datasets.mnist_cifar import cifar10, mnist
from tensho.errors import TenshoError
from tensho.models.base import Model
from tensho.models.registry import FAMILIES
from tensho.train.loop import fresh_model, train
from tensho.train.settings import RunSettings


def idx(array: np.ndarray) -> bytes:
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


@pytest.fixture
def digits(tmp_path):
    rng = np.random.default_rng(0)
    content = {}
    for prefix, count in (("train", 7), ("t10k", 3)):
        content[prefix] = (
            rng.integers(0, 256, (count, 28, 28), dtype=np.uint8),
            rng.integers(0, 10, count, dtype=np.uint8),
        )
        (tmp_path / f"{prefix}-images-idx3-ubyte").write_bytes(idx(content[prefix][0]))
        (tmp_path / f"{prefix}-labels-idx1-ubyte").write_bytes(idx(content[prefix][1]))
    return tmp_path, content


def test_mnist_is_read_as_it_was_written(digits):
    folder, content = digits
    for dataset, prefix in ((mnist(folder, "train"), "train"), (mnist(folder, "test"), "t10k")):
        images, labels = content[prefix]
        indices = np.array([2, 0])
        batch = dataset.batch(indices)
        assert (len(dataset), dataset.shape) == (len(images), (1, 28, 28))
        assert np.array_equal(batch["image"][:, 0].numpy(), images[indices])
        assert batch["image"].dtype == torch.uint8
        assert batch["label"].tolist() == labels[indices].tolist()
        assert batch["label"].dtype == torch.int64
    assert mnist(folder, "train").digest != mnist(folder, "test").digest


def test_mnist_may_be_gzipped_or_renamed_by_an_unpacker(digits):
    folder, _ = digits
    plain = mnist(folder, "train").digest
    for path in list(folder.iterdir()):
        if "images" in path.name:
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes()))
            path.unlink()
        else:
            path.rename(path.with_name(path.name.replace("-idx", ".idx")))
    assert mnist(folder, "train").digest == plain


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(part=st.floats(0, 0.999), zipped=st.booleans())
def test_truncated_mnist_is_noticed(digits, part, zipped):
    folder, _ = digits
    path = folder / "train-images-idx3-ubyte"
    content = (
        gzip.compress(idx(np.zeros((7, 28, 28), np.uint8))) if zipped else idx(np.ones((7, 28, 28), np.uint8))
    )
    path.unlink(missing_ok=True)
    path.with_name(path.name + ".gz").unlink(missing_ok=True)
    broken = path.with_name(path.name + ".gz" * zipped)
    broken.write_bytes(content[: int(len(content) * part)])
    with pytest.raises(TenshoError, match="download"):
        mnist(folder, "train")


def test_a_bomb_is_not_unpacked(digits):
    """A small file of 40 MB of zeros, whose header says that it holds 7 pictures, is read up to their end."""
    folder, _ = digits
    path = folder / "train-images-idx3-ubyte"
    content = gzip.compress(path.read_bytes() + bytes(40_000_000), 1)
    path.unlink()
    path.with_suffix(".gz").write_bytes(content)
    tracemalloc.start()
    with pytest.raises(TenshoError, match="truncated or damaged"):
        mnist(folder, "train")
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_a_header_that_lies_asks_for_no_memory(digits):
    folder, _ = digits
    (folder / "train-images-idx3-ubyte").write_bytes(bytes([0, 0, 8, 3]) + b"\xff" * 12)
    with pytest.raises(TenshoError, match="are read at most"):
        mnist(folder, "train")


def test_a_pickle_that_makes_room_for_nothing_is_refused(photographs):
    folder, *_ = photographs
    (folder / "test_batch").write_bytes(b"\x80\x02Nr\xff\xff\xff\x0f.")  # LONG_BINPUT at place 268 million
    with pytest.raises(TenshoError, match="more memory than"):
        cifar10(folder, "test")


def test_mnist_of_the_wrong_kind(digits):
    folder, content = digits
    with pytest.raises(TenshoError, match="there is no train-images-idx3-ubyte"):
        mnist(folder / "elsewhere", "train")
    path = folder / "train-images-idx3-ubyte"
    path.write_bytes(b"\x00\x00\x0d\x03" + path.read_bytes()[4:])
    with pytest.raises(TenshoError, match="no IDX file of bytes"):
        mnist(folder, "train")
    path.write_bytes(idx(content["train"][0][:-1]))
    with pytest.raises(TenshoError, match="6 images and 7 labels"):
        mnist(folder, "train")


def python2_batch(images: np.ndarray, labels: list[int]) -> bytes:
    """A batch as Python 2 pickled it, in protocol 2: byte strings, and NumPy's names of that time."""

    def string(value: bytes) -> bytes:
        return b"T" + struct.pack("<i", len(value)) + value

    shape = b"".join(b"M" + struct.pack("<H", length) for length in images.shape) + b"\x86"
    dtype = b"cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
    array = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
    array += b"(K\x01" + shape + dtype + b"\x89" + string(images.tobytes()) + b"tb"
    listed = b"](" + b"".join(b"K" + bytes([label]) for label in labels) + b"e"
    items = {b"batch_label": string(b"training batch 1 of 5"), b"labels": listed, b"data": array}
    return b"\x80\x02}(" + b"".join(string(key) + value for key, value in items.items()) + b"u."


def python3_batch(images: np.ndarray, labels: list[int]) -> bytes:
    return pickle.dumps({b"data": images, b"labels": labels}, protocol=2)


@pytest.fixture
def photographs(tmp_path):
    rng = np.random.default_rng(1)
    images = rng.integers(0, 256, (6, 4, 3072), dtype=np.uint8)
    labels = rng.integers(0, 10, (6, 4)).tolist()
    folder = tmp_path / "cifar-10-batches-py"
    folder.mkdir()
    for number, name in enumerate([*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]):
        (folder / name).write_bytes(python2_batch(images[number], labels[number]))
    return folder, images, labels


def test_the_batches_here_are_what_python_reads_as_such(photographs):
    folder, images, labels = photographs
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy's modules have moved since
        batch = pickle.loads((folder / "test_batch").read_bytes(), encoding="bytes")
    assert np.array_equal(batch[b"data"], images[5])
    assert batch[b"labels"] == labels[5]


def test_cifar_is_read_as_it_was_written(photographs):
    folder, images, labels = photographs
    train, test = cifar10(folder, "train"), cifar10(folder.parent, "test")
    assert (len(train), len(test), train.shape) == (20, 4, (3, 32, 32))
    batch = train.batch(np.array([19, 0]))
    assert batch["image"].dtype == torch.uint8
    assert np.array_equal(batch["image"].flatten(1).numpy(), images[[4, 0], [3, 0]])
    assert batch["label"].tolist() == [labels[4][3], labels[0][0]]


def test_cifar_may_have_been_written_by_python_3(photographs):
    folder, images, labels = photographs
    before = cifar10(folder, "test").digest
    (folder / "test_batch").write_bytes(python3_batch(images[5], labels[5]))
    assert cifar10(folder, "test").digest == before


class Malice:
    """An object whose pickle, when loaded, calls ``function``."""

    def __init__(self, function, *arguments) -> None:
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
@pytest.mark.parametrize("function", [open, exec])
def test_a_malicious_batch_is_not_run(photographs, protocol, function):
    folder, _, labels = photographs
    loot = folder / "loot"
    arguments = (str(loot), "w") if function is open else (f"open({str(loot)!r}, 'w').close()",)
    content = pickle.dumps({b"labels": labels[5], b"data": Malice(function, *arguments)}, protocol)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the file that the attack opens and leaves open
        pickle.loads(content)
    assert loot.exists(), "the attack does not even work on the plain reader"
    loot.unlink()

    (folder / "test_batch").write_bytes(content)
    with pytest.raises(TenshoError, match="was not run"):
        cifar10(folder, "test")
    assert not loot.exists()


@pytest.mark.parametrize(
    "batch",
    [
        [],
        {},
        {b"data": np.zeros((2, 3072), np.uint8)},
        {b"data": np.zeros((2, 3072), np.uint8), b"labels": [1, 10]},
        {b"data": np.zeros((2, 3072), np.uint8), b"labels": [1, "2"]},
        {b"data": np.zeros((2, 3072), np.uint8), b"labels": [1, 2, 3]},
        {b"data": np.zeros((2, 3072), np.int16), b"labels": [1, 2]},
        {b"data": b"x" * 6144, b"labels": [1, 2]},
    ],
)
def test_pickles_of_something_else(photographs, batch):
    folder = photographs[0]
    (folder / "test_batch").write_bytes(pickle.dumps(batch, protocol=2))
    with pytest.raises(TenshoError, match="holds no CIFAR-10"):
        cifar10(folder, "test")


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_cifar_never_ends_in_another_error(photographs, data):
    folder, images, labels = photographs
    content = bytearray(python2_batch(images[5, :2], labels[5][:2]))
    head = len(content) - 6144  # where damage can do more than change a pixel
    for _ in range(data.draw(st.integers(0, 3))):
        content[data.draw(st.integers(0, head))] = data.draw(st.integers(0, 255))
    (folder / "test_batch").write_bytes(content[: data.draw(st.integers(0, len(content)))])
    with suppress(TenshoError):
        assert cifar10(folder, "test").shape == (3, 32, 32)


def test_cifar_that_is_not_there(tmp_path):
    with pytest.raises(TenshoError, match=r"cannot read .*data_batch_1"):
        cifar10(tmp_path, "train")


@pytest.mark.parametrize("family", ["vae", "gan"])
@pytest.mark.parametrize("kind", ["mnist", "cifar10"])
def test_families_train_on_the_original_files(request, tmp_path, family, kind):
    folder = request.getfixturevalue("digits" if kind == "mnist" else "photographs")[0]
    shape = {"size": 28} if kind == "mnist" else {"size": 32, "channels": 3}
    row = FAMILIES[family]
    preset = row.preset_table["small"]
    model = fresh_model(row.model_class, dataclasses.replace(preset.config, **shape), seed=0)
    assert isinstance(model, Model)
    dataset = row.open_dataset(model, f"{kind}:{folder}")
    recipe = dataclasses.replace(preset.recipe, steps=2, batch_size=4)
    run = RunSettings(precision="fp32", log_every=1, sample_every=2, device="cpu")
    trained = train(model, dataset, recipe, run, tmp_path / "run")
    assert trained.skipped == 0
    assert isinstance(trained.model, Model)
    assert trained.model.sample(1).shape == (1, *model.spec.shape)
    with Image.open(tmp_path / "run" / "samples" / "step-000002.png") as grid:
        assert grid.size[0] == grid.size[1]
