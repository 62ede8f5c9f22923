"""MNIST and CIFAR-10 from their original files, as published, in a folder that the user names."""

from __future__ import annotations

import gzip
import hashlib
import io
import math
import pickle
import pickletools
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from tensho.errors import TenshoError

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["LabelledImages", "cifar10", "mnist"]

_MNIST_PREFIX = {"train": "train", "test": "t10k"}
_CIFAR_BATCHES = {"train": [f"data_batch_{number}" for number in range(1, 6)], "test": ["test_batch"]}
_MOST_BYTES = 1 << 30
"""Of a file, unpacked; MNIST's largest has 47 million."""

_UNSIGNED_BYTE = 8  # the element type in an IDX file's magic number


class LabelledImages:
    """A `Dataset` held in memory: ``images`` uint8 (N, C, H, W), ``labels`` int64 (N,) from 0 to 9."""

    faces: tuple[str, ...] = ()

    def __init__(self, images: NDArray[np.uint8], labels: NDArray[np.int64]) -> None:
        self.images = images
        self.labels = labels
        content = images.tobytes() + labels.astype("<i8").tobytes()
        self.digest = hashlib.sha256(content).hexdigest()

    def __len__(self) -> int:
        return len(self.images)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape (C, H, W) of one image."""
        _, channels, height, width = self.images.shape
        return channels, height, width

    def batch(self, indices: NDArray[np.int64]) -> dict[str, Tensor]:
        """The images of ``indices``, int64 (B,): "image", uint8 (B, C, H, W); "label", int64 (B,)."""
        import torch

        return {
            "image": torch.from_numpy(self.images[indices]),
            "label": torch.from_numpy(self.labels[indices]),
        }


def mnist(folder: Path | str, split: Literal["train", "test"]) -> LabelledImages:
    """MNIST, or any set in its format, from IDX files, plain or gzipped: grey 28×28, ink 255 on 0.

    Raises:
        TenshoError: a file is missing, truncated or of another format.

    Source: http://yann.lecun.com/exdb/mnist/ (the format is described at its end).
    """
    prefix = _MNIST_PREFIX[split]
    images = _read_idx(_found(Path(folder), f"{prefix}-images-idx3-ubyte"), dimensions=3)
    labels = _read_idx(_found(Path(folder), f"{prefix}-labels-idx1-ubyte"), dimensions=1)
    if len(images) != len(labels):
        raise TenshoError(f"{folder} has {len(images)} images and {len(labels)} labels; download MNIST again")
    return LabelledImages(images[:, None], labels.astype(np.int64))


def cifar10(folder: Path | str, split: Literal["train", "test"]) -> LabelledImages:
    """CIFAR-10 from its batches for Python, in ``folder`` or its cifar-10-batches-py: RGB 32×32.

    The batches are pickles. They are read without calling anything that they name.

    Raises:
        TenshoError: a file is missing, truncated, or holds anything but a batch of images.

    Source: Krizhevsky, Learning multiple layers of features from tiny images, 2009.
    """
    folder = Path(folder)
    if (folder / "cifar-10-batches-py").is_dir():
        folder = folder / "cifar-10-batches-py"
    batches = [_read_batch(folder / name) for name in _CIFAR_BATCHES[split]]
    images, labels = (np.concatenate(part) for part in zip(*batches, strict=True))
    return LabelledImages(images, labels)


def _found(folder: Path, name: str) -> Path:
    # Some unpackers turn the last hyphen but one into a dot.
    for candidate in (name, f"{name}.gz", name.replace("-idx", ".idx")):
        if (folder / candidate).is_file():
            return folder / candidate
    raise TenshoError(f"there is no {name} or {name}.gz in {folder}; download MNIST's four files into it")


def _read_idx(path: Path, *, dimensions: int) -> NDArray[np.uint8]:
    """The array of an IDX file; no more is unpacked than its header says, and no more than `_MOST_BYTES`."""
    damaged = f"{path} is truncated or damaged; download it again"
    start = 4 + 4 * dimensions
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            head = file.read(start)
            if head[:4] != bytes([0, 0, _UNSIGNED_BYTE, dimensions]):
                raise TenshoError(
                    f"{path} is no IDX file of bytes in {dimensions} dimensions; download it again"
                )
            if len(head) < start:
                raise TenshoError(damaged)
            shape = [int(length) for length in np.frombuffer(head, ">u4", dimensions, offset=4)]
            if math.prod(shape) > _MOST_BYTES:
                raise TenshoError(
                    f"{path} says that it holds {math.prod(shape):,} bytes; {_MOST_BYTES:,} are read at most"
                )
            content = file.read(math.prod(shape) + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise TenshoError(damaged) from error
    if len(content) != math.prod(shape):
        raise TenshoError(damaged)
    return np.frombuffer(content, np.uint8).reshape(shape)


def _read_batch(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES)
    except OSError as error:
        raise TenshoError(f"cannot read {path}; put the unpacked CIFAR-10 for Python there") from error
    try:
        _check_places(content)
        batch = _BatchUnpickler(io.BytesIO(content), encoding="bytes").load()
    except TenshoError:
        raise
    except Exception as error:  # a broken pickle can fail as almost any exception
        raise TenshoError(f"{path} is truncated or no CIFAR-10 batch; download it again") from error
    images, labels = _fields(batch)
    if images is None or labels is None or len(images) != 3072 * len(labels):
        raise TenshoError(f"{path} holds no CIFAR-10 images and labels; download it again")
    return np.frombuffer(images, np.uint8).reshape(-1, 3, 32, 32), np.array(labels, np.int64)


def _check_places(content: bytes) -> None:
    """Raise `TenshoError` where a pickle puts something at a place that only a larger one would need.

    Python makes room for all places up to the largest, whatever that is.
    """
    for operation, argument, _ in pickletools.genops(content):
        if operation.name in ("PUT", "BINPUT", "LONG_BINPUT") and int(argument or 0) > len(content):
            raise TenshoError(
                "this pickle asks for more memory than a CIFAR-10 batch needs; download it again"
            )


def _fields(batch: object) -> tuple[bytes | None, list[int] | None]:
    """The bytes of the images and the labels of a batch, each None unless it is what it should be."""
    if not isinstance(batch, dict):
        return None, None
    # Keys are bytes if Python 2 wrote them, as in the original files, and text if Python 3 did.
    fields = {key.decode() if isinstance(key, bytes) else key: value for key, value in batch.items()}
    data, labels = fields.get("data"), fields.get("labels")
    images = data.content if isinstance(data, _Array) else None
    is_label_list = isinstance(labels, list) and all(type(n) is int and 0 <= n < 10 for n in labels)
    return images, labels if is_label_list else None


class _Array:
    """Takes the place of a NumPy array in a pickle, and keeps the bytes that would have been put in it."""

    content: bytes | None = None

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, _, _, is_fortran, content = state
        if isinstance(content, bytes) and not is_fortran:
            self.content = content


class _Dtype:
    """Takes the place of a NumPy dtype in a pickle: any but bytes fails later, by the length of the data."""

    def __init__(self, *_: object) -> None: ...

    def __setstate__(self, _: object) -> None: ...


def _reconstruct(*_: object) -> _Array:
    return _Array()


def _encode(text: str, _: str) -> bytes:
    return text.encode("latin-1")


class _BatchUnpickler(pickle.Unpickler):
    """Reads the pickle of a CIFAR-10 batch; no code outside this file runs, whatever the file asks for."""

    # All that the original batches name, and _codecs.encode, by which Python 3 writes bytes for Python 2.
    _PERMITTED = {  # noqa: RUF012 (never changed)
        ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
        ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
        ("numpy", "ndarray"): _Array,
        ("numpy", "dtype"): _Dtype,
        ("_codecs", "encode"): _encode,
    }

    def find_class(self, module: str, name: str) -> object:
        try:
            return self._PERMITTED[module, name]
        except KeyError:
            raise TenshoError(
                f"this pickle wants to call {module}.{name}, which no CIFAR-10 batch does; it was not run. "
                "Delete the file and download CIFAR-10 again"
            ) from None
