"""The brush without torch; see `tensho.models.brush` for the mathematics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensho.errors import TenshoError
from tensho.models.painter import BLANK, BrushConfig, Painter
from tensho.runtime.network import Network
from tensho.seeds import NoiseRows

__all__ = ["OnnxBrush"]

Images = NDArray[np.float32]


class OnnxBrush(Painter):
    """A brush whose network is an ONNX graph; inputs ``noisy``, ``t``, ``drafts``, ``style``."""

    def __init__(self, network: Network, config: BrushConfig) -> None:
        self.config = config
        self._network = network

    def sample(
        self,
        n: int,
        *,
        seed: int = 0,
        steps: int | None = None,
        condition: Mapping[str, Any] | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> Images:
        """Paint glyphs; see `Painter.sample`."""
        if n < 1:
            raise TenshoError(f"cannot draw {n} images; ask for at least 1")
        if steps is not None and steps < 1:
            raise TenshoError(f"cannot sample in {steps} steps; ask for at least 1")
        pages = []
        for start in range(0, n, self.chunk):
            rows = [min(i, n - 1) for i in range(start, start + self.chunk)]
            page = {name: value[rows] for name, value in (condition or {}).items()}
            pages.append(self._painted(NoiseRows(seed, range(start, start + self.chunk)), steps, page))
            if progress is not None:
                progress(min(self.chunk, n - start))
        return np.concatenate(pages)[:n]

    def _painted(self, noise: NoiseRows, steps: int | None, condition: Mapping[str, NDArray[Any]]) -> Images:
        size = self.config.size
        roughening = np.float32(self.config.roughness) * noise.normal(1, size, size)
        blank = np.full_like(roughening, BLANK)
        reference = _signed(condition["draft"]) if "draft" in condition else blank
        own = _signed(condition["own_draft"]) if "own_draft" in condition else None
        drafts = np.concatenate([reference, blank] if own is None else [own, reference], 1)
        style = condition.get("face", np.full(len(noise), self.as_the_draft))
        x = clean = drafts[:, :1] + roughening
        evaluations = steps or self.config.evaluations
        for t, following in pairwise(np.arange(evaluations + 1, dtype=np.float32) / evaluations):
            (estimate,) = self._network(noisy=x, t=np.full(len(x), t), drafts=drafts, style=style)
            clean = np.clip(estimate, -1, 1)
            # The velocity of the straight path leads to where the estimate is at t = 1.
            x = x + (following - t) / (1 - t) * (clean - x)
        painted: Images = np.clip((clean + 1) / 2, 0, 1)
        return painted


def _signed(image: NDArray[np.uint8]) -> Images:
    signed: Images = image.astype(np.float32) / np.float32(127.5) - 1
    return signed
