"""Writes fonts of FIGlet (.flf); see `tensho.text.figlet_font` for the format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tensho.errors import TenshoError
from tensho.text.figlet_font import REQUIRED, RULES, Layout

__all__ = ["figlet_font"]

_BLANKS, _ENDS = "$@#%&~^*+=!?\x7f", "@#"
"""What can stand for a hard blank, the usual ones first and at last one that is in no drawing, and for the end of a line."""


def figlet_font(
    letters: Mapping[str, Sequence[str]],
    *,
    baseline: int,
    space: int,
    layout: Layout = RULES,
    comment: Sequence[str] = (),
) -> str:
    """A font as text.

    Every letter has a blank column behind it, so that letters stand apart at full width; kerning takes it away.

    Args:
        letters: printable ASCII in lines, all letters of equally many, the lines of a letter equally long: those of
            `tensho.text.figlet_font.REQUIRED` but for the space, and any others.
        baseline: lines from the top to the baseline.
        space: blank columns between words, 2 or more.
        layout: how letters are brought together; rules alone hold where smushing is asked for.
        comment: lines that say what the font is.

    Raises:
        TenshoError: a required letter is missing.
    """
    missing = [letter for letter in REQUIRED[1:] if letter not in letters]
    if missing:
        raise TenshoError(f"a font of FIGlet needs all of ASCII and ÄÖÜäöüß, but there is no {missing[0]}")
    used = {symbol for lines in letters.values() for line in lines for symbol in line}
    hardblank = next(symbol for symbol in _BLANKS if symbol not in used)
    mark = next(symbol for symbol in _ENDS if symbol != hardblank)
    height = len(letters["A"])
    drawn = {" ": [hardblank * (space - 1)] * height}
    drawn |= {letter: [line + " " for line in lines] for letter, lines in letters.items()}
    others = sorted(set(letters) - set(REQUIRED))
    longest = max(len(line) for lines in drawn.values() for line in lines) + 2
    old = int(layout & RULES) if Layout.SMUSH in layout else 0 if Layout.KERN in layout else -1
    header = (
        f"flf2a{hardblank} {height} {baseline} {longest} {old} {len(comment)} 0 {int(layout)} {len(others)}"
    )
    told = [" ".join(line.split()) for line in comment]
    rows = [row for letter in REQUIRED for row in _marked(drawn[letter], mark)]
    tagged = [row for letter in others for row in (f"0x{ord(letter):04X}", *_marked(drawn[letter], mark))]
    return "\n".join([header, *told, *rows, *tagged]) + "\n"


def _marked(lines: Sequence[str], mark: str) -> list[str]:
    """Lines with their end marks, two on the last one. No line ends in the mark itself: a blank stands before it."""
    return [*(line + mark for line in lines[:-1]), lines[-1] + 2 * mark]
