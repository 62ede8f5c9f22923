"""The reader's training examples: glyphs of the training characters, which character each is, and its description."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tensho.datasets.building import build
from tensho.datasets.glyph_set import GlyphSet, glyphs_folder, open_glyphs
from tensho.errors import TenshoError
from tensho.fonts.faces import default_faces
from tensho.fonts.ink_box import SIDE, ink_in_the_middle
from tensho.ids.spelling import spelled
from tensho.ids.syntax import to_string
from tensho.models.reader.codes import BLANK, OTHER, Codes, symbols_of

if TYPE_CHECKING:
    from torch import Tensor

    from tensho.split import Split

__all__ = ["FEWEST", "ReaderExamples", "described", "training_examples"]

FEWEST = 3
"""Training characters that must have a part for it to be a symbol."""


def described(char: str) -> str:
    """The description as which a character is read; the character itself if it is not known to have parts."""
    return to_string(spelled(char))


class ReaderExamples:
    """The glyphs of one split's characters, a `Dataset`; characters without a known description are among them.

    Args:
        glyphs: of known characters.
        split: which of them.
        longest: symbols of a description; a longer one counts as not known.

    Attributes:
        symbols: the vocabulary of this split's descriptions.
        characters: the characters in code point order; what "character" counts into.
    """

    def __init__(self, glyphs: GlyphSet, split: Split, longest: int) -> None:
        self._glyphs = glyphs
        rows = glyphs.split(split)
        self._rows = rows[glyphs.code_points[rows] != 0]
        if len(self._rows) == 0:
            raise TenshoError(f"{glyphs.folder} has no glyphs of known characters; give another glyph set")
        code_points, self._character = np.unique(glyphs.code_points[self._rows], return_inverse=True)
        self.characters = "".join(map(chr, code_points))
        known = [ids if len(ids := described(char)) <= longest else "" for char in self.characters]
        self.symbols = symbols_of(filter(None, known), FEWEST)
        codes = Codes(self.symbols)
        self._targets = np.stack([codes.encode(ids, longest) for ids in known])
        told = f"reader 1 {split} {glyphs.digest} {self.symbols}"
        self.digest = hashlib.sha256(told.encode() + self._targets.astype("<i8").tobytes()).hexdigest()

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def described_characters(self) -> int:
        """How many of the characters have a description all of whose parts are symbols."""
        return int(((self._targets[:, 0] != BLANK) & (self._targets != OTHER).all(1)).sum())

    def batch(self, indices: NDArray[np.int64]) -> dict[str, Tensor]:
        """The glyphs of ``indices``.

        Returns:
            "image" uint8 (B, 1, 64, 64), the ink in the middle; "character" int64 (B,), a place in ``characters``;
            "target" int64 (B, longest), the codes of its description, all `BLANK` if it is not known.
        """
        import torch

        images = np.stack([ink_in_the_middle(glyph) for glyph in self._glyphs.images[self._rows[indices]]])
        character = self._character[indices]
        return {
            "image": torch.from_numpy(images[:, None]),
            "character": torch.from_numpy(character),
            "target": torch.from_numpy(self._targets[character]),
        }


def training_examples(
    name: str, longest: int, report: Callable[[str], object] = lambda _: None
) -> ReaderExamples:
    """The examples of the train split of ``glyphs``, the default set, or of the folder of a glyph set.

    Raises:
        TenshoError: no such set, or none of known characters; the decompositions or the faces are not installed.
    """
    if name == "glyphs":
        glyphs = build(default_faces(), size=SIDE, folder=glyphs_folder(SIDE))
    else:
        glyphs = open_glyphs(Path(name))
    examples = ReaderExamples(glyphs, "train", longest)
    report(
        f"{len(examples):,} glyphs of {len(examples.characters):,} characters, "
        f"{examples.described_characters:,} of them described in {len(examples.symbols):,} symbols"
    )
    return examples
