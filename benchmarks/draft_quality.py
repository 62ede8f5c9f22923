"""How near drafts come to the true glyphs of characters that were held out, beside a draft with boxes by rule of thumb.

    python benchmarks/draft_quality.py --picture /tmp/drafts.png            (test characters; ≈ 1 minute on one core)
    python benchmarks/draft_quality.py --split validation -n 400            (to tune on)

For each face: OCR top-1 of the draft, over the characters whose true glyph the OCR reads; L1 to the true glyph as a
share of its ink, sharp and blurred (Gaussian, σ = 1.5 px of 64). The thumb rule: halves, thirds, fixed narrow radicals.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from time import perf_counter

import numpy as np
import onnxruntime
import rapidocr
from numpy.typing import NDArray
from PIL import Image

from tensho.composition.bitmaps.draft import drafter
from tensho.composition.bitmaps.paste import paste
from tensho.composition.bitmaps.segmentation import cropped, soft
from tensho.composition.box import Box
from tensho.fonts.faces import Face, default_faces
from tensho.ids.decomposition import decompositions, expand
from tensho.ids.syntax import Arrangement, Tree
from tensho.split import split_of

SIZE = 64
Glyphs = NDArray[np.uint8]


class Reader:
    """The recogniser of PP-OCRv6, fed with single glyphs: 48 px high, centred in 96 px, dark on light."""

    def __init__(self) -> None:
        (model,) = (Path(rapidocr.__file__).parent / "models").glob("*_rec_*.onnx")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(model, options)
        metadata = self._session.get_modelmeta().custom_metadata_map
        self.characters = ["", *metadata["character"].splitlines(), " "]

    def read(self, glyphs: Glyphs) -> list[str]:
        """The text read in each glyph of (N, S, S) uint8, ink 255 on 0."""
        return [text for i in range(0, len(glyphs), 32) for text in self._batch(glyphs[i : i + 32])]

    def _batch(self, glyphs: Glyphs) -> list[str]:
        page = np.full((len(glyphs), 48, 96), 255, np.uint8)
        for line, glyph in zip(page, glyphs, strict=True):
            line[:, 24:72] = np.asarray(
                Image.fromarray(255 - glyph).resize((48, 48), Image.Resampling.BICUBIC)
            )
        pixels = (page.astype(np.float32) / 127.5 - 1)[:, None].repeat(3, 1)
        (scores,) = self._session.run(None, {self._session.get_inputs()[0].name: pixels})
        return [self._collapsed(best) for best in scores.argmax(-1)]

    def _collapsed(self, best: NDArray[np.int64]) -> str:
        new = np.flatnonzero(np.diff(best, prepend=0))
        return "".join(self.characters[k] for k in best[new])


class ThumbRule:
    """Whole glyphs squeezed into halves, thirds and fixed frames: the boxes one writes down without measuring."""

    NARROW = "氵亻扌忄彳犭讠纟饣冫口阝王土木火女钅釒糹礻衤禾月日虫足⻊车石米"
    FRAMES = {  # noqa: RUF012
        "⿴": (0.22, 0.22, 0.78, 0.8),
        "⿵": (0.2, 0.3, 0.8, 0.97),
        "⿶": (0.2, 0.05, 0.8, 0.7),
        "⿷": (0.25, 0.2, 0.97, 0.8),
        "⿸": (0.3, 0.3, 1, 1),
        "⿹": (0.05, 0.35, 0.7, 1),
        "⿺": (0.35, 0, 1, 0.75),
        "⿻": (0.1, 0.1, 0.9, 0.9),
    }

    def __init__(self, face: Face) -> None:
        self._renderer = face.renderer(128)

    def draft(self, tree: Tree) -> Glyphs:
        page = np.zeros((SIZE, SIZE), np.uint8)
        self._fill(tree, Box(0.03, 0.03, 0.97, 0.97), page)
        return page

    def _fill(self, tree: Tree, box: Box, page: Glyphs) -> None:
        if isinstance(tree, Arrangement):
            for child, (x0, y0, x1, y1) in zip(tree.children, self._shares(tree), strict=True):
                x, y, w, h = box.x0, box.y0, box.width, box.height
                self._fill(child, Box(x + x0 * w, y + y0 * h, x + x1 * w, y + y1 * h), page)
        elif (glyph := self._renderer.render(tree)) is not None:
            wide, high = 0.9 * box.width, 0.9 * box.height
            high, wide = (high / 8 if tree == "一" else high), (wide / 8 if tree in "丨亅" else wide)
            x, y = (box.x0 + box.x1 - wide) / 2, (box.y0 + box.y1 - high) / 2
            paste(page, cropped(glyph), Box(x, y, x + wide, y + high))

    def _shares(self, tree: Arrangement) -> list[tuple[float, float, float, float]]:
        first, last, n = tree.children[0], tree.children[-1], len(tree.children)
        if tree.operator in self.FRAMES:
            return [(0, 0, 1, 1), self.FRAMES[tree.operator]]
        row = tree.operator in "⿰⿲"
        edges = [k / n for k in range(n + 1)]
        if row and n == 2:
            edges[1] = 0.36 if first in [*self.NARROW] else 0.62 if last in [*"刂卩阝彡攵欠页頁力"] else 0.5
        elif n == 2:
            edges[1] = (
                0.33 if first in [*"艹宀冖⺮竹雨罒穴爫亠"] else 0.66 if last in [*"灬心皿一土"] else 0.5
            )
        return [(a, 0, b, 1) if row else (0, a, 1, b) for a, b in pairwise(edges)]


def distance(drafts: list[NDArray[np.float32]], truth: list[NDArray[np.float32]]) -> float:
    """L1 between images as a share of the true ink."""
    return float(np.abs(np.subtract(drafts, truth)).sum() / np.sum(truth))


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--split", choices=["validation", "test", "train"], default="test")
    arguments.add_argument("-n", type=int, default=2000, help="characters at most")
    arguments.add_argument("--faces", nargs="+", default=["sans-sc", "serif-sc"])
    arguments.add_argument(
        "--picture", type=Path, help="a PNG of 40 characters a face: thumb rule, atlas, own parts, true"
    )
    options = arguments.parse_args()
    reader = Reader()
    readable = set(reader.characters)
    chars = [c for c in decompositions() if split_of(c) == options.split and c in readable]
    chars = [chars[i] for i in sorted(np.random.default_rng(0).permutation(len(chars))[: options.n])]
    sheets = []
    for face in default_faces():
        if face.name in options.faces:
            sheets.append(measured(face, chars, reader))
    if options.picture:
        Image.fromarray(255 - np.concatenate(sheets)).save(options.picture)


def measured(face: Face, chars: list[str], reader: Reader) -> Glyphs:
    """Print the table of one face; return a sheet of 40 characters."""
    renderer = face.renderer(SIZE)
    painted = {char: glyph for char in chars if (glyph := renderer.render(char)) is not None}
    glyphs = np.stack(list(painted.values()))
    read = [text == char for text, char in zip(reader.read(glyphs), painted, strict=True)]
    held = [char for char, right in zip(painted, read, strict=True) if right]
    truth = glyphs[read]
    print(f"\n{face.name}: {len(painted)} characters, of which the OCR reads {len(held)} in the true glyph")
    trees = {char: expand(char) for char in held}
    thumb, atlas, own = ThumbRule(face), drafter(), drafter(face)
    kinds: dict[str, Callable[[str], Glyphs]] = {
        "thumb rule": lambda char: thumb.draft(trees[char]),
        "atlas": lambda char: atlas.draft(trees[char], SIZE, without=char),
        "own parts": lambda char: own.draft(trees[char], SIZE, without=char),
    }
    operators = np.array([tree.operator for tree in trees.values() if isinstance(tree, Arrangement)])
    sample = np.random.default_rng(1).permutation(len(held))[:40]
    rows = []
    for kind, draw in kinds.items():
        drafts = np.stack([draw(char) for char in held])
        start = perf_counter()
        for char in held:
            draw(char)
        rate = len(held) / (perf_counter() - start)
        right = np.array([text == char for text, char in zip(reader.read(drafts), held, strict=True)])
        sharp, blurred = (
            distance([soft(image, radius) for image in drafts], [soft(image, radius) for image in truth])
            for radius in (0, 1.5)
        )
        print(
            f"  {kind:10}  OCR {right.mean():.3f}  L1 {sharp:.3f}  "
            f"blurred L1 {blurred:.3f}  {rate:.0f} drafts/s"
        )
        by_operator = ((op, operators == op) for op in "⿰⿱⿲⿳⿴⿵⿶⿷⿸⿹⿺⿻")
        print(
            "    ", "  ".join(f"{op} {right[m].mean():.2f} ({m.sum()})" for op, m in by_operator if m.any())
        )
        rows.append(drafts[sample])
    rows.append(truth[sample])
    halves = [np.concatenate(list(row[i : i + 20]), 1) for i in (0, 20) for row in rows]
    return np.concatenate(halves)


if __name__ == "__main__":
    main()
