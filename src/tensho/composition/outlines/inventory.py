"""The parts of a face: every form of every part, cut out of the face's own characters where they stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tensho.composition.outlines.islands import bounds_of, coverage
from tensho.composition.outlines.looks import Looks
from tensho.composition.outlines.neighbour import Neighbour
from tensho.composition.outlines.part_forms import TYPICAL_STEPS, Forms
from tensho.composition.outlines.placement import Placer
from tensho.composition.outlines.segmentation import (
    Division,
    GlyphIslands,
    cut_tree,
    divide_all,
    glyph_islands,
    observations,
)
from tensho.composition.outlines.spacing import usual_gaps
from tensho.fonts.outline_reader import OutlineReader
from tensho.fonts.outlines import Bounds, Outline
from tensho.ids.decomposition import decompositions
from tensho.ids.syntax import to_string

__all__ = ["Inventory", "build_inventory"]

_GRID = 16  # cells along each side of a form's box, where forms are compared
_SAME_SLOT, _OTHER_SLOT = 0.55, 0.65  # differing ink, as a share of all, that makes a form odd
_FEW, _OTHER_FACE = 3, 0.8  # forms in a slot that a face is like another one's, and how like
_COMPARED = 200  # forms of a part in a slot from which the usual one is taken


@dataclass(frozen=True, eq=False)
class Inventory:
    """All forms of a face.

    Attributes:
        reader: the face.
        em: the em box of its ideographs, in font units.
        forms: by part, a character or the IDS of one that is not encoded.
        placer: where parts go in this face.
        gaps: the usual room between parts in a row or column, in ems; see `tensho.composition.outlines.spacing`.
    """

    reader: OutlineReader
    em: Bounds
    forms: Mapping[str, Forms]
    placer: Placer
    gaps: Mapping[str, float]

    @property
    def as_neighbour(self) -> Neighbour:
        """What a face of few characters borrows of this one."""
        return Neighbour(self.reader, self.forms, self.placer)

    def outline(self, part: str, row: int) -> Outline:
        """One form in its donor's place."""
        forms = self.forms[part]
        donor = self.reader.outline(str(forms.donors[row]))
        assert donor is not None
        return donor.subset(forms.contours[row])


def build_inventory(
    reader: OutlineReader,
    em: Bounds,
    *,
    allowed: Callable[[str], bool] = lambda _: True,
    like: Neighbour | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Inventory:
    """Cut the characters of a face into their parts.

    Args:
        reader: the face.
        em: the em box of its ideographs.
        allowed: which characters may be cut; held-out ones are not.
        like: a face that this one is like, if it has too few characters to be judged by them alone.
        progress: called with the characters that were looked at and all of them.
    """
    glyphs: dict[str, GlyphIslands] = {}
    candidates = [c for c in decompositions() if c in reader.characters and allowed(c) and cut_tree(c)]
    for done, character in enumerate(candidates, start=1):
        outline = reader.outline(character)
        if outline is not None:
            glyphs[character] = glyph_islands(outline)
        if progress is not None:
            progress(done, 2 * len(candidates))
    placer = Placer(em, Looks(reader, em, allowed)) if like is None else like.placer(em)
    divisions = divide_all(glyphs, placer, expected=None if like is None else like.ink)
    if progress is not None:
        progress(2 * len(candidates), 2 * len(candidates))
    rows = _rows(divisions)
    forms = {part: _table(part, found, glyphs, like) for part, found in rows.items()}
    trust: dict[int, float] = {}
    for part, found in rows.items():
        for (division, _), typical in zip(found, forms[part].typical.tolist(), strict=True):
            trust[id(division)] = min(trust.get(id(division), 1.0), typical)
    placer.fit(*observations(divisions, glyphs, placer, lambda division: trust[id(division)]))
    placer.inner, placer.outer = placer.inner.rounded(), placer.outer.rounded()
    return Inventory(reader, em, forms, placer, usual_gaps(reader, em, forms))


def _rows(divisions: Iterable[Division]) -> dict[str, list[tuple[Division, int]]]:
    """The nodes that have each part, with its place among their children."""
    rows: dict[str, list[tuple[Division, int]]] = defaultdict(list)
    for division in divisions:
        for k, child in enumerate(division.tree.children):
            rows[to_string(child)].append((division, k))
    return rows


def _table(
    part: str,
    found: Sequence[tuple[Division, int]],
    glyphs: Mapping[str, GlyphIslands],
    like: Neighbour | None,
) -> Forms:
    slots, boxes, siblings, contours = [], [], [], []
    for division, k in found:
        glyph = glyphs[division.character]
        mine = division.child(k)
        others = [member for member in division.members if member not in mine]
        slots.append(f"{division.tree.operator}{k}")
        boxes.append(bounds_of(glyph.boxes[mine]))
        siblings.append(bounds_of(glyph.boxes[others]))
        contours.append(tuple(c for member in mine for c in glyph.contours[member]))
    typical = _typical(part, found, np.array(slots), boxes, contours, glyphs, like)
    return Forms(
        slots=np.array(slots),
        donors=np.array([division.character for division, _ in found]),
        contours=contours,
        boxes=np.rint(np.array(boxes, np.float32)),
        siblings=np.rint(np.array(siblings, np.float32)),
        typical=np.rint(typical * TYPICAL_STEPS) / np.float32(TYPICAL_STEPS),
    )


def _typical(
    part: str,
    found: Sequence[tuple[Division, int]],
    slots: NDArray[np.str_],
    boxes: Sequence[Bounds],
    contours: Sequence[tuple[int, ...]],
    glyphs: Mapping[str, GlyphIslands],
    like: Neighbour | None,
) -> NDArray[np.float32]:
    """How like the usual form in its slot each form is, with how clear its cut was."""
    shapes = (
        np.stack(
            [
                coverage(glyphs[division.character].outline.subset(which), box, _GRID)
                for (division, _), which, box in zip(found, contours, boxes, strict=True)
            ]
        ).astype(np.float32)
        / 255
    )
    sure = np.array([division.sureness for division, _ in found], np.float32)
    counts = np.array([len(which) for which in contours])
    typical = np.zeros(len(found), np.float32)
    whole = glyphs.get(part)
    lone = None
    if whole is not None:
        lone = coverage(whole.outline, whole.outline.bounds, _GRID).astype(np.float32) / 255
    for slot in np.unique(slots):
        rows = np.flatnonzero(slots == slot)
        usual, count, bound = np.median(shapes[rows[:_COMPARED]], 0), np.median(counts[rows]), _SAME_SLOT
        known = like.shape(str(slot), part, _GRID) if like is not None and len(rows) < _FEW else None
        if known is not None:
            # Its strokes may be joined otherwise there, so their number says nothing.
            odd = np.abs(shapes[rows] - known).mean(1) / max(float(known.mean()), 0.05)
            typical[rows] = np.exp(-((odd / _OTHER_FACE) ** 2))
            continue
        if len(rows) < 3:
            # Too few to outvote a wrong cut: the part as a character, or in all other slots, is asked instead.
            bound = _OTHER_SLOT
            usual = np.median(shapes[:_COMPARED], 0) if lone is None else lone
            count = np.median(counts) if whole is None else np.float64(len(whole.outline))
        odd = np.abs(shapes[rows] - usual).mean(1) / max(float(usual.mean()), 0.05)
        missing = np.abs(counts[rows] - count) / count
        typical[rows] = np.exp(-((odd / bound) ** 2) - missing)
        if len(found) < 3 and lone is None:
            typical[rows] = 0.5
    return typical * (0.5 + 0.5 * sure)
