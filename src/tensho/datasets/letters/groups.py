"""Training examples of the letterer: eight letters of one font, beside the same letters in a similar font."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tensho.datasets.letters.fonts import LETTERS, LetterFonts, letter_fonts
from tensho.errors import TenshoError
from tensho.fonts.letter_bitmaps import letter_shape
from tensho.seeds import derived_seed
from tensho.split import Split
from tensho.text.ascii_grid import MASK, PAD, ROWS

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["GLYPHS", "LetterGroups", "Metric", "Shapes", "letter_shapes", "metric_of", "training_groups"]

GLYPHS = 8
"""Letters of a group of letters."""

_ROUNDS = {True: 48, False: 128}
"""Groups of letters of each font: of a synthetic style, and of one that somebody drew."""

_USUAL = 3.0
"""How much more often a letter or a digit is seen than another sign."""

_LINE = (0.95, -0.25)


class Shapes(NamedTuple):
    """Letters as bitmaps.

    Attributes:
        bitmaps: uint8 (N, BITMAP, BITMAP), see `tensho.fonts.letter_bitmaps`.
        extents: float64 (N, 3): top and bottom of the ink over the baseline and its width, in ems.
    """

    bitmaps: NDArray[np.uint8]
    extents: NDArray[np.float64]


class Metric(NamedTuple):
    """Where the letters of a style stand: the baseline is at row ``baseline``, an em is ``em`` rows high."""

    baseline: float
    em: float

    def places(self, extents: NDArray[np.float64], height: int) -> NDArray[np.float32]:
        """Where letters stand in boxes of ``height`` rows: first and last edge of the ink, and natural width, (N, 3).

        A cell is twice as high as it is wide. A letter that is too high for the box is made to fit.
        """
        top, bottom = self.baseline - self.em * extents[:, 0], self.baseline - self.em * extents[:, 1]
        top = top.clip(0, height - 1)
        bottom = np.maximum(bottom.clip(0, height), top + 1)
        return np.stack([top, bottom, 2 * self.em * extents[:, 2]], 1).astype(np.float32)


def letter_shapes(letters: Sequence[str]) -> Shapes:
    """The shapes of any characters.

    Raises:
        TenshoError: no face at hand has one of them, or the faces are not installed.
    """
    shapes = [letter_shape(letter) for letter in letters]
    extents = np.array([[shape.top, shape.bottom, shape.width] for shape in shapes])
    return Shapes(np.stack([shape.bitmap for shape in shapes]), extents)


def metric_of(grids: NDArray[np.uint8], extents: NDArray[np.float64]) -> Metric:
    """The metric that fits drawn letters best, by least squares over the upper and lower edges of their ink.

    Args:
        grids: the letters drawn, uint8 (N, ROWS, COLUMNS).
        extents: of their shapes, float64 (N, 3).
    """
    inked = np.asarray(((grids > 0) & (grids < MASK)).any(-1))
    height = int((grids != PAD).any(-1).sum(-1).max(initial=1))
    drawn = np.asarray(inked.any(-1))
    usual = Metric(height * _LINE[0] / (_LINE[0] - _LINE[1]), height / (_LINE[0] - _LINE[1]))
    if not drawn.any():
        return usual
    upper = inked[drawn]
    first, last = upper.argmax(-1), ROWS - upper[:, ::-1].argmax(-1)
    edges = np.concatenate([first, last]).astype(np.float64)
    ems = np.concatenate([extents[drawn, 0], extents[drawn, 1]])
    # The usual metric counts as one letter more, so that a single hyphen does not decide.
    ems = np.append(ems, [0.73, 0.0])
    edges = np.append(edges, [usual.baseline - usual.em * 0.73, usual.baseline])
    slope, baseline = np.polyfit(ems, edges, 1)
    return Metric(float(baseline), float(np.clip(-slope, 0.5 * usual.em, 2 * usual.em)))


class LetterGroups:
    """The groups of letters of a split's fonts, a `Dataset`; group of letters i is a function of i alone."""

    def __init__(self, fonts: LetterFonts, split: Split) -> None:
        self.fonts = fonts
        chosen = fonts.split(split)
        self.font = np.repeat(chosen, [_ROUNDS[bool(synthetic)] for synthetic in fonts.synthetic[chosen]])
        self.digest = hashlib.sha256(f"specimens 1 {split} {fonts.digest}".encode()).hexdigest()
        self.shapes = letter_shapes(LETTERS)
        self._metric = lru_cache(maxsize=None)(self._metric_of)

    def __len__(self) -> int:
        return len(self.font)

    def batch(self, indices: NDArray[np.int64]) -> dict[str, Tensor]:
        """The groups of letters of ``indices``.

        Returns:
            "grids" uint8 (B, 8, ROWS, COLUMNS), the letters drawn; the other fields are those of
            `tensho.models.letterer.Request`.
        """
        import torch

        chosen = [self._group(int(index)) for index in indices]
        font = np.array([group[0] for group in chosen])
        neighbour = np.array([group[1] for group in chosen])
        letters = np.stack([group[2] for group in chosen])
        grids = self.fonts.grids[font[:, None], letters]
        height = self.fonts.boxes[font[:, None], letters, 0].max(1)
        metrics = [self._metric(int(k)) for k in font]
        places = [
            metric.places(self.shapes.extents[row], int(rows))
            for metric, row, rows in zip(metrics, letters, height, strict=True)
        ]
        return {
            "grids": torch.from_numpy(grids),
            "letters": torch.from_numpy(letters),
            "bitmaps": torch.from_numpy(self.shapes.bitmaps[letters]),
            "places": torch.from_numpy(np.stack(places)),
            "neighbour": torch.from_numpy(self.fonts.grids[neighbour[:, None], letters]),
            "height": torch.from_numpy(height),
        }

    def _group(self, index: int) -> tuple[int, int, NDArray[np.int64]]:
        """The font of a group of letters, a neighbour of it, and eight different letters that the font has."""
        generator = np.random.default_rng(derived_seed("specimen", index))
        font = int(self.font[index])
        usual = np.array([letter.isalnum() for letter in LETTERS])
        weight = np.where(usual, _USUAL, 1.0) * (self.fonts.boxes[font, :, 1] > 0)
        letters = generator.choice(len(LETTERS), GLYPHS, replace=False, p=weight / weight.sum())
        return font, int(generator.choice(self.fonts.neighbours[font])), letters

    def _metric_of(self, font: int) -> Metric:
        return metric_of(self.fonts.grids[font], self.shapes.extents)


def training_groups(name: str, report: Callable[[str], object] = lambda _: None) -> LetterGroups:
    """The groups of letters of the train split's fonts, which are called ``lettering``; there are no others.

    Raises:
        TenshoError: ``name`` names other data, or pyfiglet or the faces are not installed.
    """
    if name != "lettering":
        raise TenshoError(f"a letterer learns from lettering, not from {name!r}; leave --data out")
    groups = LetterGroups(letter_fonts(), "train")
    report(f"{len(groups):,} groups of letters of {len(groups.fonts.split('train'))} fonts and styles")
    return groups
