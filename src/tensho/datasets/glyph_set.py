"""The glyph set: every character of every face as a small bitmap, in one memory-mapped file with a manifest.

A set is a folder of two files. ``glyphs.npy`` is a plain NumPy array, uint8 with shape (N, S, S), ink 255 on 0:
the faces one after the other, each ascending by code point. ``manifest.json`` says which faces and
characters these are. `tensho.datasets.building` makes it.
"""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tensho.datasets.base import Subset
from tensho.errors import TenshoError
from tensho.fonts.coverage.code_point_ranges import decode
from tensho.split import SPLITS, Split, split_of
from tensho.user_folder import data_home

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["FORMAT", "GlyphSet", "glyphs_folder", "open_glyphs"]

FORMAT = 1
"""The version of the files' layout."""


class GlyphSet:
    """An opened glyph set; see `open_glyphs`. It is a `Dataset` whose batches also say the face.

    ``images`` is uint8 (N, S, S), memory-mapped; ``code_points`` uint32 (N,), 0 where an image is of no known
    character; ``face_index`` int64 (N,) counts into ``faces``, the faces' names. ``manifest`` is the
    content of manifest.json, with each face's licence and attribution under "faces".
    """

    def __init__(
        self,
        folder: Path,
        manifest: dict[str, Any],
        images: NDArray[np.uint8],
        code_points: NDArray[np.uint32],
    ) -> None:
        self.folder = folder
        self.manifest = manifest
        self.images = images
        self.code_points = code_points
        self.faces: tuple[str, ...] = tuple(face["name"] for face in manifest["faces"])
        self.face_index = np.repeat(np.arange(len(self.faces)), [face["count"] for face in manifest["faces"]])
        self.digest: str = manifest["digest"]

    def __len__(self) -> int:
        return len(self.images)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape (1, S, S) of one glyph."""
        return (1, *self.images.shape[1:])

    @property
    def characters(self) -> NDArray[np.str_]:
        """The characters, an array of strings (N,), empty where an image is of no known character."""
        return self.code_points.view("<U1")

    def split(self, name: Split) -> NDArray[np.int64]:
        """The indices of one split's glyphs, int64 (M,), ascending."""
        return np.flatnonzero(self._splits == SPLITS.index(name))

    def subset(self, name: Split) -> Subset:
        """One split as a dataset of its own."""
        return Subset(self, self.split(name))

    def index(self, character: str, face: str) -> int:
        """Where the glyph of a character in a face is; the first, if a folder of images has several.

        Raises:
            TenshoError: the set has no such face, or the face no such character.
        """
        if face not in self.faces:
            raise TenshoError(f"the glyph set has no face {face!r}; it has {', '.join(self.faces)}")
        start, stop = np.searchsorted(self.face_index, self.faces.index(face) + np.arange(2))
        code_point = ord(character)
        found = int(start + np.searchsorted(self.code_points[start:stop], code_point))
        if found == stop or self.code_points[found] != code_point:
            raise TenshoError(f"the face {face} has no {character} (U+{code_point:04X}) in the glyph set")
        return found

    def batch(self, indices: NDArray[np.int64]) -> dict[str, Tensor]:
        """The glyphs of ``indices``, int64 (B,): "image", uint8 (B, 1, S, S), ink 255; "face", int64 (B,)."""
        import torch

        return {
            "image": torch.from_numpy(self.images[indices][:, None]),
            "face": torch.from_numpy(self.face_index[indices]),
        }

    @cached_property
    def _splits(self) -> NDArray[np.uint8]:
        """The position in `SPLITS` of each glyph's split, uint8 (N,)."""
        values, inverse = np.unique(self.code_points, return_inverse=True)
        splits = np.array([SPLITS.index(split_of(chr(value))) for value in values], np.uint8)[inverse]
        for number, face in enumerate(self.manifest["faces"]):
            nameless = np.flatnonzero((self.face_index == number) & (self.code_points == 0))
            if len(nameless):
                splits[nameless] = np.repeat(range(len(SPLITS)), [face[split] for split in SPLITS])
        return splits


def glyphs_folder(size: int) -> Path:
    """Where the glyph set of one size is kept if nobody says otherwise: $TENSHO_HOME, or the user's cache."""
    return data_home() / f"glyphs-{size}"


def open_glyphs(folder: Path | str) -> GlyphSet:
    """Open a glyph set; its images stay on the disk until they are asked for.

    Raises:
        TenshoError: there is no glyph set in the folder, or it is damaged or of another version.
    """
    folder = Path(folder)
    if not (folder / "manifest.json").is_file():
        raise TenshoError(f"there is no glyph set in {folder}; build it with: tensho data build")
    damaged = f"the glyph set in {folder} is damaged; build it again with: tensho data build --force"
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        if manifest["format"] != FORMAT:
            raise TenshoError(
                f"the glyph set in {folder} has format {manifest['format']!r}, and this is for {FORMAT}; "
                "build it again with: tensho data build"
            )
        size = manifest["size"]
        code_points = np.concatenate([decode(face["coverage"]) for face in manifest["faces"]])
        # Every glyph counted in two places and the file's length in a third: a set that agrees is whole.
        images = np.load(folder / "glyphs.npy", mmap_mode="r", allow_pickle=False)
        whole = images.shape == (len(code_points), size, size) and images.dtype == np.uint8
        counted = all(
            len(decode(face["coverage"])) == face["count"] == sum(face[split] for split in SPLITS)
            for face in manifest["faces"]
        )
        glyphs = GlyphSet(folder, manifest, np.asarray(images), code_points)
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise TenshoError(damaged) from error
    if not (whole and counted):
        raise TenshoError(damaged)
    return glyphs
