"""A mixture of Gaussians in the plane, as images of one pixel and two channels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tensho.models.base import Model, Recipe
from tensho.models.config import Config
from tensho.train.checkpoint import read_checkpoint
from tensho.train.loop import fresh_model, train
from tensho.train.settings import RunSettings

ANGLES = 2 * np.pi * np.arange(6) / 6
MODES = 0.5 + 0.35 * np.stack([np.cos(ANGLES), np.sin(ANGLES)], 1)
"""Six means on a circle in the unit square."""


class Accident(Exception):
    """What stops a run in the middle of a step."""


class Points:
    """A `Dataset` of 20,000 points of the mixture."""

    DEVIATION = 0.03

    def __init__(self, fail_at: int = 0) -> None:
        self.batches_left = fail_at  # 0: never
        rng = np.random.default_rng(0)
        points = MODES[rng.integers(len(MODES), size=20_000)] + rng.normal(0, self.DEVIATION, (20_000, 2))
        self.images = (points.clip(0, 1) * 255).round().astype(np.uint8)[:, :, None, None]
        self.shape = (2, 1, 1)
        self.digest = "points"

    def __len__(self) -> int:
        return len(self.images)

    def batch(self, indices: NDArray[np.int64]) -> dict[str, torch.Tensor]:
        self.batches_left -= 1
        if self.batches_left == 0:
            raise Accident
        return {"image": torch.from_numpy(self.images[indices])}


def learned(model: Model[Any], recipe: Recipe, folder: Path, n: int = 1000) -> NDArray[np.float32]:
    """``n`` points (n, 2) that the model draws after its training."""
    settings = RunSettings(precision="fp32", sample_every=0, device="cpu")
    trained = train(model, Points(), recipe, settings, folder / "run").model
    assert isinstance(trained, Model)
    points: NDArray[np.float32] = trained.sample(n).numpy()[:, :, 0, 0]
    return points


def nearest_mode(points: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The mode nearest to each point, and its distance."""
    distances = np.linalg.norm(points[:, None] - MODES, axis=2)
    return distances.argmin(1), distances.min(1)


def stopped_and_whole(
    model_class: type[Model[Any]], config: Config, folder: Path
) -> tuple[dict[str, torch.Tensor], ...]:
    """The last checkpoints' tensors of a run that failed in its sixth step and was resumed, and of one that did not."""

    def run(name: str, points: Points) -> dict[str, torch.Tensor]:
        settings = RunSettings(precision="bf16", sample_every=0, save_every=2, device="cpu")
        model = fresh_model(model_class, config, seed=0)
        train(model, points, Recipe(steps=9, batch_size=8), settings, folder / name)
        checkpoint = read_checkpoint(folder / name / "checkpoint.safetensors")
        assert checkpoint is not None
        return dict(checkpoint.tensors)

    with pytest.raises(Accident):
        run("stopped", Points(fail_at=6))
    return run("stopped", Points()), run("whole", Points())
