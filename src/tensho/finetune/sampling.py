"""Draws what a prompt asks for, with a fine-tuned checkpoint or any other of Stable Diffusion.

Pictures are drawn one at a time, each from noise that depends on its seed and index alone, so that a picture does not
depend on how many were asked for; `DPM-Solver++ <https://arxiv.org/abs/2211.01095>`_ needs 25 steps.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from tensho.errors import TenshoError
from tensho.finetune.checkpoint import StableDiffusion, open_checkpoint
from tensho.finetune.output import ADAPTERS, RECORD, find_pipeline
from tensho.seeds import SampleNoise
from tensho.sheet import Sheet

__all__ = ["GUIDANCE", "STEPS", "draw", "draw_prompt", "open_tuned"]

GUIDANCE = 7.5
"""Scale of classifier-free guidance, the default of diffusers' pipeline."""

STEPS = 25
"""Network evaluations unless the user says otherwise."""


def open_tuned(folder: Path) -> tuple[StableDiffusion, int]:
    """A checkpoint, or the base with the adapters of ``folder`` built in, and the side of its pictures in pixels.

    Raises:
        TenshoError: it is damaged, or the base of the adapters cannot be opened.
    """
    if not (folder / ADAPTERS).is_file():
        found = open_checkpoint(str(folder))
        return found, found.size
    from safetensors import SafetensorError

    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        base, size = str(record["base"]), int(record["size"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TenshoError(
            f"{folder} does not say what its adapters are for; its {RECORD} is missing"
        ) from error
    found = open_checkpoint(base)
    pipeline = found.pipeline()
    try:
        pipeline.load_lora_weights(folder, weight_name=ADAPTERS, local_files_only=True)
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise TenshoError(
            f"the adapters in {folder} are damaged, or not for {base}; train them again"
        ) from error
    pipeline.fuse_lora()
    pipeline.unload_lora_weights()
    return found, size


@torch.no_grad()
def draw(
    model: StableDiffusion,
    prompts: Sequence[str],
    *,
    size: int,
    seed: int = 0,
    steps: int = STEPS,
    progress: Callable[[int], None] | None = None,
) -> Tensor:
    """One picture for each prompt, where the model's U-Net is: float32 (n, 3, S, S) in [0, 1], on the CPU.

    Args:
        model: see `open_tuned`.
        prompts: n texts.
        size: S, a multiple of 8.
        seed: any integer.
        steps: network evaluations a picture.
        progress: called with 1 after each picture.

    Raises:
        TenshoError: steps is not positive.
    """
    from diffusers import DPMSolverMultistepScheduler

    if steps < 1:
        raise TenshoError(f"cannot sample in {steps} steps; ask for at least 1")
    pipeline = model.pipeline()
    pipeline.scheduler = DPMSolverMultistepScheduler.from_config(model.scheduler.config)
    pipeline.set_progress_bar_config(disable=True)
    latent = (model.unet.config.in_channels, size // model.factor, size // model.factor)
    drawn = []
    for index, prompt in enumerate(prompts):
        pictures: Any = pipeline(
            prompt,
            height=size,
            width=size,
            latents=SampleNoise(seed, [index], model.unet.device).normal(*latent),
            num_inference_steps=steps,
            guidance_scale=GUIDANCE,
            output_type="pt",
        ).images
        drawn.append(pictures.float().cpu())
        if progress is not None:
            progress(1)
    return torch.cat(drawn)


def draw_prompt(
    n: int,
    prompt: str,
    *,
    model: str,
    seed: int = 0,
    steps: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Sheet:
    """``n`` pictures of one prompt; picture i of a seed is the same for every ``n``.

    Args:
        n: how many.
        prompt: what to draw, such as "a Chinese character that means full moon".
        model: a folder in the layout of diffusers, adapters, or the folder of a fine-tuning.
        seed: any integer.
        steps: network evaluations a picture; None: 25.
        progress: called with 1 after each picture.

    Raises:
        TenshoError: a number out of range, or a model that is unknown or damaged.
    """
    if n < 1:
        raise TenshoError(f"cannot draw {n} pictures; ask for at least 1")
    folder = find_pipeline(model)
    if folder is None:
        raise TenshoError(f"{model} holds no Stable Diffusion checkpoint; give the folder of a fine-tuning")
    opened, size = open_tuned(folder)
    if torch.cuda.is_available():
        opened.pipeline().to("cuda")
    images = draw(
        opened,
        [prompt] * n,
        size=size,
        seed=seed,
        steps=STEPS if steps is None else steps,
        progress=progress,
    )
    return Sheet.from_tensor(images, model=model, seed=seed)
