"""The looks of glyphs as the reader sees them, in NumPy: to be had without torch, and the same with it.

These are the reader's eye and the linear map behind it (`tensho.models.reader.network`), with each batch normalisation folded
into the convolution before it. A convolution is one product of its kernels with the patches of the picture.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tensho.errors import TenshoError
from tensho.models.weight_file import read_arrays

__all__ = ["Looks"]

Array = NDArray[np.float32]

_EPSILON = 1e-5
"""What torch's batch normalisation adds to a variance."""

_FIRST_CONVOLUTION = re.compile(r"eye\.(\d+)\.conv1\.weight")


class Looks:
    """Turns pictures into unit vectors of which the dot product is a likeness.

    Args:
        weights: the file of a reader.

    Raises:
        TenshoError: no such file, a damaged one, or weights of another family.
    """

    def __init__(self, weights: Path) -> None:
        arrays = read_arrays(weights)
        try:
            self._stem = _convolution(arrays, "stem.0", "stem.1", stride=2)
            numbers = sorted(int(found[1]) for name in arrays if (found := _FIRST_CONVOLUTION.match(name)))
            self._blocks = [_block(arrays, f"eye.{number}") for number in numbers]
            self._places = _float(arrays["look_places.weight"])[:, :, 0, 0]
            self._places_bias = _float(arrays["look_places.bias"])[:, None]
            self._map, self._map_bias = _float(arrays["look.weight"]), _float(arrays["look.bias"])
        except KeyError as error:
            raise TenshoError(f"{weights} has not the weights of a reader; install tensho again") from error

    def embed(self, images: NDArray[np.uint8]) -> Array:
        """The looks of glyphs.

        Args:
            images: uint8 (N, S, S), ink = 255 on 0, the ink in the middle (`tensho.fonts.ink_box`).

        Returns:
            float32 (N, D), of unit length.
        """
        vectors = np.stack([self._looks(image) for image in images])
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))

    def _looks(self, image: NDArray[np.uint8]) -> Array:
        seen = np.maximum(self._stem(_float(image[None]) / 255), 0)
        for block in self._blocks:
            seen = block(seen)
        places = self._places @ seen.reshape(len(seen), -1) + self._places_bias
        return np.asarray(self._map @ places.ravel() + self._map_bias)


class _Convolution(NamedTuple):
    """Kernels (C', K², C) flattened behind the first axis, biases (C', 1), the K of their K × K places, and the stride."""

    kernels: Array
    bias: Array
    side: int
    stride: int

    def __call__(self, seen: Array) -> Array:
        """(C, H, W) → (C', H / stride, W / stride)."""
        channels, height, width = seen.shape
        margin = self.side // 2
        padded = np.zeros((channels, height + 2 * margin, width + 2 * margin), np.float32)
        padded[:, margin : margin + height, margin : margin + width] = seen
        high, wide = height // self.stride, width // self.stride
        patches = np.empty((self.side, self.side, channels, high, wide), np.float32)
        for down in range(self.side):
            for across in range(self.side):
                patches[down, across] = padded[
                    :, down : down + height : self.stride, across : across + width : self.stride
                ]
        found = self.kernels @ patches.reshape(-1, high * wide)
        found += self.bias
        return found.reshape(-1, high, wide)


class _Block(NamedTuple):
    """A residual block; see `tensho.nn.basic_block`."""

    first: _Convolution
    second: _Convolution
    skip: _Convolution | None

    def __call__(self, seen: Array) -> Array:
        hidden = self.first(seen)
        hidden = self.second(np.maximum(hidden, 0, out=hidden))
        hidden += seen if self.skip is None else self.skip(seen)
        return np.maximum(hidden, 0, out=hidden)


def _block(arrays: Mapping[str, NDArray[Any]], name: str) -> _Block:
    skipped = f"{name}.skip.0.weight" in arrays
    stride = 2 if skipped else 1
    return _Block(
        _convolution(arrays, f"{name}.conv1", f"{name}.norm1", stride),
        _convolution(arrays, f"{name}.conv2", f"{name}.norm2"),
        _convolution(arrays, f"{name}.skip.0", f"{name}.skip.1", stride) if skipped else None,
    )


def _convolution(arrays: Mapping[str, NDArray[Any]], name: str, norm: str, stride: int = 1) -> _Convolution:
    kernels = _float(arrays[f"{name}.weight"])
    scale = _float(arrays[f"{norm}.weight"]) / np.sqrt(
        _float(arrays[f"{norm}.running_var"]) + np.float32(_EPSILON)
    )
    bias = _float(arrays[f"{norm}.bias"]) - scale * _float(arrays[f"{norm}.running_mean"])
    flat = (scale[:, None, None, None] * kernels).transpose(0, 2, 3, 1).reshape(len(kernels), -1)
    return _Convolution(np.ascontiguousarray(flat), bias[:, None], kernels.shape[-1], stride)


def _float(array: NDArray[Any]) -> Array:
    return array.astype(np.float32)
