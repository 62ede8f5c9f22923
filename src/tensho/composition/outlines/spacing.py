"""Room between the parts of a character: how far their ink is apart, and how parts that are too near are moved apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tensho.composition.outlines.fitting import fitted
from tensho.composition.outlines.islands import coverage
from tensho.composition.outlines.part_forms import Forms
from tensho.composition.outlines.segmentation import cut_tree
from tensho.fonts.outline_reader import OutlineReader
from tensho.fonts.outlines import Bounds, Outline

__all__ = ["AXES", "beside", "gap", "usual_gaps", "within"]

AXES = {"⿰": 0, "⿲": 0, "⿱": 1, "⿳": 1}
"""The axis along which the parts of a row or a column follow each other: 0 is x, 1 is y."""

_COMMON = dict.fromkeys("⿰⿲", "氵亻扌木口女土訁糹讠纟") | dict.fromkeys("⿱⿳", "艹宀⺮日山雨穴田")
"""Parts in whose characters the room between parts is measured."""

_MEASURED, _ENOUGH = 24, 12  # characters of each of these parts, and of all together at least
_SURE = 0.5  # how typical a form is at least whose distances are believed
_WIDE = 0.15  # distances that say nothing, in ems
_QUANTILE = 0.1
_USUAL_GAP = 0.03  # where a face has too few of those characters, in ems

_LINES = 96  # lines across the em along which distances are measured
_INKED = 128
_SLANT = 1  # lines up and down in which ink counts as opposite, for strokes that pass each other aslant
_NONE = np.inf
_THIN = 0.14
"""Extent up to which a part is moved and not made smaller, in ems: it is a stroke."""

_MOST = 0.08  # most that is given or taken at once, in ems
_SHRINK, _TRIES = 0.95, 6


def gap(first: Outline, second: Outline, axis: int, em: Bounds) -> float:
    """The least distance along an axis from the first part's ink to the second's, in ems; negative where they overlap.

    Along x the first is the left one, along y the upper one. Infinite where no line crosses both.
    """
    ends = _last(first, axis, em)
    starts = _first(second, axis, em)
    distance = starts - ends
    return float(distance.min()) / _LINES if np.isfinite(distance).any() else _NONE


def usual_gaps(reader: OutlineReader, em: Bounds, forms: Mapping[str, Forms]) -> dict[str, float]:
    """By operator, the room between two parts in a row or column that nine in ten of a face's characters have, in ems.

    Args:
        reader: the face.
        em: the em box of its ideographs.
        forms: its parts.
    """
    return {operator: _usual_gap(reader, em, forms, operator) for operator in AXES}


def _usual_gap(reader: OutlineReader, em: Bounds, forms: Mapping[str, Forms], operator: str) -> float:
    found = []
    for part in _COMMON[operator]:
        table = forms.get(part)
        if table is None:
            continue
        rows = np.flatnonzero((table.slots == f"{operator}0") & (table.typical > _SURE))
        for row in rows[:_MEASURED].tolist():
            donor = reader.outline(str(table.donors[row]))
            tree = cut_tree(str(table.donors[row]))
            if donor is None or tree is None or tree.operator != operator or len(tree.children) != 2:
                continue
            mine = table.contours[row]
            rest = donor.subset(k for k in range(len(donor)) if k not in mine)
            found.append(gap(donor.subset(mine), rest, AXES[operator], em))
    plausible = [distance for distance in found if 0 < distance < _WIDE]
    return float(np.quantile(plausible, _QUANTILE)) if len(plausible) >= _ENOUGH else _USUAL_GAP


def beside(outlines: Sequence[Outline], axis: int, em: Bounds, least: float) -> list[Outline]:
    """Parts in a row or column with at least ``least`` ems between neighbours, where there is room for it.

    The inner edges of two parts that are too near give way, each as much as its part is large; a single stroke is moved instead.
    """
    moved = list(outlines)
    for k in range(len(moved) - 1):
        missing = least - gap(moved[k], moved[k + 1], axis, em)
        if missing <= 0:
            continue
        room = min(missing, _MOST) * em.width
        sizes = [_extent(part.bounds, axis) for part in moved[k : k + 2]]
        share = sizes[0] / sum(sizes)
        # The first part's far edge is the right or the lower one.
        moved[k] = _edged(moved[k], axis, -room * share, far=True, em=em)
        moved[k + 1] = _edged(moved[k + 1], axis, room * (1 - share), far=False, em=em)
    return moved


def within(outer: Outline, inner: Outline, em: Bounds) -> Outline:
    """The inner part, made smaller about its middle until its ink is off the outer's."""
    around = _thickened(coverage(outer, em, _LINES).reshape(_LINES, _LINES) >= _INKED)
    for _ in range(_TRIES):
        ink = coverage(inner, em, _LINES).reshape(_LINES, _LINES) >= _INKED
        if not (ink & around).any():
            break
        box = inner.bounds
        x, y = (box.left + box.right) / 2, (box.bottom + box.top) / 2
        width, height = _SHRINK * box.width / 2, _SHRINK * box.height / 2
        inner = fitted(inner, Bounds(x - width, y - height, x + width, y + height), em.width)
    return inner


def _edged(part: Outline, axis: int, move: float, *, far: bool, em: Bounds) -> Outline:
    """A part with one edge moved along an axis, x rightwards and y downwards; ``far`` is the right or lower one."""
    left, bottom, right, top = part.bounds
    thin = _extent(part.bounds, axis) < _THIN * em.width
    if axis == 0:
        left, right = (left, right + move) if far else (left + move, right)
        shift = (move, 0.0)
    else:
        bottom, top = (bottom - move, top) if far else (bottom, top - move)
        shift = (0.0, -move)
    if thin:
        return part.moved(part.points + np.array(shift, np.float32))
    return fitted(part, Bounds(left, bottom, right, top), em.width)


def _extent(box: Bounds, axis: int) -> float:
    return box.width if axis == 0 else box.height


def _ink(part: Outline, axis: int, em: Bounds) -> NDArray[np.bool_]:
    """Ink by line and place along the axis, bool (LINES, LINES)."""
    ink = coverage(part, em, _LINES).reshape(_LINES, _LINES) >= _INKED
    return ink if axis == 0 else ink.T


def _last(part: Outline, axis: int, em: Bounds) -> NDArray[np.float64]:
    """Where the ink of each line ends, -inf for lines without any; near lines count too."""
    ink = _ink(part, axis, em)
    ends = np.where(ink.any(1), ink.shape[1] - ink[:, ::-1].argmax(1), -np.inf)
    return _spread(ends, np.maximum, -np.inf)


def _first(part: Outline, axis: int, em: Bounds) -> NDArray[np.float64]:
    ink = _ink(part, axis, em)
    starts = np.where(ink.any(1), ink.argmax(1).astype(float), np.inf)
    return _spread(starts, np.minimum, np.inf)


def _spread(values: NDArray[np.float64], most: np.ufunc, empty: float) -> NDArray[np.float64]:
    padded = np.pad(values, _SLANT, constant_values=empty)
    spread: NDArray[np.float64] = most.reduce([padded[k : k + len(values)] for k in range(2 * _SLANT + 1)])
    return spread


def _thickened(ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    padded = np.pad(ink, 1)
    thick: NDArray[np.bool_] = np.logical_or.reduce(
        [padded[y : y + ink.shape[0], x : x + ink.shape[1]] for y in range(3) for x in range(3)]
    )
    return thick
