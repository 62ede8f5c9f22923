"""A dictionary of coined characters, as PDF: head character, reading, meaning, parts and number of strokes; and an index.

Entries stand in two columns in the order of their meanings; the index has the characters in the order of their strokes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from tensho.atomic import replaced_file
from tensho.composition.strokes.splitting import EM
from tensho.errors import TenshoError
from tensho.export.pdf_outlines import draw_outline, draw_text, text_width
from tensho.fonts.outlines import Outline

__all__ = ["DictionaryEntry", "draw_dictionary", "write_dictionary"]

WIDTH, HEIGHT = 148 * mm, 210 * mm  # A5, as the book
EDGE, TOP, FOOT, GUTTER = 15 * mm, 20 * mm, 15 * mm, 6 * mm
HEAD, ROW = 17 * mm, 21 * mm
COLUMN = (WIDTH - 2 * EDGE - GUTTER) / 2
ON_PAGE = int((HEIGHT - TOP - FOOT) // ROW)
INK, GREY, SEAL = (0.10, 0.09, 0.08), (0.45, 0.42, 0.38), (0.70, 0.13, 0.10)
INDEX_CELL, INDEX_LINE = 11 * mm, 13 * mm


@dataclass(frozen=True, eq=False)
class DictionaryEntry:
    """An entry.

    Attributes:
        outline: the character, in units of `tensho.composition.strokes.splitting.EM`.
        meaning: what it means.
        reading: how it is read.
        ids: its parts.
        strokes: how many it is written in; None if that is not known.
    """

    outline: Outline
    meaning: str
    reading: str
    ids: str
    strokes: int | None


def write_dictionary(entries: Sequence[DictionaryEntry], path: Path, *, title: str = "Dictionary") -> None:
    """Typeset a dictionary; same input, same bytes.

    Raises:
        TenshoError: no entries, a name that does not end in ``.pdf``, or a place that cannot be written.
    """
    if path.suffix.lower() != ".pdf":
        raise TenshoError(f"a dictionary is a file named something.pdf, not {path.name}; rename it")
    if not entries:
        raise TenshoError("a dictionary needs entries; give words for which something can be coined")
    with replaced_file(path) as temporary:
        canvas = Canvas(str(temporary), pagesize=(WIDTH, HEIGHT), invariant=1)
        canvas.setTitle(title)
        canvas.setCreator("tensho")
        draw_dictionary(canvas, entries, title=title)
        canvas.save()


def draw_dictionary(
    canvas: Canvas, entries: Sequence[DictionaryEntry], *, title: str, first: int = 1
) -> None:
    """Draw the pages of a dictionary, numbered from ``first`` on."""
    ordered = sorted(entries, key=lambda entry: (entry.meaning.casefold(), entry.ids))
    where: list[tuple[DictionaryEntry, int]] = []
    number = first
    for start in range(0, len(ordered), 2 * ON_PAGE):
        shown = ordered[start : start + 2 * ON_PAGE]
        _furniture(canvas, f"{shown[0].meaning} – {shown[-1].meaning}", title, number)
        for k, entry in enumerate(shown):
            column, row = divmod(k, ON_PAGE)
            _entry(canvas, entry, EDGE + column * (COLUMN + GUTTER), HEIGHT - TOP - row * ROW)
            where.append((entry, number))
        canvas.showPage()
        number += 1
    _index(canvas, where, title, number)


def _furniture(canvas: Canvas, heading: str, title: str, number: int) -> None:
    draw_text(canvas, title, EDGE, HEIGHT - 12 * mm, 8, GREY)
    draw_text(canvas, heading, WIDTH - EDGE - text_width(heading, 8), HEIGHT - 12 * mm, 8, INK)
    canvas.setStrokeColorRGB(*GREY)
    canvas.setLineWidth(0.4)
    canvas.line(EDGE, HEIGHT - 14 * mm, WIDTH - EDGE, HEIGHT - 14 * mm)
    draw_text(canvas, str(number), WIDTH / 2 - text_width(str(number), 8) / 2, 8 * mm, 8, GREY)


def _entry(canvas: Canvas, entry: DictionaryEntry, x: float, top: float) -> None:
    _glyph(canvas, entry.outline, x, top - HEAD, HEAD)
    left, room = x + HEAD + 3 * mm, COLUMN - HEAD - 3 * mm
    end = draw_text(canvas, entry.reading, left, top - 4.6 * mm, 10, SEAL)
    if entry.strokes is not None:
        told = f"{entry.strokes} strokes"
        if end + text_width(told, 6) < left + room:
            draw_text(canvas, told, left + room - text_width(told, 6), top - 4.6 * mm, 6, GREY)
    y = top - 9.4 * mm
    for line in _lines(entry.meaning, room, 8.5)[:2]:
        draw_text(canvas, line, left, y, 8.5, INK)
        y -= 3.7 * mm
    size = min(8.0, 8.0 * room / max(text_width(entry.ids, 8.0), 1))
    draw_text(canvas, entry.ids, left, top - 16.6 * mm, size, GREY)


def _glyph(canvas: Canvas, outline: Outline, x: float, y: float, side: float) -> None:
    def place(left: float, bottom: float, across: float, up: float) -> tuple[float, float]:
        scale = side / EM.units
        return left + across * scale, bottom + (up - EM.descender) * scale

    draw_outline(canvas, outline, partial(place, x, y), INK)


def _lines(text: str, room: float, size: float) -> list[str]:
    """A text in lines that are no longer than the room, but for words that are."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width(longer, size) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _index(canvas: Canvas, where: Sequence[tuple[DictionaryEntry, int]], title: str, number: int) -> None:
    columns = int((WIDTH - 2 * EDGE) // INDEX_CELL)
    y = 0.0
    for label, cells in _by_strokes(where, columns):
        if y < FOOT + INDEX_LINE:
            if y:
                canvas.showPage()
                number += 1
            _furniture(canvas, "by strokes", title, number)
            y = HEIGHT - TOP
        if label:
            draw_text(canvas, label, EDGE, y - 2 * mm, 7, SEAL)
            y -= 4 * mm
        for column, (entry, page) in enumerate(cells):
            x = EDGE + column * INDEX_CELL
            _glyph(canvas, entry.outline, x, y - 8 * mm, 8 * mm)
            draw_text(canvas, str(page), x + 2.6 * mm, y - 10.6 * mm, 6, GREY)
        y -= INDEX_LINE
    canvas.showPage()


def _by_strokes(
    where: Sequence[tuple[DictionaryEntry, int]], columns: int
) -> Iterator[tuple[str, Sequence[tuple[DictionaryEntry, int]]]]:
    """Lines of the index, the first of each number of strokes with its label."""

    def strokes(item: tuple[DictionaryEntry, int]) -> int:
        return item[0].strokes or 1000

    for count, group in groupby(sorted(where, key=strokes), key=strokes):
        items = list(group)
        for start in range(0, len(items), columns):
            label = "" if start else ("unknown" if count == 1000 else f"{count} strokes")
            yield label, items[start : start + columns]
