"""Opens a trained model by name, on torch or on onnxruntime."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from tensho.bounds import check_place
from tensho.errors import TenshoError
from tensho.models.catalogue import Weights, locate

if TYPE_CHECKING:
    from tensho.models.brush.base import BrushBase
    from tensho.models.composer.base import ComposerBase
    from tensho.models.trainable import Trainable

__all__ = ["RUNTIMES", "has_graph", "load", "load_cached"]

RUNTIMES = ("torch", "onnx")
"""What can compute a model."""

Loaded: TypeAlias = "Trainable[Any] | BrushBase | ComposerBase"


def has_graph(name: str) -> bool:
    """Whether a model can be computed without torch: onnxruntime is installed, and its graph lies beside its weights.

    Raises:
        TenshoError: there is no such model.
    """
    return find_spec("onnxruntime") is not None and locate(name).with_suffix(".onnx").is_file()


def load_cached(name: str, *, runtime: str | None = None) -> Loaded:
    """As `load`, but opened once while its file stays as it is; for those who only draw with it."""
    path = Path(name) if Path(name).suffix == ".onnx" else locate(name)
    changed = path.stat().st_mtime_ns if path.exists() else 0
    return _kept(name, str(path), changed, runtime)


@lru_cache(maxsize=8)
def _kept(name: str, path: str, changed: int, runtime: str | None) -> Loaded:
    del path, changed  # what the name stands for now
    return load(name, runtime=runtime)


def load(name: str, *, runtime: str | None = None) -> Loaded:
    """A trained model, in evaluation mode on the CPU.

    Args:
        name: name of shipped weights, a ``.safetensors`` file, the folder of a training run, or an ``.onnx`` file.
        runtime: "torch", or "onnx" for brushes and composers; None: torch if it is installed.

    Raises:
        TenshoError: unknown name or runtime, or a file that is damaged, a pickle or no tensho model.
    """
    if runtime not in (None, *RUNTIMES):
        raise TenshoError(f"unknown runtime {runtime!r}; there are {' and '.join(RUNTIMES)}")
    check_place("weights by name or by file", name)
    alone = Path(name).suffix == ".onnx"
    if alone and runtime == "torch":
        raise TenshoError(f"{name} holds no weights for torch; leave --runtime out")
    if not alone and (runtime == "torch" or (runtime is None and find_spec("torch"))):
        return Weights.read(locate(name)).open()
    # Imported where it is used: torch alone needs no onnxruntime.
    from tensho.models.onnx_loading import open_file, open_weights

    return open_file(Path(name)) if alone else open_weights(Weights.read(locate(name)))
