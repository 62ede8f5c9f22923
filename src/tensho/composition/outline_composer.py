"""Composing a character of outlines: which forms, where they go, and how they are made to fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from tensho.composition.fitting import fitted
from tensho.composition.outline_inventory import Inventory
from tensho.composition.outline_islands import coverage
from tensho.composition.outline_segmentation import known_tree
from tensho.errors import TenshoError
from tensho.fonts.outlines import Bounds, Outline, joined
from tensho.ids.decomposition import slotted
from tensho.ids.syntax import Arrangement, Tree, parse, to_string

__all__ = ["ComposedGlyph", "OutlineComposer"]


@dataclass(frozen=True, eq=False)
class ComposedGlyph:
    """A composed character.

    Attributes:
        outline: contours in font units, y up.
        rung: the lowest rung of the ladder of donors that it needed.
        confidence: in [0, 1].
        donors: the characters that it was made from.
    """

    outline: Outline
    rung: str
    confidence: float
    donors: tuple[str, ...]


RUNGS = ("same slot", "other slot", "whole glyph")

_KEEP = 0.012  # ems that an edge may lie from where it is predicted before it is moved
_FORMS = 24
_ENCLOSING = "⿴⿵⿶⿷⿸⿹⿺"
_ALTERNATIVES = 8
_TRIED = 24
_CLASH = 2.0  # cost of ink all of which lies on other ink
_CELLS, _TOUCHED = 64, 96


@dataclass
class _Choice:
    """How a node is drawn: a form in a box, or the choices of its children."""

    cost: float
    rung: int
    draw: Callable[[], Outline]
    donors: tuple[str, ...]
    typical: float
    opening: Bounds | None = None

    @cached_property
    def outline(self) -> Outline:
        return self.draw()

    def ink(self, em: Bounds) -> NDArray[np.bool_]:
        """Which cells of the em hold its ink."""
        return coverage(self.outline, em, _CELLS) > _TOUCHED


class OutlineComposer:
    """Composes characters of one face's outlines.

    Args:
        inventory: the face's parts.
        exclude: characters whose glyphs are not used whole; `build_inventory` is told which are not cut.
    """

    def __init__(self, inventory: Inventory, exclude: Callable[[str], bool] = lambda _: False) -> None:
        self.inventory, self.exclude = inventory, exclude
        self._em = float(inventory.reader.units_per_em)

    def compose(self, description: str) -> ComposedGlyph:
        """Compose the character that an IDS describes, or that a single character is.

        Raises:
            TenshoError: the face has no donor of one of the parts.
        """
        tree = parse(description)
        if isinstance(tree, str):
            known = known_tree(tree)
            if known is None:
                raise TenshoError(f"{tree} has no known parts")
            tree = known
        else:
            drawn = slotted(tree)
            assert isinstance(drawn, Arrangement)
            tree = drawn
        frame = self.inventory.placer.whole(tree)
        whole = self._whole_forms(to_string(parse(description)), frame)
        choice = min([self._node(tree, frame), *whole], key=lambda c: c.cost)
        return ComposedGlyph(
            choice.outline,
            RUNGS[choice.rung],
            float(choice.typical * np.exp(-2 * choice.cost)),
            choice.donors,
        )

    def _whole_forms(self, part: str, frame: Bounds) -> list[_Choice]:
        forms = self.inventory.forms.get(part)
        if forms is None:
            return []
        cost = 0.2 + 0.5 * _strain(forms.boxes, frame) + 0.3 * (1 - forms.typical)
        best = int(cost.argmin())
        return [self._form(part, best, frame, float(cost[best]), False, float(forms.typical[best]))]

    def _node(self, tree: Arrangement, frame: Bounds) -> _Choice:
        boxes = self.inventory.placer.children(tree, frame)
        options: list[list[_Choice]] = []
        for k, child in enumerate(tree.children):
            if k == 1 and tree.operator in _ENCLOSING and options[0][0].opening is not None:
                boxes[1] = _between(boxes[1], options[0][0].opening)
            found = self._options(tree, k, child, boxes[k], boxes)
            if not found:
                raise TenshoError(f"no donor of {to_string(child)}")
            options.append(sorted(found, key=lambda choice: choice.cost)[:_ALTERNATIVES])
        chosen, clash = self._apart(options) if tree.operator != "⿻" else ([o[0] for o in options], 0.0)
        return _Choice(
            cost=float(np.mean([choice.cost for choice in chosen])) + clash,
            rung=max(choice.rung for choice in chosen),
            draw=lambda: joined([choice.outline for choice in chosen]),
            donors=tuple(dict.fromkeys(d for choice in chosen for d in choice.donors)),
            typical=min(choice.typical for choice in chosen),
        )

    def _apart(self, options: list[list[_Choice]]) -> tuple[list[_Choice], float]:
        """The cheapest options whose ink does not meet, with what is left of their clash."""
        ranked = sorted(product(*options), key=lambda chosen: sum(choice.cost for choice in chosen))
        best: tuple[float, list[_Choice], float] | None = None
        for chosen in ranked[:_TRIED]:
            cost = sum(choice.cost for choice in chosen)
            if best is not None and cost >= best[0]:
                break
            clash = _CLASH * self._overlap(chosen)
            if best is None or cost + clash < best[0]:
                best = cost + clash, list(chosen), clash
            if not clash:
                break
        assert best is not None
        return best[1], best[2]

    def _overlap(self, chosen: tuple[_Choice, ...]) -> float:
        """The share of the lighter part's ink that lies on another's."""
        inks = [choice.ink(self.inventory.em) for choice in chosen]
        most = 0.0
        for i, one in enumerate(inks):
            for other in inks[i + 1 :]:
                shared = int(np.count_nonzero(one & other))
                lighter = min(int(np.count_nonzero(one)), int(np.count_nonzero(other)))
                most = max(most, shared / max(lighter, 1))
        return most

    def _options(
        self, tree: Arrangement, k: int, child: Tree, box: Bounds, boxes: list[Bounds]
    ) -> list[_Choice]:
        part, slot = to_string(child), f"{tree.operator}{k}"
        found: list[_Choice] = []
        forms = self.inventory.forms.get(part)
        if forms is not None:
            sibling = _union([b for j, b in enumerate(boxes) if j != k])
            off = np.abs(forms.boxes - np.array(box)).mean(1) / self._em
            beside = np.abs(forms.siblings - np.array(sibling)).mean(1) / self._em
            sizes = _strain(forms.boxes, box)
            same = forms.slots == slot
            cost = (
                off + 0.5 * beside * same + 0.5 * sizes + 0.3 * (1 - forms.typical) + np.where(same, 0, 0.2)
            )
            for row in np.argsort(cost)[:_FORMS].tolist():
                found.append(
                    self._form(part, row, box, float(cost[row]), bool(same[row]), float(forms.typical[row]))
                )
        inner = known_tree(child) if isinstance(child, str) else child
        if inner is not None and (not found or min(c.cost for c in found) > 0.12):
            try:
                node = self._node(inner, box)
                node.cost += 0.1
                found.append(node)
            except TenshoError:
                pass
        if (
            isinstance(child, str)
            and not self.exclude(child)
            and (not found or min(c.cost for c in found) > 0.3)
        ):
            outline = self.inventory.reader.outline(child)
            if outline is not None:
                strain = float(_strain(np.array([outline.bounds]), box)[0])
                found.append(
                    _Choice(0.25 + 0.5 * strain, 2, lambda: fitted(outline, box, self._em), (child,), 0.7)
                )
        return found

    def _form(self, part: str, row: int, box: Bounds, cost: float, same: bool, typical: float) -> _Choice:
        forms = self.inventory.forms[part]

        def draw() -> Outline:
            outline = self.inventory.outline(part, row)
            here = Bounds(*forms.boxes[row].tolist())
            return fitted(outline, _kept(here, box, _KEEP * self._em), self._em, source=here)

        opening = Bounds(*forms.siblings[row].tolist()) if same else None
        return _Choice(cost, 0 if same else 1, draw, (str(forms.donors[row]),), typical, opening)


def _kept(here: Bounds, wanted: Bounds, tolerance: float) -> Bounds:
    """The box that is wanted, with every edge as near to where it is as the tolerance lets it."""
    return Bounds(
        *(w + float(np.clip(h - w, -tolerance, tolerance)) for h, w in zip(here, wanted, strict=True))
    )


def _between(predicted: Bounds, opening: Bounds) -> Bounds:
    """A box most of which is what stood there before."""
    return Bounds(*(0.3 * p + 0.7 * o for p, o in zip(predicted, opening, strict=True)))


def _strain(boxes: NDArray[np.float32], box: Bounds) -> NDArray[np.float64]:
    width = np.log(np.maximum(boxes[:, 2] - boxes[:, 0], 1) / max(box.width, 1))
    height = np.log(np.maximum(boxes[:, 3] - boxes[:, 1], 1) / max(box.height, 1))
    strain: NDArray[np.float64] = np.minimum(np.abs(width), 2) + np.minimum(np.abs(height), 2)
    return strain


def _union(boxes: list[Bounds]) -> Bounds:
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    return Bounds(min(lefts), min(bottoms), max(rights), max(tops))
