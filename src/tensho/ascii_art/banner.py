"""A banner: letters of several lines each, set side by side, wrapped between words, never wider than asked for.

Letters stand apart, or closer by FIGlet's rules. Kerning moves a letter to the left until it touches the one before in
some line. Smushing goes one column further if all symbols that then fall on each other can be made one (the FIGfont
standard, section "Smushing rules").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from tensho.ascii_art.justification import Justification, justified
from tensho.ascii_art.smushing import smushed
from tensho.errors import TenshoError
from tensho.text.figlet_font import Layout

__all__ = ["SPACINGS", "Spacing", "banner"]

Spacing = Literal["apart", "kern", "smush"]

SPACINGS: tuple[Spacing, ...] = ("apart", "kern", "smush")

_Lines = list[str]

_RULES = Layout.EQUAL | Layout.UNDERSCORE | Layout.HIERARCHY | Layout.PAIRS | Layout.BIG_X | Layout.SMUSH


def banner(
    paragraphs: Sequence[Sequence[Sequence[str]]],
    letters: Mapping[str, Sequence[str]],
    *,
    width: int,
    space: int,
    layout: Spacing = "apart",
    justification: Justification | None = None,
    right_to_left: bool = False,
) -> list[str]:
    """Set letters as lines of one length, at most ``width``.

    Args:
        paragraphs: lines of the text as words, words as letters. A word without letters stands for one more space; a
            line without words is left blank.
        letters: the lines of each letter; all letters have equally many, and all lines of a letter are equally long.
        width: most columns.
        space: blank columns between words.
        layout: how letters of a word are brought together.
        justification: where lines stand within ``width``; None: at the side from which the text is written.
        right_to_left: whether letters and words follow each other to the left.

    Returns:
        Lines that are all as long as the longest with its margin.

    Raises:
        TenshoError: a letter is wider than ``width``.
    """
    height = max(len(lines) for lines in letters.values())
    towards = _JOINS[layout]

    def join(before: _Lines, after: _Lines) -> _Lines:
        return towards(after, before) if right_to_left else towards(before, after)

    def spaced(before: _Lines, gap: int, after: _Lines) -> _Lines:
        left, right = (after, before) if right_to_left else (before, after)
        return [one + " " * gap + other for one, other in zip(left, right, strict=True)]

    blocks: list[_Lines] = []
    for words in paragraphs:
        blocks += _wrapped([_set(word, letters, join, width) for word in words], height, width, space, spaced)
    return justified(blocks, width, justification or ("right" if right_to_left else "left"))


def _set(
    word: Sequence[str],
    letters: Mapping[str, Sequence[str]],
    join: Callable[[_Lines, _Lines], _Lines],
    width: int,
) -> list[_Lines]:
    """A word, in as many pieces as it takes for none to be wider than ``width``."""
    pieces: list[_Lines] = []
    for letter in word:
        lines = list(letters[letter])
        if len(lines[0]) > width:
            raise TenshoError(
                f"--width is {width}, but {letter} takes {len(lines[0])} columns; give more room or a smaller style"
            )
        longer = join(pieces[-1], lines) if pieces else lines
        if pieces and len(longer[0]) <= width:
            pieces[-1] = longer
        else:
            pieces.append(lines)
    return pieces


def _wrapped(
    words: list[list[_Lines]],
    height: int,
    width: int,
    space: int,
    spaced: Callable[[_Lines, int, _Lines], _Lines],
) -> list[_Lines]:
    """Blocks of ``height`` lines; spaces at which the text is broken are left out."""
    done: list[_Lines] = [[""] * height]
    gap = -space
    for pieces in words:
        gap += space
        if not pieces:
            continue
        first, *others = pieces
        if len(done[-1][0]) + gap + len(first[0]) <= width:
            done[-1] = spaced(done[-1], gap, first)
        elif done[-1][0]:
            done.append(first)
        else:
            done[-1] = first
        done += others
        gap = 0
    return done


def _apart(left: _Lines, right: _Lines) -> _Lines:
    return [f"{one} {other}" for one, other in zip(left, right, strict=True)]


def _kern(left: _Lines, right: _Lines) -> _Lines:
    return _overlapped(left, right, _room(left, right))


def _smush(left: _Lines, right: _Lines) -> _Lines:
    room = _room(left, right)
    closer = min(room + 1, len(left[0]), len(right[0]))
    pairs = _meeting(left, right, closer)
    return _overlapped(left, right, closer if all(map(_smushed, pairs)) else room)


_JOINS: Mapping[Spacing, Callable[[_Lines, _Lines], _Lines]] = {
    "apart": _apart,
    "kern": _kern,
    "smush": _smush,
}


def _room(left: _Lines, right: _Lines) -> int:
    """How far ``right`` can move over ``left`` before they meet."""
    gaps = [
        len(one) - len(one.rstrip()) + len(other) - len(other.lstrip())
        for one, other in zip(left, right, strict=True)
    ]
    return min(*gaps, len(left[0]), len(right[0]))


def _meeting(left: _Lines, right: _Lines, overlap: int) -> list[str]:
    """The two symbols of each cell that both letters would fill."""
    return [
        one + other
        for ours, theirs in zip(left, right, strict=True)
        for one, other in zip(ours[len(ours) - overlap :], theirs[:overlap], strict=True)
        if one != " " and other != " "
    ]


def _overlapped(left: _Lines, right: _Lines, overlap: int) -> _Lines:
    joined = []
    for ours, theirs in zip(left, right, strict=True):
        start = len(ours) - overlap
        both = zip(ours[start:], theirs[:overlap], strict=True)
        middle = "".join(_cell(one, other) for one, other in both)
        joined.append(ours[:start] + middle + theirs[overlap:])
    return joined


def _cell(one: str, other: str) -> str:
    if one == " " or other == " ":
        return other if one == " " else one
    return _smushed(one + other)


def _smushed(pair: str) -> str:
    """The symbol that two become, by FIGlet's rules 1 to 5; empty if they stay two."""
    return smushed(pair[0], pair[1], _RULES) or ""
