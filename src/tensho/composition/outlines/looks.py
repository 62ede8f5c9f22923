"""What the parts of a face look like, roughly: the numbers that their places are predicted from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tensho.composition.outlines.islands import coverage
from tensho.composition.outlines.placement import CELLS, Look
from tensho.composition.outlines.segmentation import known_tree
from tensho.fonts.outline_reader import OutlineReader
from tensho.fonts.outlines import Bounds, Outline
from tensho.ids.syntax import Tree, to_string

__all__ = ["Looks"]

_FINE = 64  # cells along each side of the box in which strokes are counted
_UNKNOWN = np.array([2.5, 3.0, 0.85, 0.85, *np.full(CELLS**2, 0.35)])
"""The look of a part that the face does not have: that of an average one."""


class Looks:
    """How parts look in a face: measured where it has them as characters, or put together from their parts.

    Args:
        reader: the face.
        em: the em box of its ideographs.
        allowed: which characters may be looked at.
    """

    def __init__(
        self, reader: OutlineReader, em: Bounds, allowed: Callable[[str], bool] = lambda _: True
    ) -> None:
        self._reader, self._em, self._allowed = reader, em, allowed
        self._known: dict[str, Look] = {}

    def __call__(self, tree: Tree) -> Look:
        """The look of a part."""
        name = to_string(tree)
        if name not in self._known:
            self._known[name] = self._measured(tree)
        return self._known[name]

    def _measured(self, tree: Tree) -> Look:
        if isinstance(tree, str):
            outline = self._reader.outline(tree) if self._allowed(tree) else None
            if outline is not None:
                return _look(outline, self._em)
            whole = known_tree(tree)
            if whole is None:
                return _UNKNOWN
            tree = whole
        parts = [self(child) for child in tree.children]
        cells = [part[4:].reshape(CELLS, CELLS) for part in parts]
        across, down, width, height = np.stack([part[:4] for part in parts]).T
        if tree.operator in "⿱⿳":
            joint, across, down = _halved(np.concatenate(cells)), across.max(), down.sum()
        elif tree.operator in "⿰⿲":
            joint, across, down = _halved(np.concatenate(cells, 1).T).T, across.sum(), down.max()
        else:
            joint, across, down = np.mean(cells, 0), across.sum(), down.sum()
        return np.array([across, down, width.max(), height.max(), *joint.ravel()])


def _halved(cells: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows of cells made `CELLS` rows by averaging."""
    halved: NDArray[np.float64] = cells.reshape(CELLS, -1, cells.shape[1]).mean(1)
    return halved


def _look(outline: Outline, em: Bounds) -> Look:
    box = outline.bounds
    ink = coverage(outline, box, _FINE).reshape(_FINE, _FINE)
    edges = np.pad(ink >= 128, 1).astype(np.int8)
    step = _FINE // CELLS
    return np.array(
        [
            np.count_nonzero(np.diff(edges, axis=1) == 1) / _FINE,
            np.count_nonzero(np.diff(edges, axis=0) == 1) / _FINE,
            box.width / em.width,
            box.height / em.height,
            *(ink.reshape(CELLS, step, CELLS, step).mean((1, 3)) / 255).ravel(),
        ]
    )
