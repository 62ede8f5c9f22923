"""Reads text–image pairs: any image folder with captions in ``metadata.jsonl``."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from tensho.errors import TenshoError

__all__ = ["Pairs", "open_pairs"]

_READERS = 8  # threads; decoding a PNG lets go of Python's lock


class Pairs:
    """Pictures and captions of one split, see `open_pairs`. ``captions`` are as many as there are pictures."""

    def __init__(self, files: Sequence[Path], captions: Sequence[str], size: int) -> None:
        self.captions = tuple(captions)
        self.size = size
        self._files = tuple(files)
        self._readers = ThreadPoolExecutor(_READERS)

    def __len__(self) -> int:
        return len(self._files)

    def images(self, indices: NDArray[np.int64]) -> Tensor:
        """The pictures of ``indices``, int64 (B,), as float32 (B, 3, S, S) in [-1, 1], never mirrored.

        Raises:
            TenshoError: a file is missing, damaged or not square.
        """
        arrays = self._readers.map(self._read, [self._files[index] for index in indices])
        return torch.from_numpy(np.stack(list(arrays))).permute(0, 3, 1, 2).float() / 127.5 - 1

    def _read(self, file: Path) -> NDArray[np.uint8]:
        try:
            with Image.open(file) as image:
                picture = image.convert("RGB")
        except OSError as error:
            raise TenshoError(f"{file} cannot be read as a picture; make the pairs again") from error
        if picture.width != picture.height:
            raise TenshoError(f"{file} is {picture.width}×{picture.height} pixels, but must be square")
        if picture.width != self.size:
            picture = picture.resize((self.size, self.size), Image.Resampling.LANCZOS)
        return np.asarray(picture)


def open_pairs(folder: Path, split: Literal["train", "validation"], *, size: int) -> Pairs:
    """Open one split of an image folder, with pictures of ``size`` pixels, resized if they are others.

    ``folder/split/metadata.jsonl`` has one JSON object a line, with ``file_name`` and ``text``, as
    `tensho.datasets.pairs` and the ``datasets`` library have them.

    Raises:
        TenshoError: the folder or its captions are missing, empty or damaged.
    """
    metadata = folder / split / "metadata.jsonl"
    if not folder.is_dir():
        raise TenshoError(f"there is no folder {folder}; make pairs with: tensho data pairs --out {folder}")
    if not metadata.is_file():
        raise TenshoError(
            f"{folder} has no captions in {split}/metadata.jsonl; make pairs with: tensho data pairs"
        )
    files, captions = [], []
    try:
        for number, line in enumerate(metadata.read_text(encoding="utf-8").splitlines(), 1):
            row = json.loads(line)
            name, text = row["file_name"], row["text"]
            if not isinstance(text, str) or not text.strip():
                raise TenshoError(f"line {number} of {metadata} has an empty caption; make the pairs again")
            files.append(metadata.parent / str(name))
            captions.append(text)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TenshoError(
            f"{metadata} is not one JSON object a line with file_name and text; make the pairs again"
        ) from error
    if not files:
        raise TenshoError(f"{metadata} has no captions; make pairs with: tensho data pairs")
    return Pairs(files, captions, size)


def digest(*parts: Pairs) -> str:
    """16 hexadecimal digits that change with the captions or the size of the pictures."""
    text = json.dumps([[pairs.size, pairs.captions] for pairs in parts])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
