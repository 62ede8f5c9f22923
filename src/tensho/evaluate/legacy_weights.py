"""Reads the tensors of a weight file in torch's format from before 1.6, without running the pickles in it.

Such a file is five pickles (a magic number, a version, facts about the machine, the state dict, the names of its storages)
and, after them, each storage: how many numbers it has, int64, and the numbers. What the pickles name is replaced by
classes of this file that only keep what they are given, as those of CIFAR-10 are (`tensho.datasets.mnist_cifar`), so that
nothing that a file asks for is called.
"""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from tensho.errors import TenshoError

__all__ = ["read_legacy_weights"]

_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001


class _Storage(NamedTuple):
    key: str
    dtype: str
    length: int


class _View(NamedTuple):
    """A tensor: where it lies in its storage, in numbers."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class _Mapping(dict[Any, Any]):
    """Takes the place of an ordered dict; its attributes, which torch keeps there, are not wanted."""

    def __setstate__(self, _: object) -> None: ...


def _view(storage: object, offset: object, shape: object, strides: object, *_: object) -> _View:
    """Takes the place of torch's rebuilding of a tensor."""
    numbers = [offset, *_integers(shape), *_integers(strides)]
    if not isinstance(storage, _Storage) or not all(type(n) is int and n >= 0 for n in numbers):
        raise ValueError("no tensor")
    return _View(storage, int(str(offset)), _integers(shape), _integers(strides))


def _integers(values: object) -> tuple[int, ...]:
    if not isinstance(values, tuple):
        raise TypeError("no shape")
    return values


class _Unpickler(pickle.Unpickler):
    _PERMITTED = {  # noqa: RUF012 (never changed)
        ("collections", "OrderedDict"): _Mapping,
        ("torch._utils", "_rebuild_tensor_v2"): _view,
        ("torch", "FloatStorage"): "<f4",
        ("torch", "LongStorage"): "<i8",
    }

    def find_class(self, module: str, name: str) -> object:
        try:
            return self._PERMITTED[module, name]
        except KeyError:
            raise TenshoError(
                f"these weights want to call {module}.{name}, which no state dict does; it was not run. "
                "Install the package that they come from anew"
            ) from None

    def persistent_load(self, described: Any) -> _Storage:
        kind, dtype, key, _, length, *_ = described
        if kind != "storage" or dtype not in ("<f4", "<i8") or type(length) is not int:
            raise ValueError("no storage")
        return _Storage(str(key), dtype, length)


def read_legacy_weights(path: Path) -> dict[str, NDArray[Any]]:
    """The tensors of a state dict by name, float32 or int64.

    Raises:
        TenshoError: the file is missing, damaged, in another format, or its pickles want to call something.
    """
    try:
        with path.open("rb") as file:
            if (_Unpickler(file).load(), _Unpickler(file).load()) != (_MAGIC, _PROTOCOL):
                raise ValueError("another format")
            _Unpickler(file).load()
            views: dict[str, _View] = dict(_Unpickler(file).load())
            keys = [str(key) for key in _Unpickler(file).load()]
            described = {view.storage.key: view.storage for view in views.values()}
            storages = {key: _numbers(file, described[key]) for key in keys}
        return {name: _tensor(view, storages[view.storage.key]) for name, view in views.items()}
    except TenshoError:
        raise
    except Exception as error:  # a broken pickle can fail as almost any exception
        raise TenshoError(
            f"{path} is damaged or no state dict; install the package that it comes from anew"
        ) from error


def _numbers(file: BinaryIO, storage: _Storage) -> NDArray[Any]:
    dtype = np.dtype(storage.dtype)
    (length,) = np.frombuffer(file.read(8), "<i8")
    if length != storage.length:
        raise ValueError("another length")
    content = file.read(storage.length * dtype.itemsize)
    return np.frombuffer(content, dtype, storage.length)


def _tensor(view: _View, numbers: NDArray[Any]) -> NDArray[Any]:
    last = view.offset + sum((n - 1) * step for n, step in zip(view.shape, view.strides, strict=True))
    if last >= len(numbers):
        raise ValueError("outside of its storage")
    steps = [step * numbers.itemsize for step in view.strides]
    seen: NDArray[Any] = np.array(as_strided(numbers[view.offset :], view.shape, steps, writeable=False))
    return seen
