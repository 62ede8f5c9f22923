"""Opens brushes and composers on onnxruntime, from ONNX files alone or beside a weight file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tensho.errors import TenshoError
from tensho.models.brush.base import BrushBase, BrushConfig
from tensho.models.brush.onnx import OnnxBrush
from tensho.models.composer.base import ComposerBase, ComposerConfig
from tensho.models.composer.onnx import OnnxComposer
from tensho.models.onnx_graph import MEMORY, OnnxGraph
from tensho.models.weight_file import read_arrays

if TYPE_CHECKING:
    from tensho.models.catalogue import Weights

__all__ = ["open_file", "open_weights"]

Graph = Callable[[str], OnnxGraph]
"""What is appended to the file's name → that graph."""


def _brush(graph: Graph, config: str) -> BrushBase:
    return OnnxBrush(graph(""), BrushConfig.from_json(config))


def _composer(graph: Graph, config: str) -> ComposerBase:
    return OnnxComposer(graph(""), lambda: graph(MEMORY), ComposerConfig.from_json(config))


_FAMILIES: Mapping[str, Callable[[Graph, str], BrushBase | ComposerBase]] = {
    "brush": _brush,
    "composer": _composer,
}


def open_weights(weights: Weights) -> BrushBase | ComposerBase:
    """Weights of a brush or a composer, computed by the graphs that lie beside them.

    Raises:
        TenshoError: another family, or graphs that are missing, damaged or of other settings.
    """
    if weights.family not in _FAMILIES:
        raise TenshoError(
            f"{weights.name} is a {weights.family}, which needs torch; install it, or take "
            + " or ".join(_FAMILIES)
        )
    arrays = read_arrays(weights.path)
    return _FAMILIES[weights.family](
        lambda suffix: OnnxGraph(_beside(weights.path, suffix), arrays), weights.metadata["config"]
    )


def open_file(path: Path) -> BrushBase | ComposerBase:
    """What `tensho.export.onnx.write_onnx` wrote to ``path``.

    Raises:
        TenshoError: a file that is missing, damaged or of another program.
    """
    network = OnnxGraph(path)
    metadata = network.metadata
    if metadata.get("family") not in _FAMILIES or "config" not in metadata:
        raise TenshoError(f"{path} is no brush or composer of tensho; write one with `tensho export onnx`")
    return _FAMILIES[metadata["family"]](
        lambda suffix: OnnxGraph(_beside(path, suffix)) if suffix else network, metadata["config"]
    )


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(f"{path.stem}{suffix}.onnx")
