"""When the strokes of an enclosed part are written: after how many of the enclosure's.

囗 is closed after what it encloses, 辶 comes last and 門 first. How it is with each enclosure is counted over KanjiVG's
characters of the train split; one that none of them has goes by its operator.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache

from tensho.composition.strokes.kept_count import kept_count
from tensho.fonts.kanjivg_strokes import drawing
from tensho.ids.decomposition import decompositions, same_strokes, slotted
from tensho.ids.kanjivg import characters
from tensho.ids.shapes import FORM_OF
from tensho.ids.syntax import Arrangement
from tensho.split import split_of

__all__ = ["strokes_before"]

_FIRST_INNER = "⿶\u2ffc"  # 凵 is put around what stands already
_CLOSES = "⿴⿷"
_LAST_OF_ALL = "辶廴"


def strokes_before(operator: str, outer: str, count: int) -> int:
    """How many of the ``count`` strokes of an enclosing part come before those of the part that it encloses."""
    told = _counted().get(operator + outer)
    if told is not None:
        return min(int(told), count)
    if operator in _FIRST_INNER or outer in _LAST_OF_ALL:
        return 0
    return count - 1 if operator in _CLOSES and count > 1 else count


@cache
def _counted() -> dict[str, str]:
    return kept_count("stroke-order", __file__, _count)


def _count() -> dict[str, str]:
    found: dict[str, Counter[int]] = defaultdict(Counter)
    for char in characters():
        tree = decompositions().get(char)
        if tree is None or tree.operator not in "⿴⿵⿶⿷⿸⿹⿺" or split_of(char) != "train":
            continue
        drawn = slotted(tree)
        if not isinstance(drawn, Arrangement) or drawn.operator not in "⿴⿵⿶⿷⿸⿹⿺":
            continue
        outer = drawn.children[0]
        known = drawing(char)
        if not isinstance(outer, str) or known is None:
            continue
        names = {outer, same_strokes(outer), FORM_OF.get(outer)}
        group = next((group for group in known.groups[1:] if names & {*group.names}), None)
        if group is None:
            continue
        inside = [k for k in range(len(known.strokes)) if k not in group.strokes]
        if inside and inside[-1] - inside[0] == len(inside) - 1:
            found[drawn.operator + outer][inside[0]] += 1
    return {key: str(count.most_common(1)[0][0]) for key, count in found.items()}
