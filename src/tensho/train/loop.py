"""The training loop, one for all families.

A run is a function of its model's first weights, data, recipe and seed. Before every step torch's generators are
seeded with (seed, step, rank), the step's images are a function of the same three numbers, and a checkpoint holds
the rest, so a run that was killed and started again ends with the same weights, bit for bit, as one that was not,
on the same hardware and number of threads. With ``minutes`` the learning rate follows the clock, and that is
given up.
"""

from __future__ import annotations

import dataclasses
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
from tensho.train.precision import repeatable
from tensho.train.processes import Processes
from tensho.train.run import Run
from tensho.train.run_folder import RunFolder
from tensho.train.run_log import RunLog
from tensho.train.settings import RunSettings

__all__ = ["Trained", "begin_from", "fresh_model", "train"]

TrainableT = TypeVar("TrainableT", bound=Trainable[Any])


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
    """An untrained model whose first weights are a function of ``seed``."""
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
    if settings.threads > 0:
        torch.set_num_threads(settings.threads)
    processes = Processes(settings.device)
    files = RunFolder(folder)
    with (
        repeatable(processes.device),
        files.claimed() if processes.rank == 0 else nullcontext(),
        interrupts() as interrupt,
    ):
        model.prepare(dataset)
        run = Run(model, dataset, recipe, settings, files, preset, processes)
        run.start()
        if processes.rank == 0:
            with RunLog(folder, run.step, recipe.steps, run.progress) as run_log:
                run.go(interrupt, run_log)
        else:
            run.go(interrupt, None)
        return Trained(
            run.average.model, files.weights, run.step, run.images_seen, run.updates.skipped, run.elapsed / 60
        )
