"""What the text recogniser reads in outlines, if it is installed."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tensho.fonts.outline_raster import raster
from tensho.fonts.outline_reader import OutlineReader
from tensho.fonts.outlines import Outline

if TYPE_CHECKING:
    from tensho.evaluate.judge import Judge

__all__ = ["ReadOutline", "can_read", "read_outlines"]

_SIZE, _BATCH = 64, 256
_CONTROLS = ("pylopdf_fonts_jp", "pylopdf_fonts_zh_cn", "pylopdf_fonts_zh_tw")
_CONTROL_EM, _CONTROL_BOTTOM = 1000, -120  # of Noto Sans


class ReadOutline(NamedTuple):
    """What the recogniser says of an outline.

    character: what it reads, with what probability, ``confidence``. known: whether that says anything: the recogniser
    knows the character that the outline shall be and does not misread it in Noto Sans too, as it does one in ten of the
    rare ones, which it takes for common ones that look like them.
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
    known, plain = judge.characters, [unicodedata.normalize("NFC", text) for text in texts]
    readable = [k for k, text in enumerate(plain) if text in known]
    found = [ReadOutline("", 0.0, known=False)] * len(texts)
    for start in range(0, len(readable), _BATCH):
        batch = readable[start : start + _BATCH]
        ours = [
            raster(outlines[k], _SIZE, scale=_SIZE / units_per_em, left=left, bottom=bottom) for k in batch
        ]
        for k, character, confidence in zip(batch, *judge.read(np.stack(ours)), strict=True):
            found[k] = ReadOutline(str(character), float(confidence), known=True)
        misread = [k for k in batch if found[k].character != plain[k]]
        for k in _misread_in_noto(judge, {k: plain[k] for k in misread}):
            found[k] = found[k]._replace(known=False)
        progress(start + len(batch), len(readable))
    return found


def _misread_in_noto(judge: Judge, characters: Mapping[int, str]) -> list[int]:
    """The keys of those characters that the recogniser misreads in Noto Sans."""
    drawn = {key: outline for key, char in characters.items() if (outline := _in_noto(char)) is not None}
    if not drawn:
        return []
    scale = _SIZE / _CONTROL_EM
    images = np.stack(
        [raster(outline, _SIZE, scale=scale, bottom=_CONTROL_BOTTOM) for outline in drawn.values()]
    )
    read, _ = judge.read(images)
    return [key for key, character in zip(drawn, read, strict=True) if character != characters[key]]


def _in_noto(char: str) -> Outline | None:
    """How the first of Japan's, China's and Taiwan's Noto Sans that has a character draws it."""
    return next((outline for noto in _noto() if (outline := noto.outline(char)) is not None), None)


@cache
def _noto() -> tuple[OutlineReader, ...]:
    installed = [package for package in _CONTROLS if find_spec(package) is not None]
    return tuple(OutlineReader(Path(str(import_module(package).sans_path()))) for package in installed)
