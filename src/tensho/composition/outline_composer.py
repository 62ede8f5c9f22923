"""Composing a character of outlines: which forms, where they go, and how they are made to fit.

From the top of the description down, the boxes of a node's children are predicted (`tensho.composition.placement`), and for
each child the forms of the part are ranked by how far they stand from that box in their donor, how far the donor's other
part stands from where this character's other part goes, how much they must be stretched, and how sure their cut is. Of the
first few forms of each child those are taken together whose ink does not meet. A part that the face has in no character is
taken apart further, or comes from the next rung of the ladder.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from tensho.composition.fitting import fitted, stem_widths
from tensho.composition.outline_inventory import Inventory
from tensho.composition.outline_islands import coverage
from tensho.composition.outline_segmentation import known_tree
from tensho.composition.spacing import beside, gap, within
from tensho.errors import TenshoError
from tensho.fonts.outline_geometry import emboldened, united
from tensho.fonts.outlines import Bounds, Outline, joined
from tensho.ids.decomposition import same_strokes, slotted
from tensho.ids.syntax import Arrangement, Tree, parse, to_string

__all__ = ["RUNGS", "ComposedGlyph", "OutlineComposer"]

RUNGS = ("same slot", "other slot", "whole glyph", "related form", "other face")
"""The ladder of donors, best first: the part in the same place of another character of the face; elsewhere in one; the
part as a character of its own; another form of the same strokes (言 for 訁); the part of another face, the nearest in style that there is, its weight evened."""

_SAME, _OTHER, _WHOLE, _RELATED, _FOREIGN = range(len(RUNGS))

# What makes a form cost more: 1 is a form one em off.
_BESIDE = 0.3  # how far the donor's other part is from where this character's is
_STRAIN = 0.4  # how much it must be stretched, in units of log size
_ODD = 0.4  # how unlike the usual form it is
_STEP = {_OTHER: 0.2, _WHOLE: 0.25, _RELATED: 0.3, _FOREIGN: 0.4}
_DEEPER = 0.1  # that a part is put together of its own parts
_CLASH = 2.0  # that all of a part's ink lies on another's

_GOOD, _BEARABLE = 0.12, 0.3
"""Costs of a form above which the part's own parts, and the part as a character, are tried too."""

_KEPT = 0.012
"""How far an edge may lie from where it is predicted before it is moved, in ems."""

_FORMS, _ALTERNATIVES, _COMBINATIONS = 24, 8, 24
_HOLE = 0.7
"""What the place where a donor's inner part stood counts, beside the predicted box."""

_ENCLOSING = "⿴⿵⿶⿷⿸⿹⿺"
_CELLS, _INKED = 64, 96  # a grid over the em in which ink is compared, and what counts as ink of a cell
_LOGISTIC = (1.83, -6.33, 1.58, -0.42)
"""Constant, cost, how typical the least typical form is, whether it is below the first rung: a logistic regression on 998
validation characters of Noto Sans JP and Noto Serif JP, composed without themselves. What it predicts is that a character comes out
nearly as its designer drew it: L1 over ink below 0.65 at 128 pixels, 0.75 in the mincho. Of those with 0.9 and more 97 % did."""

_AXES = {"⿰": 0, "⿲": 0, "⿱": 1, "⿳": 1}
_COMMON = dict.fromkeys("⿰⿲", "氵亻扌木口女土訁糹讠纟") | dict.fromkeys("⿱⿳", "艹宀⺮日山雨穴田")
"""Parts in whose characters the room between parts is measured."""

_MEASURED, _ENOUGH, _SURE, _WIDE = 24, 12, 0.5, 0.15
_USUAL_GAP = 0.03  # where a face has too few of those characters, in ems
_PLAIN = "十木中田土口日王目士山干早卓未末本由申工圭言車"
"""Characters whose stems are what is usual in a face."""


@dataclass(frozen=True, eq=False)
class ComposedGlyph:
    """A composed character.

    Attributes:
        outline: contours in font units, y up.
        rung: the lowest of `RUNGS` that it needed.
        confidence: in [0, 1], how likely it is to be nearly as the face's designer would draw it.
        donors: the characters of the face that it was made from.
    """

    outline: Outline
    rung: str
    confidence: float
    donors: tuple[str, ...]


@dataclass
class _Choice:
    """One way to draw a node: a form in a box, or the choices of its children."""

    cost: float
    rung: int
    draw: Callable[[], Outline]
    donors: tuple[str, ...]
    typical: float
    hole: Bounds | None = None
    apart: bool = True

    @cached_property
    def outline(self) -> Outline:
        return self.draw()

    @property
    def confidence(self) -> float:
        constant, cost, typical, lower = _LOGISTIC
        score = constant + cost * self.cost + typical * self.typical + lower * (self.rung > _SAME)
        return float(1 / (1 + np.exp(-score)))


class OutlineComposer:
    """Composes characters of one face's outlines.

    Args:
        inventory: the face's parts.
        exclude: characters whose glyphs are not used whole; `build_inventory` is told which are not cut.
        other: opens the composer of another face, for parts that this one lacks; None if there is none.
    """

    def __init__(
        self,
        inventory: Inventory,
        exclude: Callable[[str], bool] = lambda _: False,
        other: Callable[[], OutlineComposer | None] = lambda: None,
    ) -> None:
        self.inventory, self.exclude = inventory, exclude
        self.units_per_em = inventory.reader.units_per_em
        self._open_other = other
        self._gaps: dict[str, float] = {}

    @cached_property
    def other(self) -> OutlineComposer | None:
        """The composer of another face, asked for parts that this one lacks."""
        return self._open_other()

    @cached_property
    def stems(self) -> tuple[float, float]:
        """The usual widths of the face's vertical and horizontal stems, in font units."""
        glyphs = map(self.inventory.reader.outline, _PLAIN)
        return stem_widths([glyph for glyph in glyphs if glyph is not None], self.units_per_em)

    @cached_property
    def overlapping(self) -> bool:
        """Whether the face's own strokes lie over each other as separate contours, as in variable fonts."""
        glyphs = [glyph for glyph in map(self.inventory.reader.outline, _PLAIN) if glyph is not None]
        return sum(len(united(glyph)) != len(glyph) for glyph in glyphs) > len(glyphs) / 4

    def compose(self, description: str) -> ComposedGlyph:
        """Compose the character that an IDS describes, or a single character of its parts.

        Raises:
            TenshoError: the description is malformed, takes strokes away or turns a part, or no face has a donor of
                one of its parts.
        """
        tree = parse(description)
        drawn = known_tree(tree) if isinstance(tree, str) else slotted(tree)
        if not isinstance(drawn, Arrangement):
            raise TenshoError(f"{description} has no known parts; describe it, as in ⿰氵龍")
        frame = self.inventory.placer.whole(drawn)
        options = self._forms(to_string(tree), "", frame, frame)
        try:
            options.append(self._node(drawn, frame))
        except TenshoError:
            if not options:
                raise
        best = min(options, key=lambda choice: choice.cost)
        return ComposedGlyph(
            outline=best.outline if best.apart and not self.overlapping else united(best.outline),
            rung=RUNGS[best.rung],
            confidence=best.confidence,
            donors=best.donors,
        )

    def _node(self, tree: Arrangement, frame: Bounds) -> _Choice:
        if tree.operator in "\u2ffe\u2fff\u31ef":
            raise TenshoError(f"{tree.operator} cannot be composed of outlines")
        boxes = self.inventory.placer.children(tree, frame)
        options: list[list[_Choice]] = []
        for k, child in enumerate(tree.children):
            if k == 1 and tree.operator in _ENCLOSING and options[0][0].hole is not None:
                boxes[1] = _blended(boxes[1], options[0][0].hole, _HOLE)
            beside = _union([box for j, box in enumerate(boxes) if j != k])
            found = self._options(child, f"{tree.operator}{k}", boxes[k], beside)
            options.append(sorted(found, key=lambda choice: choice.cost)[:_ALTERNATIVES])
        crossing = tree.operator == "⿻"
        chosen, clash = ([found[0] for found in options], 0.0) if crossing else self._apart(options)
        choices = tuple(chosen)
        return _Choice(
            cost=float(np.mean([choice.cost for choice in chosen])) + clash,
            rung=max(choice.rung for choice in chosen),
            draw=lambda: joined(self._spaced(tree.operator, [choice.outline for choice in choices])),
            donors=tuple(dict.fromkeys(donor for choice in chosen for donor in choice.donors)),
            typical=min(choice.typical for choice in chosen),
            apart=not clash and not crossing and all(choice.apart for choice in chosen),
        )

    def _spaced(self, operator: str, outlines: list[Outline]) -> list[Outline]:
        """The parts of a node with room between them, as much as the face's own characters have."""
        em = self.inventory.em
        if operator in _AXES:
            return beside(outlines, _AXES[operator], em, self._gap(operator))
        if operator in _ENCLOSING:
            return [outlines[0], within(outlines[0], outlines[1], em)]
        return outlines

    def _gap(self, operator: str) -> float:
        """The room between neighbours that nine in ten of the face's characters have, in ems."""
        if operator not in self._gaps:
            self._gaps[operator] = self._measured_gap(operator)
        return self._gaps[operator]

    def _measured_gap(self, operator: str) -> float:
        inventory, found = self.inventory, []
        for part in _COMMON[operator]:
            forms = inventory.forms.get(part)
            if forms is None:
                continue
            for row in np.flatnonzero((forms.slots == f"{operator}0") & (forms.typical > _SURE))[
                :_MEASURED
            ].tolist():
                donor = inventory.reader.outline(str(forms.donors[row]))
                tree = known_tree(str(forms.donors[row]))
                if donor is None or tree is None or tree.operator != operator or len(tree.children) != 2:
                    continue
                mine = forms.contours[row]
                rest = donor.subset(k for k in range(len(donor)) if k not in mine)
                found.append(gap(donor.subset(mine), rest, _AXES[operator], inventory.em))
        found = [distance for distance in found if 0 < distance < _WIDE]
        return float(np.quantile(found, 0.1)) if len(found) >= _ENOUGH else _USUAL_GAP

    def _apart(self, options: list[list[_Choice]]) -> tuple[list[_Choice], float]:
        """The cheapest options whose ink does not meet, and what their clash costs."""
        ranked = sorted(product(*options), key=lambda chosen: sum(choice.cost for choice in chosen))
        best, least, clash = list(ranked[0]), np.inf, 0.0
        for chosen in ranked[:_COMBINATIONS]:
            cost = sum(choice.cost for choice in chosen)
            if cost >= least:
                break
            meeting = _CLASH * self._overlap([choice.outline for choice in chosen])
            if cost + meeting < least:
                best, least, clash = list(chosen), cost + meeting, meeting
        return best, clash

    def _overlap(self, outlines: list[Outline]) -> float:
        """The most of an outline's ink that lies on another's, as a share of the lighter one's."""
        inks = [coverage(outline, self.inventory.em, _CELLS) > _INKED for outline in outlines]
        sizes = [int(np.count_nonzero(ink)) for ink in inks]
        return max(
            int(np.count_nonzero(inks[i] & inks[j])) / max(min(sizes[i], sizes[j]), 1)
            for i, j in combinations(range(len(inks)), 2)
        )

    def _options(self, child: Tree, slot: str, box: Bounds, beside: Bounds) -> list[_Choice]:
        """Ways to draw a child in its box.

        Raises:
            TenshoError: there is none.
        """
        part = to_string(child)
        found = self._forms(part, slot, box, beside)
        inner = known_tree(child) if isinstance(child, str) else child
        fault: TenshoError | None = None
        if inner is not None and _least(found) > _GOOD:
            try:
                node = self._node(inner, box)
            except TenshoError as error:
                fault = error
            else:
                node.cost += _DEEPER
                found.append(node)
        if isinstance(child, str) and not self.exclude(child) and _least(found) > _BEARABLE:
            glyph = self.inventory.reader.outline(child)
            if glyph is not None:
                found.append(self._whole(child, glyph, box))
        if not found:
            found = self._related(part, slot, box, beside) or self._foreign(part, slot, box)
        if not found:
            raise fault or TenshoError(f"no face at hand has {part} as a part; name a font that has it")
        return found

    def _forms(self, part: str, slot: str, box: Bounds, beside: Bounds) -> list[_Choice]:
        """The forms of a part that the face has, the best ones."""
        forms = self.inventory.forms.get(part)
        if forms is None:
            return []
        same = forms.slots == slot
        cost = np.abs(forms.boxes - np.array(box)).mean(1) / self.units_per_em
        cost += _BESIDE * same * np.abs(forms.siblings - np.array(beside)).mean(1) / self.units_per_em
        cost += _STRAIN * _strain(forms.boxes, box) + _ODD * (1 - forms.typical) + _STEP[_OTHER] * ~same
        return [
            _Choice(
                cost=float(cost[row]),
                rung=_SAME if same[row] else _OTHER,
                draw=lambda row=row: self._placed(part, row, box),  # type: ignore[misc]
                donors=(str(forms.donors[row]),),
                typical=float(forms.typical[row]),
                hole=Bounds(*forms.siblings[row].tolist()) if same[row] else None,
            )
            for row in np.argsort(cost)[:_FORMS].tolist()
        ]

    def _placed(self, part: str, row: int, box: Bounds) -> Outline:
        here = Bounds(*self.inventory.forms[part].boxes[row].tolist())
        kept = _KEPT * self.units_per_em
        there = Bounds(*(to + float(np.clip(at - to, -kept, kept)) for at, to in zip(here, box, strict=True)))
        return fitted(self.inventory.outline(part, row), there, self.units_per_em, source=here)

    def _whole(self, character: str, glyph: Outline, box: Bounds) -> _Choice:
        strain = float(_strain(np.array([glyph.bounds]), box)[0])
        return _Choice(
            cost=_STEP[_WHOLE] + _STRAIN * strain,
            rung=_WHOLE,
            draw=lambda: fitted(glyph, box, self.units_per_em),
            donors=(character,),
            typical=0.7,
        )

    def _related(self, part: str, slot: str, box: Bounds, beside: Bounds) -> list[_Choice]:
        """The part in the form of another code point with the same strokes."""
        character = same_strokes(part)
        if character is None:
            return []
        found = self._forms(character, slot, box, beside)
        glyph = None if found or self.exclude(character) else self.inventory.reader.outline(character)
        if glyph is not None:
            found = [self._whole(character, glyph, box)]
        return [
            replace(choice, cost=choice.cost + _STEP[_RELATED], rung=max(choice.rung, _RELATED))
            for choice in found
        ]

    def _foreign(self, part: str, slot: str, box: Bounds) -> list[_Choice]:
        """The part in the nearest style, made as heavy as this face's parts."""
        other = self.other
        if other is None:
            return []
        scale = self.units_per_em / other.units_per_em
        there = Bounds(*(side / scale for side in box))
        found = other._forms(part, slot, there, there)
        glyph = other.inventory.reader.outline(part) if len(part) == 1 else None
        if not found and glyph is not None:
            found = [other._whole(part, glyph, there)]

        def draw(choice: _Choice) -> Outline:
            grown = choice.outline.moved(choice.outline.points * np.float32(scale))
            across, down = (
                mine - theirs * scale for mine, theirs in zip(self.stems, other.stems, strict=True)
            )
            return fitted(emboldened(grown, across, down), box, self.units_per_em)

        return [
            _Choice(
                cost=_STEP[_FOREIGN] + choice.cost,
                rung=_FOREIGN,
                draw=lambda choice=choice: draw(choice),  # type: ignore[misc]
                donors=(),
                typical=0.8 * choice.typical,
            )
            for choice in found
        ]


def _least(choices: list[_Choice]) -> float:
    return min((choice.cost for choice in choices), default=np.inf)


def _strain(boxes: NDArray[np.float32], box: Bounds) -> NDArray[np.float64]:
    """How much each of some boxes, float (N, 4), must be stretched to be another one, in units of log size."""
    width = np.log(np.maximum(boxes[:, 2] - boxes[:, 0], 1) / max(box.width, 1))
    height = np.log(np.maximum(boxes[:, 3] - boxes[:, 1], 1) / max(box.height, 1))
    strain: NDArray[np.float64] = np.minimum(np.abs(width), 2) + np.minimum(np.abs(height), 2)
    return strain


def _blended(one: Bounds, other: Bounds, share: float) -> Bounds:
    return Bounds(*((1 - share) * a + share * b for a, b in zip(one, other, strict=True)))


def _union(boxes: list[Bounds]) -> Bounds:
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    return Bounds(min(lefts), min(bottoms), max(rights), max(tops))
