"""What can be written to a weight file and built again from it: a network with its family and settings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from torch import nn

from tensho.errors import TenshoError
from tensho.models.config import Config
from tensho.models.weight_file import read_weights, write_weights

__all__ = ["SaveableModule"]

ConfigT = TypeVar("ConfigT", bound=Config)
SaveableT = TypeVar("SaveableT", bound="SaveableModule[Any]")


class SaveableModule(nn.Module, Generic[ConfigT]):
    """A network that one config builds; subclasses set the class variables."""

    family: ClassVar[str]
    config_class: ClassVar[type[Config]]

    def __init__(self, config: ConfigT) -> None:
        super().__init__()
        self.config = config

    def save(self, path: Path, metadata: Mapping[str, str] | None = None) -> None:
        """Write weights and settings as safetensors (floating point in half precision), atomically."""
        head = {"family": self.family, "config": self.config.to_json(), **(metadata or {})}
        write_weights(path, self.state_dict(), head)

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
        model = cls(cls.config_class.from_json(metadata.get("config", "{}")))
        try:
            model.load_state_dict(tensors)
        except RuntimeError as error:
            raise TenshoError(f"{path} does not fit its own settings; the file is damaged") from error
        return model.eval()
