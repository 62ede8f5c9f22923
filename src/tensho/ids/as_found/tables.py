"""Tables of descriptions as they are found: those of BabelStone, CHISE, cjkvi and bai, and plain lists.

A line is one of these, its columns set apart by tabs, or else by commas, semicolons, colons, equals signs or spaces:

===========  ===============================================================================
BabelStone   ``U+4E00<tab>一<tab>^一$(GHJKPTUV)``, several descriptions in columns, ``*`` and a note at the end
CHISE        ``U-0002A701<tab>𪜁<tab>⿱一&CDP-8A60;``, ``;;`` before comments, ``@apparent=⿱…`` for another description
cjkvi        ``U+4E9E<tab>亞<tab>⿻...[GTK]<tab>亜[J]``, ``#`` before comments
bai          ``笴<tab>⿱𥫗可(.,T);⿰…(J)<tab>⿹𥫙口``, other descriptions behind semicolons or slashes
any set      ``CDP-8140<tab>&CDP-8140;<tab>⿱…`` describes what ``&CDP-8140;`` stands for; ``GHZR10014.07<tab>⿱七二``
plain        ``⿰氵龍``, ``湖<tab>⿰氵胡``, ``湖 ⿰氵胡``, ``湖,⿰氵胡``, ``6E56<tab>⿰氵胡``
===========  ===============================================================================

Every line is accounted for: it describes something, is blank, is a comment, or is refused, and then the row says why.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tensho.errors import TenshoError
from tensho.ids.as_found.lenient import Description, read_description, read_pattern
from tensho.ids.compatibility import folded
from tensho.ids.syntax import ARITY

__all__ = ["Kind", "Row", "read_lines", "read_table"]

Kind = Literal["described", "blank", "comment", "refused"]

_CODE = re.compile(r"(?:[Uu](?:\+|-000|-)|0[xX]|&#x)0{0,2}([0-9A-Fa-f]{4,6});?$")
_BARE_CODE = re.compile(r"(?=[0-9A-F]*[0-9])([0-9A-F]{4,6})$")
_REFERENCE = re.compile(r"&([^&;\s]{1,40});$")
_LINE_END = re.compile(r"\r\n|\n|\r")
_COLUMN = re.compile(r"[^\t]*")
_LOOSE_COLUMN = re.compile(r"[^\s,;:=|]+")
_ALTERNATIVE = re.compile(r"(?:&[^&;\s]{1,40};|\([^()]*\)|[^;/&(]|[&(])+")
_KEY = re.compile(r"[-.\w]{1,40}$", re.ASCII)
_COMMENTS = ("#", ";;", "//", "%")
_APPARENT = "@apparent="
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]$")
_BLANKS = " \u3000\ufeff\u200b\u00a0"


_LONGEST = 100_000
"""Characters of a line."""


@dataclass(frozen=True)
class Row:
    """One line of a table.

    Attributes:
        number: of the line, from 1.
        text: the line.
        kind: what became of it.
        character: the encoded character that it describes, or None.
        name: the name of what is not encoded, such as CDP-8140, or None.
        descriptions: those that could be read, in their order; the first is the one to go by.
        refusals: why others could not be read, a line each.
        patterns: what can be read of those, with ``？`` for the parts that are not encoded.
    """

    number: int
    text: str
    kind: Kind
    character: str | None = None
    name: str | None = None
    descriptions: tuple[Description, ...] = ()
    refusals: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()


def read_table(path: Path, *, definitions: Mapping[str, str] | None = None) -> list[Row]:
    """Read the lines of a file, UTF-8 or UTF-16 with a byte order mark; see `read_lines`.

    Raises:
        TenshoError: the file cannot be read, or is no text.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise TenshoError(f"there is no file {path}; give a table of descriptions") from error
    except OSError as error:
        raise TenshoError(f"cannot read {path}: {error.strerror}; give a table of descriptions") from error
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", errors="replace")
    elif b"\0" in data:
        raise TenshoError(f"{path} is no text; save the table as UTF-8")
    else:
        text = data.decode("utf-8-sig", errors="surrogateescape")
    lines = _LINE_END.split(text)
    if lines and not lines[-1]:
        lines.pop()
    return read_lines(lines, definitions=definitions)


def read_lines(lines: Iterable[str], *, definitions: Mapping[str, str] | None = None) -> list[Row]:
    """Read lines, each as what it is; what they define of entity references holds for all of them.

    Args:
        lines: without their ends.
        definitions: descriptions of what entity references name, in other tables.
    """
    lines = list(lines)
    known = dict(definitions or {})
    known |= _definitions(lines, known)
    return [_row(number, line, known) for number, line in enumerate(lines, start=1)]


def _definitions(lines: list[str], known: Mapping[str, str]) -> dict[str, str]:
    """What lines such as ``CDP-8140<tab>&CDP-8140;<tab>⿱…`` say of references, those within references too."""
    found: dict[str, str] = {}
    raw = [line for line in lines if "\t&" in line and not line.startswith("U")]
    for _ in range(4):  # a definition may use others, which rarely goes deeper
        before = len(found)
        for line in raw:
            row = _row(0, line, {**known, **found})
            if row.name and row.descriptions and row.name not in found:
                found[row.name] = row.descriptions[0].ids
        if len(found) == before:
            break
    return found


def _row(number: int, line: str, definitions: Mapping[str, str]) -> Row:
    if not line.strip(_BLANKS + "\t\r\n\v\f"):
        return Row(number, line, "blank")
    if line.lstrip(_BLANKS).startswith(_COMMENTS) and not line.lstrip(_BLANKS).startswith("#("):
        return Row(number, line, "comment")
    if any("\ud800" <= char <= "\udfff" for char in line):
        return Row(number, line, "refused", refusals=("it is not UTF-8; save the table as UTF-8",))
    if len(line) > _LONGEST:
        return Row(
            number, line, "refused", refusals=(f"it is longer than {_LONGEST:,} characters; shorten it",)
        )
    columns = _columns(line)
    character, name, columns, marked = _subject(columns)
    descriptions: list[Description] = []
    refusals: list[str] = []
    patterns: list[str] = []
    for offset, text in _alternatives(columns):
        if name and text.strip() == f"&{name};":
            continue  # what is not taken apart
        try:
            found = read_description(text, offset=offset, definitions=definitions, marked=marked)
        except TenshoError as error:
            refusals.append(str(error))
            if pattern := read_pattern(text, definitions=definitions, marked=marked):
                patterns.append(pattern)
        else:
            if found not in descriptions:
                descriptions.append(found)
    if not descriptions and not refusals:
        refusals.append("it names a part and says nothing of it; write its description behind a tab")
    kind: Kind = "described" if descriptions else "refused"
    return Row(number, line, kind, character, name, tuple(descriptions), tuple(refusals), tuple(patterns))


def _columns(line: str) -> list[tuple[int, str]]:
    """The columns of a line, and how many characters stand before each."""
    if "\t" in line:
        found = [(match.start(), match[0]) for match in _COLUMN.finditer(line) if match[0].strip(_BLANKS)]
    else:
        found = [(match.start(), match[0]) for match in _LOOSE_COLUMN.finditer(line)]
        if not found or (_code_point(found[0][1]) is None and not _is_subject(found[0][1], len(found))):
            return [(0, line)]  # the whole line is a description, with spaces in it
    return [(start, text) for start, text in found if text.strip(_BLANKS + "\"'")]


def _is_subject(text: str, columns: int) -> bool:
    return columns > 1 and len(_SELECTORS.sub("", text.strip("\"'" + _BLANKS))) == 1 and text not in ARITY


def _subject(
    columns: list[tuple[int, str]],
) -> tuple[str | None, str | None, list[tuple[int, str]], bool]:
    """Whom a line describes, as a character or by a name; the columns that describe; whether these may be marked."""
    first = columns[0][1].strip(_BLANKS + "\"'")
    code = _code_point(first)
    if code is not None:
        rest = columns[1:]
        if not rest:
            return chr(code), None, [(columns[0][0], chr(code))], False
        same = folded(_SELECTORS.sub("", rest[0][1].strip(_BLANKS))) == folded(chr(code))
        return chr(code), None, rest[1:] if same and len(rest) > 1 else rest, False
    if len(columns) == 1:
        return None, None, columns, False
    if _is_subject(first, len(columns)):
        return _SELECTORS.sub("", first), None, columns[1:], True
    if reference := _REFERENCE.match(first):
        return None, reference[1], columns[1:], False
    if _KEY.match(first):
        return None, first, columns[1:], False
    return None, None, columns, False


def _code_point(text: str) -> int | None:
    text = text.strip(_BLANKS + "\"'")
    bare = _BARE_CODE.match(text)
    found = _CODE.match(text) or bare
    if found is None:
        return None
    code, lowest = int(found[1], 16), 0x2E80 if bare else 0xA1
    return code if lowest <= code <= 0x10FFFF and not 0xD800 <= code < 0xE000 else None


def _alternatives(columns: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """The descriptions in the columns of a line, and how many characters stand before each."""
    for start, text in columns:
        stripped = text.lstrip(_BLANKS)
        if stripped.startswith(("*", "//")) or (stripped.startswith("#") and not stripped.startswith("#(")):
            return  # a note, to the end of the line
        if stripped.startswith(_APPARENT):
            start, text = start + text.index("=") + 1, text.partition("=")[2]
        for found in _ALTERNATIVE.finditer(text):
            if found[0].strip(_BLANKS):
                yield start + found.start(), found[0]
