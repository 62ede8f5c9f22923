"""Where the parts of a character go, learned from the characters of one face.

The box of a child inside its parent's, (x0, y0, x1, y1) as shares of the parent's with y upwards, is a sum of effects: one of the operator and
slot, one of the part in the slot, one of each sibling, and of what kind these are. The effects are fitted by backfitting
with shrinkage (Hastie and Tibshirani 1990, Generalized Additive Models): each group of effects in turn takes the mean of what
the others leave over, n / (n + λ) of it, so that a part seen once says little. A whole character's box in the em is learned likewise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tensho.data.ids import Arrangement, Tree, to_string
from tensho.fonts.outlines import Bounds

if TYPE_CHECKING:
    from tensho.composition.outline_segmentation import Division, GlyphIslands

__all__ = ["Density", "Effects", "Observation", "Placer"]

_SWEEPS = 10
_ASTRAY = 0.06  # of a frame's side
_SHRINK = (0.0, 3.0, 3.0, 1.5, 2.0, 1.0)
_LEVELS = 10  # steps of the share that a part has of its node's strokes
_LEAST = 0.02


class Observation(NamedTuple):
    """What a box is predicted from, general to special, and the box, float (4,)."""

    features: tuple[str, ...]
    box: tuple[float, float, float, float]
    weight: float = 1.0


class Effects:
    """A sum of effects of named features, each with its own four numbers."""

    def __init__(self, observations: Sequence[Observation] = ()) -> None:
        self._effects: dict[str, NDArray[np.float64]] = {}
        if observations:
            self._fit(observations)

    def predict(self, features: Iterable[str]) -> NDArray[np.float64]:
        """The box, float64 (4,); features that were never seen say nothing."""
        total = np.zeros(4)
        for feature in features:
            effect = self._effects.get(feature)
            if effect is not None:
                total += effect
        return total

    def knows(self, feature: str) -> bool:
        """Whether a feature was seen."""
        return feature in self._effects

    def _fit(self, observations: Sequence[Observation]) -> None:
        boxes = np.array([o.box for o in observations])
        width = max(len(o.features) for o in observations)
        names: list[dict[str, int]] = [{} for _ in range(width)]
        codes = np.full((len(observations), width), -1)
        for row, observation in enumerate(observations):
            for column, feature in enumerate(observation.features):
                codes[row, column] = names[column].setdefault(feature, len(names[column]))
        effects = [np.zeros((len(known), 4)) for known in names]
        given = np.array([o.weight for o in observations])
        rest, weight = boxes.copy(), given
        for sweep in range(_SWEEPS):
            for column, known in enumerate(names):
                has = codes[:, column] >= 0
                which = codes[has, column]
                rest[has] += effects[column][which]
                count = np.bincount(which, weight[has], len(known))
                sums = np.stack(
                    [np.bincount(which, weight[has] * rest[has, side], len(known)) for side in range(4)], 1
                )
                shrink = _SHRINK[min(column, len(_SHRINK) - 1)]
                effects[column] = sums / np.maximum(count + shrink, 1e-6)[:, None]
                rest[has] -= effects[column][which]
            if sweep:
                # Cuts that went wrong are far from what all others say (Cauchy weights).
                weight = given / (1 + (np.abs(rest).max(1) / _ASTRAY) ** 2) ** 2
        for known, effect in zip(names, effects, strict=True):
            for name, code in known.items():
                self._effects[name] = effect[code]


class Density(NamedTuple):
    """The strokes that a horizontal and a vertical line through a part cross on average."""

    across: float
    down: float


class Placer:
    """Predicts the boxes of a node's children, and of a whole character."""

    def __init__(self, em: Bounds, density: Callable[[Tree], Density]) -> None:
        self._em, self._density = em, density
        self._inner = Effects()
        self._outer = Effects()

    def fit(self, observed: tuple[list[Observation], list[Observation]]) -> None:
        """Learn from what `observed` found."""
        inner, outer = observed
        self._inner = Effects(inner)
        if outer:
            self._outer = Effects(outer)

    def observed(
        self,
        divisions: Iterable[Division],
        glyphs: Mapping[str, GlyphIslands],
        trust: Callable[[Division], float] = lambda division: division.sureness,
    ) -> tuple[list[Observation], list[Observation]]:
        """The boxes of children and of whole characters; a division counts as much as it is trusted, in [0, 1]."""
        from tensho.composition.outline_islands import bounds_of

        inner, outer = [], []
        for division in divisions:
            boxes = glyphs[division.character].boxes
            if division.depth == 0:
                outer.append(Observation(_whole_features(division.tree), _relative(division.frame, self._em)))
            for k in range(len(division.tree.children)):
                box = bounds_of(boxes[division.child(k)])
                inner.append(
                    Observation(
                        self._features(division.tree, k, division.frame),
                        _relative(box, division.frame),
                        max(trust(division), 0.01),
                    )
                )
        return inner, outer

    def children(self, tree: Arrangement, frame: Bounds) -> list[Bounds]:
        """Where the children of a node lie whose own ink fills ``frame``."""
        found = []
        for k in range(len(tree.children)):
            features = self._features(tree, k, frame)
            if self._inner.knows(features[0]):
                share = self._inner.predict(features)
            else:
                share = np.array(_DEFAULT.get(f"{tree.operator}{k}", (0.0, 0.0, 1.0, 1.0)))
            found.append(_absolute(share, frame))
        return found

    def whole(self, tree: Arrangement) -> Bounds:
        """Where the ink of a whole character lies."""
        features = _whole_features(tree)
        if not self._outer.knows(features[0]):
            return self._em
        return _absolute(self._outer.predict(features), self._em)

    def _features(self, tree: Arrangement, k: int, frame: Bounds) -> tuple[str, ...]:
        slot = f"{tree.operator}{k}"
        aspect = round(4 * np.log2(max(frame.width, 1) / max(frame.height, 1)))
        densities = [self._density(child) for child in tree.children]
        across = round(_LEVELS * densities[k].across / sum(d.across for d in densities))
        down = round(_LEVELS * densities[k].down / sum(d.down for d in densities))
        named = [slot, f"{slot}~{across}", f"{slot}^{down}", f"{slot}={_name(tree.children[k])}", f"{slot}#{aspect}"]
        named += [f"{slot}|{j}={_name(sibling)}" for j, sibling in enumerate(tree.children) if j != k]
        return tuple(named)


_DEFAULT = {
    "⿰0": (0, 0, 0.4, 1), "⿰1": (0.4, 0, 1, 1),
    "⿱0": (0, 0.55, 1, 1), "⿱1": (0, 0, 1, 0.55),
    "⿲0": (0, 0, 0.33, 1), "⿲1": (0.33, 0, 0.67, 1), "⿲2": (0.67, 0, 1, 1),
    "⿳0": (0, 0.67, 1, 1), "⿳1": (0, 0.33, 1, 0.67), "⿳2": (0, 0, 1, 0.33),
    "⿴1": (0.2, 0.2, 0.8, 0.8), "⿵1": (0.2, 0, 0.8, 0.7), "⿶1": (0.2, 0.2, 0.8, 1),
    "⿷1": (0.25, 0.15, 1, 0.85), "⿸1": (0.25, 0, 1, 0.75), "⿹1": (0, 0, 0.75, 0.75), "⿺1": (0.3, 0.2, 1, 1),
    "⿻1": (0.2, 0.2, 0.8, 0.8),
}  # fmt: skip
"""Boxes before anything is known of a slot; where it is not listed, the whole."""


def _whole_features(tree: Arrangement) -> tuple[str, ...]:
    named = [tree.operator]
    named += [f"{tree.operator}{k}={_name(child)}" for k, child in enumerate(tree.children)]
    return tuple(named)


def _name(tree: Tree) -> str:
    return to_string(tree)


def _relative(box: Bounds, frame: Bounds) -> tuple[float, float, float, float]:
    width, height = max(frame.width, 1), max(frame.height, 1)
    return (
        (box.left - frame.left) / width,
        (box.bottom - frame.bottom) / height,
        (box.right - frame.left) / width,
        (box.top - frame.bottom) / height,
    )


def _absolute(share: NDArray[np.float64], frame: Bounds) -> Bounds:
    x0, y0, x1, y1 = share.tolist()
    x0, x1 = _ordered(x0, x1)
    y0, y1 = _ordered(y0, y1)
    return Bounds(
        frame.left + x0 * frame.width,
        frame.bottom + y0 * frame.height,
        frame.left + x1 * frame.width,
        frame.bottom + y1 * frame.height,
    )


def _ordered(low: float, high: float) -> tuple[float, float]:
    if high - low >= _LEAST:
        return low, high
    middle = (low + high) / 2
    return middle - _LEAST / 2, middle + _LEAST / 2
