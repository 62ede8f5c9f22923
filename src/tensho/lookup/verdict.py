"""Looking a glyph up: from a picture, a description or an array to the nearest characters and the verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tensho.composition.bitmaps.draft import draft
from tensho.fonts.ink_picture import names_picture, read_ink
from tensho.glyph_arrays import one_glyph
from tensho.ids.canonical import exists
from tensho.ids.syntax import parse
from tensho.lookup.index import Match, Verdict, shipped_index
from tensho.sheet import Glyph

__all__ = ["LookupResult", "is_new", "look_up", "look_up_glyphs", "nearest"]

Query: TypeAlias = "str | Path | Glyph | NDArray[np.float32] | NDArray[np.uint8]"


@dataclass(frozen=True)
class LookupResult:
    """The verdict, and the nearest encoded characters, nearest first."""

    verdict: Verdict
    matches: tuple[Match, ...]


def nearest(what: Query, k: int = 5) -> list[tuple[str, float]]:
    """The k nearest encoded characters and their distances, 0 for the same and up to 2; see `look_up`."""
    return [(match.character, match.distance) for match in look_up(what, k).matches]


def look_up(what: Query, k: int = 5) -> LookupResult:
    """Look a glyph up among the encoded characters.

    Args:
        what: a `Glyph`; an array (H, W), float in [0, 1] with ink = 1 or uint8 with ink = 255; the path of a
            picture of any kind (`tensho.fonts.ink_picture`); or text: the path of a picture, or else a character or an
            Ideographic Description Sequence. That is drawn roughly from its parts, and exists if an encoded
            character has the same structure, whatever it looks like.
        k: how many characters.

    Raises:
        TenshoError: no such file and no description, a picture without ink, or an array that is no glyph.
    """
    index = shipped_index()
    known: list[str] = []
    if isinstance(what, Glyph):
        image = one_glyph(what.array)
    elif isinstance(what, np.ndarray):
        image = one_glyph(what)
    elif isinstance(what, Path) or names_picture(what):
        image = read_ink(Path(what))
    else:
        image, known = _from_description(what)
    matches = index.search(image[None], k)[0]
    if not known:
        return LookupResult(index.verdict(matches), tuple(matches))
    others = [match for match in matches if match.character not in known]
    found = [Match(character, 0.0) for character in known]
    return LookupResult("exists", tuple([*found, *others][:k]))


def is_new(ids: str) -> bool:
    """Whether no encoded character has this structure, and none looks like its parts roughly put together.

    The table of structures knows two in three of the characters whose looks the index knows.
    """
    from tensho.composition.bitmaps.draft import draft
    from tensho.ids.canonical import exists
    from tensho.ids.syntax import parse

    tree = parse(ids)
    if exists(tree):  # which is known without drawing
        return False
    index = shipped_index()
    return index.verdict(index.search(draft(tree, 64)[None], 1)[0]) == "new"


def look_up_glyphs(glyphs: Iterable[Glyph], k: int = 1) -> list[LookupResult]:
    """Look up what has been drawn: the answer to each glyph, by its looks and, where its parts are known, its structure.

    A glyph that is blank is like nothing: new, with no character near it.
    """
    return [_answer(glyph, k) for glyph in glyphs]


def _answer(glyph: Glyph, k: int) -> LookupResult:
    if glyph.array.ndim != 2 or glyph.array.max() < 0.5:
        return LookupResult("new", ())
    answer = look_up(glyph, k)
    if glyph.character is None:
        return answer
    others = [match for match in answer.matches if match.character != glyph.character]
    return LookupResult("exists", tuple([Match(glyph.character, 0.0), *others][:k]))


def _from_description(text: str) -> tuple[NDArray[np.uint8], list[str]]:
    tree = parse(text)
    return draft(tree, 128), exists(tree)
