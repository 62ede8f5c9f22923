"""Reads and writes weight files: one safetensors file with settings and origin in its metadata."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from tensho.atomic import replaced_file
from tensho.errors import TenshoError

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["read_arrays", "read_metadata", "read_weights", "write_weights"]

_PICKLES = (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")


def write_weights(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> None:
    """Write tensors atomically; floating-point ones in half precision, the others as they are.

    Raises:
        TenshoError: a weight is not finite in half precision, or the place cannot be written.
    """
    from safetensors.torch import save_file

    half = {}
    for name, tensor in tensors.items():
        value = tensor.detach().cpu()
        half[name] = (value.half() if value.is_floating_point() else value).contiguous()
        if value.is_floating_point() and not half[name].isfinite().all():
            raise TenshoError(f"weight {name} is not finite in half precision; the training has diverged")
    with replaced_file(path) as temporary:
        try:
            save_file(half, temporary, metadata=dict(metadata))
        except SafetensorError as error:
            raise TenshoError(f"cannot write {path}: {error}; make room or choose another place") from error


def read_metadata(path: Path) -> dict[str, str]:
    """The metadata of a weight file, without reading the weights.

    Raises:
        TenshoError: no such file, a pickle, or damaged.
    """
    _refuse_what_is_no_safetensors(path)
    try:
        with safe_open(path, "np") as file:
            return dict(file.metadata() or {})
    except (SafetensorError, OSError, json.JSONDecodeError) as error:
        raise _damaged(path) from error


def read_weights(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors (floating-point ones as float32) and metadata of a weight file.

    Raises:
        TenshoError: no such file, a pickle, or damaged.
    """
    import torch

    metadata = read_metadata(path)
    tensors: dict[str, Tensor] = _read(path, "pt")
    return {k: v.to(torch.float32) if v.is_floating_point() else v for k, v in tensors.items()}, metadata


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Tensors of a weight file as they are stored, floating-point ones in half precision.

    Raises:
        TenshoError: no such file, a pickle, or damaged.
    """
    _refuse_what_is_no_safetensors(path)
    return _read(path, "np")


def _read(path: Path, framework: str) -> dict[str, Any]:
    try:
        with safe_open(path, framework) as file:
            return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise _damaged(path) from error


def _refuse_what_is_no_safetensors(path: Path) -> None:
    try:
        with path.open("rb") as file:
            start = file.read(16)
    except OSError as error:
        raise TenshoError(f"cannot read weights {path}: {error.strerror}; see `tensho models`") from error
    if start.startswith(_PICKLES):
        raise TenshoError(f"{path} is a pickle, which could run code when opened; give a .safetensors file")


def _damaged(path: Path) -> TenshoError:
    return TenshoError(f"{path} is not a whole safetensors file; fetch or train it again")
