"""Training throughput of ``ddpm`` beside ``denoising-diffusion-pytorch``, and what both have learned after as many minutes.

    python benchmarks/ddpm_throughput.py [--batch-size 32] [--turns 3]
    python benchmarks/ddpm_throughput.py --minutes 30 [-n 500] [--out FOLDER]

The peer gets the number of channels at which its U-Net has as many parameters as ours (small preset, 64×64), and otherwise its
own defaults: objective, schedule, Adam with 1e-4, moving average, single precision. It is also timed in bfloat16, as
ours computes where the machine can. All take turns on the same batches, and the best of the turns counts, so
that a disturbance hits none alone. With --minutes both are trained for as long, in minutes of computing, so that other work on
the machine disturbs neither, the peer in the faster precision; they draw -n images with as many network evaluations, and
these are held against held-out characters. Ours stretches the contrast of what it draws; the peer's images are judged as
they are and stretched as much.

The peer imports torchvision, which tensho does without; an environment of its own will do, with
``pip install --no-deps denoising-diffusion-pytorch einops ema-pytorch torchvision`` (0.15.2 needs no matching build of torch).
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tensho.datasets.base import Dataset
from tensho.datasets.glyph_set import glyphs_folder, open_glyphs
from tensho.evaluate.controls import reference_set
from tensho.evaluate.distances import frechet
from tensho.evaluate.features import SPACES
from tensho.evaluate.two_sample import two_sample_test
from tensho.glyph_arrays import as_glyphs
from tensho.models.ddpm import PRESETS, Ddpm
from tensho.sheet import Sheet
from tensho.train.batches import batch_indices
from tensho.train.ema import MovingAverage
from tensho.train.learning_rate import learning_rate_factor
from tensho.train.precision import has_bfloat16
from tensho.train.processes import Processes
from tensho.train.updates import Updates

Step = Callable[[Tensor, float], None]
"""One update on images, uint8 (B, 1, 64, 64), at a share of the run in [0, 1)."""
Draw = Callable[[int], Tensor]
"""n → float32 (n, 1, 64, 64) in [0, 1]."""

EVALUATIONS = 28


def ours() -> tuple[int, Step, Draw]:
    """Parameters, update and drawing of the small preset, as `tensho.train` makes them."""
    preset = PRESETS["small"]
    model = Ddpm(preset.config).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    updates, average = (
        Updates(model, preset.recipe, Processes("cpu")),
        MovingAverage(model, preset.recipe.ema),
    )
    taken = 0

    def step(images: Tensor, progress: float) -> None:
        nonlocal taken
        with torch.autocast("cpu", torch.bfloat16, enabled=has_bfloat16(torch.device("cpu"))):
            (losses,) = model.training_step({"image": images}, taken)
        updates.apply(losses, learning_rate_factor(preset.recipe, taken, progress))
        average.update(model, taken)
        taken += 1

    def draw(n: int) -> Tensor:
        assert isinstance(average.model, Ddpm)
        return average.model.sample(n, seed=0, steps=EVALUATIONS)

    return parameters(model), step, draw


def peer(wanted: int, bfloat16: bool) -> tuple[int, Step, Draw]:
    """The same of the peer, as its trainer makes them; its U-Net has about ``wanted`` parameters."""
    from denoising_diffusion_pytorch import GaussianDiffusion, Unet  # type: ignore[import-not-found]
    from ema_pytorch import EMA  # type: ignore[import-not-found]

    widths = range(16, 65, 2)
    sizes = {width: parameters(Unet(width, dim_mults=(1, 2, 4, 8), channels=1)) for width in widths}
    width = min(widths, key=lambda width: abs(sizes[width] - wanted))
    network = Unet(width, dim_mults=(1, 2, 4, 8), channels=1)
    diffusion = GaussianDiffusion(network, image_size=64, sampling_timesteps=EVALUATIONS)
    optimizer = torch.optim.Adam(diffusion.parameters(), lr=1e-4, betas=(0.9, 0.99))
    average: Any = EMA(diffusion, beta=0.995, update_every=10)

    def step(images: Tensor, progress: float) -> None:
        del progress
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            loss = diffusion(images.float() / 255)
        loss.backward()
        nn.utils.clip_grad_norm_(diffusion.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        average.update()

    def draw(n: int) -> Tensor:
        average.ema_model.eval()
        parts = [average.ema_model.sample(batch_size=min(16, n - start)) for start in range(0, n, 16)]
        return torch.cat(parts).float().clamp(0, 1)

    return parameters(network), step, draw


def parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def batch_of(data: Dataset, size: int, step: int) -> Tensor:
    rows = batch_indices(len(data), size, seed=0, step=step)
    return data.batch(rows)["image"].contiguous(memory_format=torch.channels_last)


def throughput(
    runs: dict[str, tuple[int, Step, Draw]], data: Dataset, batch_size: int, turns: int
) -> dict[str, float]:
    """Images per second of each run, the best of ``turns`` after one to warm up."""
    best = dict.fromkeys(runs, float("inf"))
    for turn in range(turns + 1):
        images = batch_of(data, batch_size, turn)
        for name, (_, step, _) in runs.items():
            start = time.perf_counter()
            step(images, 0.0)
            if turn > 0:
                best[name] = min(best[name], time.perf_counter() - start)
    return {name: batch_size / seconds for name, seconds in best.items()}


def trained(step: Step, data: Dataset, batch_size: int, minutes: float) -> int:
    """Train for ``minutes`` of computing on each thread; the number of images seen."""
    start, taken = time.process_time(), 0
    seconds = 60 * minutes * torch.get_num_threads()
    while (progress := (time.process_time() - start) / seconds) < 1:
        step(batch_of(data, batch_size, taken), progress)
        taken += 1
    return taken * batch_size


def stretched(images: Tensor) -> Tensor:
    """The contrast that the small preset draws with."""
    return ((images - 0.5) * PRESETS["small"].config.contrast + 0.5).clamp(0, 1)


def judged(
    images: Tensor,
    reference: np.ndarray[Any, np.dtype[np.uint8]],
    features: dict[str, np.ndarray[Any, np.dtype[np.float32]]],
) -> str:
    """Fréchet distances in units of the held-out glyphs' mean variance, and the two-sample accuracy."""
    glyphs = as_glyphs(images.numpy())
    columns = []
    for name, real in features.items():
        generated = SPACES[name](glyphs)
        scale = np.sqrt(real.var(axis=0).mean())
        columns.append(f"{name} {frechet(real / scale, generated / scale):8.1f}")
    told = two_sample_test(reference, glyphs)
    return f"Fréchet: {', '.join(columns)}   two-sample: {told.accuracy:.3f} ({told.low:.3f}-{told.high:.3f})"


def main() -> None:
    """Time all, or train and judge two of them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument(
        "--minutes", type=float, default=0.0, help="train both for so long; 0: throughput alone"
    )
    parser.add_argument("-n", type=int, default=500, help="images that each draws to be judged")
    parser.add_argument("--glyphs", type=Path, default=glyphs_folder(64))
    parser.add_argument("--out", type=Path, help="folder for a picture of each one's samples")
    options = parser.parse_args()
    warnings.filterwarnings("ignore", "Failed to load image Python extension")
    glyphs = open_glyphs(options.glyphs)
    data = glyphs.subset("train")
    torch.manual_seed(0)

    own = ours()
    runs = {"tensho": own, "peer, fp32": peer(own[0], False), "peer, bf16": peer(own[0], True)}
    speeds = throughput(runs, data, options.batch_size, options.turns)
    for name, speed in speeds.items():
        print(
            f"{name:12}{runs[name][0]:>12,} parameters {speed:8.2f} images/s {speeds['tensho'] / speed:6.2f}×"
        )
    if options.minutes <= 0:
        return

    faster = max((name for name in runs if name != "tensho"), key=lambda name: speeds[name])
    reference = reference_set(glyphs, options.n)
    features = {name: space(reference) for name, space in SPACES.items()}
    least = 1 + max(columns.shape[1] for columns in features.values())
    if options.n < least:  # said before anything is trained
        parser.error(f"-n is {options.n}, but a Fréchet distance needs at least {least}")
    for name, (_, step, draw) in {"tensho": ours(), faster: peer(own[0], faster.endswith("bf16"))}.items():
        seen = trained(step, data, options.batch_size, options.minutes)
        start = time.perf_counter()
        images = draw(options.n)
        seconds = (time.perf_counter() - start) / options.n
        print(
            f"{name:12}{seen:>12,} images seen, {seconds:.2f} s a glyph\n{judged(images, reference, features)}",
            flush=True,
        )
        if name == faster:
            print(f"the same, stretched\n{judged(stretched(images), reference, features)}")
        if options.out is not None:
            Sheet.from_tensor(images[:64]).save(options.out / f"{name.replace(', ', '-')}.png")


if __name__ == "__main__":
    main()
