"""The picture of a trajectory: what the network was given, above what it made of it, step by step."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from tensho.models.trajectory import Trajectory

__all__ = ["filmstrip"]

FRAME = 96
GAP = 6
MARGIN = 20
LABEL = 26
PER_ROW = 8


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
