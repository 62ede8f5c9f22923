"""Training examples of the brush: glyphs, each with its drafts.

Every character that can be taken apart has one draft of the reference face's parts, which stands for all faces, and
one of each face's own parts. No draft holds anything cut from the character itself.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tensho.composition.atlas import REFERENCE_STYLE
from tensho.composition.bitmaps.draft import DRAFTER, Drafter, drafter
from tensho.composition.bitmaps.inventory import MissingPartError
from tensho.datasets.building import build
from tensho.datasets.glyph_set import GlyphSet
from tensho.fonts.faces import Face
from tensho.fonts.source import Drawable
from tensho.ids.decomposition import decompositions, expand
from tensho.split import Split

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["DraftSource", "DraftedGlyphs", "build_drafts", "drafts_folder"]

REFERENCE = "reference"
"""Name of the drafts that are made of the shipped parts."""


@dataclasses.dataclass(frozen=True)
class DraftSource:
    """Drafts of a face's characters as a source of bitmaps, so that a set of them is built as a glyph set is.

    ``face`` is None for the shipped parts. ``characters`` are those to draft, each with a decomposition.
    """

    face: Face | None
    characters: str

    @property
    def name(self) -> str:
        """The face's name, or that of the reference."""
        return REFERENCE if self.face is None else self.face.name

    def identity(self) -> dict[str, object]:
        """All that the drafts depend on."""
        face = None if self.face is None else self.face.identity()
        drawn = hashlib.sha256(self.characters.encode()).hexdigest()
        return {
            "kind": "drafts",
            "name": self.name,
            "face": face,
            "characters": drawn,
            "parts": _parts_digest(),
            "drafter": DRAFTER,
        }

    def describe(self) -> dict[str, object]:
        """The face's facts, or those of the shipped parts."""
        licence = "OFL-1.1" if self.face is None else self.face.licence
        attribution = "parts of Noto Sans SC" if self.face is None else self.face.attribution
        return {**self.identity(), "licence": licence, "attribution": attribution}

    def drawables(self) -> list[Drawable]:
        """One draft a character, ascending."""
        return [Drawable(ord(char), char) for char in self.characters]

    def renderer(self, size: int) -> _DraftRenderer:
        """The drafter at one size."""
        return _DraftRenderer(drafter(self.face or REFERENCE_STYLE), size)


class _DraftRenderer:
    def __init__(self, drafter: Drafter, size: int) -> None:
        self._drafter = drafter
        self._size = size

    def render(self, key: str) -> NDArray[np.uint8] | None:
        try:
            return self._drafter.draft(expand(key), self._size, without=key)
        except MissingPartError:
            return None


def drafts_folder(glyphs: Path) -> Path:
    """Where the drafts of the glyph set in a folder are: beside it."""
    return glyphs.with_name(f"{glyphs.name}-drafts")


def build_drafts(
    glyphs: GlyphSet,
    faces: Sequence[Face],
    folder: Path,
    *,
    processes: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> GlyphSet:
    """Draft every character of a glyph set that can be taken apart, as `tensho.datasets.building.build` builds glyphs.

    Args:
        glyphs: the true glyphs; the drafts have their size.
        faces: the fonts that the set was built from, by name; a face of the set that is not among them has
            no drafts of its own parts, and its glyphs are not learned from.
        folder: where the drafts go; they are built only if their inputs changed.
        processes: drawing processes; None: one a core.
        progress: called with the drafts done and all to do.
    """
    have = {name: _parted(glyphs, name) for name in glyphs.faces}
    everything = "".join(sorted(set("".join(have.values()))))
    sources = [DraftSource(None, everything)]
    sources += [DraftSource(face, have[face.name]) for face in faces if have.get(face.name)]
    return build(sources, size=glyphs.shape[-1], folder=folder, processes=processes, progress=progress)


class DraftedGlyphs:
    """The glyphs of one split that have drafts, as a data set; batches hold both kinds of draft."""

    def __init__(self, glyphs: GlyphSet, drafts: GlyphSet, split: Split) -> None:
        rows = glyphs.split(split)
        reference = _rows_of(drafts, np.full(len(rows), REFERENCE), glyphs.code_points[rows])
        own = _rows_of(drafts, np.array(glyphs.faces)[glyphs.face_index[rows]], glyphs.code_points[rows])
        found = (reference >= 0) & (own >= 0)
        self.glyphs, self.drafts = glyphs, drafts
        self.rows, self.reference, self.own = rows[found], reference[found], own[found]
        self.shape = glyphs.shape
        self.faces = glyphs.faces
        self.digest = hashlib.sha256(f"{split} {glyphs.digest} {drafts.digest}".encode()).hexdigest()

    def __len__(self) -> int:
        return len(self.rows)

    def batch(self, indices: NDArray[np.int64]) -> dict[str, Tensor]:
        """ "image", "draft" and "own_draft", uint8 (B, 1, S, S); "face", int64 (B,)."""
        return {
            **self.glyphs.batch(self.rows[indices]),
            "draft": self.drafts.batch(self.reference[indices])["image"],
            "own_draft": self.drafts.batch(self.own[indices])["image"],
        }


def _parted(glyphs: GlyphSet, face: str) -> str:
    """The face's characters that the installed table takes apart: what is learned depends on no table of the user's."""
    of_face = glyphs.characters[glyphs.face_index == glyphs.faces.index(face)]
    return "".join(char for char in of_face if char and char in decompositions())


def _rows_of(drafts: GlyphSet, faces: NDArray[np.str_], code_points: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Where the draft of each character in each face is, int64; -1 where there is none."""
    # Faces and code points of a set ascend together, so one number for the pair can be searched for.
    key = (drafts.face_index.astype(np.int64) << 32) | drafts.code_points
    number = {name: k for k, name in enumerate(drafts.faces)}
    face_numbers = np.array([number.get(name, len(number)) for name in faces.tolist()], np.int64)
    wanted = (face_numbers << 32) | code_points
    places = np.searchsorted(key, wanted).clip(max=len(key) - 1)
    return np.where(key[places] == wanted, places, -1)


def _parts_digest() -> str:
    digest = hashlib.sha256()
    for name in (f"atlases/{REFERENCE_STYLE}.zip", "proportions.npz"):
        digest.update(name.encode() + (files("tensho.composition") / name).read_bytes())
    return digest.hexdigest()
