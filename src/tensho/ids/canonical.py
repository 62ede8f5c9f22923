"""One form for all spellings of a structure, and which encoded characters have it.

All descriptions that the tables at hand give count, the second and third of a character too; see ``tensho.ids.sources``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from tensho.ids import decomposition, unihan_variants
from tensho.ids.decomposition import hanging_once, hangs_twice, is_common_part, is_left_whole
from tensho.ids.likeness import nearly_alike
from tensho.ids.shapes import FORM_CHARS, FORM_OF, FORMS, PART_FORMS, same_shape
from tensho.ids.sources import (
    changing,
    descriptions,
    kept_by_sources,
    primary_descriptions,
    without_circles,
)
from tensho.ids.syntax import ARITY, Arrangement, Tree, parse, to_string
from tensho.ids.unihan_variants import representative

__all__ = ["canonical", "exists", "loose", "loose_atoms", "variants"]

_CHAIN = {"⿰": "⿰", "⿲": "⿰", "⿱": "⿱", "⿳": "⿱"}
_TRIPLE = {"⿰": "⿲", "⿱": "⿳"}
_PROGRAMS = (__file__, str(decomposition.__file__), str(unihan_variants.__file__))
"""What the kept tables depend on, beside the tables that they are made of."""


def canonical(tree: Tree) -> Tree:
    """Return one tree for all spellings of one structure.

    - Code points of one shape become one: ⼝ and 口, ⺡ and 氵, 𤣩 and 王.
    - Parts are expanded as far as the tables go: ⿰氵胡 is ⿰氵⿰古月. A common part is kept whole if another
      character's decomposition reads the same (土 and 士 both are ⿱十一), and so is what the installed table leaves whole.
    - Rows and columns have no nesting: ⿰⿰abc, ⿰a⿰bc and ⿲abc are ⿲abc.
    - What hangs twice from the upper left hangs once: ⿸⿸厂日子 is ⿸厂⿱日子.
    - First in a row or column, a part takes its combining form: ⿰水胡 is ⿰氵胡, ⿱竹… is ⿱⺮….
    """
    return _EXACT.form(tree)


def loose(tree: Tree) -> Tree:
    """The canonical form with one part for all its variants, wherever it stands: 户 戶 戸, 氵 水, 灬 火, 靑 青.

    Structures of one loose form differ in no more than how a part is written.
    """
    return _LOOSE.form(tree)


def loose_atoms(text: str) -> str:
    """The parts in which the loose form of a description, or of a piece of one, ends, sorted."""
    return _LOOSE.sorted_atoms(text)


def exists(tree: Tree) -> list[str]:
    """Return the encoded characters that have this structure, in code point order; a lone character is its own."""
    form = canonical(tree)
    alike = _anagrams().get(_EXACT.sorted_atoms(to_string(form)), "")
    found = {char for char in alike if form in _EXACT.forms(char)}
    return sorted(found | {tree} if isinstance(tree, str) else found)


def variants(tree: Tree) -> list[str]:
    """Return the encoded characters that this structure is a variant of, the nearest first.

    They differ from it in how parts are written, or in how the same parts are said to be put together, while these stand
    in nearly the same places: ⿸穴⿰爿木 and ⿱穴⿰爿木.
    """
    form = loose(tree)
    alike = _loose_anagrams().get(_LOOSE.sorted_atoms(to_string(form)), "")
    same = {tree} if isinstance(tree, str) else set(exists(tree))
    others = {char: _LOOSE.forms(char) for char in sorted(set(alike) - same)}
    written = [char for char, forms in others.items() if form in forms]
    placed = [char for char, forms in others.items() if any(nearly_alike(form, other) for other in forms)]
    return list(dict.fromkeys(written + placed))


class _Canon:
    """Canonical forms, with parts that count as one folded before they are taken apart."""

    def __init__(self, name: str, fold: Callable[[str], str]) -> None:
        self._name, self._fold = name, fold
        self._wholes = changing(self._read_wholes)
        self._part = changing(self._canonical_part)
        self._atoms = changing(self._atoms_of)

    def form(self, tree: Tree) -> Tree:
        if isinstance(tree, str):
            return self._part(tree)
        chain = _CHAIN.get(tree.operator)
        if chain is None:
            first, *rest = map(self.form, tree.children)
            if hangs_twice(first, tree.operator):
                return self.form(hanging_once(first, tree.children[1]))
            return Arrangement(tree.operator, (first, *rest))
        first, *rest = tree.children
        items = [*self._items(first, chain, first=True)]
        items += [item for child in rest for item in self._items(child, chain)]
        return _row(chain, items)

    def forms(self, char: str) -> list[Tree]:
        """Those of all descriptions of a character."""
        return [self.form(parse(text)) for text in descriptions()[char].split("\t")]

    def sorted_atoms(self, text: str) -> str:
        """What the form of a description ends in, sorted, a form of a part counting as the whole."""
        return "".join(sorted("".join(map(self._atoms, text))))

    def _canonical_part(self, part: str) -> Tree:
        tree = self._taken_apart(part)
        return tree if isinstance(tree, str) else self.form(tree)

    def _taken_apart(self, part: str) -> Tree:
        char = self._folded(part)
        text = None if _stays_whole(char) else self._wholes().get(char)
        return char if text is None else parse(text)

    def _read_wholes(self) -> dict[str, str]:
        """How parts are taken apart; what is folded must not lead in a circle."""
        return kept_by_sources(f"wholes-{self._name}", _PROGRAMS, lambda: without_circles(self._folded))

    def _folded(self, part: str) -> str:
        return self._fold(same_shape(part))

    def _items(self, tree: Tree, chain: str, *, first: bool = False) -> Iterator[Tree]:
        """What stands in a row or column; its first part takes its form there before anything is taken apart."""
        if first and isinstance(tree, str):
            tree = FORMS[chain].get(self._folded(tree), tree)
        whole = self._taken_apart(tree) if isinstance(tree, str) else tree
        if isinstance(whole, Arrangement) and _CHAIN.get(whole.operator) == chain:
            for place, child in enumerate(whole.children):
                yield from self._items(child, chain, first=first and place == 0)
        else:
            yield self.form(tree)

    def _atoms_of(self, symbol: str) -> str:
        if symbol in ARITY:
            return ""
        char = self._folded(symbol)
        text = None if _stays_whole(char) else self._wholes().get(char)
        if text is None:
            return self._fold(FORM_OF.get(char, char))
        return "".join(map(self._atoms, text))


def _part_form(char: str) -> str:
    return PART_FORMS.get(char, char)


def _variant(char: str) -> str:
    return representative(_part_form(char))


_EXACT, _LOOSE = _Canon("exact", _part_form), _Canon("loose", _variant)


def _stays_whole(char: str) -> bool:
    # What is rare is no part that anything is told apart by, and `expand` takes it apart.
    if char not in primary_descriptions() or is_left_whole(char):
        return True
    return is_common_part(char) and (char in FORM_CHARS or char in _twins())


def _row(chain: str, items: list[Tree]) -> Arrangement:
    if len(items) == 2:
        return Arrangement(chain, tuple(items))
    if len(items) == 3:
        return Arrangement(_TRIPLE[chain], tuple(items))
    return Arrangement(chain, (items[0], _row(chain, items[1:])))


@changing
def _twins() -> frozenset[str]:
    same = defaultdict(list)
    for char, text in primary_descriptions().items():
        same[text].append(char)
    return frozenset(char for chars in same.values() if len(chars) > 1 for char in chars)


@changing
def _anagrams() -> dict[str, str]:
    """Characters by their atoms, sorted: those that can be of one structure, without taking all of them apart."""
    return kept_by_sources("anagrams", _PROGRAMS, lambda: _by(_EXACT.sorted_atoms))


@changing
def _loose_anagrams() -> dict[str, str]:
    return kept_by_sources("loose-anagrams", _PROGRAMS, lambda: _by(_LOOSE.sorted_atoms))


def _by(key: Callable[[str], str]) -> dict[str, str]:
    found: dict[str, str] = defaultdict(str)
    for char, texts in descriptions().items():
        for form in {key(text) for text in texts.split("\t")}:
            found[form] += char
    return dict(found)
