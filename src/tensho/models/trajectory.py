"""The steps by which an iterative sampler reached its images, and a picture of them."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from tensho.seeds import SampleNoise

__all__ = ["StepwiseSampler", "Trajectory", "filmstrip"]

FRAME, GAP, MARGIN, LABEL = 96, 6, 20, 26
"""Of a `filmstrip`, in pixels: side of a frame, space between frames, around the picture, height of a label."""

PER_ROW = 8
"""Frames of a line of a `filmstrip`."""


@dataclasses.dataclass(frozen=True)
class Trajectory:
    """The steps of one sampling run.

    Attributes:
        levels: noise level of each step, length T, in the family's own unit (walkback: temperature kT).
        inputs: what the network was given, float32 (T, B, C, H, W), any range.
        outputs: what it made of it, float32 (T, B, C, H, W) in [0, 1].
    """

    levels: tuple[float, ...]
    inputs: Tensor
    outputs: Tensor


class StepwiseSampler(ABC):
    """A model that reaches its images step by step, and can show how."""

    chunk: ClassVar[int]

    @property
    @abstractmethod
    def device(self) -> torch.device:
        """Where the model computes."""

    @abstractmethod
    def trajectory(
        self, noise: SampleNoise, *, steps: int | None = None, condition: Mapping[str, Tensor] | None = None
    ) -> Trajectory:
        """Draw as `Model.draw` does, and keep the frames worth showing (for walkback: the last cycle)."""


def filmstrip(trajectory: Trajectory) -> Image.Image:
    """Draw how its first glyph came to be, eight steps to a line, each frame under its noise level."""
    steps = len(trajectory.levels)
    columns, lines = min(PER_ROW, steps), -(-steps // PER_ROW)
    line_height = LABEL + 2 * FRAME + GAP
    page = Image.new(
        "L",
        (2 * MARGIN + columns * (FRAME + GAP) - GAP, 2 * MARGIN + lines * (line_height + MARGIN) - MARGIN),
        "white",
    )
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(14)
    for k, level in enumerate(trajectory.levels):
        line, column = divmod(k, PER_ROW)
        x, y = MARGIN + column * (FRAME + GAP), MARGIN + line * (line_height + MARGIN)
        pen.text((x + FRAME / 2, y + LABEL / 2), f"{level:.2f}", fill=90, font=font, anchor="mm")
        noisy = trajectory.inputs[k, 0].mean(0).cpu().numpy()
        clean = trajectory.outputs[k, 0].mean(0).cpu().numpy()
        page.paste(_frame(_stretched(noisy)), (x, y + LABEL))
        page.paste(_frame(clean), (x, y + LABEL + FRAME + GAP))
    return page


def _stretched(array: NDArray[np.float32]) -> NDArray[np.float32]:
    """Noise leaves [0, 1]; the picture shows the span that holds all but the extreme hundredths."""
    low, high = min(0.0, float(np.quantile(array, 0.01))), max(1.0, float(np.quantile(array, 0.99)))
    stretched: NDArray[np.float32] = (array - low) / (high - low)
    return stretched


def _frame(ink: NDArray[np.float32]) -> Image.Image:
    grey = np.rint((1 - np.clip(ink, 0, 1)) * 255).astype(np.uint8)
    return Image.fromarray(grey).resize((FRAME, FRAME), Image.Resampling.BICUBIC)
