"""`Trainable`: what the training loop and the weight files ask of a network: losses, optimisers, recipe."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

import torch
from huggingface_hub import ModelHubMixin, hf_hub_download
from torch import Tensor, nn

from tensho.datasets.base import Dataset
from tensho.errors import TenshoError
from tensho.models.config import UNBOUNDED, Config, setting
from tensho.models.weight_file import read_weights, write_weights

__all__ = ["Losses", "Preset", "Recipe", "SaveableModule", "Trainable"]

ConfigT = TypeVar("ConfigT", bound=Config)
SaveableT = TypeVar("SaveableT", bound="SaveableModule[Any]")
TrainableT = TypeVar("TrainableT", bound="Trainable[Any]")


_SPARE = 50_000_000
"""Numbers that a network may have beyond twice those of its file, such as a critic that only training needs."""


@dataclasses.dataclass(frozen=True)
class Losses:
    """One optimiser update: ``total`` () is minimised by the named optimiser, ``parts`` () are what is logged."""

    total: Tensor
    parts: Mapping[str, Tensor] = dataclasses.field(default_factory=dict)
    optimizer: str = "main"


@dataclasses.dataclass(frozen=True)
class Recipe(Config):
    """How a family is trained unless the user says otherwise; every field is a flag of ``tensho train``."""

    steps: int = setting(10_000, "Optimiser steps.", most=UNBOUNDED)
    batch_size: int = setting(64, "Examples per step and process.", most=65_536)
    learning_rate: float = setting(1e-3, "Peak learning rate of AdamW.")
    weight_decay: float = setting(0.0, "Decoupled weight decay.")
    beta1: float = setting(0.9, "First moment decay of AdamW.")
    beta2: float = setting(0.99, "Second moment decay of AdamW.")
    warmup: int = setting(100, "Steps of linear warm-up of the learning rate.", most=UNBOUNDED)
    anneal: float = setting(0.4, "Share of the run over which the learning rate falls to zero.")
    clip: float = setting(1.0, "Largest gradient norm.")
    ema: float = setting(0.998, "Decay of the moving average of the weights; 0 keeps no average.")

    def optimizer(
        self, parameters: Iterable[nn.Parameter], *, beta1: float | None = None
    ) -> torch.optim.AdamW:
        """AdamW for some parameters, with another decay of the first moment where one is given."""
        return torch.optim.AdamW(
            parameters,
            lr=self.learning_rate,
            betas=(self.beta1 if beta1 is None else beta1, self.beta2),
            weight_decay=self.weight_decay,
        )

    def check(self) -> None:
        """Raise `TenshoError` on values that cannot be trained with."""
        self.require(self.steps >= 1, f"--steps is {self.steps}, but at least 1 is needed")
        self.require(self.batch_size >= 1, f"--batch-size is {self.batch_size}, but at least 1 is needed")
        self.require(self.learning_rate > 0, f"--learning-rate is {self.learning_rate}, but must be positive")
        self.require(0 <= self.ema < 1, f"--ema is {self.ema}, but must be in [0, 1)")
        self.require(0 <= self.anneal <= 1, f"--anneal is {self.anneal}, but must be in [0, 1]")
        self.require(self.clip > 0, f"--clip is {self.clip}, but must be positive")


@dataclasses.dataclass(frozen=True)
class Preset(Generic[ConfigT]):
    """A named size of a family: its architecture and the recipe that trains it."""

    config: ConfigT
    recipe: Recipe


class SaveableModule(nn.Module, Generic[ConfigT]):
    """A network that one config builds, and that is written to a weight file with it; subclasses set the class variables."""

    family: ClassVar[str]
    config_class: ClassVar[type[Config]]

    def __init__(self, config: ConfigT) -> None:
        super().__init__()
        self.config = config

    def save(self, path: Path, metadata: Mapping[str, str] | None = None) -> None:
        """Write weights and settings as safetensors (floating point in half precision), atomically."""
        head = {"family": self.family, "config": self.config.to_json(), **(metadata or {})}
        write_weights(path, self.shipped_state(), head)

    def shipped_state(self) -> dict[str, Tensor]:
        """The tensors that a weight file holds by name; all, unless some are of use in training alone."""
        return self.state_dict()

    @classmethod
    def open(cls: type[SaveableT], path: Path) -> SaveableT:
        """The model that `save` wrote, in evaluation mode, float32.

        Raises:
            TenshoError: no such file, not safetensors, damaged, or weights of another family.
        """
        tensors, metadata = read_weights(path)
        found = metadata.get("family")
        if found != cls.family:
            raise TenshoError(f"{path} holds weights of {found or 'no tensho model'}, not of {cls.family}")
        config = cls.config_class.from_json(metadata.get("config", "{}"))
        stored = sum(tensor.numel() for tensor in tensors.values())
        try:
            # First without memory, since settings that the file lies about could ask for any amount of it.
            with torch.device("meta"):
                asked = sum(tensor.numel() for tensor in cls(config).state_dict().values())
            if asked > 2 * stored + _SPARE:
                raise RuntimeError(f"{asked} numbers are asked for, and {stored} are there")
            model = cls(config)
            model.load_state_dict(tensors)
        except RuntimeError as error:
            raise TenshoError(f"{path} does not fit its own settings; the file is damaged") from error
        return model.eval()


class Trainable(SaveableModule[ConfigT], ModelHubMixin, ABC):
    """A network that the loop can train, and that travels as the hub expects.

    Subclasses set the class variables, build themselves from one config, and implement `training_step`.
    """

    @property
    def device(self) -> torch.device:
        """Where the model computes."""
        return next(self.parameters()).device

    @abstractmethod
    def training_step(self, batch: Mapping[str, Tensor], step: int) -> Iterator[Losses]:
        """Yield one `Losses` for each optimiser update of this step, in order.

        The loop updates the named optimiser before it asks for the next, so that a later loss sees the
        earlier update (a generator's loss the new discriminator). Random numbers come from torch's global
        generators, which the loop seeds with (seed, step, rank).

        Args:
            batch: tensors whose first axis is that of the examples, as the data set gives them.
            step: index of the step, from 0.
        """

    def config_for(self, dataset: Dataset) -> ConfigT:  # noqa: ARG002
        """The settings with what only the data can tell, such as the names of the styles."""
        return self.config

    def prepare(self, dataset: Dataset) -> None:
        """Take from the data what training and use need of them; nothing unless the family says so.

        Called once, before the first step and before a checkpoint is read.

        Raises:
            TenshoError: the data do not fit.
        """

    def begin_with(self, other: Trainable[Any]) -> None:
        """Take the weights of another model of this family, which may have other settings.

        Raises:
            RuntimeError: they are of another shape.
            TenshoError: they mean something else.
        """
        self.load_state_dict(other.state_dict())

    def drawing_condition(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:  # noqa: ARG002
        """What drawing the examples of a batch again is conditioned on, beyond what the batch calls as `Spec.conditions` do."""
        return {}

    def optimizers(self, recipe: Recipe) -> dict[str, torch.optim.Optimizer]:
        """The optimisers by name; one AdamW over all parameters unless the family says otherwise."""
        return {"main": recipe.optimizer(self.parameters())}

    def _save_pretrained(self, save_directory: Path) -> None:
        self.save(save_directory / "model.safetensors")

    @classmethod
    def _from_pretrained(
        cls: type[TrainableT],
        *,
        model_id: str,
        revision: str | None,
        cache_dir: str | Path | None,
        force_download: bool,
        local_files_only: bool,
        token: str | bool | None,
        **_: Any,
    ) -> TrainableT:
        local = Path(model_id)
        if local.is_dir():
            return cls.open(local / "model.safetensors")
        file = hf_hub_download(
            model_id,
            "model.safetensors",
            revision=revision,
            cache_dir=cache_dir,
            force_download=force_download,
            local_files_only=local_files_only,
            token=token,
        )
        return cls.open(Path(file))
