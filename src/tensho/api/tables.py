"""Whole tables of descriptions, line by line: what was drawn, what exists already, what is refused and why."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tensho.api.compose import compose_all
from tensho.api.draw_options import DEFAULTS, DrawOptions
from tensho.errors import TenshoError
from tensho.ids.as_found.tables import Kind, Row, read_table
from tensho.ids.compatibility import folded
from tensho.lookup.verdict import LookupResult, look_up
from tensho.sheet import Glyph, Sheet

__all__ = [
    "Line",
    "LookedUp",
    "Outcome",
    "compose_table",
    "counted",
    "is_table",
    "lines_of",
    "look_up_table",
    "sheet_of",
]

Outcome = Literal["drawn", "exists", "refused", "blank", "comment"]

MOST_DRAWN = 100_000
"""Lines of one table that are drawn; the glyphs are all held in memory."""

_CHUNK = 64
_ENDINGS = {".txt", ".tsv", ".csv", ".ids", ".tab", ".md"}


@dataclass(frozen=True)
class Line:
    """What became of one line.

    Attributes:
        number: of the line, from 1.
        text: the line.
        outcome: "drawn"; "exists" if what was drawn is encoded; "refused"; "blank" or "comment", where nothing is asked.
        why: why it is refused, or what of it was read otherwise than it stands there.
        glyph: what was drawn.
    """

    number: int
    text: str
    outcome: Outcome
    why: str = ""
    glyph: Glyph | None = None


@dataclass(frozen=True)
class LookedUp:
    """The verdict on one line.

    Attributes:
        number: of the line, from 1.
        text: the line.
        kind: "described", "refused", "blank" or "comment".
        result: the verdict on the first of its descriptions that can be read.
        why: why it is refused.
    """

    number: int
    text: str
    kind: Kind
    result: LookupResult | None = None
    why: str = ""


def is_table(text: str) -> bool:
    """Whether ``text`` names a file that may be a table of descriptions."""
    try:
        return Path(text).suffix.lower() in _ENDINGS or (len(text) > 1 and Path(text).is_file())
    except (OSError, ValueError):
        return False


def compose_table(
    path: Path, options: DrawOptions = DEFAULTS, *, progress: Callable[[int], None] | None = None
) -> list[Line]:
    """Draw what the lines of a file describe, each by its first description that can be read and drawn.

    A character that a line names is the one that its glyph stands for; see `tensho.ids.as_found.tables` for the lines.

    Args:
        path: the file.
        options: what to draw with.
        progress: called with the number of lines that each finished chunk adds.

    Raises:
        TenshoError: the file cannot be read or asks for too many glyphs, or the style or the face for none.
    """
    rows = read_table(path)
    asked = [row for row in rows if row.kind == "described"]
    if len(asked) > MOST_DRAWN:
        raise TenshoError(f"{path} describes {len(asked):,} characters; draw at most {MOST_DRAWN:,} at once")
    drawn = dict(_drawn(asked, options, progress))
    return [drawn.get(row.number) or _undrawn(row) for row in rows]


def look_up_table(path: Path, k: int = 1, *, progress: Callable[[int], None] | None = None) -> list[LookedUp]:
    """Say of each line of a table whether what it describes exists; see `tensho.lookup.verdict`.

    Raises:
        TenshoError: the file cannot be read.
    """
    answers: list[LookedUp] = []
    for row in read_table(path):
        result = look_up(_asked(row, 0), k) if row.kind == "described" else None
        answers.append(LookedUp(row.number, row.text, row.kind, result, "; ".join(row.refusals)))
        if progress is not None:
            progress(1)
    return answers


def lines_of(sheet_or_lines: Iterable[Line]) -> Iterator[Line]:
    """Those of ``sheet_or_lines`` that ask for something."""
    return (line for line in sheet_or_lines if line.outcome not in ("blank", "comment"))


def counted(lines: Iterable[Line]) -> dict[str, int]:
    """How many lines became what, all lines accounted for."""
    count = Counter(line.outcome for line in lines)
    return {outcome: count[outcome] for outcome in ("drawn", "exists", "refused", "comment", "blank")}


def sheet_of(lines: Iterable[Line]) -> Sheet:
    """The glyphs of the ``lines`` of a table.

    Raises:
        TenshoError: nothing was drawn.
    """
    glyphs = tuple(line.glyph for line in lines if line.glyph is not None)
    if not glyphs:
        raise TenshoError("nothing of the table could be drawn; see what is said of its lines")
    return Sheet(glyphs, cell=max(glyph.array.shape[0] for glyph in glyphs))


def _drawn(
    rows: Sequence[Row], options: DrawOptions, progress: Callable[[int], None] | None
) -> Iterator[tuple[int, Line]]:
    for start in range(0, len(rows), _CHUNK):
        chunk = rows[start : start + _CHUNK]
        try:
            sheet: Sequence[Glyph] = compose_all([_asked(row, 0) for row in chunk], options, first=start)
        except TenshoError:  # of one of them; each by itself says which
            sheet = ()
        for place, row in enumerate(chunk):
            yield row.number, _answer(row, sheet[place] if sheet else None, options, start + place)
        if progress is not None:
            progress(len(chunk))


def _answer(row: Row, glyph: Glyph | None, options: DrawOptions, place: int) -> Line:
    why: list[str] = []
    for k in range(len(row.descriptions)):
        if glyph is None:
            try:
                glyph = compose_all([_asked(row, k)], options, first=place)[0]
            except TenshoError as error:
                why.append(str(error))
                continue
        if row.character is not None:
            glyph = dataclasses.replace(glyph, character=folded(row.character))
        notes = "; ".join((*row.descriptions[k].notes, *glyph.notes))
        return Line(row.number, row.text, "drawn" if glyph.character is None else "exists", notes, glyph)
    return Line(row.number, row.text, "refused", "; ".join(why))


def _asked(row: Row, k: int) -> str:
    found = row.descriptions[k]
    return found.ids + found.variation


def _undrawn(row: Row) -> Line:
    outcome: Outcome = row.kind if row.kind == "blank" or row.kind == "comment" else "refused"
    return Line(row.number, row.text, outcome, "; ".join(row.refusals))
