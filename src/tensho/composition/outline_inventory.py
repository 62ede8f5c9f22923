"""The parts of a face: every form of every part, cut out of the face's own characters where they stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tensho.composition.outline_islands import bounds_of, coverage
from tensho.composition.outline_segmentation import (
    Division,
    GlyphIslands,
    divide_all,
    glyph_islands,
    known_tree,
)
from tensho.composition.placement import Density, Placer
from tensho.data.decomposition import decompositions
from tensho.data.ids import Tree, to_string
from tensho.fonts.outline_reader import OutlineReader
from tensho.fonts.outlines import Bounds, Outline

__all__ = ["Forms", "Inventory", "build_inventory"]

_GRID = 16
_FINE = 64
_SAME_SLOT, _OTHER_SLOT = 0.55, 0.8  # differing ink, as a share of all, that makes a form odd
_COMPARED = 200  # forms of a part in a slot from which the usual one is taken


@dataclass(frozen=True, eq=False)
class Forms:
    """The forms of one part, one row each.

    Attributes:
        slots: where it stands, as in ⿰1, (F,) strings.
        donors: the characters that they were cut from, (F,) strings.
        contours: the contours of the donor that make each form.
        boxes: their ink in font units, float32 (F, 4) as (left, bottom, right, top).
        frames: the ink of the node that they are a child of, float32 (F, 4).
        siblings: the ink of the other children of that node, float32 (F, 4).
        neighbours: the other children of that node, (F,) strings.
        typical: in [0, 1], how like the usual form of the part in that slot each is.
        depth: 0 where the parent is the whole character, int (F,).
    """

    slots: NDArray[np.str_]
    donors: NDArray[np.str_]
    contours: Sequence[tuple[int, ...]]
    boxes: NDArray[np.float32]
    frames: NDArray[np.float32]
    siblings: NDArray[np.float32]
    neighbours: NDArray[np.str_]
    typical: NDArray[np.float32]
    depth: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.donors)


class Inventory:
    """All forms of a face, by part, and what places them."""

    def __init__(
        self, reader: OutlineReader, forms: Mapping[str, Forms], placer: Placer, em: Bounds
    ) -> None:
        self.reader, self.forms, self.placer, self.em = reader, forms, placer, em

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
    progress: Callable[[str, int], None] | None = None,
) -> Inventory:
    """Cut the characters of a face into their parts.

    Args:
        reader: the face.
        em: the em box of its ideographs.
        allowed: which characters may be cut; held-out ones are not.
        progress: told what is done and how many of it.
    """
    glyphs: dict[str, GlyphIslands] = {}
    for character in decompositions():
        if character in reader.characters and allowed(character) and known_tree(character) is not None:
            outline = reader.outline(character)
            if outline is not None:
                glyphs[character] = glyph_islands(outline)
                if progress is not None:
                    progress("glyphs", 1)
    placer = Placer(em, densities(reader, allowed))
    divisions = divide_all(glyphs, placer)
    forms = _forms(divisions, glyphs)
    placer.fit(placer.observed(divisions, glyphs, _trust(forms)))
    return Inventory(reader, forms, placer, em)


def _trust(forms: Mapping[str, Forms]) -> Callable[[Division], float]:
    """How much a division can be trusted: as much as its least typical child."""
    known: dict[tuple[str, int, str], float] = {}
    for part, table in forms.items():
        for donor, depth, slot, typical in zip(
            table.donors.tolist(), table.depth.tolist(), table.slots.tolist(), table.typical.tolist(), strict=True
        ):
            known[donor, depth, f"{slot}={part}"] = typical

    def trust(division: Division) -> float:
        return min(
            known[division.character, division.depth, f"{division.tree.operator}{k}={to_string(child)}"]
            for k, child in enumerate(division.tree.children)
        )

    return trust


def densities(reader: OutlineReader, allowed: Callable[[str], bool]) -> Callable[[Tree], Density]:
    """How dense parts are in a face: measured where the face has them as characters, or put together from their parts."""
    known: dict[str, Density] = {}

    def density(tree: Tree) -> Density:
        name = to_string(tree)
        if name not in known:
            known[name] = measured(tree)
        return known[name]

    def measured(tree: Tree) -> Density:
        if isinstance(tree, str):
            outline = reader.outline(tree) if allowed(tree) else None
            if outline is not None:
                return _density(outline)
            whole = known_tree(tree)
            if whole is None:
                return Density(2.5, 3.0)
            tree = whole
        parts = [density(child) for child in tree.children]
        across, down = [part.across for part in parts], [part.down for part in parts]
        return Density(
            max(across) if tree.operator in "⿱⿳" else sum(across),
            max(down) if tree.operator in "⿰⿲" else sum(down),
        )

    return density


def _density(outline: Outline) -> Density:
    ink = coverage(outline, outline.bounds, _FINE).reshape(_FINE, _FINE) >= 128
    padded = np.pad(ink, 1).astype(np.int8)
    return Density(
        np.count_nonzero(np.diff(padded, axis=1) == 1) / _FINE, np.count_nonzero(np.diff(padded, axis=0) == 1) / _FINE
    )


def _forms(divisions: Iterable[Division], glyphs: Mapping[str, GlyphIslands]) -> dict[str, Forms]:
    rows: dict[str, list[tuple[Division, int]]] = defaultdict(list)
    for division in divisions:
        for k, child in enumerate(division.tree.children):
            rows[to_string(child)].append((division, k))
    return {part: _table(part, found, glyphs) for part, found in rows.items()}


def _table(
    part: str, found: Sequence[tuple[Division, int]], glyphs: Mapping[str, GlyphIslands]
) -> Forms:
    slots, boxes, siblings, contours, neighbours = [], [], [], [], []
    for division, k in found:
        glyph = glyphs[division.character]
        mine, others = division.child(k), [m for m in division.members if m not in division.child(k)]
        slots.append(f"{division.tree.operator}{k}")
        boxes.append(bounds_of(glyph.boxes[mine]))
        siblings.append(bounds_of(glyph.boxes[others]))
        contours.append(tuple(c for member in mine for c in glyph.contours[member]))
        neighbours.append(
            "".join(to_string(child) for j, child in enumerate(division.tree.children) if j != k)
        )
    return Forms(
        slots=np.array(slots),
        donors=np.array([division.character for division, _ in found]),
        contours=contours,
        boxes=np.array(boxes, np.float32),
        frames=np.array([division.frame for division, _ in found], np.float32),
        siblings=np.array(siblings, np.float32),
        neighbours=np.array(neighbours),
        typical=_typical(part, found, np.array(slots), boxes, contours, glyphs),
        depth=np.array([division.depth for division, _ in found]),
    )


def _typical(
    part: str,
    found: Sequence[tuple[Division, int]],
    slots: NDArray[np.str_],
    boxes: Sequence[Bounds],
    contours: Sequence[tuple[int, ...]],
    glyphs: Mapping[str, GlyphIslands],
) -> NDArray[np.float32]:
    """How like the usual form in its slot each form is, with how clear its cut was."""
    shapes = np.stack(
        [
            coverage(glyphs[division.character].outline.subset(which), box, _GRID)
            for (division, _), which, box in zip(found, contours, boxes, strict=True)
        ]
    ).astype(np.float32) / 255
    sure = np.array([division.sureness for division, _ in found], np.float32)
    typical = np.zeros(len(found), np.float32)
    whole = glyphs.get(part)
    lone = None
    if whole is not None:
        lone = coverage(whole.outline, whole.outline.bounds, _GRID).astype(np.float32) / 255
    for slot in np.unique(slots):
        rows = np.flatnonzero(slots == slot)
        usual = np.median(shapes[rows[:_COMPARED]], 0)
        bound = _SAME_SLOT
        if len(rows) < 3:
            # Too few to outvote a wrong cut: the part as a character, or in all other slots, is asked instead.
            usual = lone if lone is not None else np.median(shapes[:_COMPARED], 0)
            bound = _OTHER_SLOT
        odd = np.abs(shapes[rows] - usual).mean(1) / max(float(usual.mean()), 0.05)
        typical[rows] = np.exp(-((odd / bound) ** 2))
        if len(found) < 3 and lone is None:
            typical[rows] = 0.5
    return typical * (0.5 + 0.5 * sure)
