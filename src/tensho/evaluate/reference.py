"""Reference statistics: held-out and training glyphs prepared once, to measure any number of sample sets against."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tensho.errors import TenshoError
from tensho.evaluate.copying import Nearest, TrainingSet, copy_rate
from tensho.evaluate.distances import KID_BLOCK, density_coverage, frechet, kid, precision_recall
from tensho.evaluate.features import SPACES, FeatureSpace
from tensho.evaluate.structure import structure, structure_distances
from tensho.evaluate.two_sample import two_sample_test
from tensho.glyph_arrays import as_glyphs

__all__ = ["SHEET", "VERSION", "Measure", "ReferenceStatistics"]

VERSION = 2
"""Of the measures and of the sets that they are taken of: what was measured by another is not comparable.

2: the two-sample test meets no character twice; dreams come in random order.
"""

EVERYTHING = ("one face", "oblique bold", "blur", "scrambled", "noise")
DEGRADED = ("oblique bold", "blur", "scrambled", "noise")


class Measure(NamedTuple):
    """A line of the sheet: its key, what it is called, which way is better, and the controls it has to see through."""

    key: str
    title: str
    better: Literal["low", "high"]
    sees: tuple[str, ...]


_SPACE_TITLES = {"ocr": "OCR", "efficientnet": "EfficientNet", "pixels": "pixels"}


def _sheet() -> tuple[Measure, ...]:
    lines = []
    for space, title in _SPACE_TITLES.items():
        lines += [
            Measure(f"{space}.kid", f"KID × 1000, {title}", "low", EVERYTHING),
            Measure(f"{space}.frechet", f"Fréchet distance, {title}", "low", EVERYTHING),
            Measure(f"{space}.precision", f"precision, {title}", "high", DEGRADED),
            Measure(f"{space}.recall", f"recall, {title}", "high", EVERYTHING),
            Measure(f"{space}.density", f"density, {title}", "high", DEGRADED),
            Measure(f"{space}.coverage", f"coverage, {title}", "high", EVERYTHING),
        ]
    lines += [
        Measure("copy_rate", "copy rate", "low", ("copier",)),
        Measure("training_distance", "distance to nearest training glyph (0: a copy)", "high", ("copier",)),
        Measure("two_sample", "two-sample accuracy (0.5: cannot tell)", "low", EVERYTHING),
        Measure("stroke_width", "stroke width, W1 in 1/100 side", "low", ("oblique bold", "blur", "noise")),
        Measure("components", "components, W1", "low", ("blur", "scrambled", "noise")),
        Measure("end_points", "stroke ends, W1", "low", ("scrambled", "noise")),
        Measure("junctions", "junctions, W1", "low", ("oblique bold", "blur", "noise")),
        Measure("binarity", "binarity, W1", "low", ("blur", "noise")),
    ]
    return tuple(lines)


SHEET = _sheet()
"""The lines of the sheet, in order."""


class ReferenceStatistics:
    """Measures sample sets against held-out glyphs.

    Each feature space is centred on the held-out glyphs and scaled so that their variance is 1 per dimension on
    average; the distances of different spaces are then in comparable units.

    Args:
        reference: held-out glyphs, a sample set as in `as_glyphs`, in random order.
        training: the training glyphs, uint8 (M, S, S).
        distinct: so many of the first glyphs of the reference are of different characters, and so are those of every
            set of real glyphs. The two-sample test sees no others: who meets a character in both halves of a set can
            learn it by heart. None: all are.

    Raises:
        TenshoError: too few glyphs, or glyphs of different sizes.
    """

    def __init__(
        self, reference: ArrayLike, training: NDArray[np.uint8], *, distinct: int | None = None
    ) -> None:
        self.reference = as_glyphs(reference, what="the reference")
        if len(self.reference) < KID_BLOCK:
            raise TenshoError(f"the reference has {len(self.reference)} glyphs; give at least {KID_BLOCK}")
        self._distinct = distinct
        self.training = TrainingSet(training)
        self._held_out = self.training.nearest(self.reference)
        self._structure = structure(self.reference)
        self._features = {name: _Scaled(space, self.reference) for name, space in SPACES.items()}

    def measure(self, samples: ArrayLike, *, seed: int = 0) -> dict[str, float]:
        """All lines of `SHEET` for one sample set.

        Args:
            samples: as in `as_glyphs`, of the reference's size, in random order, at least 500.
            seed: of the two-sample test.

        Raises:
            TenshoError: too few samples, or no glyphs of that size.
        """
        glyphs = as_glyphs(samples, size=self.reference.shape[1])
        if len(glyphs) < KID_BLOCK:
            raise TenshoError(
                f"{len(glyphs)} samples are too few for the score sheet; give at least {KID_BLOCK}"
            )
        measured: dict[str, float] = {}
        for name, features in self._features.items():
            x, y = features.reference, features(glyphs)
            overlap, coverage = precision_recall(x, y), density_coverage(x, y)
            measured |= {
                f"{name}.kid": 1000 * kid(x, y).mean,
                f"{name}.frechet": frechet(x, y),
                f"{name}.precision": overlap.precision,
                f"{name}.recall": overlap.recall,
                f"{name}.density": coverage.density,
                f"{name}.coverage": coverage.coverage,
            }
        nearest = self.nearest(glyphs)
        measured["copy_rate"] = copy_rate(nearest, self._held_out)
        measured["training_distance"] = float(np.median(nearest.distances))
        measured["two_sample"] = two_sample_test(
            self.reference[: self._distinct], glyphs[: self._distinct], seed=seed
        ).accuracy
        return measured | structure_distances(self._structure, structure(glyphs))

    def nearest(self, samples: ArrayLike) -> Nearest:
        """The nearest training glyph of each sample; see `tensho.evaluate.copying`."""
        return self.training.nearest(samples)


class _Scaled:
    def __init__(self, space: FeatureSpace, reference: NDArray[np.uint8]) -> None:
        self._space = space
        features = space(reference)
        self._mean = features.mean(axis=0)
        self._scale = np.sqrt(features.var(axis=0).mean())
        self.reference = self._scaled(features)

    def __call__(self, glyphs: NDArray[np.uint8]) -> NDArray[np.float32]:
        return self._scaled(self._space(glyphs))

    def _scaled(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray((features - self._mean) / self._scale, np.float32)
