"""Enclosing parts and where they are open: 广 to the lower right, 門 below, 辶 to the upper right.

Some that a description lets enclose do not open far enough for it, such as 麻 in ⿸麻手 or 是 in ⿺是頁: laid out as
an enclosure they would be drawn over what they enclose. `benchmarks/enclosures.py` tells for every such part of the
training characters whether drafts come nearer to the glyphs with it around the other part, or above or beside it.
"""

from __future__ import annotations

from tensho.ids.syntax import Arrangement, Tree

__all__ = ["ENCLOSURES", "opens", "put_next_to"]

_OPEN = {
    "⿵": "門门冂几戊鬥乃齊齐冎氏大⺇⺆",
    "⿶": "凵",
    "⿷": "匚匸",
    "⿸": "疒广厂尸户戶戸𠂇⺶辰卩丆免千",
    "⿹": "勹气弋戈⺄弓耳丁",
    "⿺": "辶走風毛鬼尢廴克夂风兀見九瓦支乙爪文瓜木分圭冘",
}
ENCLOSURES = tuple(_OPEN)
"""The operators that want a part which opens, of those that characters of the installed table have."""

# Of the operators of Unicode 15.1: what opens to the left; to the upper left, nothing does that faces draw so.
_OPEN |= {"\u2ffc": "コユヨ彐⺕", "\u2ffd": ""}

_NEXT_TO = dict(zip("⿵⿶⿷⿸⿹⿺\u2ffc\u2ffd", "⿱⿱⿰⿱⿱⿰⿰⿰", strict=True))
_INNER_FIRST = "⿶\u2ffc\u2ffd"


def opens(operator: str, outer: Tree) -> bool:
    """Whether a part can enclose as an operator wants it; in the middle (⿴) any can."""
    return operator not in _OPEN or (isinstance(outer, str) and outer in _OPEN[operator])


def put_next_to(operator: str, outer: Tree, inner: Tree) -> Arrangement:
    """The two above or beside each other instead, in the order in which they are read."""
    first, second = (inner, outer) if operator in _INNER_FIRST else (outer, inner)
    return Arrangement(_NEXT_TO[operator], (first, second))
