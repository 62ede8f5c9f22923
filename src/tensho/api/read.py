"""`read`: what a character may mean and how it may be read, from its parts alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from tensho.coining.reading import MeaningField, ReadFromParts, Spoken, read_from_parts
from tensho.errors import TenshoError
from tensho.fonts.ink_picture import names_picture
from tensho.ids.as_found.lenient import read_description
from tensho.ids.as_found.tables import read_table
from tensho.ids.canonical import exists
from tensho.ids.syntax import Tree
from tensho.text.syllables import LANGUAGES, NAMES, Language

__all__ = [
    "LANGUAGES",
    "NAMES",
    "Language",
    "MeaningField",
    "ReadFromParts",
    "Reading",
    "Spoken",
    "read",
    "read_file",
]


@dataclass(frozen=True)
class Reading:
    """What the parts of one character say.

    Attributes:
        query: what was asked.
        characters: the encoded characters of this structure; they do not argue for themselves.
        parts: the likely meanings and readings.
        probability: that the picture shows these parts, where one was given.
    """

    query: str
    characters: tuple[str, ...]
    parts: ReadFromParts
    probability: float | None = None


def read(what: str | Path, k: int = 5, *, languages: Collection[Language] = LANGUAGES) -> Reading:
    """Read a character, encoded or invented, from its parts alone.

    Args:
        what: a description such as ⿰月越, a character, or a picture of one.
        k: readings in each language.
        languages: those that readings are wanted in.

    Raises:
        TenshoError: neither a description nor a picture, k is not positive, or a language that is not known.
    """
    if k < 1:
        raise TenshoError(f"cannot give {k} readings; ask for at least 1")
    unknown = [language for language in languages if language not in LANGUAGES]
    if unknown:
        raise TenshoError(
            f"{unknown[0]} is no language that is known here; give one of {', '.join(LANGUAGES)}"
        )
    if isinstance(what, Path) or names_picture(what):
        from tensho.api.describe import describe  # torch takes seconds to import

        seen = describe(what, 1)[0]
        return _read(str(what), read_description(seen.ids).tree, k, languages, seen.probability)
    return _read(what, read_description(what).tree, k, languages)


def read_file(
    path: Path, k: int = 5, *, languages: Collection[Language] = LANGUAGES
) -> Iterator[Reading | str]:
    """Read each line of a table of descriptions: the answer, or why the line is refused.

    Args:
        path: the file.
        k: readings in each language.
        languages: those that readings are wanted in.

    Raises:
        TenshoError: the file cannot be read.
    """
    for row in read_table(path):
        if row.kind == "described":
            yield _read(row.text, read_description(row.descriptions[0].ids).tree, k, languages)
        elif row.kind == "refused":
            yield f"line {row.number}: {'; '.join(row.refusals)}"


def _read(
    query: str, tree: Tree, k: int, languages: Collection[Language], probability: float | None = None
) -> Reading:
    known = tuple(exists(tree))
    return Reading(query, known, read_from_parts(tree, languages, k, without=known), probability)
