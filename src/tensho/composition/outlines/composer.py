"""Composing a character of outlines: which forms, where they go, and how they are made to fit.

From the top of the description down, the boxes of a node's children are predicted (`tensho.composition.outlines.placement`), and for
each child the forms of the part are ranked by how far they stand from that box in their donor, how far the donor's other
part stands from where this character's other part goes, how much they must be stretched, and how sure their cut is
(`tensho.composition.outlines.donors`). Of the first few forms of each child those are taken together whose ink does not meet. A
part that the face has in no character is taken apart further, or comes from the next rung of the ladder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from tensho.composition.outlines.dense import DenseLeaf, dense_leaves, legible_from, period
from tensho.composition.outlines.donors import OTHER_FACE, RUNGS, Choice, Donors, least_cost
from tensho.composition.outlines.fitting import scaled
from tensho.composition.outlines.inventory import Inventory
from tensho.composition.outlines.islands import bounds_of, coverage
from tensho.composition.outlines.segmentation import known_tree
from tensho.composition.outlines.spacing import AXES, beside, within
from tensho.errors import TenshoError
from tensho.fonts.outline_geometry import emboldened, united
from tensho.fonts.outlines import Bounds, Outline, joined
from tensho.fonts.placed_part import PlacedPart
from tensho.ids.decomposition import slotted
from tensho.ids.syntax import Arrangement, Tree, leaves, parse, to_string

__all__ = ["RUNGS", "ComposedGlyph", "OutlineComposer"]

_DEEPER = 0.1  # what it costs that a part is put together of its own parts, in ems
_CLASH = 2.0  # what it costs that all of a part's ink lies on another's, in ems

_GOOD, _BEARABLE = 0.12, 0.3
"""Costs above which a part's own parts are tried too, and the rungs below."""

_ALTERNATIVES, _COMBINATIONS = 8, 24  # ways to draw a child, and to draw all children, that are compared
_HOLE = 0.7
"""What the place where a donor's inner part stood counts, beside the predicted box."""

_DOUBTFUL, _CROWDED, _DENSE = 0.2, 150, 6
"""Confidence below which, and size to be legible above which, a character of so many parts is laid out by its strokes."""

_INK = 0.45  # of the way from one stroke to the next that is ink
_HEAVIER = 1.6  # strokes of a dense character may be so much heavier than those of its densest part
_USUAL = 0.6  # how typical a form of it is at least, if there is one

_STILL = 0.01
"""Font units by which a point may be off where it would be if its part were moved alone: arrays are in single precision."""

_ENCLOSING = "⿴⿵⿶⿷⿸⿹⿺"
_CELLS, _INKED = (
    64,
    96,
)  # cells along the em in which ink is compared, and coverage from which on a cell has ink


@dataclass(frozen=True, eq=False)
class ComposedGlyph:
    """A composed character.

    Attributes:
        outline: contours in font units, y up.
        rung: the lowest of `RUNGS` that it needed.
        confidence: in [0, 1], how likely it is to be nearly as the face's designer would draw it.
        donors: the characters of the face that it was made from.
        parts: those of its parts that were moved and not fitted.
        legible_from: the least size in pixels at which neighbouring strokes can be told apart, nearly.
    """

    outline: Outline
    rung: str
    confidence: float
    donors: tuple[str, ...]
    parts: tuple[PlacedPart, ...] = ()
    legible_from: int = 0


class OutlineComposer:
    """Composes characters of one face's outlines.

    Args:
        inventory: the face's parts.
        exclude: characters whose glyphs are not used whole; `build_inventory` is told which are not cut.
        other: opens the composer of another face, for parts that this one lacks; None if there is none.
        other_cost: what it costs to take a part from there, in ems.
    """

    def __init__(
        self,
        inventory: Inventory,
        exclude: Callable[[str], bool] = lambda _: False,
        other: Callable[[], OutlineComposer | None] = lambda: None,
        other_cost: float = OTHER_FACE,
    ) -> None:
        def others() -> Donors | None:
            composer = other()
            return None if composer is None else composer.donors

        self.inventory = inventory
        self.donors = Donors(inventory, exclude, others, other_cost)
        self.units_per_em = inventory.reader.units_per_em

    def compose(self, description: str) -> ComposedGlyph:
        """Compose the character that an IDS describes, or a single character of its parts.

        Raises:
            TenshoError: the description is malformed, takes strokes away or turns a part, or no face has a donor of
                one of its parts.
        """
        tree = parse(description)
        drawn = known_tree(tree) if isinstance(tree, str) else slotted(tree)
        if not isinstance(drawn, Arrangement):
            raise TenshoError(f"{description} has no known parts; describe it, as in ⿰木龍")
        frame = self.inventory.placer.whole(drawn)
        options = self.donors.forms(to_string(tree), "", frame, frame)
        try:
            options.append(self._node(drawn, frame))
        except TenshoError:
            if not options:
                raise
        best = min(options, key=lambda choice: choice.cost)
        nearest = self._nearest(best)
        crowded = best.confidence < _DOUBTFUL or legible_from(nearest, self.units_per_em) > _CROWDED
        if (
            crowded
            and len(list(leaves(drawn))) >= _DENSE
            and (dense := self._dense(drawn, frame)) is not None
        ):
            best, nearest = dense
        as_drawn = best.apart and not self.donors.overlapping
        return ComposedGlyph(
            outline=best.outline if as_drawn else united(best.outline),
            rung=RUNGS[best.rung],
            confidence=best.confidence,
            donors=best.donors,
            parts=tuple(self._placed_parts(best)) if as_drawn else (),
            legible_from=legible_from(nearest, self.units_per_em),
        )

    def _placed_parts(self, made: Choice) -> Iterator[PlacedPart]:
        first = 0
        for form in made.forms:
            after = first + len(form.outline)
            glyph = None if form.source is None else self.inventory.reader.outline(form.source.donor)
            if glyph is not None and form.source is not None:
                there, here = glyph.subset(form.source.contours), made.outline.subset(range(first, after))
                move = here.points[0] - there.points[0] if len(here.points) == len(there.points) else None
                if move is not None and np.allclose(here.points, there.points + move, rtol=0, atol=_STILL):
                    yield PlacedPart(*form.source, first, (float(move[0]), float(move[1])))
            first = after

    def _nearest(self, made: Choice) -> float:
        """How near the nearest strokes of a glyph are, in font units, as far as it is put together of the face's own parts."""
        look = self.inventory.placer.look
        own = [(form.outline.bounds, form.source.part) for form in made.forms if form.source is not None]
        return min((period(box, look(parse(part))) for box, part in own), default=float(self.units_per_em))

    def _dense(self, tree: Arrangement, frame: Bounds) -> tuple[Choice, float] | None:
        """A character of very many parts with room for the strokes of each, and how near these are, in font units.

        None if one of the parts cannot be had.
        """
        look = self.inventory.placer.look
        chosen: list[tuple[DenseLeaf, Choice]] = []
        for leaf in dense_leaves(tree, frame, look):
            found = self.donors.forms(leaf.part, leaf.slot, leaf.box, leaf.rest)
            found += self.donors.below(leaf.part, leaf.slot, leaf.box, leaf.rest)
            if not found:
                return None
            # Of what is so small that all must be told apart, a wrong cut is worse than a form of another shape.
            usual = [choice for choice in found if choice.typical >= _USUAL] or found
            chosen.append((leaf, min(usual, key=lambda choice: choice.cost)))
        periods = [period(leaf.box, look(leaf.part)) for leaf, _ in chosen]
        weight = _INK * min(periods) / max(*self.donors.stems, 1.0)
        drawn = [
            self._in_weight(
                choice, leaf.box, min(1.0, _INK * each / max(*self.donors.stems, 1.0), _HEAVIER * weight)
            )
            for (leaf, choice), each in zip(chosen, periods, strict=True)
        ]
        made = Choice(
            cost=float(np.mean([choice.cost for _, choice in chosen])),
            rung=max(choice.rung for _, choice in chosen),
            draw=lambda: joined(drawn),
            donors=tuple(dict.fromkeys(donor for _, choice in chosen for donor in choice.donors)),
            typical=min(choice.typical for _, choice in chosen),
            apart=False,
        )
        return made, min(periods)

    def _in_weight(self, choice: Choice, box: Bounds, weight: float) -> Outline:
        """A form scaled into a box, its strokes as wide as the face's usual ones times ``weight``."""
        outline = choice.outline
        if choice.source is not None:
            glyph = self.inventory.reader.outline(choice.source.donor)
            assert glyph is not None
            outline = glyph.subset(choice.source.contours)
        scales = box.width / max(outline.bounds.width, 1), box.height / max(outline.bounds.height, 1)
        across, down = (
            (weight - min(scale, 1.0)) * stem for scale, stem in zip(scales, self.donors.stems, strict=True)
        )
        return scaled(emboldened(scaled(outline, box), across, down), box)

    def _node(self, tree: Arrangement, frame: Bounds) -> Choice:
        """The best way to draw a node whose ink fills a frame.

        Raises:
            TenshoError: one of its parts cannot be had.
        """
        if tree.operator in "\u2ffe\u2fff\u31ef":
            raise TenshoError(f"{tree.operator} cannot be composed of outlines")
        boxes = self.inventory.placer.children(tree, frame)
        options: list[list[Choice]] = []
        for k, child in enumerate(tree.children):
            if k == 1 and tree.operator in _ENCLOSING and options[0][0].hole is not None:
                boxes[1] = _blended(boxes[1], options[0][0].hole, _HOLE)
            rest = bounds_of(np.array([box for j, box in enumerate(boxes) if j != k]))
            found = self._child(child, f"{tree.operator}{k}", boxes[k], rest)
            options.append(sorted(found, key=lambda choice: choice.cost)[:_ALTERNATIVES])
        crossing = tree.operator == "⿻"
        chosen, clash = ([found[0] for found in options], 0.0) if crossing else self._apart(options)
        return Choice(
            cost=float(np.mean([choice.cost for choice in chosen])) + clash,
            rung=max(choice.rung for choice in chosen),
            draw=lambda: joined(self._spaced(tree.operator, [choice.outline for choice in chosen])),
            donors=tuple(dict.fromkeys(donor for choice in chosen for donor in choice.donors)),
            typical=min(choice.typical for choice in chosen),
            apart=not clash and not crossing and all(choice.apart for choice in chosen),
            parts=tuple(chosen),
        )

    def _child(self, child: Tree, slot: str, box: Bounds, rest: Bounds) -> list[Choice]:
        """Ways to draw a child in its box.

        Raises:
            TenshoError: there is none.
        """
        part = to_string(child)
        found = self.donors.forms(part, slot, box, rest)
        inner = known_tree(child) if isinstance(child, str) else child
        fault: TenshoError | None = None
        if inner is not None and least_cost(found) > _GOOD:
            try:
                node = self._node(inner, box)
            except TenshoError as error:
                fault = error
            else:
                node.cost += _DEEPER
                found.append(node)
        if least_cost(found) > _BEARABLE:
            found += self.donors.below(part, slot, box, rest)
        if not found:
            raise fault or TenshoError(f"no face at hand has {part} as a part; name a font that has it")
        return found

    def _apart(self, options: list[list[Choice]]) -> tuple[list[Choice], float]:
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

    def _spaced(self, operator: str, outlines: list[Outline]) -> list[Outline]:
        """The parts of a node with room between them, as much as the face's own characters have."""
        if operator in AXES:
            return beside(outlines, AXES[operator], self.inventory.em, self.inventory.gaps[operator])
        if operator in _ENCLOSING:
            return [outlines[0], within(outlines[0], outlines[1], self.inventory.em)]
        return outlines


def _blended(one: Bounds, other: Bounds, share: float) -> Bounds:
    return Bounds(*((1 - share) * a + share * b for a, b in zip(one, other, strict=True)))
