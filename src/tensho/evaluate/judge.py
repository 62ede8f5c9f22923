"""The OCR judge: which character a text recogniser reads in a glyph, and how surely.

The network is the PP-OCRv6 recogniser that the package ``rapidocr`` carries, called directly with onnxruntime. It
reads lines 48 pixels high, dark on white, and answers every 8 pixels with a distribution over its classes, blank
first (connectionist temporal classification). A glyph stands alone in the middle of a line 96 pixels long, so the
reading is the likeliest class that is not blank, at the place where it is likeliest.

The network's features are the input of its last matrix product, 120 numbers at each of the 12 places, averaged over
the places.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch.nn import functional

from tensho.errors import TenshoError
from tensho.glyph_arrays import as_glyphs

__all__ = ["Judge"]

_HEIGHT, _LENGTH = 48, 96
"""Height and length, in pixels, of the line that the recogniser reads; the height is what PP-OCR was trained with."""

_BATCH = 32
"""Glyphs at once, by memory."""

_MODEL = "PP-OCRv6_rec_small.onnx"


class Judge:
    """Reads glyphs.

    Args:
        threads: CPU threads of the network.

    Raises:
        TenshoError: the optional packages of the extra "judge" are missing, or hold another network.
    """

    def __init__(self, threads: int = 2) -> None:
        try:
            import onnxruntime
        except ImportError as error:
            raise TenshoError("the judge needs onnxruntime; install tensho[judge]") from error
        network, self._probabilities, self._penultimate = _network()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
        names = self._session.get_modelmeta().custom_metadata_map["character"].splitlines()
        self._characters = np.array([*names, " "])

    @property
    def characters(self) -> frozenset[str]:
        """The characters that the judge can tell apart."""
        return frozenset(self._characters.tolist())

    def read(self, images: ArrayLike) -> tuple[NDArray[np.str_], NDArray[np.float32]]:
        """Read glyphs.

        Args:
            images: a sample set, see `as_glyphs`.

        Returns:
            The characters (N,) and the probabilities that the network gives them, float32 (N,) in [0, 1].
        """
        characters, confidences = [], []
        for probabilities in self._run(images, self._probabilities):
            best = probabilities[:, :, 1:].max(axis=1)
            found = best.argmax(axis=1)
            characters.append(self._characters[found])
            confidences.append(best[np.arange(len(found)), found])
        return np.concatenate(characters), np.concatenate(confidences)

    def features(self, images: ArrayLike) -> NDArray[np.float32]:
        """The penultimate features of glyphs, float32 (N, 120), for a sample set as in `as_glyphs`."""
        return np.concatenate([part.mean(axis=1) for part in self._run(images, self._penultimate)])

    def _run(self, images: ArrayLike, output: str) -> list[NDArray[np.float32]] | Any:
        glyphs = as_glyphs(images)
        entry = self._session.get_inputs()[0].name
        for start in range(0, len(glyphs), _BATCH):
            lines = _lines(glyphs[start : start + _BATCH])
            yield self._session.run([output], {entry: lines})[0]


def _lines(glyphs: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Glyphs (B, S, S), ink = 255, as lines of text (B, 3, 48, 96), ink = −1 on paper = 1."""
    ink = torch.from_numpy(glyphs[:, None].astype(np.float32) / 255)
    square = functional.interpolate(
        ink, size=(_HEIGHT, _HEIGHT), mode="bilinear", antialias=True, align_corners=False
    )
    margin = (_LENGTH - _HEIGHT) // 2
    line = 1 - 2 * functional.pad(square, (margin, margin))
    return line.expand(-1, 3, -1, -1).contiguous().numpy()


@cache
def _network() -> tuple[bytes, str, str]:
    """The network with a second output: its bytes, the name of the probabilities, that of the features."""
    try:
        import onnx
    except ImportError as error:
        raise TenshoError("the judge needs onnx; install tensho[judge]") from error
    package = find_spec("rapidocr")
    if package is None or package.origin is None:
        raise TenshoError("the judge needs rapidocr; install tensho[judge]")
    path = Path(package.origin).parent / "models" / _MODEL
    if not path.is_file():
        raise TenshoError(f"the installed rapidocr has no {_MODEL}; install rapidocr 3.10")
    model = onnx.load(path)
    probabilities = model.graph.output[0].name
    producers = {output: node for node in model.graph.node for output in node.output}
    node = producers[probabilities]
    while node.op_type != "MatMul":
        node = producers[node.input[0]]
    penultimate = node.input[0]
    model.graph.output.append(onnx.helper.make_empty_tensor_value_info(penultimate))
    return model.SerializeToString(), probabilities, penultimate
