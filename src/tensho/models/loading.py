"""Where trained weights come from: the ones that ship with the package, or a file or run folder of the user's."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tensho.errors import TenshoError
from tensho.models import COMPOSERS, FAMILIES, family_class

if TYPE_CHECKING:
    from tensho.models.base import Model
    from tensho.models.brush.base import BrushBase
    from tensho.models.composer.base import ComposerBase
    from tensho.models.composer.network import Composer

__all__ = ["RUNTIMES", "RUN_WEIGHTS", "Weights", "load", "load_cached", "locate", "shipped"]

RUNTIMES = ("torch", "onnx")
"""What can compute a model."""

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
        from tensho.models.weight_file import read_metadata

        metadata = read_metadata(path)
        if metadata.get("family") not in {**FAMILIES, **COMPOSERS}:
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
        return int(seen) if seen.isdigit() else None

    @property
    def card(self) -> str:
        """The model card in Markdown; empty for weights that have none."""
        card = self.path.with_suffix(".md")
        return card.read_text(encoding="utf-8") if card.exists() else ""

    def summary(self) -> dict[str, Any]:
        """What `tensho models` reports: name, family, settings, training facts, size in bytes, place."""
        facts = {
            key: value for key, value in self.metadata.items() if key not in ("family", "config", "recipe")
        }
        return {
            "name": self.name,
            "family": self.family,
            "config": json.loads(self.metadata["config"]),
            **facts,
            "bytes": self.path.stat().st_size,
            "path": str(self.path),
        }

    def open(self) -> Model[Any] | Composer:
        """Build the model and load the weights, in evaluation mode."""
        return family_class(self.family).open(self.path)


def shipped() -> list[Weights]:
    """All weights that come with the package, by name."""
    return [Weights.read(path) for path in sorted(SHIPPED.glob("*.safetensors"))]


def locate(name: str) -> Path:
    """The weight file that a name stands for: shipped weights, a ``.safetensors`` file, or the folder of a run.

    Raises:
        TenshoError: there is no such file.
    """
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


def load_cached(name: str, *, runtime: str | None = None) -> Model[Any] | BrushBase | ComposerBase:
    """As `load`, but opened once while its file stays as it is; for those who only draw with it."""
    path = Path(name) if Path(name).suffix == ".onnx" else locate(name)
    changed = path.stat().st_mtime_ns if path.exists() else 0
    return _kept(name, str(path), changed, runtime)


@lru_cache(maxsize=8)
def _kept(name: str, path: str, changed: int, runtime: str | None) -> Model[Any] | BrushBase | ComposerBase:
    del path, changed  # what the name stands for now
    return load(name, runtime=runtime)


def load(name: str, *, runtime: str | None = None) -> Model[Any] | BrushBase | ComposerBase:
    """A trained model, in evaluation mode on the CPU.

    Args:
        name: name of shipped weights, a ``.safetensors`` file, the folder of a training run, or an ``.onnx`` file.
        runtime: "torch", or "onnx" for brushes and composers; None: torch if it is installed.

    Raises:
        TenshoError: unknown name or runtime, or a file that is damaged, a pickle or no tensho model.
    """
    if runtime not in (None, *RUNTIMES):
        raise TenshoError(f"unknown runtime {runtime!r}; there are {' and '.join(RUNTIMES)}")
    alone = Path(name).suffix == ".onnx"
    if alone and runtime == "torch":
        raise TenshoError(f"{name} holds no weights for torch; leave --runtime out")
    if not alone and (runtime == "torch" or (runtime is None and find_spec("torch"))):
        return Weights.read(locate(name)).open()
    from tensho.models.onnx_models import open_file, open_weights

    return open_file(Path(name)) if alone else open_weights(Weights.read(locate(name)))
