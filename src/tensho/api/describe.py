"""`describe`: from the picture of a character, encoded or invented, to descriptions of its parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tensho.bounds import check_place, check_whole
from tensho.composition.part_places import PartPlace, part_places
from tensho.errors import TenshoError
from tensho.fonts.faces import Face, default_faces, load_face
from tensho.fonts.ink_box import SIDE, ink_in_the_middle
from tensho.fonts.ink_picture import names_folder, names_picture, pictures_in, read_ink
from tensho.fonts.source import is_ideograph
from tensho.glyph_arrays import one_glyph
from tensho.ids.canonical import canonical, exists
from tensho.ids.spelling import largest_parts
from tensho.ids.syntax import Tree, parse, to_string
from tensho.models.loading import load_cached
from tensho.models.reader.network import Reader, Reading
from tensho.sheet import Glyph

__all__ = [
    "DEFAULT_READER",
    "Description",
    "describe",
    "describe_glyphs",
    "names_folder",
    "pictures_in",
    "reader_named",
    "show_ink",
]

DEFAULT_READER = "reader"

MOST_DESCRIPTIONS = 64
"""Of one character; none is likely beyond the first few."""

_SPELLINGS = 2
"""Readings for each description that is asked for, since several may be spellings of one structure."""

_REGIONS = ("sc", "tc", "jp")
"""The order in which default faces are asked for a character."""

Shown: TypeAlias = "str | Path | Glyph | NDArray[np.float32] | NDArray[np.uint8]"


class Description(NamedTuple):
    """A description that a picture may show.

    Attributes:
        ids: the Ideographic Description Sequence, as `tensho.compose` draws it.
        probability: that this is the structure, of 1.
        characters: the encoded characters that are known to have it.
        places: where each part stands in the picture, in writing order; empty where strokes are taken away (㇯).
    """

    ids: str
    probability: float
    characters: tuple[str, ...]
    places: tuple[PartPlace, ...]


def describe(
    what: Shown, k: int = 5, *, face: Path | str | None = None, model: str = DEFAULT_READER
) -> list[Description]:
    """The likeliest descriptions of a character that is shown, at most k, the likeliest first.

    Args:
        what: the path of a picture of any kind, a character, which is drawn, a `Glyph`, or an array (H, W), float in [0, 1]
            with ink = 1 or uint8 with ink = 255.
        k: how many.
        face: the font that draws a character; None: the first of the default faces that has it.
        model: shipped weights, a weight file or the folder of a run.

    Raises:
        TenshoError: no such file, weights or character in the font, a picture that shows nothing, or an array that is no
            glyph.
    """
    return describe_glyphs([show_ink(what, face=face)], k, model=model)[0]


def describe_glyphs(
    glyphs: Iterable[NDArray[np.uint8]], k: int = 5, *, model: str = DEFAULT_READER
) -> list[list[Description]]:
    """The likeliest descriptions of each of several glyphs, k of each, as `describe` gives them.

    Args:
        glyphs: uint8 (H, W) of any size, ink = 255 on 0.
        k: how many of each, 1 or more.
        model: shipped weights, a weight file or the folder of a run.

    Raises:
        TenshoError: k is out of range, a glyph has no ink, or no such weights.
    """
    check_whole("-k", k, 1, MOST_DESCRIPTIONS)
    glyphs = list(glyphs)
    if not glyphs:
        return []
    reader = reader_named(model)
    read = reader.read(np.stack(list(map(ink_in_the_middle, glyphs))), most=_SPELLINGS * k)
    power = reader.config.confidence
    return [_described(readings, glyph, k, power) for readings, glyph in zip(read, glyphs, strict=True)]


def show_ink(what: Shown, *, face: Path | str | None = None) -> NDArray[np.uint8]:
    """The ink of what `describe` is asked for, uint8 (H, W), ink = 255 on 0.

    Raises:
        TenshoError: as `describe`.
    """
    if isinstance(what, Glyph):
        return one_glyph(what.array)
    if isinstance(what, np.ndarray):
        return one_glyph(what)
    check_place("a picture or a character", what)
    if isinstance(what, Path) or names_picture(what):
        return read_ink(Path(what))
    if len(what) != 1 or not is_ideograph(ord(what)):
        raise TenshoError(
            f"{what!r} is neither a picture nor one character; give one of them, or a folder of pictures"
        )
    for drawing in _faces(face):
        glyph = drawing.renderer(SIDE * 2).render(what)
        if glyph is not None:
            return glyph
    lacking = (
        "none of the default faces has it; name a font with --face, or"
        if face is None
        else f"{face} lacks it;"
    )
    raise TenshoError(f"{what} (U+{ord(what):04X}): {lacking} give a picture")


def _described(
    readings: Sequence[Reading], glyph: NDArray[np.uint8], k: int, power: float = 1.0
) -> list[Description]:
    """At most k of the readings of a glyph, with the spellings of one structure taken together under the likeliest of them."""
    chances: dict[Tree, float] = {}
    spelling: dict[Tree, Tree] = {}
    for reading in readings:
        tree = parse(reading.ids)
        form = canonical(tree)
        chances[form] = chances.get(form, 0.0) + reading.probability
        spelling.setdefault(form, tree)
    rest = max(1 - sum(chances.values()), 0.0)
    whole = sum(chance**power for chance in chances.values()) + rest**power
    likeliest = sorted(chances, key=lambda form: -chances[form])[:k]
    return [_description(spelling[form], chances[form] ** power / whole, glyph) for form in likeliest]


def _description(read: Tree, probability: float, glyph: NDArray[np.uint8]) -> Description:
    """What is proposed: parts, where a character is read as one."""
    tree = largest_parts(read) if isinstance(read, str) else read
    ids = to_string(tree)
    places = () if "㇯" in ids else tuple(part_places(tree, glyph))
    return Description(ids, probability, tuple(exists(read)), places)


def _faces(font: Path | str | None) -> Sequence[Face]:
    return _default_faces() if font is None else [load_face(font)]


@cache
def _default_faces() -> Sequence[Face]:
    # The mainland's first: the table of decompositions describes its forms.
    return sorted(default_faces(), key=lambda face: _REGIONS.index(face.name.partition("-")[2]))


def reader_named(name: str) -> Reader:
    """The reader that ``name`` stands for; see `tensho.models.loading.load`.

    Raises:
        TenshoError: no such weights, or they are of another family.
    """
    loaded = load_cached(name, runtime="torch")
    if not isinstance(loaded, Reader):
        raise TenshoError(f"{name} is a {loaded.family}, which reads nothing; name weights of a reader")
    return loaded
