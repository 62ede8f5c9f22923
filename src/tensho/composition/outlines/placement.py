"""Where the parts of a character go, learned from the characters of one face.

The box of a child inside its parent's, (x0, y0, x1, y1) as shares of the parent's with y upwards, is a sum of effects: one of the operator and
slot, one of the part in the slot, one of each sibling, and of what kind these are. The effects are fitted by backfitting
with shrinkage (Hastie and Tibshirani 1990, Generalized Additive Models): each group of effects in turn takes the mean of what
the others leave over, n / (n + λ) of it, so that a part seen once says little. A whole character's box in the em is learned likewise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tensho.fonts.outlines import Bounds
from tensho.ids.syntax import Arrangement, Tree, to_string

__all__ = ["CELLS", "Effects", "Look", "Observation", "Placer", "Ridge"]

_SWEEPS = 10
_ASTRAY = 0.06  # of a frame's side
_SHRINK = (0.0, 1.5, 4.0, 1.0)
_ANY, _SHRINK_BESIDE_PRIOR = "*", (2.0, 6.0, 3.0, 8.0, 4.0)
"""The feature that all observations of a face have in which it differs from the one that is known, and as much doubt."""

_RIDGE = 3.0
_REFITS = 3
_ENOUGH = 40  # observations of a slot, from which on it has a linear model
_ENOUGH_BESIDE_PRIOR = 1_500
_LEAST = 0.02


class Observation(NamedTuple):
    """What a box is predicted from, and the box.

    Attributes:
        features: names, general to special; the first is the slot.
        numbers: what the slot's linear model sees, float (D,).
        box: (x0, y0, x1, y1).
        weight: how much it counts.
    """

    features: tuple[str, ...]
    numbers: NDArray[np.float64]
    box: tuple[float, float, float, float]
    weight: float = 1.0


class Ridge(NamedTuple):
    """A linear model of standardised numbers: ``(x - centre) / spread @ slopes + level``."""

    centre: NDArray[np.float64]
    spread: NDArray[np.float64]
    slopes: NDArray[np.float64]
    level: NDArray[np.float64]

    def predict(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """float64 (..., D) → (..., 4)."""
        predicted: NDArray[np.float64] = (numbers - self.centre) / self.spread @ self.slopes + self.level
        return predicted

    @classmethod
    def fit(cls, x: NDArray[np.float64], y: NDArray[np.float64], weight: NDArray[np.float64]) -> Ridge:
        """Weighted ridge regression of y (N, 4) on x (N, D)."""
        share = weight / weight.sum()
        centre, level = share @ x, share @ y
        spread = np.sqrt(share @ (x - centre) ** 2) + 1e-3
        z = (x - centre) / spread
        normal = (z * weight[:, None]).T @ z + _RIDGE * np.eye(x.shape[1])
        return cls(centre, spread, np.linalg.solve(normal, (z * weight[:, None]).T @ (y - level)), level)


class Effects:
    """A linear model for each slot, and a sum of effects of named features for what it leaves over.

    Args:
        observations: what is fitted.
        prior: what is known of another face; only what that leaves over is fitted, by effects alone.
    """

    def __init__(self, observations: Sequence[Observation] = (), prior: Effects | None = None) -> None:
        self._effects: dict[str, NDArray[np.float64]] = {}
        self._linear: dict[str, Ridge] = {}
        self._prior = prior
        if observations:
            self._fit(observations)

    def with_fitted(
        self, names: Sequence[str], values: NDArray[np.float64], linear: Mapping[str, Ridge]
    ) -> Effects:
        """Of the same prior what was fitted before: effects by name, float64 (N, 4), and linear models by slot."""
        effects = Effects(prior=self._prior)
        effects._effects = dict(zip(names, values, strict=True))
        effects._linear = dict(linear)
        return effects

    def rounded(self) -> Effects:
        """The same as coarse as files have it: effects in half precision, linear models in single precision."""
        names, values = self.named
        linear = {
            slot: Ridge(*(array.astype(np.float32).astype(np.float64) for array in model))
            for slot, model in self._linear.items()
        }
        return self.with_fitted(names, values.astype(np.float16).astype(np.float64), linear)

    @property
    def named(self) -> tuple[list[str], NDArray[np.float64]]:
        """The features that have an effect, and their effects, float64 (N, 4)."""
        return list(self._effects), np.array(list(self._effects.values())).reshape(-1, 4)

    @property
    def linear(self) -> tuple[list[str], list[Ridge]]:
        """The slots that have a linear model, and the models."""
        return list(self._linear), list(self._linear.values())

    def knows(self, feature: str) -> bool:
        """Whether a feature was seen."""
        return feature in self._effects or (self._prior is not None and self._prior.knows(feature))

    def predict(self, features: Sequence[str], numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """The box, float64 (4,); features that were never seen say nothing."""
        linear = self._linear.get(features[0])
        total = np.zeros(4) if linear is None else linear.predict(numbers)
        if self._prior is not None:
            total += self._prior.predict(features, numbers)
        for feature in (*features, _ANY):
            effect = self._effects.get(feature)
            if effect is not None:
                total += effect
        return total

    def _fit(self, observations: Sequence[Observation]) -> None:
        given = np.array([o.weight for o in observations])
        rest, weight = np.array([o.box for o in observations]), given.copy()
        shrinks: tuple[float, ...] = _SHRINK
        if self._prior is None:
            self._fit_linear(observations, rest, weight)
        else:
            rest -= [self._prior.predict(o.features, o.numbers) for o in observations]
            self._fit_linear(observations, rest, weight)
            observations = [o._replace(features=(_ANY, *o.features)) for o in observations]
            shrinks = _SHRINK_BESIDE_PRIOR
        width = max(len(o.features) for o in observations)
        names: list[dict[str, int]] = [{} for _ in range(width)]
        codes = np.full((len(observations), width), -1)
        for row, observation in enumerate(observations):
            for column, feature in enumerate(observation.features):
                codes[row, column] = names[column].setdefault(feature, len(names[column]))
        effects = [np.zeros((len(known), 4)) for known in names]
        for sweep in range(_SWEEPS):
            for column, known in enumerate(names):
                has = codes[:, column] >= 0
                which = codes[has, column]
                rest[has] += effects[column][which]
                count = np.bincount(which, weight[has], len(known))
                sums = np.stack(
                    [np.bincount(which, weight[has] * rest[has, side], len(known)) for side in range(4)], 1
                )
                shrink = shrinks[min(column, len(shrinks) - 1)]
                effects[column] = sums / np.maximum(count + shrink, 1e-6)[:, None]
                rest[has] -= effects[column][which]
            if sweep:
                weight = given * _trusted(rest)
        for known, effect in zip(names, effects, strict=True):
            for name, code in known.items():
                self._effects[name] = effect[code]

    def _fit_linear(
        self, observations: Sequence[Observation], rest: NDArray[np.float64], weight: NDArray[np.float64]
    ) -> None:
        """Fit the linear models; subtract them from the boxes in ``rest`` and adapt the weights in place."""
        slots = np.array([o.features[0] for o in observations])
        for slot in np.unique(slots):
            rows = np.flatnonzero(slots == slot)
            if len(rows) < (_ENOUGH if self._prior is None else _ENOUGH_BESIDE_PRIOR):
                continue
            x = np.stack([observations[row].numbers for row in rows.tolist()])
            boxes, given = rest[rows], weight[rows]
            for _ in range(_REFITS):
                ridge = Ridge.fit(x, boxes, weight[rows])
                rest[rows] = boxes - ridge.predict(x)
                weight[rows] = given * _trusted(rest[rows])
            self._linear[str(slot)] = ridge


def _trusted(residuals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights of observations, float64 (N,): cuts that went wrong are far from what all others say (Cauchy's, squared)."""
    trusted: NDArray[np.float64] = 1 / (1 + (np.abs(residuals).max(1) / _ASTRAY) ** 2) ** 2
    return trusted


Look = NDArray[np.float64]
"""What a part looks like, roughly, float64 (4 + CELLS²,): the strokes that a horizontal and a vertical line through it cross on
average, its width and height as a character of its own in ems, and the ink of each cell of its box, rows from the top."""

CELLS = 4


class Placer:
    """Predicts the boxes of a node's children, and of a whole character.

    Args:
        em: the em box of the face's ideographs.
        look: what its parts look like.
        prior: what is known of another face: few characters say only in what they differ from it.
    """

    def __init__(self, em: Bounds, look: Callable[[Tree], Look], prior: Placer | None = None) -> None:
        self._em, self._look = em, look
        self._known: dict[str, list[float]] = {}
        self._prior = prior
        self.inner: Effects = Effects(prior=None if prior is None else prior.inner)
        self.outer: Effects = Effects(prior=None if prior is None else prior.outer)

    @property
    def look(self) -> Callable[[Tree], Look]:
        """What the face's parts look like."""
        return self._look

    def beside(self, em: Bounds) -> Placer:
        """A placer of a face with another em box, of which no more is known than that it is like this one."""
        return Placer(em, self._look, self)

    def fit(self, children: Sequence[Observation], wholes: Sequence[Observation]) -> None:
        """Learn from the boxes of children, and of whole characters if there are any."""
        inner, outer = (None, None) if self._prior is None else (self._prior.inner, self._prior.outer)
        self.inner = Effects(children, inner)
        if wholes:
            self.outer = Effects(wholes, outer)

    def seen_child(self, tree: Arrangement, k: int, frame: Bounds, box: Bounds, weight: float) -> Observation:
        """That the k-th child of a node whose ink fills ``frame`` fills ``box``."""
        return Observation(*self._features(tree, k, frame), _relative(box, frame), weight)

    def seen_whole(self, tree: Arrangement, box: Bounds) -> Observation:
        """That the ink of a whole character fills ``box``."""
        return Observation(*self._whole_features(tree), _relative(box, self._em))

    def children(self, tree: Arrangement, frame: Bounds) -> list[Bounds]:
        """Where the children of a node lie whose own ink fills ``frame``."""
        found = []
        for k in range(len(tree.children)):
            features, numbers = self._features(tree, k, frame)
            if self.inner.knows(features[0]):
                share = self.inner.predict(features, numbers)
            else:
                share = np.array(_DEFAULT.get(f"{tree.operator}{k}", (0.0, 0.0, 1.0, 1.0)))
            found.append(_absolute(share, frame))
        return found

    def whole(self, tree: Arrangement) -> Bounds:
        """Where the ink of a whole character lies."""
        features, numbers = self._whole_features(tree)
        if not self.outer.knows(features[0]):
            return self._em
        return _absolute(self.outer.predict(features, numbers), self._em)

    def _features(
        self, tree: Arrangement, k: int, frame: Bounds
    ) -> tuple[tuple[str, ...], NDArray[np.float64]]:
        slot = f"{tree.operator}{k}"
        aspect = float(np.log2(max(frame.width, 1) / max(frame.height, 1)))
        named = [slot, f"{slot}={_name(tree.children[k])}", f"{slot}#{round(4 * aspect)}"]
        named += [f"{slot}|{j}={_name(sibling)}" for j, sibling in enumerate(tree.children) if j != k]
        return tuple(named), np.array([aspect, *self._numbers(tree)])

    def _numbers(self, tree: Arrangement) -> list[float]:
        name = to_string(tree)
        if name not in self._known:
            self._known[name] = self._described(tree)
        return self._known[name]

    def _described(self, tree: Arrangement) -> list[float]:
        looks = [self._look(child) for child in tree.children]
        total = np.sum(looks, axis=0)
        numbers: list[float] = []
        for look in looks:
            across, down = look[:2] / total[:2]
            numbers += [across, across**2, down, down**2, across * down, *np.log(look[:2]), *look[2:]]
        return numbers

    def _whole_features(self, tree: Arrangement) -> tuple[tuple[str, ...], NDArray[np.float64]]:
        named = [
            tree.operator,
            *(f"{tree.operator}{k}={_name(child)}" for k, child in enumerate(tree.children)),
        ]
        return tuple(named), np.array(self._numbers(tree))


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
