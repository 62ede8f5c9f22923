"""Reads text–image pairs: any image folder with captions in ``metadata.jsonl``."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from tensho.errors import TenshoError

__all__ = ["LEAST_SPLIT", "MOST_HELD_BACK", "Pairs", "SplitPairs", "digest", "open_pairs", "open_split_pairs"]

METADATA = "metadata.jsonl"

LEAST_SPLIT = 10
"""Characters or pictures, from which on a tenth is held back where there is no validation split."""

MOST_HELD_BACK = 64
"""Characters or pictures that are held back at most; the loss is measured on no more pairs."""

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
    return _pairs(_rows(folder, folder / split / METADATA), size)


class SplitPairs(NamedTuple):
    """What is learned from, what the loss is measured on, and how the two were told apart, if the folder does not say."""

    train: Pairs
    validation: Pairs
    note: str


def open_split_pairs(folder: Path, *, size: int) -> SplitPairs:
    """Open an image folder of any of these forms, as `open_pairs` opens a split.

    - ``train/metadata.jsonl`` and ``validation/metadata.jsonl``;
    - ``train/metadata.jsonl`` alone, or ``metadata.jsonl`` in the folder itself. A tenth of the pictures, at most
      `MOST_HELD_BACK`, is held back to measure the loss, all pictures of a character (``character`` in the
      metadata) together. Where there are fewer than `LEAST_SPLIT` of them, each counts: all are
      learned from, and the loss is measured on the same.

    Raises:
        TenshoError: the folder or its captions are missing, empty or damaged, or nothing of it is to be trained on.
    """
    train = folder / "train" / METADATA
    if (folder / "validation" / METADATA).is_file() and train.is_file():
        return SplitPairs(
            open_pairs(folder, "train", size=size), open_pairs(folder, "validation", size=size), ""
        )
    if not train.is_file() and any((folder / split / METADATA).is_file() for split in ("validation", "test")):
        raise TenshoError(
            f"all characters in {folder} are kept for validation and test, so there is none to train on; "
            "make pairs of more characters"
        )
    own = folder / METADATA
    rows = _rows(folder, own if own.is_file() and not train.is_file() else train)
    kept, held_back = _held_back(rows)
    if not held_back:
        pairs = _pairs(rows, size)
        return SplitPairs(
            pairs,
            pairs,
            f"{folder} has no validation split and few pictures: the loss is that of training pairs",
        )
    note = f"{folder} has no validation split: {len(held_back)} of {len(rows)} pairs are held back to measure the loss"
    return SplitPairs(_pairs(kept, size), _pairs(held_back, size), note)


class _Row(NamedTuple):
    file: Path
    text: str
    group: str


def _rows(folder: Path, metadata: Path) -> list[_Row]:
    """The lines of a file of captions; ``group`` is the character that a picture shows, or else its name."""
    if not folder.is_dir():
        raise TenshoError(f"there is no folder {folder}; make pairs with: tensho data pairs --out {folder}")
    if not metadata.is_file():
        raise TenshoError(
            f"{folder} has no captions in {metadata.relative_to(folder)} or {METADATA}; write one JSON object a line "
            "with file_name and text, or make pairs with: tensho data pairs"
        )
    rows, number = [], 0
    try:
        for number, line in enumerate(metadata.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip():
                continue
            row = json.loads(line)
            name, text = str(row["file_name"]), row["text"]
            if not isinstance(text, str) or not text.strip():
                raise TenshoError(f"line {number} of {metadata} has an empty caption; write one")
            rows.append(_Row(metadata.parent / name, text, str(row.get("character", name))))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise TenshoError(
            f"line {number} of {metadata} is not one JSON object with file_name and text; correct it"
        ) from error
    if not rows:
        raise TenshoError(f"{metadata} has no captions; make pairs with: tensho data pairs")
    return rows


def _held_back(rows: Sequence[_Row]) -> tuple[list[_Row], list[_Row]]:
    """Rows to learn from, and rows of other groups to measure the loss on, chosen by their names alone."""
    groups = sorted({row.group for row in rows}, key=lambda group: hashlib.sha256(group.encode()).digest())
    count = min(MOST_HELD_BACK, len(groups) // 10) if len(groups) >= LEAST_SPLIT else 0
    chosen = set(groups[:count])
    return [row for row in rows if row.group not in chosen], [row for row in rows if row.group in chosen]


def _pairs(rows: Sequence[_Row], size: int) -> Pairs:
    return Pairs([row.file for row in rows], [row.text for row in rows], size)


def digest(*parts: Pairs) -> str:
    """16 hexadecimal digits that change with the captions or the size of the pictures."""
    text = json.dumps([[pairs.size, pairs.captions] for pairs in parts])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
