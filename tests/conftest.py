import dataclasses

import pytest
import torch

from tensho.models.walkback import Walkback, WalkbackConfig


@pytest.fixture(scope="session")
def small_weights(tmp_path_factory):
    """A weight file of a small walkback that has seen a few batches of noise."""
    torch.manual_seed(0)
    model = Walkback(dataclasses.replace(WalkbackConfig(), size=16, features=4, levels=2, cycles=1))
    with torch.no_grad():
        for step in range(5):
            list(
                model.training_step({"image": torch.randint(0, 256, (4, 1, 16, 16), dtype=torch.uint8)}, step)
            )
    path = tmp_path_factory.mktemp("weights") / "little.safetensors"
    model.save(path, {"preset": "test", "images_seen": "20"})
    return path
