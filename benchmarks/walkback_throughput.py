"""Training throughput of ``walkback`` beside a plain transcription of the published loop, on the same batch.

    python benchmarks/walkback_throughput.py [--batch-size 32] [--steps 3]

The transcription is what a reader of the formulas would write: contiguous float32 tensors, one optimiser, no guard.
Ours is the package's own update (mean over processes, guard, clip, moving average), in float32 and in bfloat16,
both channels-last. The three take turns, and the best of the turns counts, so that a disturbance hits none alone.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from tensho.models.base import Recipe
from tensho.models.walkback import Walkback, WalkbackConfig
from tensho.train.ema import MovingAverage
from tensho.train.processes import Processes
from tensho.train.updates import Updates


def transcription(images: Tensor) -> Callable[[], None]:
    """One step of the published loop with the published network."""
    network = Walkback(WalkbackConfig())
    optimizer = torch.optim.AdamW(network.parameters(), 1e-3)
    schedule = torch.linspace(0, 1.5, 8)
    target = images.float() / 255

    def step() -> None:
        weights = torch.cat([p.reshape(-1) for p in network.parameters()])
        loss = weights.pow(2).mean()
        y = target.clone()
        for i, kt in enumerate(schedule):
            y = network(y + torch.randn_like(y) * kt)
            for j in range(i - 1, -1, -1):
                y = network(y + torch.randn_like(y) * schedule[j])
            loss = loss + functional.mse_loss(y, target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def ours(images: Tensor, precision: str) -> Callable[[], None]:
    """One step as `tensho.train` makes it."""
    model = Walkback(WalkbackConfig()).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    updates, average = Updates(model, Recipe(), Processes("cpu")), MovingAverage(model, 0.998)

    def step() -> None:
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
            (losses,) = model.training_step({"image": images}, 0)
        updates.apply(losses, 1.0)
        average.update(model, 0)

    return step


def main() -> None:
    """Time the three and print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--batch-size", type=int, default=32)
    arguments.add_argument("--steps", type=int, default=3)
    options = arguments.parse_args()
    torch.manual_seed(0)
    images = (torch.rand(options.batch_size, 1, 64, 64) > 0.8).to(torch.uint8) * 255
    steps = {
        "plain transcription, fp32": transcription(images),
        "tensho, fp32, channels-last": ours(images, "fp32"),
        "tensho, bf16, channels-last": ours(images, "bf16"),
    }
    best = dict.fromkeys(steps, float("inf"))
    for step in steps.values():
        step()
    for _ in range(options.steps):
        for name, step in steps.items():
            start = time.perf_counter()
            step()
            best[name] = min(best[name], time.perf_counter() - start)
    base = best["plain transcription, fp32"]
    print(f"batch of {options.batch_size}, {torch.get_num_threads()} threads, torch {torch.__version__}")
    for name, seconds in best.items():
        print(f"{name:32s} {options.batch_size / seconds:7.1f} images/s   {base / seconds:5.2f}×")


if __name__ == "__main__":
    main()
