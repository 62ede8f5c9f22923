"""Looking a glyph up: does it exist, and as which character? By its structure, and by its looks.

- *exists*: the character is encoded: it was named, a table describes this structure, or it looks like it;
- *variant*: it differs from an encoded character in how parts are written or said to be put together;
- *near copy*: it looks nearly like an encoded character, and no table says more;
- *new*: neither structure nor looks are those of an encoded character;
- *unknown*: it may be an encoded character or not: a structure that no table has and that cannot be drawn to be compared, or a
  picture that is too unlike all that the index has seen.

Looks are compared with those of every encoded ideograph (`tensho.lookup.index`), and what they say is a probability
(`tensho.lookup.likelihood`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tensho.bounds import check_place, check_whole
from tensho.composition.bitmaps.draft import draft
from tensho.errors import TenshoError
from tensho.fonts.coverage.blocks import encoded, is_encoded_ideograph, short_name
from tensho.fonts.coverage.installed import fonts_with
from tensho.fonts.ink_picture import names_folder, names_picture, read_ink
from tensho.glyph_arrays import one_glyph
from tensho.ids.as_found.lenient import read_description
from tensho.ids.canonical import exists, variants
from tensho.ids.decomposition import decompose
from tensho.ids.syntax import Tree, parse, to_string
from tensho.ids.undescribed import may_have
from tensho.lookup.font_glyphs import glyph_of_font, names_font_glyph, picture_of
from tensho.lookup.index import Match
from tensho.lookup.page import Box, characters_on
from tensho.lookup.recognition import recognise
from tensho.sheet import Glyph

__all__ = [
    "Found",
    "LookupResult",
    "Verdict",
    "is_new",
    "look_up",
    "look_up_all",
    "look_up_glyphs",
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

_SURE, _LIKELY, _POSSIBLE = 0.9, 0.5, 0.05
"""Probabilities from which on looks say that something exists, is a near copy, or may be either; less likely is new."""

_OPEN, _UNCLEAR = 0.02, 0.2
"""Of a structure that no table has: probability of the characters that may have it, and of any, from which on it may be either."""

_CODE_POINT = re.compile(r"[Uu]\+([0-9A-Fa-f]{4,6})$")


@dataclass(frozen=True)
class LookupResult:
    """The verdict, what it is about, and the nearest encoded characters, nearest first.

    Attributes:
        verdict: see above.
        matches: the nearest encoded characters, likeliest first.
        character: which character it is, is a variant or a near copy of; None where it is new or unknown.
        reason: the verdict in words, one line.
        probability: that it is an encoded character, by its looks; None where these did not decide.
    """

    verdict: Verdict
    matches: tuple[Match, ...]
    character: str | None = None
    reason: str = ""
    probability: float | None = None


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
        if not names_picture(what) and not names_folder(what):
            return _of_text(what, k)
    check_place("a picture, a character or a description", what)
    return _by_looks(read_ink(Path(what)), k)


def look_up_all(what: Query, k: int = 5) -> list[Found]:
    """As `look_up`, each character of a picture for itself, in reading order."""
    if isinstance(what, Path) or (
        isinstance(what, str) and names_picture(what) and not names_font_glyph(what)
    ):
        spots = characters_on(Path(what))
        several = len(spots) > 1
        return [Found(_by_looks(one_glyph(spot.ink), k), spot.box if several else None) for spot in spots]
    return [Found(look_up(what, k))]


def is_new(ids: str) -> bool:
    """Whether neither the structure ``ids`` is that of an encoded character nor the looks of its parts roughly put together."""
    tree = parse(ids)
    if exists(tree) or variants(tree):  # which is known without drawing
        return False
    return _of_unlisted(tree, _draft(tree), 1).verdict == "new"


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
    ids = to_string(tree)
    if known := exists(tree):
        return _exists(known, _search(image, k), k, ids)
    if like := variants(tree):
        others = [match for match in _search(image, k) if match.character not in like]
        told = f"{ids} differs from {_named(like[0])} in how its parts are written or put together"
        return LookupResult("variant", tuple([*_at_zero(like), *others][:k]), like[0], told)
    return _of_unlisted(tree, image, k)


def _of_unlisted(tree: Tree, image: NDArray[np.uint8] | None, k: int) -> LookupResult:
    """The verdict on a structure that no table has, not even as a variant, by what it looks like."""
    ids = to_string(tree)
    if image is None:
        told = f"no table here has {ids}, and it cannot be drawn to be compared"
        return LookupResult("unknown", (), None, told)
    shown = recognise(image, k)
    matches, probability, first = shown.matches[:k], shown.probability, shown.matches[0].character
    if probability >= _LIKELY:
        # What is known to be built otherwise is another character, however like it is.
        is_it = probability >= _SURE and may_have(first, tree)
        told = f"{ids} is in no table, but looks {'like' if is_it else 'nearly like'} {_named(first)}"
        return LookupResult(
            "exists" if is_it else "near copy", matches, first, f"{told}{_chance(probability)}", probability
        )
    open_cases = {
        match.character: chance
        for match, chance in zip(shown.matches, shown.chances, strict=False)
        if may_have(match.character, tree)
    }
    if sum(open_cases.values()) >= _OPEN or probability >= _UNCLEAR:
        told = f"no table here has {ids}; by its looks it may be {_named(next(iter(open_cases), first))}"
        return LookupResult("unknown", matches, None, f"{told}{_chance(probability)}", probability)
    told = f"no encoded character has the structure {ids}, and none looks like it"
    return LookupResult("new", matches, None, told, probability)


def _by_looks(image: NDArray[np.uint8], k: int) -> LookupResult:
    """The verdict on a picture of which nothing else is known."""
    shown = recognise(image, k)
    matches, probability, first = shown.matches[:k], shown.probability, shown.matches[0].character
    if probability < _POSSIBLE:
        return LookupResult("new", matches, None, "no encoded character looks like it", probability)
    if probability < _LIKELY:
        told = f"it may be {_named(first)}{_chance(probability)}"
        return LookupResult("unknown", matches, None, told, probability)
    sure = probability >= _SURE
    told = f"it looks {'like' if sure else 'nearly like'} {_named(first)}{_chance(probability)}"
    return LookupResult("exists" if sure else "near copy", matches, first, told, probability)


def _chance(probability: float) -> str:
    return f", probability {probability:.2f}"


def _exists(known: list[str], matches: tuple[Match, ...], k: int, ids: str | None = None) -> LookupResult:
    others = [match for match in matches if match.character not in known]
    told = f"{f'{ids} is' if ids else 'it is'} {_named(known[0])}"
    return LookupResult("exists", tuple([*_at_zero(known), *others][:k]), known[0], told)


def _at_zero(characters: Iterable[str]) -> list[Match]:
    return [Match(character, 0.0) for character in characters]


def _named(char: str) -> str:
    return f"{char} ({where_encoded(char)})"


def _search(image: NDArray[np.uint8] | None, k: int) -> tuple[Match, ...]:
    return () if image is None else recognise(image, k).matches[:k]
