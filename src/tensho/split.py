"""The split into train, validation and test, by character: the same for every face and every model."""

from __future__ import annotations

import hashlib
from typing import Literal

__all__ = ["RULE", "SPLITS", "Split", "split_of"]

Split = Literal["train", "validation", "test"]

SPLITS: tuple[Split, ...] = ("train", "validation", "test")

RULE = "int(sha256(character in UTF-8), 16) % 10: 0 is test, 1 is validation, the rest is train"


def split_of(character: str) -> Split:
    """The split of a character, or of the file name of an image that shows no known character.

    It depends on the text alone, so that a new face adds no character to the train split that another
    face keeps for the test.
    """
    remainder = int(hashlib.sha256(character.encode()).hexdigest(), 16) % 10
    if remainder == 0:
        return "test"
    return "validation" if remainder == 1 else "train"
