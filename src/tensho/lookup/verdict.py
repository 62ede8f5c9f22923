"""Looking a glyph up: does it exist, and as which character? By its structure, by its looks, and by where the tables end.

- *exists*: the character is encoded: it was named, a table describes this structure, or it looks like it;
- *variant*: it differs from an encoded character in how parts are written or said to be put together;
- *near copy*: it looks nearly like an encoded character, and no table says more;
- *new*: neither structure nor looks are those of an encoded character, and every character that may have this structure
  is in one of the two tables;
- *unknown*: nothing like it was found, but the tables end here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tensho.bounds import check_place, check_whole
from tensho.composition.bitmaps.draft import draft
from tensho.errors import TenshoError
from tensho.fonts.coverage.blocks import RANGES, encoded, is_encoded_ideograph, short_name
from tensho.fonts.coverage.installed import fonts_with
from tensho.fonts.ink_picture import names_picture, read_ink
from tensho.glyph_arrays import one_glyph
from tensho.ids.as_found.lenient import read_description
from tensho.ids.canonical import exists, variants
from tensho.ids.decomposition import decompose
from tensho.ids.sources import descriptions
from tensho.ids.syntax import Tree, parse, to_string
from tensho.ids.undescribed import undescribed
from tensho.lookup.font_glyphs import glyph_of_font, names_font_glyph, picture_of
from tensho.lookup.index import Match, shipped_index
from tensho.lookup.page import Box, characters_on
from tensho.sheet import Glyph

__all__ = [
    "Found",
    "LookupResult",
    "Verdict",
    "look_up",
    "look_up_all",
    "look_up_glyphs",
    "may_be_new",
    "nearest",
    "where_encoded",
]

MOST_NEAREST = 10_000
"""Characters that are named as the nearest."""

MOST_NEAREST = 10_000
"""Characters that are named as the nearest."""

Query: TypeAlias = "str | Path | Glyph | NDArray[np.float32] | NDArray[np.uint8]"

Verdict = Literal["exists", "variant", "near copy", "new", "unknown"]

SIDE = 128
"""Pixels of what is drawn to be looked up."""

_WHOLE_OF_UNICODE = 0.97
"""Share of all encoded ideographs that the index of looks has to hold for looks alone to say that something is new."""

_NEAR_IF_IT_FITS = 0.12
"""Distance of a rough draft to an encoded character of the right radical and strokes that no table describes, under which
they are near: of drafts of characters that the installed table describes, 95 in 100 are nearer to their character."""

_CODE_POINT = re.compile(r"[Uu]\+([0-9A-Fa-f]{4,6})$")


@dataclass(frozen=True)
class LookupResult:
    """The verdict, what it is about, and the nearest encoded characters, nearest first.

    Attributes:
        verdict: see above.
        matches: the nearest encoded characters.
        character: which character it is, is a variant or a near copy of; None where it is new or unknown.
        reason: the verdict in words, one line.
    """

    verdict: Verdict
    matches: tuple[Match, ...]
    character: str | None = None
    reason: str = ""


@dataclass(frozen=True)
class Found:
    """What was found at a place of a picture; ``box`` is None where it was no picture, or one of a single character."""

    result: LookupResult
    box: Box | None = None


def nearest(what: Query, k: int = 5) -> list[tuple[str, float]]:
    """The k nearest encoded characters and their distances, 0 for the same and up to 2; see `look_up`."""
    return [(match.character, match.distance) for match in look_up(what, k).matches]


def look_up(what: Query, k: int = 5) -> LookupResult:
    """Look a glyph up among the encoded characters.

    Args:
        what: a `Glyph`; an array (H, W), float in [0, 1] with ink = 1 or uint8 with ink = 255; the path of a picture
            of one character, of any colours; or text: the path of a picture, a glyph of a font (``FONT.ttf#uniE000``,
            by its name, its character or its code point), a code point (``U+2AAF2``), a character, or an Ideographic
            Description Sequence. That is drawn roughly from its parts, and exists if an encoded character has the
            same structure, whatever it looks like.
        k: how many characters.

    Raises:
        TenshoError: no such file and no description, a picture without ink, or an array that is no glyph.
    """
    check_whole("-k", k, 1, MOST_NEAREST)
    if isinstance(what, Glyph):
        return _of_glyph(what, k)
    if isinstance(what, np.ndarray):
        return _by_looks(one_glyph(what), k)
    if isinstance(what, str):
        if names_font_glyph(what):
            return _by_looks(glyph_of_font(what, SIDE), k)
        if not names_picture(what):
            return _of_text(what, k)
    check_place("a picture, a character or a description", what)
    return _by_looks(read_ink(Path(what)), k)


def look_up_all(what: Query, k: int = 5) -> list[Found]:
    """As `look_up`, each character of a picture for itself, in reading order."""
    if (isinstance(what, str) and names_picture(what) and not names_font_glyph(what)) or isinstance(
        what, Path
    ):
        spots = characters_on(Path(what))
        several = len(spots) > 1
        return [Found(_by_looks(one_glyph(spot.ink), k), spot.box if several else None) for spot in spots]
    return [Found(look_up(what, k))]


def may_be_new(ids: str) -> bool:
    """Whether of the description ``ids`` neither the structure is known nor the looks of its parts roughly put together: "new" or "unknown"."""
    tree = parse(ids)
    if exists(tree) or variants(tree):  # which is known without drawing
        return False
    return _of_unlisted(tree, _search(_draft(tree), 1)).verdict in ("new", "unknown")


def look_up_glyphs(glyphs: Iterable[Glyph], k: int = 1) -> list[LookupResult]:
    """Look up ``glyphs`` that have been drawn, with the k nearest characters of each, by its looks and, where its parts are known, its structure.

    A glyph that is blank is like nothing: new, with no character near it.
    """
    return [_drawn(glyph, k) for glyph in glyphs]


def where_encoded(character: str) -> str:
    """Where a character is encoded, in words: "U+2AAF2, Extension C, since Unicode 5.2"."""
    span = encoded(character)
    code = f"U+{ord(character):04X}"
    return code if span is None else f"{code}, {short_name(span)}, since Unicode {span.since}"


def _drawn(glyph: Glyph, k: int) -> LookupResult:
    if glyph.array.ndim != 2 or glyph.array.max() < 0.5:
        return LookupResult("new", (), None, "a blank is like nothing")
    return _of_glyph(glyph, k)


def _of_glyph(glyph: Glyph, k: int) -> LookupResult:
    image = one_glyph(glyph.array)
    if glyph.character is not None:
        return _exists([glyph.character], _search(image, k), k)
    if glyph.ids is None:
        return _by_looks(image, k)
    return _judged(parse(glyph.ids), image, k)


def _of_text(text: str, k: int) -> LookupResult:
    if found := _CODE_POINT.match(text.strip()):
        code = int(found[1], 16)
        if code > 0x10FFFF or 0xD800 <= code < 0xE000:
            raise TenshoError(f"{text.strip()} is no code point; write it like U+2AAF2")
        return _of_character(chr(code), k)
    tree = read_description(text).tree
    return _of_character(tree, k) if isinstance(tree, str) else _of_tree(tree, k)


def _of_character(char: str, k: int) -> LookupResult:
    """A character by itself: it exists if it is encoded, whether or not a font here has it."""
    image = _picture(char)
    matches = _search(image, k)
    if is_encoded_ideograph(char) or unicodedata.category(char) not in ("Co", "Cn"):
        return _exists([char], matches, k)
    if image is None:
        raise TenshoError(
            f"{where_encoded(char)} is no encoded character, and no font here has a glyph for it; give a picture"
        )
    return _by_looks(image, k)


def _picture(char: str) -> NDArray[np.uint8] | None:
    """How a character looks: its glyph in a font here, or its parts roughly put together; None if neither is known."""
    try:
        return draft(char, SIDE)
    except TenshoError:
        pass
    for font in fonts_with(char):
        if (image := picture_of(font.path, char, SIDE)) is not None:
            return image
    whole = decompose(char)
    return None if whole is None else _draft(whole)


def _draft(tree: Tree) -> NDArray[np.uint8] | None:
    try:
        return draft(tree, SIDE)
    except TenshoError:  # a part that no face here has, or strokes that are taken away
        return None


def _of_tree(tree: Tree, k: int) -> LookupResult:
    return _judged(tree, _draft(tree), k)


def _judged(tree: Tree, image: NDArray[np.uint8] | None, k: int) -> LookupResult:
    """The verdict on a structure that is known, and on how it looks, if it could be drawn."""
    matches = _search(image, k)
    ids = to_string(tree)
    if known := exists(tree):
        return _exists(known, matches, k, ids)
    if like := variants(tree):
        others = [match for match in matches if match.character not in like]
        told = f"{ids} differs from {_named(like[0])} in how its parts are written or put together"
        return LookupResult("variant", tuple([*_at_zero(like), *others][:k]), like[0], told)
    return _of_unlisted(tree, matches)


def _of_unlisted(tree: Tree, matches: tuple[Match, ...]) -> LookupResult:
    """The verdict on a structure that no table has, not even as a variant, by what it looks like and where the tables end."""
    ids, possible = to_string(tree), undescribed(tree)
    if matches and (looks := _looks(matches, possible)) != "new":
        char = matches[0].character
        told = (
            f"{ids} is in no table, but looks {'like' if looks == 'exists' else 'nearly like'} {_named(char)}"
        )
        return LookupResult(looks, matches, char, told)
    open_cases = [char for char in possible if char not in _known_by_looks()]
    if not open_cases and matches:
        return LookupResult(
            "new", matches, None, f"no encoded character has the structure {ids}, and none looks like it"
        )
    if not matches:
        told = f"no table here has {ids}, and it cannot be drawn to be compared"
    else:
        left = "one encoded character" if len(open_cases) == 1 else f"{len(open_cases):,} encoded characters"
        told = (
            f"no table here has {ids}, nor {left} of its radical and strokes; pip install 'tensho[chise]' or --ids-data FILE "
            "says more"
        )
    return LookupResult("unknown", matches, None, told)


def _looks(matches: tuple[Match, ...], possible: str) -> Verdict:
    """What looks say of a structure that no table has, given the characters that it may be for all that is known."""
    looks = shipped_index().verdict(list(matches))
    first = matches[0]
    if looks == "exists" and first.character not in possible and first.character in descriptions():
        return "near copy"  # that one is built otherwise
    if looks == "new" and first.character in possible and first.distance < _NEAR_IF_IT_FITS:
        return "near copy"
    return looks


def _by_looks(image: NDArray[np.uint8], k: int) -> LookupResult:
    """The verdict on a picture of which nothing else is known."""
    matches = _search(image, k)
    looks = shipped_index().verdict(list(matches))
    char = matches[0].character
    if looks != "new":
        return LookupResult(
            looks, matches, char, f"it looks {'like' if looks == 'exists' else 'nearly like'} {_named(char)}"
        )
    held, encoded_in_all = len(_known_by_looks()), _encoded_ideographs()
    if held >= _WHOLE_OF_UNICODE * encoded_in_all:
        return LookupResult("new", matches, None, "no encoded character looks like it")
    told = f"nothing is near enough to be it, but the index holds {held:,} of the {encoded_in_all:,} encoded ideographs"
    return LookupResult("unknown", matches, None, told)


def _exists(known: list[str], matches: tuple[Match, ...], k: int, ids: str | None = None) -> LookupResult:
    others = [match for match in matches if match.character not in known]
    told = f"{f'{ids} is' if ids else 'it is'} {_named(known[0])}"
    return LookupResult("exists", tuple([*_at_zero(known), *others][:k]), known[0], told)


def _at_zero(characters: Iterable[str]) -> list[Match]:
    return [Match(character, 0.0) for character in characters]


def _named(char: str) -> str:
    return f"{char} ({where_encoded(char)})"


def _search(image: NDArray[np.uint8] | None, k: int) -> tuple[Match, ...]:
    return () if image is None else tuple(shipped_index().search(image[None], k)[0])


@cache
def _known_by_looks() -> frozenset[str]:
    return frozenset(shipped_index().characters.tolist())


@cache
def _encoded_ideographs() -> int:
    """Unified ideographs in Unicode."""
    unified = (span for span in RANGES if span.block.startswith("CJK Unified"))
    return sum(span.last - span.first + 1 for span in unified)
