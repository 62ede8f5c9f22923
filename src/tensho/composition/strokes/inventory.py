"""Where KanjiVG has the strokes of a part: in the character that it is, and inside others, in each position.

What is indexed is kept in the user's cache; strokes are read when they are asked for.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from tensho.composition.box import Box
from tensho.composition.strokes.kept_count import kept_count
from tensho.fonts.kanjivg_strokes import Drawing, Stroke, drawing
from tensho.ids.decomposition import decompositions, same_strokes, slotted
from tensho.ids.kanjivg import characters
from tensho.ids.shapes import FORM_OF, PART_FORMS
from tensho.ids.syntax import Arrangement
from tensho.split import split_of
from tensho.text.meanings import meanings

__all__ = ["StrokeForm", "StrokeInventory", "any_character", "box_of", "training_characters"]

_POSITIONS = {
    "⿰0": "left", "⿰1": "right", "⿱0": "top", "⿱1": "bottom", "⿲0": "left", "⿲2": "right", "⿳0": "top",
    "⿳2": "bottom", "⿸0": "tare", "⿺0": "nyo", "⿴0": "kamae", "⿵0": "kamae", "⿶0": "kamae", "⿷0": "kamae",
    "⿹0": "kamae",
}  # fmt: skip
"""What KanjiVG calls the slots of the operators."""

_CALLED = {
    "飠": "⻞", "爫": "⺤", "⺈": "𠂊", "龴": "マ", "彐": "⺕", "乚": "乙", "吕": "呂", "录": "彔", "吴": "呉", "户": "戸", "戶": "戸",
}  # fmt: skip
"""Parts of the same strokes that KanjiVG names by another code point."""

_MOST_DONORS = 40
"""Of a part in a position; those of the commonest characters."""


_DECIDE = 9
"""Characters that decide how many strokes a part has."""

_WITHOUT = "~"
"""Before the number of a group: all strokes of the donor but these."""


@dataclass(frozen=True, eq=False)
class StrokeForm:
    """The strokes of a part as a character has them.

    Attributes:
        donor: the character.
        strokes: in their order.
        box: around their centre lines, in the unit square of the donor.
        in_place: whether the donor has it in the position that was asked for.
    """

    donor: str
    strokes: tuple[Stroke, ...]
    box: Box
    in_place: bool


def any_character(_: str) -> bool:
    """Any donor will do."""
    return True


def training_characters(character: str) -> bool:
    """Donors of the train split alone, to measure with."""
    return split_of(character) == "train"


class StrokeInventory:
    """The parts that KanjiVG has.

    Args:
        gives: which characters may be donors.
    """

    def __init__(self, gives: Callable[[str], bool] = any_character) -> None:
        self._gives = gives

    def forms(self, part: str, slot: str) -> list[StrokeForm]:
        """How a part is written, those in the position of the slot first; all have the usual number of strokes.

        Args:
            part: a character or the form of one.
            slot: such as ⿰0; "" for the whole character.
        """
        position = _POSITIONS.get(slot, "")
        names = _names(part)
        placed: list[StrokeForm] = []
        elsewhere: list[StrokeForm] = []
        for name in names:
            own = self._own(name) if name == part or not placed else []
            if slot == "":
                placed += own
            else:
                placed += self._listed(name, position, in_place=True)
                elsewhere += own
            if placed or elsewhere:
                break
        if not placed:
            elsewhere += [form for name in names for form in self._listed(name, "", in_place=False)]
        found = placed + elsewhere
        if not found:
            return []
        # 辶 has a dot more in the rare characters of Japan: the commonest ones decide.
        usual, _ = Counter(len(form.strokes) for form in (placed or found)[:_DECIDE]).most_common(1)[0]
        return [form for form in found if len(form.strokes) == usual]

    def _own(self, part: str) -> list[StrokeForm]:
        known = drawing(part) if self._gives(part) else None
        return [] if known is None else [_form(part, known.strokes, in_place=False)]

    def _listed(self, part: str, position: str, *, in_place: bool) -> list[StrokeForm]:
        found = []
        for entry in _index().get(f"{part} {position}", "").split(" "):
            donor, _, number = entry.partition(":")
            known = drawing(donor) if entry and self._gives(donor) else None
            if known is not None:
                group = known.groups[int(number.lstrip(_WITHOUT))].strokes
                inverted = number.startswith(_WITHOUT)
                strokes = [stroke for k, stroke in enumerate(known.strokes) if (k in group) is not inverted]
                found.append(_form(donor, tuple(strokes), in_place=in_place))
        return found


def _names(part: str) -> tuple[str, ...]:
    """What KanjiVG may call a part: itself, the character of the same strokes, and what it is a form of."""
    others = (_CALLED.get(part), same_strokes(part), PART_FORMS.get(part), FORM_OF.get(part))
    return tuple(dict.fromkeys([part, *filter(None, others)]))


def _form(donor: str, strokes: tuple[Stroke, ...], *, in_place: bool) -> StrokeForm:
    return StrokeForm(donor, strokes, box_of([stroke.line for stroke in strokes]), in_place)


def box_of(lines: Sequence[NDArray[np.float64]]) -> Box:
    """The smallest box around lines, float64 (N, 2) each."""
    points = np.concatenate(lines)
    return Box(*points.min(0).tolist(), *points.max(0).tolist())


@cache
def _index() -> dict[str, str]:
    """Donors of each part in each position, and in any, as CHARACTER:GROUP, set apart by spaces."""
    return kept_count("stroke-parts", __file__, _read)


def _read() -> dict[str, str]:
    found: dict[str, list[str]] = defaultdict(list)

    def add(name: str, position: str, entry: str) -> None:
        for key in dict.fromkeys((f"{name} {position}", f"{name} ")):
            if len(found[key]) < _MOST_DONORS:
                found[key].append(entry)

    known = meanings()
    common = {char: known[char].commonness if char in known else 0.0 for char in characters()}
    for char in sorted(common, key=lambda char: (split_of(char) != "train", -common[char], char)):
        drawn = drawing(char)
        assert drawn is not None
        for number, group in enumerate(drawn.groups):
            if group.whole and len(group.strokes) < len(drawn.strokes):
                add(group.names[0], group.position, f"{char}:{number}")
        for part, slot, number in _nameless(char, drawn):
            add(part, _POSITIONS.get(slot, ""), f"{char}:{_WITHOUT}{number}")
    return {key: " ".join(donors) for key, donors in found.items()}


def _nameless(char: str, drawn: Drawing) -> Iterator[tuple[str, str, int]]:
    """A part that KanjiVG does not name: what is left of a character of two parts without the other one, which it names."""
    tree = decompositions().get(char)
    drawn_as = None if tree is None else slotted(tree)
    if not isinstance(drawn_as, Arrangement) or len(drawn_as.children) != 2:
        return
    parts = [part for part in drawn_as.children if isinstance(part, str)]
    if len(parts) != 2:
        return
    numbers = [
        next((n for n, group in enumerate(drawn.groups) if n and {*group.names} & {*_names(part)}), None)
        for part in parts
    ]
    for k, number in enumerate(numbers):
        if number is not None and numbers[1 - k] is None:
            yield parts[1 - k], f"{drawn_as.operator}{1 - k}", number
