"""Descriptions as people have them, read leniently: what is meant beyond doubt is read, what is not is refused by name.

Beside what `tensho.ids.syntax.parse` reads:

- white space, a byte order mark and marks without width are passed over, so are quotes and brackets around the whole;
- ``^…$`` around it, and tags of regions behind it, ``[GT]`` or ``(T)``, in full-width brackets too, go;
- ``{?0耴}`` before it (a label of bai's lists) goes, and what stands in square brackets behind an operator;
- ``U+6C35`` is the character of that code point;
- entity references become what they stand for; see `tensho.ids.as_found.entities`;
- ``〾`` (a variation of what follows) goes, with a word;
- compatibility ideographs become the unified ones, with a word;
- ↔, ↷ and ⊖, which cjkvi and CHISE used before Unicode 15.1, are ⿾, ⿿ and ㇯;
- a variation selector stays behind a lone character, where a face may have it, and goes elsewhere, with a word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tensho.bounds import check_text
from tensho.errors import TenshoError
from tensho.ids.as_found.entities import SETS, described
from tensho.ids.compatibility import folded
from tensho.ids.syntax import CIRCLED, UNKNOWN, Symbol, Tree, parse_symbols, to_string

__all__ = ["Description", "read_description", "read_pattern"]

LONGEST = 10_000
"""Characters of a description; the longest that is known of a real one has about thirty."""

_LONGEST_TAG = 200
"""Characters of a tag behind a description, with what is around it."""

_BRACKETS = str.maketrans("（）［］｛｝＆；＃", "()[]{}&;#")
_QUOTES = {
    "「": "」",
    "『": "』",
    "【": "】",
    "〔": "〕",
    "《": "》",
    "〈": "〉",
    "“": "”",
    '"': '"',
    "'": "'",
    "^": "$",
}
_PASSED_OVER = re.compile(r"[\s\u200b-\u200f\u2060-\u2064\ufeff\u00ad\u3000]")
_TAGS = re.compile(r"\s*(?:\([^()&]*\)|\[[^\[\]&]*\])\s*$")
_LABEL = re.compile(r"\s*\{[^{}]*\}(?=.)")
_OLD_OPERATORS = {"↔": "\u2ffe", "↷": "\u2fff", "⊖": "\u31ef"}
_TOKEN = re.compile(
    r"(?P<entity>&[^&;\s]{1,40};)|(?P<strokes>\#\([^()]*\)(?:\([^()]*\))?)|(?P<numbered>\{[^{}]*\})|(?P<detail>\[[^\[\]]*\])|"
    r"(?P<code>[Uu]\+[0-9A-Fa-f]{4,6})|(?P<char>.)",
    re.DOTALL,
)


@dataclass(frozen=True)
class Description:
    """What was read.

    Attributes:
        tree: the structure.
        variation: the selector behind a lone character, or nothing.
        notes: what was passed over that may matter, in words.
    """

    tree: Tree
    variation: str = ""
    notes: tuple[str, ...] = field(default=(), compare=False)

    @property
    def ids(self) -> str:
        """The description as Unicode has it."""
        return to_string(self.tree)


def read_description(
    text: str, *, offset: int = 0, definitions: Mapping[str, str] | None = None, marked: bool = False
) -> Description:
    """Read a description as it was found.

    Args:
        text: the description, and what people write around it.
        offset: characters of the line that stand before it; positions in messages count from the line's first.
        definitions: descriptions of what entity references name, such as ``{"CDP-8958": "⿱…"}``.
        marked: letters, digits and dots behind a part say how its strokes are drawn, as in bai's list of level 0, and go.

    Raises:
        TenshoError: one line that says where it cannot be read, and what to write instead.
    """
    check_text("a description such as ⿰氵龍", text)
    if len(text) > LONGEST:
        raise TenshoError(f"the description has {len(text):,} characters; at most {LONGEST:,} can be read")
    start, end = _bounds(text)
    reader = _Reader(definitions or {}, marked)
    for found in _TOKEN.finditer(text.translate(_BRACKETS), start, end):
        reader.take(found, offset + found.start() + 1)
    symbols = reader.symbols
    variation = ""
    if reader.selectors:
        place, selector, position = reader.selectors[0]
        if len(symbols) == 1 and place == 1:
            variation = selector
        else:
            reader.notes.append(
                f"position {position}: the variation selector {_code(selector)} behind {symbols[place - 1][0]} is left out; "
                "only a character by itself can have one"
                if place
                else f"position {position}: the variation selector {_code(selector)} has nothing before it and is left out"
            )
    if not symbols:
        raise TenshoError("the description is empty; give a character or a sequence such as ⿰氵龍")
    tree = parse_symbols(symbols, offset + end + 1)
    return Description(tree, variation, tuple(reader.notes))


def read_pattern(
    text: str, *, definitions: Mapping[str, str] | None = None, marked: bool = False
) -> str | None:
    """A description with ``？`` for each part that is not encoded or not known; None where it cannot be read at all.

    What cannot be drawn still says something of a character: ⿰亻② is none without 亻.
    """
    if len(text) > LONGEST:
        return None
    start, end = _bounds(text)
    reader = _Reader(definitions or {}, marked, patterns=True)
    try:
        for found in _TOKEN.finditer(text.translate(_BRACKETS), start, end):
            reader.take(found, found.start() + 1)
        return to_string(parse_symbols(reader.symbols, end + 1, unknown=True))
    except TenshoError:
        return None


def _bounds(text: str) -> tuple[int, int]:
    """Where the description begins and ends inside what surrounds it."""
    plain = text.translate(_BRACKETS)
    start, end = 0, len(plain)
    while True:
        before = start, end
        while start < end and _PASSED_OVER.match(plain[start]):
            start += 1
        while start < end and _PASSED_OVER.match(plain[end - 1]):
            end -= 1
        if (found := _LABEL.match(plain, start, end)) and found.end() < end:
            start = found.end()
        if (
            end - start > 2
            and (found := _TAGS.search(plain, max(start, end - _LONGEST_TAG), end))
            and found.start() > start
        ):
            stroke = plain[: found.start()].endswith("#")  # #(一-丨) is a part, not a tag
            end = end if stroke else found.start()
        if (end - start > 2 and _QUOTES.get(plain[start]) == plain[end - 1]) or (
            end - start > 2 and plain[start] + plain[end - 1] in {"()", "[]"}
        ):
            start, end = start + 1, end - 1
        if (start, end) == before:
            return start, end


class _Reader:
    """Turns what was found into symbols."""

    def __init__(self, definitions: Mapping[str, str], marked: bool, *, patterns: bool = False) -> None:
        self.symbols: list[Symbol] = []
        self.selectors: list[tuple[int, str, int]] = []
        self.notes: list[str] = []
        self._definitions = definitions
        self._marked = marked
        self._patterns = patterns

    def take(self, found: re.Match[str], position: int) -> None:
        kind, text = str(found.lastgroup), found[0]
        if self._patterns and self._is_unknown(kind, text):
            self.symbols.append((UNKNOWN, position))
        elif kind == "char":
            self._character(text, position)
        elif kind == "entity":
            self._entity(text, position)
        elif kind == "code":
            code = int(text[2:], 16)
            if code > 0x10FFFF or 0xD800 <= code < 0xE000:
                raise TenshoError(f"position {position}: {text} is no code point; write it like U+2AAF2")
            self._character(chr(code), position)
        elif kind == "strokes":
            raise TenshoError(
                f"position {position}: {_shown(text)} tells the strokes of a part that is not encoded; write what it is made of "
                "instead"
            )
        elif kind == "numbered":
            raise TenshoError(
                f"position {position}: {_shown(text)} is some list's number of a part that is not encoded; write what it is made "
                "of instead"
            )
        # what is left, a detail in square brackets, says how strokes cross

    def _is_unknown(self, kind: str, text: str) -> bool:
        if kind == "entity":
            return not (self._definitions.get(text[1:-1]) or described(text[1:-1]))
        return kind in ("strokes", "numbered") or text in CIRCLED or text in "？?〓□"

    def _character(self, char: str, position: int) -> None:
        if "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef":
            self.selectors.append((len(self.symbols), char, position))
        elif char == "〾":
            self.notes.append(
                f"position {position}: 〾 is left out; a variation of what follows is drawn as that"
            )
        elif char in "→←":
            raise TenshoError(
                f"position {position}: {char} points to another character and says nothing of the parts; write what it is "
                "made of"
            )
        elif _PASSED_OVER.match(char) or (
            self._marked and (char == "." or (char.isascii() and char.isalnum()))
        ):
            return
        else:
            self._part(_OLD_OPERATORS.get(char, char), position)

    def _part(self, char: str, position: int) -> None:
        unified = folded(char)
        if unified != char:
            self.notes.append(
                f"position {position}: the compatibility ideograph {_code(char)} is read as {unified} ({_code(unified)})"
            )
        self.symbols.append((unified, position))

    def _entity(self, reference: str, position: int) -> None:
        name = reference[1:-1]
        if description := self._definitions.get(name) or described(name):
            self.symbols.extend((char, position) for char in description)
        else:
            whose = SETS.get(name.removeprefix("A-").removeprefix("I-").partition("-")[0])
            origin = f" (of {whose})" if whose else ""
            raise TenshoError(
                f"position {position}: {_shown(reference)} names a part{origin} that is not encoded and that no table at hand "
                "describes; write what it is made of instead"
            )


def _shown(text: str) -> str:
    return "".join(char if char.isprintable() else _code(char) for char in text)


def _code(char: str) -> str:
    return f"U+{ord(char):04X}"
