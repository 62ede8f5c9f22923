"""The brush without torch; see `tensho.models.brush.network` for the mathematics."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensho.errors import TenshoError
from tensho.models.brush.base import BLANK, CONDITIONS, BrushBase, BrushConfig
from tensho.models.chunks import check_request, chunks
from tensho.models.onnx_graph import OnnxGraph
from tensho.seeds import NoiseRows

__all__ = ["OnnxBrush"]

Images = NDArray[np.float32]


class OnnxBrush(BrushBase):
    """A brush whose network is an ONNX graph; inputs ``noisy``, ``t``, ``drafts``, ``style``, ``fine``."""

    def __init__(self, network: OnnxGraph, config: BrushConfig) -> None:
        self.config = config
        self._network = network

    def sample(
        self,
        n: int,
        *,
        seed: int = 0,
        first: int = 0,
        steps: int | None = None,
        condition: Mapping[str, Any] | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> Images:
        """Paint glyphs; see `BrushBase.sample`."""
        check_request(n, steps)
        if unknown := (condition or {}).keys() - set(CONDITIONS):
            raise TenshoError(
                f"brush cannot be conditioned on {min(unknown)!r}, only on {', '.join(CONDITIONS)}"
            )
        pages = []
        for indices, rows, wanted in chunks(n, first, self.chunk):
            page = {name: value[rows] for name, value in (condition or {}).items()}
            pages.append(self._painted(NoiseRows(seed, indices), steps, page)[wanted])
            if progress is not None:
                progress(len(wanted))
        return np.concatenate(pages)

    def sample_at(
        self,
        indices: Sequence[int],
        *,
        seed: int = 0,
        steps: int | None = None,
        condition: Mapping[str, Any] | None = None,
    ) -> Images:
        """Paint a chunk; see `BrushBase.sample_at`."""
        return self._painted(NoiseRows(seed, indices), steps, condition or {})

    def _painted(self, noise: NoiseRows, steps: int | None, condition: Mapping[str, NDArray[Any]]) -> Images:
        size = self.config.size
        roughening = np.float32(self.config.roughness) * noise.normal(1, size, size)
        blank = np.full_like(roughening, BLANK)
        own, reference = (
            _signed(condition[name]) if name in condition else blank for name in ("own_draft", "draft")
        )
        drafts = np.concatenate([own, reference], 1)
        fine = _signed(condition["fine"]) if "fine" in condition else own
        style = condition.get("style", np.full(len(noise), self.as_the_draft))
        x = clean = own + roughening
        evaluations = steps or self.config.evaluations
        for t, following in pairwise(np.arange(evaluations + 1, dtype=np.float32) / evaluations):
            draft = own if following < 1 else fine
            time = np.full(len(x), t)
            (estimate,) = self._network(noisy=x, t=time, drafts=drafts, style=style, fine=draft)
            clean = np.clip(estimate, -1, 1)
            if following < 1:
                # The velocity of the straight path leads to where the estimate is at t = 1.
                x = x + (following - t) / (1 - t) * (clean - x)
        painted: Images = np.clip((self.config.contrast * clean + 1) / 2, 0, 1)
        return painted


def _signed(image: NDArray[np.uint8]) -> Images:
    signed: Images = image.astype(np.float32) / np.float32(127.5) - 1
    return signed
