"""The ladder of donors: where a part of a character can be had from in a face, and what each way costs.

Costs are in ems: 1 is a form that stands one em from where it should.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tensho.composition.outlines.fitting import fitted, stem_widths, stems, stroke_width
from tensho.composition.outlines.inventory import Inventory
from tensho.fonts.outline_geometry import emboldened, united
from tensho.fonts.outline_reader import OutlineReader
from tensho.fonts.outlines import Bounds, Outline
from tensho.fonts.source import is_ideograph
from tensho.ids.decomposition import same_strokes

__all__ = ["OTHER_FACE", "RUNGS", "SAME_FAMILY", "Choice", "Donors", "Source", "least_cost", "usual_stems"]

RUNGS = ("same slot", "other slot", "whole glyph", "related form", "other face")
"""The ladder, best first: the part in the same place of another character of the face; elsewhere in one; the part as a
character of its own; another form of the same strokes (言 for 訁); the part of another face, the nearest in style that
there is, its weight evened."""

_SAME, _OTHER, _WHOLE, _RELATED, _FOREIGN = range(len(RUNGS))

# Chosen by L1 over ink of validation characters of Noto Sans JP.
_STEP = {_OTHER: 0.2, _WHOLE: 0.25, _RELATED: 0.3}
OTHER_FACE, SAME_FAMILY = 0.6, 0.3
"""What it costs to take a part from another face, and from one of the same family for another region, in ems."""

_BESIDE = 0.3  # how far the donor's other part is from where this character's is
_STRAIN = 0.4  # how much it must be stretched, in units of log size
_ODD = 0.4  # how unlike the usual form it is

_KEPT = 0.012
"""How far an edge may lie from where it is predicted before it is moved, in ems."""

_FORMS = 24  # forms of a part that are looked at more closely
_WHOLE_TYPICAL, _FOREIGN_TYPICAL = (
    0.7,
    0.8,
)  # how typical a glyph used whole is, and what another face's form keeps

_LOGISTIC = (1.83, -6.33, 1.58, -0.42)
"""Constant, cost, how typical the least typical form is, whether it is below the first rung: a logistic regression on 998
validation characters of Noto Sans JP and Noto Serif JP, composed without themselves. What it predicts is that a
character comes out nearly as its designer drew it: L1 over ink below 0.65 at 128 pixels, 0.75 in the mincho. Of those with
0.9 and more 97 % did."""

_PLAIN = "十木中田土口日王目士山干早卓未末本由申工圭言車"
"""Characters whose stems are what is usual in a face."""
_FEW_PLAIN = 6


class Source(NamedTuple):
    """Where a form is cut from: the part, the character of the face that has it, and the contours that it is there."""

    part: str
    donor: str
    contours: tuple[int, ...]


@dataclass
class Choice:
    """One way to draw a part of a description.

    Attributes:
        cost: what it costs, in ems.
        rung: index into `RUNGS`, the lowest of its parts.
        draw: makes the outline.
        donors: the characters of the face that it is cut from.
        typical: how like the usual form the least usual of its forms is, in [0, 1].
        hole: where the other part stood in the donor, if it was in the same slot.
        apart: whether the ink of its parts does not meet.
        source: where a form of the face itself is cut from; None for what is put together or another face's.
        parts: what it is put together of, in the order of its contours; empty for a form.
    """

    cost: float
    rung: int
    draw: Callable[[], Outline]
    donors: tuple[str, ...]
    typical: float
    hole: Bounds | None = None
    apart: bool = True
    source: Source | None = None
    parts: tuple[Choice, ...] = ()

    @cached_property
    def outline(self) -> Outline:
        """What it draws, in font units."""
        return self.draw()

    @property
    def forms(self) -> tuple[Choice, ...]:
        """The forms that it is put together of, in the order of its contours."""
        return tuple(form for part in self.parts for form in part.forms) if self.parts else (self,)

    @property
    def confidence(self) -> float:
        """How likely it is to be nearly as the face's designer would draw it, in [0, 1]."""
        constant, cost, typical, lower = _LOGISTIC
        score = constant + cost * self.cost + typical * self.typical + lower * (self.rung > _SAME)
        return float(1 / (1 + np.exp(-score)))


class Donors:
    """What a face can give.

    Args:
        inventory: the face's parts.
        exclude: characters whose glyphs are not used whole.
        other: opens another face, for what this one lacks.
        other_cost: what it costs to take a part from there, in ems.
    """

    def __init__(
        self,
        inventory: Inventory,
        exclude: Callable[[str], bool] = lambda _: False,
        other: Callable[[], Donors | None] = lambda: None,
        other_cost: float = OTHER_FACE,
    ) -> None:
        self.inventory, self._exclude, self._open_other = inventory, exclude, other
        self._other_cost = other_cost
        self.units_per_em = inventory.reader.units_per_em

    @cached_property
    def other(self) -> Donors | None:
        """The other face."""
        return self._open_other()

    @cached_property
    def stems(self) -> tuple[float, float]:
        """The usual widths of the face's vertical and horizontal stems, in font units."""
        return usual_stems(self.inventory.reader)

    @cached_property
    def overlapping(self) -> bool:
        """Whether the face's own strokes lie over each other as separate contours, as in variable fonts."""
        plain = _plain(self.inventory.reader)
        return sum(len(united(glyph)) != len(glyph) for glyph in plain) > len(plain) / 4

    @cached_property
    def _heavier(self) -> tuple[float, float]:
        """How much wider vertical and horizontal strokes are than those of the other face, in font units."""
        other = self.other
        assert other is not None
        reader, theirs = self.inventory.reader, other.inventory.reader
        scale = self.units_per_em / other.units_per_em
        plain = _plain(reader)
        if all(
            sum(len(stems(g, axis, self.units_per_em)) for g in plain) * 2 >= len(plain) for axis in (0, 1)
        ):
            across, down = (mine - scale * lent for mine, lent in zip(self.stems, other.stems, strict=True))
            return across, down
        # A hand has no straight edges: the mean width of the strokes of the same characters is compared.
        shared = sorted(char for char in reader.characters & theirs.characters if is_ideograph(ord(char)))
        shared = shared[:: max(1, len(shared) // len(_PLAIN))]
        pairs = [(reader.outline(char), theirs.outline(char)) for char in shared]
        widths = [
            stroke_width(mine, self.inventory.em) - scale * stroke_width(lent, other.inventory.em)
            for mine, lent in pairs
            if mine is not None and lent is not None
        ]
        return (float(np.median(widths)),) * 2 if widths else (0.0, 0.0)

    def forms(self, part: str, slot: str, box: Bounds, beside: Bounds) -> list[Choice]:
        """The forms of a part that the face has in other characters, the best ones.

        Args:
            part: a character, or the IDS of what is none.
            slot: where it goes, as in ⿰1; empty for a whole character.
            box: the ink that it should have, in font units.
            beside: the ink that the other parts of the node should have.
        """
        forms = self.inventory.forms.get(part)
        if forms is None:
            return []
        same = forms.slots == slot
        cost = np.abs(forms.boxes - np.array(box)).mean(1) / self.units_per_em
        cost += _BESIDE * same * np.abs(forms.siblings - np.array(beside)).mean(1) / self.units_per_em
        cost += _STRAIN * _strain(forms.boxes, box) + _ODD * (1 - forms.typical) + _STEP[_OTHER] * ~same
        return [
            Choice(
                cost=float(cost[row]),
                rung=_SAME if same[row] else _OTHER,
                draw=lambda row=row: self._placed(part, row, box),  # type: ignore[misc]
                donors=(str(forms.donors[row]),),
                typical=float(forms.typical[row]),
                hole=Bounds(*forms.siblings[row].tolist()) if same[row] else None,
                source=Source(part, str(forms.donors[row]), forms.contours[row]),
            )
            for row in np.argsort(cost, kind="stable")[:_FORMS].tolist()
        ]

    def below(self, part: str, slot: str, box: Bounds, beside: Bounds) -> list[Choice]:
        """The lower rungs for a part: its glyph whole, a related form, another face."""
        return [
            *self._whole(part, box),
            *self._related(part, slot, box, beside),
            *self._foreign(part, slot, box),
        ]

    def _placed(self, part: str, row: int, box: Bounds) -> Outline:
        here = Bounds(*self.inventory.forms[part].boxes[row].tolist())
        kept = _KEPT * self.units_per_em
        there = Bounds(*(to + float(np.clip(at - to, -kept, kept)) for at, to in zip(here, box, strict=True)))
        return fitted(self.inventory.outline(part, row), there, self.units_per_em, source=here)

    def _whole(self, part: str, box: Bounds) -> list[Choice]:
        if len(part) > 1 or self._exclude(part):
            return []
        glyph = self.inventory.reader.outline(part)
        if glyph is None:
            return []
        strain = float(_strain(np.array([glyph.bounds]), box)[0])
        choice = Choice(
            cost=_STEP[_WHOLE] + _STRAIN * strain,
            rung=_WHOLE,
            draw=lambda: fitted(glyph, box, self.units_per_em),
            donors=(part,),
            typical=_WHOLE_TYPICAL,
            source=Source(part, part, tuple(range(len(glyph)))),
        )
        return [choice]

    def _related(self, part: str, slot: str, box: Bounds, beside: Bounds) -> list[Choice]:
        character = same_strokes(part)
        if character is None:
            return []
        found = self.forms(character, slot, box, beside) or self._whole(character, box)
        return [
            replace(choice, cost=choice.cost + _STEP[_RELATED], rung=max(choice.rung, _RELATED))
            for choice in found
        ]

    def _foreign(self, part: str, slot: str, box: Bounds) -> list[Choice]:
        """The part in the other face, made as heavy as this face's parts."""
        other = self.other
        if other is None:
            return []
        scale = self.units_per_em / other.units_per_em
        there = Bounds(*(side / scale for side in box))

        def draw(choice: Choice) -> Outline:
            grown = choice.outline.moved(choice.outline.points * np.float32(scale))
            return fitted(emboldened(grown, *self._heavier), box, self.units_per_em)

        return [
            Choice(
                cost=self._other_cost + choice.cost,
                rung=_FOREIGN,
                draw=lambda choice=choice: draw(choice),  # type: ignore[misc]
                donors=(),
                typical=_FOREIGN_TYPICAL * choice.typical,
            )
            for choice in other.forms(part, slot, there, there) or other._whole(part, there)
        ]


def usual_stems(reader: OutlineReader) -> tuple[float, float]:
    """The usual widths of a face's vertical and horizontal stems, in font units."""
    return stem_widths(_plain(reader), reader.units_per_em)


def _plain(reader: OutlineReader) -> list[Outline]:
    """Glyphs whose stems are the usual ones; in a face that has few of them those that there are."""
    glyphs = [glyph for glyph in map(reader.outline, _PLAIN) if glyph is not None]
    if len(glyphs) >= _FEW_PLAIN:
        return glyphs
    others = (reader.outline(char) for char in sorted(reader.characters) if is_ideograph(ord(char)))
    return glyphs + [glyph for glyph in others if glyph is not None][: len(_PLAIN)]


def least_cost(choices: Iterable[Choice]) -> float:
    """The cost of the cheapest, infinite if there is none."""
    return min((choice.cost for choice in choices), default=np.inf)


def _strain(boxes: NDArray[np.float32], box: Bounds) -> NDArray[np.float64]:
    """How much each of some boxes, float (N, 4), must be stretched to be another one, in units of log size."""
    width = np.log(np.maximum(boxes[:, 2] - boxes[:, 0], 1) / max(box.width, 1))
    height = np.log(np.maximum(boxes[:, 3] - boxes[:, 1], 1) / max(box.height, 1))
    strain: NDArray[np.float64] = np.minimum(np.abs(width), 2) + np.minimum(np.abs(height), 2)
    return strain
