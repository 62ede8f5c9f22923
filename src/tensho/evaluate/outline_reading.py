"""What the text recogniser reads in outlines, if it is installed."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import NamedTuple

import numpy as np

from tensho.fonts.outline_raster import raster
from tensho.fonts.outlines import Outline

__all__ = ["ReadOutline", "can_read", "read_outlines"]

_SIZE, _BATCH = 64, 256


class ReadOutline(NamedTuple):
    """What the recogniser says of an outline.

    character: what it reads, with what probability, ``confidence``. known: whether it knows the character that the outline
    shall be; if not, it was not asked.
    """

    character: str
    confidence: float
    known: bool


def can_read() -> bool:
    """Whether what the recogniser needs is installed."""
    return all(find_spec(package) is not None for package in ("rapidocr", "onnxruntime", "onnx", "torch"))


def read_outlines(
    outlines: Sequence[Outline],
    texts: Sequence[str],
    *,
    units_per_em: int,
    bottom: float,
    left: float = 0.0,
    progress: Callable[[int, int], object] = lambda *_: None,
) -> list[ReadOutline]:
    """Read outlines.

    Args:
        outlines: in font units.
        texts: the characters that they shall be.
        units_per_em: side of the em box, in font units.
        bottom: its lower edge.
        left: its left edge.
        progress: told how many are read, of how many that the recogniser knows.

    Raises:
        TenshoError: the installed packages are not those that are needed.
    """
    from tensho.evaluate.judge import Judge

    judge = Judge()
    known = judge.characters
    readable = [k for k, text in enumerate(texts) if unicodedata.normalize("NFC", text) in known]
    found = [ReadOutline("", 0.0, known=False)] * len(texts)
    for start in range(0, len(readable), _BATCH):
        batch = readable[start : start + _BATCH]
        images = np.stack([
            raster(outlines[k], _SIZE, scale=_SIZE / units_per_em, left=left, bottom=bottom) for k in batch
        ])  # fmt: skip
        for k, character, confidence in zip(batch, *judge.read(images), strict=True):
            found[k] = ReadOutline(str(character), float(confidence), known=True)
        progress(start + len(batch), len(readable))
    return found
