"""A book in a language that nobody reads: vertical text, framed and ruled like a woodblock print, as PDF.

Nine columns of twenty characters run from right to left, each character in its own cell; the marks of
reading stand beside the characters and take no cell. Ten of the characters are digits and number the pages.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from tensho.atomic import replaced_file
from tensho.bounds import check_whole
from tensho.errors import TenshoError
from tensho.export.dictionary import DictionaryEntry, draw_dictionary
from tensho.export.font import compile_font
from tensho.export.typeface import Typeface
from tensho.fonts.placed_outline import EmBox

__all__ = ["check_pages", "write_book"]

WIDTH, HEIGHT = 148 * mm, 210 * mm  # A5
GUTTER, FORE_EDGE, TOP, BOTTOM = 18 * mm, 23 * mm, 27 * mm, 25 * mm

COLUMNS, ROWS = 9, 20
"""Of text on a page."""

PITCH, CELL = (WIDTH - GUTTER - FORE_EDGE) / COLUMNS, (HEIGHT - TOP - BOTTOM) / ROWS
SIZE = 0.86 * CELL  # of the body text, in points
INK, RULE, SEAL = (0.10, 0.09, 0.08), (0.62, 0.56, 0.50), (0.70, 0.13, 0.10)

FEWEST_GLYPHS, FEWEST_PAGES, MOST_PAGES = 40, 8, 999
"""What a book can be made of; page numbers have three digits."""

DIGITS = 10
"""Glyphs of the typeface that stand for digits in page numbers."""

CHAPTER = 4  # pages
HEADING_COLUMNS = 2  # the heading's own, and a blank one after it
STOP, COMMA = "。", "、"


@dataclass(frozen=True)
class _Chapter:
    """A heading, and paragraphs of (character, mark beside it or nothing)."""

    heading: str
    paragraphs: tuple[tuple[tuple[str, str], ...], ...]


def write_book(
    typeface: Typeface,
    path: Path,
    *,
    pages: int = 12,
    seed: int = 0,
    dictionary: Sequence[DictionaryEntry] = (),
) -> None:
    """Typeset a book in the characters of a typeface.

    Args:
        typeface: at least 40 drawn glyphs.
        path: the PDF file. Its glyphs are embedded as an outline font; same input, same bytes.
        pages: title page and colophon included, 8 to 999.
        seed: of the text.
        dictionary: entries of a dictionary that follows behind, if there are any.

    Raises:
        TenshoError: too few glyphs, a number of pages out of range, a file name that does not end in
            ``.pdf``, or a place that cannot be written.
    """
    if path.suffix.lower() != ".pdf":
        raise TenshoError(f"a book is a file named something.pdf, not {path.name}; rename it")
    check_pages(pages)
    if len(typeface.drawn) < FEWEST_GLYPHS:
        raise TenshoError(f"{len(typeface.drawn)} characters make no book; give {FEWEST_GLYPHS} or more")
    text = _Text([chr(code) for code in typeface.drawn], seed)
    with replaced_file(path) as temporary:
        font = _embedded(typeface)
        canvas = Canvas(
            str(temporary),
            pagesize=(WIDTH, HEIGHT),
            invariant=1,
            initialFontName=font,  # type: ignore[arg-type]  # the stubs say float
        )
        canvas.setTitle(typeface.info.family)
        canvas.setSubject(typeface.info.description or "A book of invented characters")
        canvas.setCreator("tensho")
        canvas.setViewerPreference("Direction", "R2L")
        _Printer(canvas, font, typeface.em, text).print(pages)
        if dictionary:
            draw_dictionary(canvas, dictionary, title="Dictionary", first=pages + 1)
        canvas.save()


def check_pages(pages: int) -> None:
    """Raise `TenshoError` unless a book can have so many pages."""
    check_whole("--pages", pages, FEWEST_PAGES, MOST_PAGES)


def _embedded(typeface: Typeface) -> str:
    file = io.BytesIO()
    compile_font(typeface, ".ttf").save(file)
    # The registry is one for the process: fonts of the same name but other glyphs must not meet there.
    name = f"{typeface.info.postscript_name}-{hashlib.sha256(file.getvalue()).hexdigest()[:12]}"
    file.seek(0)
    pdfmetrics.registerFont(TTFont(name, file))
    return name


class _Text:
    """Writes prose: few characters are common and most are rare, as in every language (Zipf's law)."""

    def __init__(self, characters: Sequence[str], seed: int) -> None:
        self._random = np.random.default_rng(seed)
        shuffled = [characters[i] for i in self._random.permutation(len(characters))]
        self.digits, self._words = shuffled[:DIGITS], shuffled[DIGITS:]
        weight = 1 / (np.arange(len(self._words)) + 2.7)
        self._chances = weight / weight.sum()

    def phrase(self, length: int) -> str:
        """``length`` characters, none twice."""
        return "".join(self._random.choice(self._words, length, replace=False, p=self._chances))

    def number(self, value: int) -> str:
        """A decimal number in the ten characters that are digits here."""
        return "".join(self.digits[int(digit)] for digit in str(value))

    def chapter(self, columns: int) -> _Chapter:
        """A chapter that fills about so many columns."""
        paragraphs = []
        while columns > 0:
            paragraph = tuple(self._paragraph())
            paragraphs.append(paragraph)
            columns -= -(-len(paragraph) // ROWS)
        return _Chapter(self.phrase(3), tuple(paragraphs))

    def _paragraph(self) -> Iterator[tuple[str, str]]:
        for _ in range(self._random.integers(4, 9)):
            clauses = self._random.choice([4, 4, 5, 6, 7], self._random.integers(2, 4))
            for place, length in enumerate(clauses):
                clause = self.phrase(length)
                yield from ((character, "") for character in clause[:-1])
                yield clause[-1], COMMA if place < len(clauses) - 1 else STOP


class _Printer:
    """Puts pages on a canvas, counting them."""

    def __init__(self, canvas: Canvas, font: str, em: EmBox, text: _Text) -> None:
        self._canvas, self._font, self._text = canvas, font, text
        self._middle = 0.5 + em.descender / em.units  # of the em box, over the baseline
        self._title = text.phrase(4)
        self._seal = text.phrase(4)
        self._page = 1

    def print(self, pages: int) -> None:
        self._title_page()
        while (room := pages - self._page) > 0:
            # A short last chapter would be a page with a heading and little else.
            length = room if room < 2 * CHAPTER - 1 else CHAPTER
            self._chapter(length)
        self._colophon()

    def _title_page(self) -> None:
        left, right = self._frame()
        third = (right - left) / 4
        self._rule(left + third)
        self._rule(right - third)
        big = 30 * mm
        middle, top = WIDTH / 2 + (left + right - WIDTH) / 2, HEIGHT - TOP
        gap = (HEIGHT - TOP - BOTTOM - 4 * big) / 5
        for place, character in enumerate(self._title):
            self._glyph(character, middle, top - gap - big / 2 - place * (big + gap), big)
        self._column(self._text.phrase(6), right - third / 2, top - 12 * mm, 8 * mm)
        self._column(self._text.phrase(5), left + third / 2, top - 38 * mm, 7 * mm)
        self._stamp(left + third / 2, BOTTOM + 24 * mm, 19 * mm)
        self._turn_over()

    def _chapter(self, pages: int) -> None:
        blank = 2 + self._page % 4  # columns left at the end
        chapter = self._text.chapter(pages * COLUMNS - HEADING_COLUMNS - blank)
        columns = list(self._columns(chapter))[: pages * COLUMNS]
        for start in range(0, pages * COLUMNS, COLUMNS):
            left, right = self._frame()
            for column in range(1, COLUMNS):
                self._rule(right - column * PITCH)
            for place, column_text in enumerate(columns[start : start + COLUMNS]):
                self._body(column_text, right - (place + 0.5) * PITCH)
            if start == 0:
                self._column(chapter.heading, right - 0.5 * PITCH, HEIGHT - TOP - 2 * CELL, 1.25 * SIZE)
            self._margin(chapter.heading, left, right)
            self._turn_over()

    @staticmethod
    def _columns(chapter: _Chapter) -> Iterator[Sequence[tuple[str, str]]]:
        yield from [()] * HEADING_COLUMNS
        for paragraph in chapter.paragraphs:
            for start in range(0, len(paragraph), ROWS):
                yield paragraph[start : start + ROWS]

    def _colophon(self) -> None:
        """The last page: in a small frame the title, where and by whom it was printed, and the seal."""
        width, height = 46 * mm, 92 * mm
        left, bottom = (WIDTH - width) / 2, (HEIGHT - height) / 2
        self._border(left, bottom, width, height)
        for place, (length, size) in enumerate(((4, 7.4), (8, 5.2), (7, 5.2))):
            phrase = self._title if place == 0 else self._text.phrase(length)
            self._column(phrase, left + width * (5 - 2 * place) / 6, bottom + height - 7 * mm, size * mm)
        self._stamp(left + width / 6, bottom + 12 * mm, 11 * mm)
        self._turn_over()

    def _turn_over(self) -> None:
        self._canvas.showPage()
        self._page += 1

    def _frame(self) -> tuple[float, float]:
        """The page's frame; odd pages lie on the left of the fold, since the book is read from right to left."""
        left = FORE_EDGE if self._page % 2 else GUTTER
        self._border(left, BOTTOM, COLUMNS * PITCH, ROWS * CELL)
        return left, left + COLUMNS * PITCH

    def _border(self, left: float, bottom: float, width: float, height: float) -> None:
        self._canvas.setStrokeColorRGB(*INK)
        for distance, thickness in ((1.2, 0.4), (4.4, 2.0)):
            self._canvas.setLineWidth(thickness)
            self._canvas.rect(
                left - distance,
                bottom - distance,
                width + 2 * distance,
                height + 2 * distance,
                stroke=1,
                fill=0,
            )

    def _rule(self, x: float) -> None:
        self._canvas.setStrokeColorRGB(*RULE)
        self._canvas.setLineWidth(0.35)
        self._canvas.line(x, BOTTOM - 1.2, x, HEIGHT - TOP + 1.2)

    def _body(self, text: Sequence[tuple[str, str]], x: float) -> None:
        for row, (character, mark) in enumerate(text):
            y = HEIGHT - TOP - (row + 0.5) * CELL
            self._glyph(character, x, y, SIZE)
            if mark:
                # Marks lie in the lower left of their em box: beside the character's foot, in the gutter.
                self._glyph(mark, x + 0.86 * SIZE, y - 0.04 * SIZE, 0.76 * SIZE)

    def _margin(self, heading: str, left: float, right: float) -> None:
        """The running heading and, lower, the page's number, in the margin away from the fold."""
        x = left - 9.5 * mm if self._page % 2 else right + 9.5 * mm
        self._column(heading, x, HEIGHT - TOP, 3.4 * mm)
        number = self._text.number(self._page)
        self._column(number, x, BOTTOM + len(number) * 1.12 * 4.4 * mm, 4.4 * mm)

    def _column(self, text: str, x: float, top: float, size: float) -> None:
        for place, character in enumerate(text):
            self._glyph(character, x, top - (place + 0.5) * 1.12 * size, size)

    def _stamp(self, x: float, y: float, side: float) -> None:
        """A square seal, its four characters left white in red, read down and from right to left."""
        self._canvas.setFillColorRGB(*SEAL)
        self._canvas.roundRect(x - side / 2, y - side / 2, side, side, side * 0.06, stroke=0, fill=1)
        self._canvas.setStrokeColorRGB(1, 1, 1)
        self._canvas.setLineWidth(side * 0.022)
        inner = side * 0.9
        self._canvas.roundRect(x - inner / 2, y - inner / 2, inner, inner, side * 0.03, stroke=1, fill=0)
        for place, character in enumerate(self._seal):
            across, down = (1, -1)[place // 2], (1, -1)[place % 2]
            self._glyph(character, x + across * side * 0.205, y + down * side * 0.205, side * 0.4, (1, 1, 1))

    def _glyph(
        self, character: str, x: float, y: float, size: float, colour: tuple[float, float, float] = INK
    ) -> None:
        """Draw a character with the middle of its em box at (x, y)."""
        self._canvas.setFillColorRGB(*colour)
        self._canvas.setFont(self._font, size)
        self._canvas.drawString(x - size / 2, y - size * self._middle, character)
