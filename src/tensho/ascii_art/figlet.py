"""Sets text in a font of FIGlet, as the program figlet does: smushed, wrapped between words, justified.

The layout is that of figlet 2.2.5. A letter moves over the line before it until, in some row, two symbols would meet that
do not become one. A font's blanks are letters too; those at which a line is broken are left out.
"""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Literal

from tensho.ascii_art.justification import Justification, justified
from tensho.ascii_art.smushing import smushed
from tensho.errors import TenshoError
from tensho.text.columns import cells
from tensho.text.figlet_font import FigletFont, Layout

__all__ = ["FIGLET_LAYOUTS", "FigletLayout", "figlet_banner"]

FigletLayout = Literal["font", "full", "kern", "smush", "overlap"]

FIGLET_LAYOUTS: tuple[FigletLayout, ...] = ("font", "full", "kern", "smush", "overlap")
"""As the font says; at full width; until letters touch; smushed by the font's rules; universally. Figlet's -s -W -k -S -o."""

_Rows = list[list[str]]
"""Rows of one length, a string for each column; see `tensho.text.columns`."""


def figlet_banner(
    text: str,
    font: FigletFont,
    *,
    width: int,
    layout: FigletLayout = "font",
    justification: Justification | None = None,
    right_to_left: bool | None = None,
) -> list[str]:
    """The text as lines of one width, at most ``width`` columns.

    Args:
        text: lines; tabs stand for blanks up to the next eighth character.
        font: what it is set in.
        width: most columns.
        layout: how letters are brought together.
        justification: None: to the side from which the text is written.
        right_to_left: None: as the font says.

    Raises:
        TenshoError: the font lacks a character, or ``width`` is too small for a letter.
    """
    backwards = font.right_to_left if right_to_left is None else right_to_left
    setter = _Setter(font, width, _chosen(layout, font), backwards)
    blocks = [
        block
        for line in unicodedata.normalize("NFC", text).splitlines()
        for block in setter.wrapped("".join(filter(str.isprintable, line.expandtabs())))
    ]
    if not any(block[0] for block in blocks):
        raise TenshoError(f"the font {font.name} draws nothing for this text; choose another font")
    shown = [["".join(row).replace(font.hardblank, " ") for row in block] for block in blocks]
    return justified(shown, width, justification or ("right" if backwards else "left"))


def _chosen(layout: FigletLayout, font: FigletFont) -> Layout:
    by_name: Mapping[FigletLayout, Layout] = {
        "font": font.layout,
        "full": Layout(0),
        "kern": Layout.KERN,
        "smush": font.layout | Layout.SMUSH,
        "overlap": Layout.SMUSH,
    }
    return by_name[layout]


@dataclasses.dataclass(frozen=True)
class _Setter:
    font: FigletFont
    width: int
    layout: Layout
    right_to_left: bool

    def wrapped(self, text: str) -> list[_Rows]:
        """A line of the text as one or more lines of letters."""
        done: list[_Rows] = []
        while text:
            end, line = self._fitting(text)
            if end == len(text):
                return [*done, line] if line[0] or not done else done
            if text[end] != " " and " " in text[:end].strip(" "):
                end = text[:end].rindex(" ")
            done.append(self._fitting(text[:end].rstrip(" "))[1])
            text = text[end:].lstrip(" ")
        return done or [self._empty]

    @cached_property
    def _empty(self) -> _Rows:
        return [[] for _ in range(self.font.height)]

    @cached_property
    def _letters(self) -> dict[str, _Rows]:
        return {}

    def _fitting(self, text: str) -> tuple[int, _Rows]:
        """How many characters of the text fit in a line, at least one, and the line that they make."""
        line, before = self._empty, 0
        for place, letter in enumerate(text):
            rows = self._rows(letter)
            longer = self._joined(line, rows, before)
            if len(longer[0]) > self.width:
                if place:
                    return place, line
                raise TenshoError(
                    f"--width is {self.width}, but {letter} takes {len(rows[0])} columns; "
                    "give more room or a smaller font"
                )
            line, before = longer, len(rows[0])
        return len(text), line

    def _rows(self, letter: str) -> _Rows:
        if letter not in self._letters:
            lines = self.font.letters.get(letter) or self.font.letters.get("\0")
            if lines is None:
                raise TenshoError(
                    f"the font {self.font.name} has no {letter} (U+{ord(letter):04X}); leave it out or choose another font; "
                    f"--like {self.font.name} draws letters that it lacks, if a face at hand has them"
                )
            rows = [cells(line) for line in lines]
            longest = max(map(len, rows))
            self._letters[letter] = [row + [" "] * (longest - len(row)) for row in rows]
        return self._letters[letter]

    def _joined(self, line: _Rows, letter: _Rows, before: int) -> _Rows:
        """The line with one more letter; ``before`` is the width of the one before it."""
        left, right = (letter, line) if self.right_to_left else (line, letter)
        smushes = min(before, len(letter[0])) >= 2
        overlap = 0
        if self.layout & (Layout.KERN | Layout.SMUSH):
            gaps = [self._gap(ours, theirs, smushes) for ours, theirs in zip(left, right, strict=True)]
            overlap = min(*gaps, len(letter[0]))
        # At the start of a line, blanks that all rows of a letter begin with are left out.
        cut = max(0, overlap - len(line[0]))
        if self.right_to_left:
            left = [row[: len(row) - cut] for row in left]
        else:
            right = [row[cut:] for row in right]
        return [
            self._overlapped(ours, theirs, overlap - cut) for ours, theirs in zip(left, right, strict=True)
        ]

    def _overlapped(self, left: list[str], right: list[str], overlap: int) -> list[str]:
        start = len(left) - overlap
        pairs = zip(left[start:], right[:overlap], strict=True)
        return left[:start] + [self._met(*pair) or pair[1] for pair in pairs] + right[overlap:]

    def _gap(self, left: Sequence[str], right: Sequence[str], smushes: bool) -> int:
        """Columns that ``right`` can move over ``left`` in one row."""
        last = next((place for place in reversed(range(len(left))) if left[place] != " "), -1)
        first = next((place for place, cell in enumerate(right) if cell != " "), len(right))
        gap = len(left) - 1 - last + first
        if smushes and last >= 0 and first < len(right) and self._met(left[last], right[first]) is not None:
            gap += 1
        return gap

    def _met(self, left: str, right: str) -> str | None:
        if left == " " or right == " ":
            return right if left == " " else left
        return smushed(
            left, right, self.layout, hardblank=self.font.hardblank, right_to_left=self.right_to_left
        )
