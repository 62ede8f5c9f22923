"""Which characters a face of few characters should get next: those that supply most of the parts that others lack."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from tensho.composition.outlines.part_forms import Forms
from tensho.composition.outlines.segmentation import known_tree
from tensho.ids.syntax import Arrangement, to_string

__all__ = ["NextCharacter", "next_characters"]


class NextCharacter(NamedTuple):
    """A character to draw next.

    Attributes:
        character: which.
        parts: what it supplies, the most wanted first.
        helps: how many of the wanted characters lack one of these parts.
    """

    character: str
    parts: tuple[str, ...]
    helps: int


def next_characters(
    forms: Mapping[str, Forms], wanted: Sequence[str], use: Callable[[str], float], n: int
) -> list[NextCharacter]:
    """The characters that would help a face most, the best first, each given those before it.

    Args:
        forms: the parts that the face has.
        wanted: the characters that it lacks.
        use: how much each of them is used, in any unit.
        n: how many, at most.
    """
    has = {(part, slot) for part, table in forms.items() for slot in set(table.slots.tolist())}
    needs = {
        char: [key for key in _parts(tree) if key not in has]
        for char in wanted
        if (tree := known_tree(char)) is not None
    }
    lacking: dict[tuple[str, str], list[str]] = defaultdict(list)
    worth: dict[tuple[str, str], float] = defaultdict(float)
    for char, parts in needs.items():
        for key in parts:
            lacking[key].append(char)
            worth[key] += use(char)
    found: list[NextCharacter] = []
    while len(found) < n:
        gains = {char: sum(worth[key] for key in parts) for char, parts in needs.items()}
        best = max(gains, key=lambda char: gains[char], default="")
        if not best or gains[best] <= 0:
            break
        supplied = sorted((key for key in needs.pop(best) if worth[key] > 0), key=lambda key: -worth[key])
        helped = {char for key in supplied for char in lacking[key] if char != best}
        found.append(NextCharacter(best, tuple(part for part, _ in supplied), len(helped)))
        for key in supplied:
            worth[key] = 0.0
    return found


def _parts(tree: Arrangement) -> Iterator[tuple[str, str]]:
    """The parts of a character, each in its slot; those of a part only where it is no character that has a form of its own."""
    for k, child in enumerate(tree.children):
        yield to_string(child), f"{tree.operator}{k}"
        if isinstance(child, Arrangement):
            yield from _parts(child)
