"""The reader in NumPy: how glyphs look, and how likely each of some descriptions is; the same whether torch is there or not.

See `tensho.models.reader.network` for the mathematics. Each batch normalisation is folded into the convolution before it, and
a convolution is one product of its kernels with the patches of the picture. Descriptions are not searched for here, but weighed.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tensho.errors import TenshoError
from tensho.models.reader.codes import BLANK, START, Codes
from tensho.models.weight_file import read_arrays, read_metadata

__all__ = ["UNLIKELY", "ArrayReader"]

Array = NDArray[np.float32]

UNLIKELY = -12.0
"""Natural logarithm of the probability of a description that cannot be read or is less likely than that."""

_EPSILON = 1e-5
"""What torch's normalisations add to a variance."""

_FIRST_CONVOLUTION = re.compile(r"eye\.(\d+)\.conv1\.weight")
_LAYER = re.compile(r"writer\.layers\.(\d+)\.norm1\.weight")


class ArrayReader:
    """A reader that needs no torch.

    Args:
        weights: the file of a reader.

    Raises:
        TenshoError: no such file, a damaged one, or weights of another family.
    """

    def __init__(self, weights: Path) -> None:
        stored, metadata = read_arrays(weights), read_metadata(weights)
        arrays = {name: array.astype(np.float32) for name, array in stored.items()}
        try:
            config: Mapping[str, Any] = json.loads(metadata["config"])
            self.codes = Codes(config["symbols"])
            self._longest, self._smoothing = config["longest"], config["smoothing"] / len(self.codes)
            self._stem = _convolution(arrays, "stem.0", "stem.1", stride=2)
            self._blocks = [
                _block(arrays, f"eye.{number}") for number in _numbers(arrays, _FIRST_CONVOLUTION)
            ]
            self._places, self._places_bias = _pointwise(arrays, "look_places")
            self._look, self._look_bias = arrays["look.weight"], arrays["look.bias"]
            self._seen, self._seen_bias = _pointwise(arrays, "seen")
            self._place, self._step = arrays["place"], arrays["step"]
            self._symbol, self._bias = arrays["symbol.weight"], arrays["bias"]
            heads = config["heads"]
            self._layers = [_Layer(arrays, f"writer.layers.{k}.", heads) for k in _numbers(arrays, _LAYER)]
            self._norm = _Norm(arrays["writer.norm.weight"], arrays["writer.norm.bias"])
        except KeyError as error:
            raise TenshoError(f"{weights} has not the weights of a reader; install tensho again") from error

    def embed(self, images: NDArray[np.uint8]) -> Array:
        """The looks of glyphs.

        Args:
            images: uint8 (N, S, S), ink = 255 on 0, the ink in the middle (`tensho.fonts.ink_box`).

        Returns:
            float32 (N, D), of unit length; the dot product of two is their likeness.
        """
        return np.stack([self.look(self.see(image)) for image in images])

    def see(self, image: NDArray[np.uint8]) -> Array:
        """The features (C, P²) of one glyph, uint8 (S, S), which `look` and `weigh` go by."""
        seen = self._stem(image[None].astype(np.float32) / np.float32(255))
        seen = np.maximum(seen, 0, out=seen)
        for block in self._blocks:
            seen = block(seen)
        return seen.reshape(len(seen), -1)

    def look(self, seen: Array) -> Array:
        """How a glyph looks, a unit vector (D,), of its features."""
        vector = self._look @ (self._places @ seen + self._places_bias).ravel() + self._look_bias
        return np.asarray(vector / np.linalg.norm(vector))

    def weigh(self, seen: Array, descriptions: Sequence[str]) -> NDArray[np.float64]:
        """How likely descriptions are, each by itself.

        Args:
            seen: the features of a glyph, of `see`.
            descriptions: spelled as the reader was taught (`tensho.ids.spelling.spelled`).

        Returns:
            Natural logarithms of their probabilities, (N,), none below `UNLIKELY`.
        """
        found = np.full(len(descriptions), UNLIKELY)
        memory = (self._seen @ seen + self._seen_bias).T + self._place
        written = [
            (k, codes) for k, ids in enumerate(descriptions) if (codes := self._written(ids)) is not None
        ]
        if not written:
            return found
        longest = max(len(codes) for _, codes in written)
        targets = np.full((len(written), longest), BLANK)
        for row, (_, codes) in enumerate(written):
            targets[row, : len(codes)] = codes
        prefixes = np.concatenate([np.full((len(written), 1), START), targets[:, :-1]], 1)
        hidden = self._symbol[prefixes] * np.float32(math.sqrt(self._symbol.shape[1])) + self._step[:longest]
        for layer in self._layers:
            hidden = layer(hidden, memory)
        chances = _softmax(self._norm(hidden) @ self._symbol.T + self._bias)
        chosen = np.take_along_axis(chances, targets[..., None], -1)[..., 0]
        # Label smoothing taught the network (1 - ε) p + ε / V.
        logs = np.log(np.maximum(chosen - self._smoothing, math.exp(UNLIKELY)))
        sums = np.where(targets == BLANK, 0, logs).sum(1)
        found[[k for k, _ in written]] = np.maximum(sums, UNLIKELY)
        return found

    def _written(self, ids: str) -> NDArray[np.int64] | None:
        """The codes of a description without blanks; None for one that cannot be written."""
        try:
            codes = self.codes.encode(ids, self._longest)
        except TenshoError:
            return None
        return np.asarray(codes[codes != BLANK])


class _Convolution(NamedTuple):
    """Kernels (C', K² C), biases (C', 1), the K of their K × K places, and the stride."""

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


class _Norm(NamedTuple):
    """Layer normalisation."""

    weight: Array
    bias: Array

    def __call__(self, hidden: Array) -> Array:
        centred = hidden - hidden.mean(-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(-1, keepdims=True) + np.float32(_EPSILON))
        return np.asarray(centred / spread * self.weight + self.bias)


class _Attention:
    """Attention of several heads (Vaswani et al. 2017), as torch stores it."""

    def __init__(self, arrays: Mapping[str, Array], name: str, heads: int) -> None:
        self._heads = heads
        weights, biases = arrays[f"{name}.in_proj_weight"], arrays[f"{name}.in_proj_bias"]
        (self._query, self._key, self._value), self._biases = np.split(weights, 3), np.split(biases, 3)
        self._out, self._out_bias = arrays[f"{name}.out_proj.weight"], arrays[f"{name}.out_proj.bias"]

    def __call__(self, asking: Array, answering: Array, *, causal: bool = False) -> Array:
        """(N, T, width) asks (…, U, width), which is (N, U, width) or the same for all: (N, T, width)."""
        query, key, value = (
            self._parted(where @ weight.T + bias)
            for where, weight, bias in zip(
                (asking, answering, answering),
                (self._query, self._key, self._value),
                self._biases,
                strict=True,
            )
        )
        scores = query @ key.swapaxes(-1, -2) / np.float32(math.sqrt(query.shape[-1]))
        if causal:
            scores = np.where(np.tri(*scores.shape[-2:]) > 0, scores, np.float32(-np.inf))
        mixed = (_softmax(scores) @ value).swapaxes(-2, -3)
        return np.asarray(mixed.reshape(asking.shape) @ self._out.T + self._out_bias)

    def _parted(self, hidden: Array) -> Array:
        return np.asarray(hidden.reshape(*hidden.shape[:-1], self._heads, -1).swapaxes(-2, -3))


class _Layer:
    """A layer of the writer, normalised first."""

    def __init__(self, arrays: Mapping[str, Array], name: str, heads: int) -> None:
        self._own = _Attention(arrays, f"{name}self_attn", heads)
        self._seen = _Attention(arrays, f"{name}multihead_attn", heads)
        self._norms = [
            _Norm(arrays[f"{name}norm{k}.weight"], arrays[f"{name}norm{k}.bias"]) for k in (1, 2, 3)
        ]
        self._wide, self._wide_bias = arrays[f"{name}linear1.weight"], arrays[f"{name}linear1.bias"]
        self._back, self._back_bias = arrays[f"{name}linear2.weight"], arrays[f"{name}linear2.bias"]

    def __call__(self, hidden: Array, memory: Array) -> Array:
        own = self._norms[0](hidden)
        hidden = hidden + self._own(own, own, causal=True)
        hidden = hidden + self._seen(self._norms[1](hidden), memory)
        wide = _gelu(self._norms[2](hidden) @ self._wide.T + self._wide_bias)
        return np.asarray(hidden + wide @ self._back.T + self._back_bias)


def _softmax(scores: Array) -> Array:
    raised = np.exp(scores - scores.max(-1, keepdims=True))
    return np.asarray(raised / raised.sum(-1, keepdims=True))


def _gelu(x: Array) -> Array:
    return np.asarray(x * 0.5 * (1 + _error_function(x / np.float32(math.sqrt(2)))), np.float32)


def _error_function(x: Array) -> Array:
    """erf to 1.5e-7 (Abramowitz and Stegun 1964, 7.1.26)."""
    t = 1 / (1 + 0.3275911 * np.abs(x))
    powers = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    return np.asarray(np.sign(x) * (1 - powers * np.exp(-x * x)))


def _numbers(arrays: Mapping[str, Any], pattern: re.Pattern[str]) -> list[int]:
    return sorted(int(found[1]) for name in arrays if (found := pattern.match(name)))


def _block(arrays: Mapping[str, Array], name: str) -> _Block:
    skipped = f"{name}.skip.0.weight" in arrays
    stride = 2 if skipped else 1
    return _Block(
        _convolution(arrays, f"{name}.conv1", f"{name}.norm1", stride),
        _convolution(arrays, f"{name}.conv2", f"{name}.norm2"),
        _convolution(arrays, f"{name}.skip.0", f"{name}.skip.1", stride) if skipped else None,
    )


def _convolution(arrays: Mapping[str, Array], name: str, norm: str, stride: int = 1) -> _Convolution:
    kernels = arrays[f"{name}.weight"]
    scale = arrays[f"{norm}.weight"] / np.sqrt(arrays[f"{norm}.running_var"] + np.float32(_EPSILON))
    bias = arrays[f"{norm}.bias"] - scale * arrays[f"{norm}.running_mean"]
    flat = (scale[:, None, None, None] * kernels).transpose(0, 2, 3, 1).reshape(len(kernels), -1)
    return _Convolution(np.ascontiguousarray(flat), bias[:, None], kernels.shape[-1], stride)


def _pointwise(arrays: Mapping[str, Array], name: str) -> tuple[Array, Array]:
    """A convolution of 1 × 1 as a matrix (C', C) and biases (C', 1)."""
    return arrays[f"{name}.weight"][:, :, 0, 0], arrays[f"{name}.bias"][:, None]
