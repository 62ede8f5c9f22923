"""Characters of a font that share parts with one that it lacks: what a new glyph is looked at beside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from tensho.errors import TenshoError
from tensho.ids.decomposition import decompose
from tensho.ids.syntax import Arrangement, parse, to_string

__all__ = ["Kindred"]


class Kindred:
    """Finds characters with the same parts.

    Args:
        characters: those to choose from.
    """

    def __init__(self, characters: Iterable[str]) -> None:
        self._in_slot: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._anywhere: dict[str, list[str]] = defaultdict(list)
        # Common characters have low code points within their block, and rare ones are no help to the eye.
        for char in sorted(characters, key=lambda char: (not "一" <= char <= "鿿", char)):
            tree = decompose(char)
            if tree is None:
                continue
            for slot, part in _parts(tree):
                self._in_slot[slot, part].append(char)
                self._anywhere[part].append(char)

    def of(self, text: str, most: int = 6) -> tuple[str, ...]:
        """Characters with a part of this one in the same place, by turns for each part, then elsewhere.

        Args:
            text: a character or a description.
            most: how many at most.
        """
        tree = _tree(text)
        if tree is None:
            return ()
        parts = _parts(tree)
        near = [_spread(self._in_slot.get(key, []), most) for key in parts]
        far = [_spread(self._anywhere.get(part, []), most) for _, part in parts]
        turns = [
            queue[k] for queues in (near, far) for k in range(most) for queue in queues if k < len(queue)
        ]
        return tuple(dict.fromkeys(char for char in turns if char != text))[:most]


def _tree(text: str) -> Arrangement | None:
    try:
        tree = parse(text)
    except TenshoError:
        return None
    return decompose(tree) if isinstance(tree, str) else tree


def _parts(tree: Arrangement) -> list[tuple[str, str]]:
    """Slots, an operator and a place, and what stands there."""
    return [(f"{tree.operator}{k}", to_string(child)) for k, child in enumerate(tree.children)]


def _spread(characters: list[str], most: int) -> list[str]:
    """Some of a list from all of its length."""
    step = max(1, len(characters) // most)
    return characters[::step][:most]
