"""Looking a glyph up: from a picture, a description or an array to the nearest characters and the verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from tensho.composition.bitmaps.draft import draft
from tensho.errors import TenshoError
from tensho.glyph_arrays import as_glyphs
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
            picture, dark on light or light on dark; or text: the path of a picture, or else a character or an
            Ideographic Description Sequence. That is drawn roughly from its parts, and exists if an encoded
            character has the same structure, whatever it looks like.
        k: how many characters.

    Raises:
        TenshoError: no such file and no description, a picture without ink, or an array that is no glyph.
    """
    index = shipped_index()
    known: list[str] = []
    if isinstance(what, Glyph):
        image = _from_array(what.array)
    elif isinstance(what, np.ndarray):
        image = _from_array(what)
    elif isinstance(what, Path) or _is_path(what):
        image = _from_file(Path(what))
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


def _is_path(text: str) -> bool:
    try:
        return Path(text).is_file() or Path(text).suffix.lower() in Image.registered_extensions()
    except (OSError, ValueError):
        return False


def _from_array(array: NDArray[np.float32] | NDArray[np.uint8]) -> NDArray[np.uint8]:
    if array.ndim != 2:
        raise TenshoError(f"a glyph to look up has shape (H, W), not {array.shape}")
    side = max(array.shape)
    square = np.zeros((1, side, side), array.dtype)
    square[0, : array.shape[0], : array.shape[1]] = array
    return np.asarray(as_glyphs(square, what="the glyph")[0])


def _from_file(path: Path) -> NDArray[np.uint8]:
    try:
        with Image.open(path) as picture:
            if picture.has_transparency_data:
                picture = _on_paper(picture.convert("RGBA"))
            grey = np.asarray(picture.convert("L"))
    except FileNotFoundError as error:
        raise TenshoError(f"there is no file {path}; give a picture, a character or a description") from error
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise TenshoError(f"{path} cannot be read as a picture; save it as PNG") from error
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    ink = 255 - grey if np.median(border) > 127 else grey
    return _full_contrast(ink, path)


def _on_paper(picture: Image.Image) -> Image.Image:
    paper = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(paper, picture)


def _full_contrast(ink: NDArray[np.uint8], path: Path) -> NDArray[np.uint8]:
    low, high = int(ink.min()), int(ink.max())
    if high - low < 32:
        raise TenshoError(f"{path} shows nothing; give a picture of one character")
    return np.asarray(np.rint((ink.astype(np.float32) - low) * (255 / (high - low))), np.uint8)


def _from_description(text: str) -> tuple[NDArray[np.uint8], list[str]]:
    tree = parse(text)
    return draft(tree, 128), exists(tree)
