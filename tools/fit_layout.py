"""Make the part atlas and the proportions that tensho ships, from training characters of Noto Sans SC.

    python -m tools.fit_layout          (≈ 5 minutes on one core)

Each round lays every training character out with the proportions so far, gives each connected region of its ink to
the part drawn over it, and fits the proportions to the ink boxes that come out; regions that two parts share are
left out. The last round's parts are the forms of the atlas. Parts that cross (⿻) share their regions always: their
boxes are those in which the two, drawn as they are alone, come nearest to the character.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.optimize import differential_evolution

from tensho.atomic import replaced_file
from tensho.composition.atlas import (
    ATLAS_EM,
    REFERENCE_STYLE,
    Crowding,
    Drawing,
    crowding_of,
    write_atlas,
)
from tensho.composition.bitmaps.paste import paste
from tensho.composition.bitmaps.segmentation import cropped, ink_box, regions, soft
from tensho.composition.box import Box, Frame
from tensho.composition.layout import SCALE, Layout, child_features, crowding, root_features
from tensho.fonts.faces import default_faces
from tensho.ids.decomposition import decompositions, expand, slotted, vocabulary
from tensho.ids.syntax import Arrangement, Tree, leaves
from tensho.split import split_of
from tools.cut_atlases import licence_facts

SIZE = 128
ROUNDS = 3
STROKE = 16
FORMS_PER_SLOT = 3
ENCLOSING = {f"{operator}0" for operator in "⿴⿵⿶⿷⿸⿹⿺"}
SPREAD = 1.08
ASTRAY = 0.12
RESOURCES = Path(__file__).parent.parent / "src/tensho/composition"
CROSSING_SIZE, CROSSING_BLUR = 48, 1.5
FARTHEST = 0.4
AVERAGE = Crowding(3.0, 3.5, 0.85, 0.85)

Features = list[tuple[str, float]]
Vector = Sequence[float]


@dataclass(frozen=True)
class Cut:
    """A part cut out of a character: its ink, (H, W) uint8, and the corner where it was."""

    slot: str
    donor: str
    left: int
    top: int
    ink: NDArray[np.uint8]


class Guess(Layout):
    """The proportions of the first round: rows and columns shared out by crowding, enclosures by rule of thumb."""

    INNER = {  # noqa: RUF012
        "⿴": Box(0.25, 0.25, 0.75, 0.8),
        "⿵": Box(0.2, 0.3, 0.8, 1),
        "⿶": Box(0.2, 0, 0.8, 0.7),
        "⿷": Box(0.25, 0.15, 0.95, 0.8),
        "⿸": Box(0.3, 0.3, 1, 1),
        "⿹": Box(0, 0.35, 0.7, 1),
        "⿺": Box(0.35, 0, 1, 0.8),
        "⿻": Box(0.2, 0.2, 0.8, 0.8),
    }

    def root(self, tree: Arrangement) -> Box:  # noqa: ARG002
        return Box(0.06, 0.06, 0.94, 0.94)

    def children(self, tree: Arrangement, box: Box) -> list[Box]:
        if tree.operator in self.INNER:
            return [box, _absolute(self.INNER[tree.operator], box)]
        row = tree.operator in "⿰⿲"
        need = [
            size.across if row else size.down for size in (crowding(c, self._measure) for c in tree.children)
        ]
        edges = np.concatenate([[0], np.cumsum(np.add(need, 0.8))]) / (sum(need) + 0.8 * len(need))
        spans = [(a + 0.02, b - 0.02) for a, b in pairwise(edges)]
        return [_absolute(Box(a, 0, b, 1) if row else Box(0, a, 1, b), box) for a, b in spans]


class Fit:
    """What is known of the training characters, and what a round finds in them."""

    def __init__(self) -> None:
        face = next(face for face in default_faces() if face.name == REFERENCE_STYLE)
        self._renderer = face.renderer(SIZE)
        self._own: dict[str, NDArray[np.uint8] | None] = {}
        self._crowding: dict[str, Crowding] = {}
        self._crossings: dict[str, list[Vector] | None] = {}
        self.glyphs: dict[str, tuple[Tree, NDArray[np.uint8], NDArray[np.int32]]] = {}
        for char in decompositions():
            if split_of(char) == "train" and (glyph := self._renderer.render(char)) is not None:
                labels, count = regions(glyph)
                if count < 255:
                    self.glyphs[char] = slotted(expand(char)), glyph, labels.astype(np.uint8)

    def own(self, part: str) -> NDArray[np.uint8] | None:
        """The part as a character of its own, cropped."""
        if part not in self._own:
            glyph = self._renderer.render(part)
            self._own[part] = None if glyph is None else cropped(glyph)
        return self._own[part]

    def measure(self, part: str) -> Crowding:
        if part not in self._crowding:
            own = self.own(part)
            self._crowding[part] = AVERAGE if own is None else crowding_of(own, SIZE)
        return self._crowding[part]

    def round(self, layout: Layout) -> tuple[list[Features], list[Vector], dict[str, list[Cut]]]:
        """Return the features and the ink boxes seen, relative to the parent's, and the parts cut out."""
        self._rows: list[Features] = []
        self._boxes: list[Vector] = []
        self._cuts: dict[str, list[Cut]] = defaultdict(list)
        for char, (tree, glyph, labels) in self.glyphs.items():
            if isinstance(tree, Arrangement):
                numbers = np.arange(1, labels.max() + 1)
                sizes = [crowding(child, self.measure) for child in tree.children]
                self._rows.append(root_features(tree, sizes))
                self._boxes.append(_box(labels > 0))
                self._take_apart(layout, char, glyph, labels, tree, numbers)
        return self._rows, self._boxes, self._cuts

    def _take_apart(
        self,
        layout: Layout,
        char: str,
        glyph: NDArray[np.uint8],
        labels: Any,
        tree: Arrangement,
        numbers: NDArray[np.int64],
    ) -> None:
        box = _box(np.isin(labels, numbers))
        sizes = [crowding(child, self.measure) for child in tree.children]
        if tree.operator == "⿻":
            if len(numbers) == labels.max() and (crossed := self._crossing(layout, char, glyph, tree, box)):
                self._rows += child_features(tree, box, sizes)
                self._boxes += crossed
            return
        expected = layout.children(tree, box)
        masks = [
            self._mask(layout, child, inner) for child, inner in zip(tree.children, expected, strict=True)
        ]
        found = list(child_features(tree, box, sizes))
        flat, count = labels.ravel(), int(labels.max()) + 1
        mass: NDArray[Any] = np.stack([np.bincount(flat, mask.ravel(), count) for mask in masks])[:, numbers]
        area = np.bincount(flat, minlength=count)[numbers]
        if tree.operator == "⿺" and not _clean(mass, area):
            mass = self._around(labels, numbers, box) * area
        owner = mass.argmax(0)
        for k, child in enumerate(tree.children):
            mine = owner == k
            if not mine.any():
                continue
            if not _clean_part(k, mass, area):
                continue
            inside = np.isin(labels, numbers[mine])
            left, top, right, bottom = ink_box(inside)
            ink = np.where(inside, glyph, 0)[top:bottom, left:right]
            if isinstance(child, str) and not self._resembles(ink, child):
                continue
            there = _box(inside)
            if not isinstance(layout, Guess) and _astray(there, expected[k]):
                continue
            self._rows.append(found[k])
            self._boxes.append(_relative(there, box))
            if isinstance(child, Arrangement):
                self._take_apart(layout, char, glyph, labels, child, numbers[mine])
            else:
                self._cuts[child].append(Cut(f"{tree.operator}{k}", char, left, top, ink))

    def _crossing(
        self, layout: Layout, char: str, glyph: NDArray[np.uint8], tree: Arrangement, box: Box
    ) -> list[Vector] | None:
        """The boxes of two parts that cross, relative to ``box``; None if no drawing of the two looks like the glyph."""
        if char not in self._crossings:
            wanted = np.asarray(
                Image.fromarray(glyph).resize((CROSSING_SIZE, CROSSING_SIZE), Image.Resampling.BOX)
            )

            def boxes(edges: NDArray[np.float64]) -> list[Box]:
                found = [_absolute(Box(*relative), box) for relative in edges.reshape(-1, 4)]
                return [self._thin(child, inner) for child, inner in zip(tree.children, found, strict=True)]

            blurred = soft(wanted, CROSSING_BLUR)

            def distance(edges: NDArray[np.float64]) -> float:
                low, high = edges.reshape(-1, 2, 2).transpose(1, 0, 2)
                if (high - low).min() < 0.03:
                    return 10.0
                page = np.zeros_like(wanted)
                for child, inner in zip(tree.children, boxes(edges), strict=True):
                    self._fill(layout, child, inner, page)
                return float(np.abs(soft(page, CROSSING_BLUR) - blurred).sum() / blurred.sum())

            limits = [(0, 0.6), (0, 0.8), (0.4, 1), (0.2, 1)] * 2
            found = differential_evolution(
                distance, limits, popsize=8, maxiter=60, tol=0.02, rng=0, polish=False
            )
            self._crossings[char] = (
                None if found.fun > FARTHEST else [_relative(inner, box) for inner in boxes(found.x)]
            )
        return self._crossings[char]

    def _thin(self, child: Tree, box: Box) -> Box:
        """A single stroke no thicker than it is, in the middle of its box."""
        own = self.own(child) if isinstance(child, str) else None
        if own is None or min(own.shape) > STROKE:
            return box
        height, width = own.shape
        x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
        if height < width:
            return Box(box.x0, y - height / SIZE / 2, box.x1, y + height / SIZE / 2)
        return Box(x - width / SIZE / 2, box.y0, x + width / SIZE / 2, box.y1)

    def _around(self, labels: Any, numbers: NDArray[np.int64], box: Box) -> NDArray[np.float64]:
        """Which regions reach around the others from the left to below, 1 or 0 for each operand, (2, regions).

        A part such as 走 is quite another shape there than alone, so that its own drawing does not find it.
        """
        boxes = [_box(labels == number) for number in numbers]
        beside = np.array([found.x0 > box.x0 + 0.3 * box.width for found in boxes])
        below = np.array(
            [found.y1 > box.y0 + 0.82 * box.height and found.width > box.width / 2 for found in boxes]
        )
        inner = beside & ~below
        return np.stack([~inner, inner]).astype(np.float64)

    def _resembles(self, ink: NDArray[np.uint8], part: str) -> bool:
        """Whether a cut is as crowded as the part on its own: if not, a stroke is missing or one too many."""
        own = self.own(part)
        if own is None:
            return True
        cut, alone = crowding_of(ink, SIZE), self.measure(part)
        # Strokes keep their weight when a part shrinks, so its ink thins out by length; a single stroke is all ink.
        expected = own.mean() * (1 if min(own.shape) <= STROKE else np.sqrt(own.size / ink.size))
        return (
            abs(cut.across - alone.across) < 0.3 + 0.2 * alone.across
            and abs(cut.down - alone.down) < 0.3 + 0.2 * alone.down
            and 0.5 < ink.mean() / expected < 2
        )

    def _mask(self, layout: Layout, tree: Tree, box: Box) -> NDArray[np.float32]:
        page = np.zeros((SIZE, SIZE), np.uint8)
        self._fill(layout, tree, box, page)
        return soft(page, 3)

    def _fill(self, layout: Layout, tree: Tree, box: Box, page: NDArray[np.uint8]) -> None:
        if isinstance(tree, str):
            own = self.own(tree)
            paste(page, np.full((8, 8), 96, np.uint8) if own is None else own, box)
            return
        for child, inner in zip(tree.children, layout.children(tree, box), strict=True):
            self._fill(layout, child, inner, page)


def _astray(found: Box, expected: Box) -> bool:
    """Whether a cut lies so far from where it should that it holds strokes of its neighbours, or lacks its own."""
    return max(abs(a - b) for a, b in zip(found, expected, strict=True)) > ASTRAY


def _clean(mass: NDArray[Any], area: NDArray[Any]) -> bool:
    """Whether each operand has regions of its own, by the ink of its drawing on each region, (operands, regions)."""
    return all((mass.argmax(0) == k).any() and _clean_part(k, mass, area) for k in range(len(mass)))


def _clean_part(k: int, mass: NDArray[Any], area: NDArray[Any]) -> bool:
    """Whether the regions of operand k are hardly anyone else's, and hold most of its drawing."""
    mine, purity = mass.argmax(0) == k, mass.max(0) / (mass.sum(0) + 1e-6)
    lost = mass[k][~mine].sum() / mass[k].sum()
    return bool(
        np.average(purity[mine], weights=area[mine]) >= 0.7 and purity[mine].min() >= 0.55 and lost <= 0.3
    )


def ridge(rows: list[Features], boxes: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Fit a vector to each feature by conjugate gradients; boxes that fit badly count less in each of three passes."""
    numbers: dict[str, int] = {}
    row, column, value = (
        np.array(entries)
        for entries in zip(
            *(
                (i, numbers.setdefault(name, len(numbers)), v)
                for i, found in enumerate(rows)
                for name, v in found
            ),
            strict=True,
        )
    )
    named = np.array(["=" in name for name in numbers])
    penalty = np.where(named, 1.0, 0.05)[:, None]

    def predicted(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
        terms = value[:, None] * vectors[column]
        return np.stack([np.bincount(row, term, len(rows)) for term in terms.T], 1)

    def gathered(residuals: NDArray[np.float64]) -> NDArray[np.float64]:
        terms = value[:, None] * residuals[row]
        return np.stack([np.bincount(column, term, len(numbers)) for term in terms.T], 1)

    weight = np.ones((len(rows), 1))
    for _ in range(3):
        vectors = np.zeros((len(numbers), 4))
        diagonal = np.bincount(column, value**2 * weight[row, 0], len(numbers))[:, None] + penalty
        residual = gathered(weight * boxes)
        step = direction = residual / diagonal
        power = (residual * step).sum(0)
        for _ in range(150):
            image = gathered(weight * predicted(direction)) + penalty * direction
            rate = power / (direction * image).sum(0)
            vectors += rate * direction
            residual = residual - rate * image
            step = residual / diagonal
            power, last = (residual * step).sum(0), power
            direction = step + power / last * direction
        error = np.abs(boxes - predicted(vectors)).max(1, keepdims=True)
        weight = np.minimum(1, 0.08 / np.maximum(error, 1e-9)) ** 2
    print(
        f"  {len(rows)} boxes, {len(numbers)} features, mean error {np.abs(boxes - predicted(vectors)).mean():.4f}"
    )
    return dict(zip(numbers, vectors, strict=True))


def clean(cuts: list[Cut]) -> list[Cut]:
    """Of cuts that enclose another part, those without pieces of it: the ones of little ink for their size."""
    if cuts[0].slot not in ENCLOSING:
        return cuts
    weight = np.array([np.count_nonzero(cut.ink >= 128) / sum(cut.ink.shape) for cut in cuts])
    return [cuts[i] for i in np.flatnonzero(weight <= SPREAD * np.quantile(weight, 0.25))]


def chosen(cuts: list[Cut]) -> list[Cut]:
    """The few of a slot's cuts from which the others are drawn best, by shape and by size."""
    if len(cuts) > 40:
        cuts = [cuts[i] for i in np.random.default_rng(0).choice(len(cuts), 40, replace=False)]
    scaled = [Image.fromarray(cut.ink).resize((24, 24), Image.Resampling.BOX) for cut in cuts]
    shapes = np.stack([np.asarray(image).ravel() for image in scaled]) / 255
    sizes = np.log(np.array([cut.ink.shape for cut in cuts]) + 6)
    misfit = 2 * np.sqrt(((shapes[:, None] - shapes) ** 2).mean(-1)) + np.abs(sizes[:, None] - sizes).sum(-1)
    kept: list[int] = []
    cost = np.full(len(cuts), 1.5)
    while len(kept) < min(FORMS_PER_SLOT, len(cuts)):
        gain = np.maximum(cost[:, None] - misfit, 0).sum(0)
        best = int(gain.argmax())
        if kept and gain[best] < 0.1 * len(cuts):
            break
        kept.append(best)
        cost = np.minimum(cost, misfit[:, best])
    return [cuts[i] for i in kept]


def write_proportions(vectors: dict[str, NDArray[np.float64]], path: Path) -> None:
    kept = {name: rounded for name, v in sorted(vectors.items()) if (rounded := np.rint(v * SCALE)).any()}
    names = np.frombuffer("\n".join(kept).encode(), np.uint8)
    with replaced_file(path) as temporary:
        np.savez_compressed(temporary, names=names, vectors=np.stack(list(kept.values())).astype(np.int16))


def write_forms(cuts: dict[str, list[Cut]], path: Path) -> None:
    face = next(face for face in default_faces() if face.name == REFERENCE_STYLE)
    renderer = face.renderer(ATLAS_EM)
    forms: list[Drawing] = []
    for part in sorted({*vocabulary(), *cuts}):
        glyph = renderer.render(part)
        if glyph is not None:
            left, top, _, _ = ink_box(glyph > 64)
            forms.append(Drawing(part, "", part, left, top, cropped(glyph)))
        by_slot = defaultdict(list)
        for cut in cuts.get(part, ()):
            by_slot[cut.slot].append(cut)
        for slot, group in sorted(by_slot.items()):
            for cut in chosen(clean(group)):
                corners = np.array(
                    [cut.left, cut.top, cut.left + cut.ink.shape[1], cut.top + cut.ink.shape[0]]
                )
                left, top, right, bottom = (int(v) for v in np.rint(corners * ATLAS_EM / SIZE))
                scaled = Image.fromarray(cut.ink).resize(
                    (right - left, bottom - top), Image.Resampling.BICUBIC
                )
                forms.append(Drawing(part, slot, cut.donor, left, top, np.asarray(scaled)))
    write_atlas(forms, path, frame=Frame(), facts=licence_facts(face))
    print(f"{len(forms)} forms of {len({form.part for form in forms})} parts")


def _relative(inner: Box, box: Box) -> Vector:
    return (
        (inner.x0 - box.x0) / box.width,
        (inner.y0 - box.y0) / box.height,
        (inner.x1 - box.x0) / box.width,
        (inner.y1 - box.y0) / box.height,
    )


def _absolute(relative: Box, box: Box) -> Box:
    return Box(
        box.x0 + relative.x0 * box.width,
        box.y0 + relative.y0 * box.height,
        box.x0 + relative.x1 * box.width,
        box.y0 + relative.y1 * box.height,
    )


def _box(ink: NDArray[Any]) -> Box:
    return Box(*(edge / SIZE for edge in ink_box(ink)))


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--out", type=Path, default=RESOURCES)
    out = arguments.parse_args().out
    start = perf_counter()
    fit = Fit()
    print(f"{len(fit.glyphs)} training characters, {perf_counter() - start:.0f} s")
    layout: Layout = Guess({}, fit.measure)
    for number in range(1, ROUNDS + 1):
        rows, boxes, cuts = fit.round(layout)
        parts = sum(1 for tree, _, _ in fit.glyphs.values() for _ in leaves(tree))
        print(
            f"round {number}: {sum(map(len, cuts.values()))} of {parts} parts cut, {perf_counter() - start:.0f} s"
        )
        vectors = ridge(rows, np.array(boxes))
        layout = Layout({name: vector.tolist() for name, vector in vectors.items()}, fit.measure)
    write_proportions(vectors, out / "proportions.npz")
    write_forms(cuts, out / "atlases" / f"{REFERENCE_STYLE}.zip")


if __name__ == "__main__":
    main()
