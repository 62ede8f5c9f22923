"""Weight files: those that ship with the package, and those that a user names."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tensho.bounds import check_place
from tensho.errors import TenshoError
from tensho.models.registry import FAMILIES, family_named
from tensho.models.weight_file import read_metadata

if TYPE_CHECKING:
    from tensho.models.trainable import Trainable

__all__ = ["RUN_WEIGHTS", "SHIPPED", "Weights", "locate", "shipped"]

SHIPPED = Path(__file__).parent.parent / "weights"

RUN_WEIGHTS = "weights.safetensors"
"""Name of the finished weights in the folder of a training run."""


@dataclasses.dataclass(frozen=True)
class Weights:
    """A weight file: its name, place and the metadata that its training wrote into it."""

    name: str
    path: Path
    metadata: Mapping[str, str]

    @classmethod
    def read(cls, path: Path) -> Weights:
        """Read the metadata of a weight file.

        Raises:
            TenshoError: no such file, a pickle, damaged, or not made by tensho.
        """
        metadata = read_metadata(path)
        if metadata.get("family") not in FAMILIES:
            raise TenshoError(f"{path} holds no weights of a tensho model; see `tensho models`")
        return cls(path.stem if path.name != RUN_WEIGHTS else path.parent.name, path, metadata)

    @property
    def family(self) -> str:
        """Name of the model family."""
        return self.metadata["family"]

    @property
    def images_seen(self) -> int | None:
        """Training images, those of the weights that the training began with included; None if the file does not say."""
        seen = self.metadata.get("images_seen", "")
        return int(seen) if re.fullmatch(r"[0-9]{1,18}", seen) else None

    @property
    def card(self) -> str:
        """The model card in Markdown; empty for weights that have none."""
        card = self.path.with_suffix(".md")
        return card.read_text(encoding="utf-8", errors="replace") if card.exists() else ""

    def summary(self) -> dict[str, Any]:
        """What `tensho models` reports: name, family, settings, training facts, size in bytes, place."""
        facts = {
            key: value for key, value in self.metadata.items() if key not in ("family", "config", "recipe")
        }
        return {
            "name": self.name,
            "family": self.family,
            "config": self._config(),
            **facts,
            "bytes": self.path.stat().st_size,
            "path": str(self.path),
        }

    def _config(self) -> dict[str, Any]:
        try:
            config = json.loads(self.metadata.get("config", ""))
        except (ValueError, RecursionError) as error:
            raise TenshoError(f"{self.path} holds no settings; fetch or train it again") from error
        if not isinstance(config, dict):
            raise TenshoError(f"{self.path} holds no settings; fetch or train it again")
        return config

    def open(self) -> Trainable[Any]:
        """Build the model and load the weights, in evaluation mode."""
        return family_named(self.family).model_class.open(self.path)


def shipped() -> list[Weights]:
    """All weights that come with the package, by name."""
    return [Weights.read(path) for path in sorted(SHIPPED.glob("*.safetensors"))]


def locate(name: str) -> Path:
    """The weight file that a name stands for: shipped weights, a ``.safetensors`` file, or the folder of a run.

    Raises:
        TenshoError: there is no such file.
    """
    check_place("weights by name or by file", name)
    path = Path(name).expanduser()
    if path.is_dir() and (path / RUN_WEIGHTS).exists():
        return path / RUN_WEIGHTS
    if path.suffix == ".safetensors" or path.is_file():
        return path
    bundled = SHIPPED / f"{name}.safetensors"
    if "/" in name or not bundled.is_file():
        known = ", ".join(path.stem for path in sorted(SHIPPED.glob("*.safetensors")))
        hint = f"there are {known}, or give a .safetensors file or the folder of a training run"
        raise TenshoError(f"unknown model {name!r}; {hint}")
    return bundled
