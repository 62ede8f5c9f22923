"""One ONNX graph in onnxruntime, with its weights inside or handed over."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from tensho.errors import TenshoError

__all__ = ["MEMORY", "PREFIX", "OnnxGraph"]

MEMORY = "-memory"
"""What is appended to the name of a composer's file for the graph that recalls."""

PREFIX = "weights."
"""What stands before the name of a weight in a graph, where inputs and outputs have names too."""


class OnnxGraph:
    """A graph with its weights; the same inputs give the same outputs, bit for bit.

    Args:
        graph: an ONNX file.
        weights: values of the weights by name, if the file has none itself.

    Raises:
        TenshoError: onnxruntime is not installed, the file is missing or damaged, or the weights do not fit.
    """

    def __init__(self, graph: Path, weights: Mapping[str, NDArray[Any]] | None = None) -> None:
        try:
            import onnxruntime as ort
        except ImportError as error:
            raise TenshoError(
                "running without torch needs onnxruntime; run: pip install onnxruntime"
            ) from error

        try:
            model = graph.read_bytes()
        except OSError as error:
            raise TenshoError(
                f"cannot read the graph {graph}: {error.strerror}; `tensho export onnx` writes it"
            ) from error
        options = ort.SessionOptions()
        # Threads that wait by spinning take the cores from each other as soon as anything else runs.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.intra_op_num_threads = _threads()
        options.log_severity_level = 3
        used = {
            PREFIX + name: array for name, array in (weights or {}).items() if _names(model, PREFIX + name)
        }
        # The session reads these arrays where they are, so they must live as long as it does.
        self._values = [ort.OrtValue.ortvalue_from_numpy(array) for array in used.values()]
        if used:
            options.add_external_initializers(list(used), self._values)
        try:
            self._session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's own exceptions have no common class
            raise TenshoError(
                f"{graph} is damaged or does not fit the weights; write it again with `tensho export onnx`"
            ) from error

    @property
    def metadata(self) -> dict[str, str]:
        """What the file says of itself."""
        return dict(self._session.get_modelmeta().custom_metadata_map)

    def __call__(self, **inputs: NDArray[Any]) -> list[NDArray[Any]]:
        """Compute all outputs, in the order of the graph."""
        outputs: list[NDArray[Any]] = self._session.run(None, inputs)
        return outputs


def _names(model: bytes, initializer: str) -> bool:
    """Whether a model speaks of an initialiser: in protocol buffers, a short string is its length and its bytes."""
    name = initializer.encode()
    return bytes([len(name)]) + name in model


def _threads() -> int:
    """As many as torch would take; 0 lets onnxruntime choose."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return int(asked) if asked.isdecimal() else 0
