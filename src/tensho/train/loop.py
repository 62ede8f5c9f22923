"""The training loop, one for all families and for the fine-tuning of models that were trained elsewhere.

A run is a function of its model's first weights, data, recipe and seed. Before every step torch's generators are
seeded with (seed, step, rank), the step's images are a function of the same three numbers, and a checkpoint holds
the rest, so a run that was killed and started again ends with the same weights, bit for bit, as one that was not,
on the same hardware and number of threads. With ``minutes`` the learning rate follows the clock, and that is
given up.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any, TypeVar

import torch

from tensho.datasets.base import Dataset
from tensho.errors import TenshoError
from tensho.models import loading
from tensho.models.config import Config
from tensho.models.trainable import Recipe, Trainable
from tensho.seeds import derived_seed
from tensho.train.interrupt import interrupts
from tensho.train.model_task import ModelTask
from tensho.train.precision import repeatable
from tensho.train.processes import Processes
from tensho.train.run import Run
from tensho.train.run_folder import RunFolder
from tensho.train.run_log import RunLog
from tensho.train.settings import RunSettings
from tensho.train.task import TrainingTask

__all__ = ["Trained", "begin_from", "carry_out", "fresh_model", "processes_of", "train"]

TaskT = TypeVar("TaskT", bound=TrainingTask)
TrainableT = TypeVar("TrainableT", bound=Trainable[Any])

_BYTES_EACH = 16
"""Of memory for each weight: itself, its gradient and two moments of it, in single precision."""


@dataclasses.dataclass(frozen=True)
class Trained:
    """What a finished run leaves.

    model: the moving average, in evaluation mode. weights: its file. steps, images_seen and skipped (updates
    that were not finite) count from the run's first start; minutes is its time at work.
    """

    model: Trainable[Any]
    weights: Path
    steps: int
    images_seen: int
    skipped: int
    minutes: float


def fresh_model(model_class: type[TrainableT], config: Config, seed: int) -> TrainableT:
    """An untrained model whose first weights are a function of ``seed``.

    Raises:
        TenshoError: the machine has too little memory to train it.
    """
    with torch.device("meta"):
        numbers = sum(parameter.numel() for parameter in model_class(config).parameters())
    there = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if numbers * _BYTES_EACH > there:
        raise TenshoError(
            f"a network of {numbers:,} weights takes {numbers * _BYTES_EACH / 1e9:,.0f} GB to train, and this machine has "
            f"{there / 1e9:,.0f} GB; make it narrower or shallower"
        )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derived_seed("weights", seed))
        return model_class(config)


def begin_from(model: Trainable[Any], name: str) -> None:
    """Give an untrained model the weights that ``name`` stands for; see `tensho.models.loading.load`.

    Raises:
        TenshoError: no such weights, or they are of another family or size.
    """
    found = loading.load(name, runtime="torch")
    if not isinstance(found, Trainable) or found.family != model.family:
        raise TenshoError(f"{name} holds weights of {found.family}, not of {model.family}")
    try:
        model.begin_with(found)
    except RuntimeError as error:
        raise TenshoError(
            f"the weights of {name} do not fit; train with the settings that they were trained with"
        ) from error


def train(
    model: Trainable[Any],
    dataset: Dataset,
    recipe: Recipe,
    settings: RunSettings,
    folder: Path,
    *,
    preset: str = "",
) -> Trained:
    """Train ``model`` on ``dataset`` in ``folder``, from its checkpoint if it has one.

    The folder gets ``checkpoint.safetensors``, ``weights.safetensors`` (the moving average), ``log.jsonl``,
    TensorBoard scalars and sample grids. Started by ``accelerate launch`` or ``torchrun``, all processes train
    one model; the folder must then be one that all of them can read.

    Args:
        model: changed in place; see `fresh_model`.
        dataset: what `tensho.models.registry.Family.open_dataset` gives.
        recipe: may be changed between the parts of a run, except for ``batch_size``.
        settings: how to run; ``seed`` and ``precision`` stay those of the first part.
        folder: made if it is not there.
        preset: name of the preset that ``model`` and ``recipe`` come from, for the record.

    Raises:
        TenshoError: the data do not fit the model, the checkpoint is damaged or of another run, the folder
            cannot be written, or the loss stays non-finite.
        KeyboardInterrupt: after Ctrl-C or SIGTERM, when the step is finished and saved.
    """
    if len(dataset) == 0:
        raise TenshoError("there is nothing to train on; look at `tensho data info`")
    processes = processes_of(settings)

    def task(files: RunFolder) -> ModelTask:
        model.prepare(dataset)
        return ModelTask(model, dataset, recipe, settings, files, processes, preset=preset)

    run = carry_out(task, folder, processes)
    return Trained(
        run.task.average.model,
        run.files.weights,
        run.step,
        run.images_seen,
        run.task.updates.skipped,
        run.elapsed / 60,
    )


def processes_of(settings: RunSettings) -> Processes:
    """The processes that were started together, on the device and with the threads that ``settings`` ask for.

    Raises:
        TenshoError: a GPU is asked for, and there is none.
    """
    if settings.threads > 0:
        torch.set_num_threads(settings.threads)
    return Processes(settings.device)


def carry_out(task: Callable[[RunFolder], TaskT], folder: Path, processes: Processes) -> Run[TaskT]:
    """Train what ``task`` makes in ``folder``, from its checkpoint if it has one, to the end.

    Args:
        task: called once the folder is claimed, so that what it refuses leaves nothing.
        folder: made if it is not there.
        processes: see `processes_of`.

    Raises:
        TenshoError: another run is in the folder, the checkpoint is damaged or of another run, the folder cannot
            be written, or the loss stays non-finite.
        KeyboardInterrupt: after Ctrl-C or SIGTERM, when the step is finished and saved.
    """
    files = RunFolder(folder)
    with (
        repeatable(processes.device),
        files.claimed() if processes.rank == 0 else nullcontext(),
        interrupts() as interrupt,
    ):
        run = Run(task(files))
        run.start()
        if processes.rank == 0:
            with RunLog(
                folder, run.step, run.task.recipe.steps, run.progress, run.settings.minutes
            ) as run_log:
                run.go(interrupt, run_log)
        else:
            run.go(interrupt, None)
    return run
