"""Fine-tunes a Stable Diffusion checkpoint on pictures with captions, by the loop that trains the families.

A run is a function of its base, pairs, recipe and seed, see `tensho.train.loop`; what is learned, and from what noise,
says `tensho.finetune.task`.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from pathlib import Path

from tensho.errors import TenshoError
from tensho.finetune.checkpoint import open_checkpoint
from tensho.finetune.pairs import open_split_pairs
from tensho.finetune.recipes import FineTuning
from tensho.finetune.task import FineTuningTask
from tensho.train.loop import carry_out, processes_of
from tensho.train.run_folder import RunFolder
from tensho.train.settings import RunSettings

__all__ = ["FineTuned", "finetune"]


@dataclasses.dataclass(frozen=True)
class FineTuned:
    """What a finished run leaves.

    folder: that of the pipeline or of the adapters. steps and images_seen count from the run's first start.
    loss: (before, after) on the validation split. seconds_per_step; memory: the most that was held, in bytes,
    on the GPU if there is one.
    """

    folder: Path
    steps: int
    images_seen: int
    loss: tuple[float, float]
    seconds_per_step: float
    memory: int


def finetune(
    base: str,
    data: Path,
    tuning: FineTuning,
    settings: RunSettings,
    folder: Path,
    *,
    report: Callable[[str], object] = lambda _: None,
) -> FineTuned:
    """Fine-tune ``base`` on the pairs in ``data``, in ``folder``, from its checkpoint if it has one.

    The folder gets ``pipeline`` (all weights) or ``lora`` (adapters), which hold the moving average, and
    ``checkpoint.safetensors``, ``log.jsonl``, TensorBoard scalars and the validation prompts drawn every
    ``sample_every`` steps. Started by ``accelerate launch`` or ``torchrun``, all processes train one model; they
    must all be able to read the folder.

    Args:
        base: a folder in the layout of diffusers, or a name on the hub.
        data: an image folder with captions, see `tensho.finetune.pairs.open_split_pairs`.
        tuning: may be changed between the parts of a run, except for what it takes in and what it trains.
        settings: how to run; ``seed`` and ``precision`` stay those of the first part.
        folder: made if it is not there.
        report: told what was held back where the folder has no validation split.

    Raises:
        TenshoError: base or data cannot be used, the checkpoint is damaged or of another run, the folder cannot be
            written, or the gradient stays non-finite.
        KeyboardInterrupt: after Ctrl-C or SIGTERM, when the step is finished and saved.
    """
    processes = processes_of(settings)
    # Cheap checks come first: a base may take minutes to download.
    note = open_split_pairs(data, size=tuning.size).note
    model = open_checkpoint(base)
    size = tuning.size or model.size
    if size % model.factor:
        raise TenshoError(f"--size is {size}, but {base} draws multiples of {model.factor} pixels")
    train, validation, _ = open_split_pairs(data, size=size)
    if note and processes.rank == 0:
        report(note)

    def task(files: RunFolder) -> FineTuningTask:
        return FineTuningTask(model, train, validation, tuning, settings, files, processes)

    run = carry_out(task, folder, processes)
    return FineTuned(
        run.task.output,
        run.step,
        run.images_seen,
        run.task.validated or (math.nan, math.nan),  # measured by the first process alone
        run.seconds_per_step,
        run.task.most_memory(),
    )
