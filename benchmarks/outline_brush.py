"""The brush's side of the comparison with outlines: held-out characters as the pixel brush draws them, and figures kept in a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.outline_faces import BenchFace
from tensho.composition.atlas import REFERENCE_STYLE
from tensho.composition.bitmaps.draft import Drafter, drafter
from tensho.errors import TenshoError
from tensho.ids.decomposition import expand
from tensho.models import loading
from tensho.models.brush.base import BrushBase
from tensho.models.brush.painting import paint

__all__ = ["BrushSide"]

Glyphs = NDArray[np.uint8]


class BrushSide:
    """Draws a face's characters with the brush: in the named style if there is one, else in the parts of the font.

    Args:
        face: what it draws.
        model: the brush's weights by name.
    """

    def __init__(self, face: BenchFace, model: str = "brush") -> None:
        brush = loading.load_cached(model, runtime=None)
        assert isinstance(brush, BrushBase)
        self._brush, self._style = brush, face.style
        self._pen = drafter(face.face if face.style is None else face.style)

    def draws(self, character: str) -> bool:
        """Whether every part of it is at hand."""
        return _drafted(self._pen, character, self._brush.config.size) is not None

    def images(self, characters: Sequence[str], size: int) -> Glyphs:
        """Characters that it `draws`, as uint8 (N, size, size); no part is cut from the character itself."""
        brush, sees = self._brush, self._brush.config.size
        own = self._drafts(self._pen, characters, sees)
        fine = own if size == sees else self._drafts(self._pen, characters, size)
        same = self._style == REFERENCE_STYLE
        condition: dict[str, NDArray[Any]] = {
            "own_draft": own,
            "draft": own if same else self._drafts(drafter(), characters, sees),
            "fine": fine,
            "style": np.full(
                len(characters), brush.as_the_draft if self._style is None else brush.style_index(self._style)
            ),
        }
        return np.rint(paint(brush, condition) * 255).astype(np.uint8)

    def _drafts(self, pen: Drafter, characters: Sequence[str], size: int) -> Glyphs:
        blank = np.zeros((size, size), np.uint8)
        drafts = (_drafted(pen, c, size) for c in characters)
        return np.stack([blank if draft is None else draft for draft in drafts])[:, None]


def _drafted(pen: Drafter, character: str, size: int) -> Glyphs | None:
    try:
        return pen.draft(expand(character), size, without=character)
    except TenshoError:
        return None
