"""How well the brush composes characters that it has never seen, in named styles and in faces that it has never seen.

    python -m benchmarks.compose_quality -n 600 --face KleeOne-Regular.ttf --face HanaMinA.ttf

Over test characters whose true glyph the OCR reads: OCR top-1 of the draft and of the composed glyph, L1 to the true
glyph as a share of its ink, SSIM, for several numbers of network evaluations; and the same by layout operator.
Named styles are composed from drafts of their shipped parts, other faces from drafts of parts cut from the font; with
``--adapt 6`` these are drawn once more by the brush after six minutes of `tensho adapt` on the font's training characters.
"""

from __future__ import annotations

import argparse
import copy
import dataclasses
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torchmetrics.functional.image import structural_similarity_index_measure

import tensho
from tensho.composition.bitmaps.draft import Drafter, drafter
from tensho.errors import TenshoError
from tensho.evaluate.judge import Judge
from tensho.fonts.faces import Face, default_faces, load_face
from tensho.ids.decomposition import decompositions, expand
from tensho.ids.syntax import Arrangement
from tensho.models.brush.network import Brush
from tensho.models.brush.painting import paint
from tensho.sheet import Sheet
from tensho.split import Split, split_of

__all__ = ["Bench", "Held", "open_brush", "run_font"]

Glyphs = NDArray[np.uint8]


class Held(NamedTuple):
    """Held-out characters of a face: as they truly are, and what the brush is given."""

    characters: list[str]
    true: Glyphs
    condition: dict[str, NDArray[Any]]


class Bench:
    """One brush, one judge, and the held-out characters that both can be asked about.

    Args:
        brush: what is measured.
        n: characters a face.
        evaluations: numbers of network evaluations, each a row.
        split: which characters; "validation" while something is still being chosen.
    """

    def __init__(self, brush: Brush, n: int, evaluations: list[int], split: Split = "test") -> None:
        self.brush, self.judge, self.n, self.evaluations = brush, Judge(), n, evaluations
        readable = self.judge.characters
        known = [c for c in decompositions() if split_of(c) == split and c in readable]
        self.characters: list[str] = np.random.default_rng(0).permutation(known).tolist()

    def held(self, face: Face, style: str | None) -> Held:
        """The first n characters whose true glyph is read rightly, with their drafts; ``style`` None: as the face."""
        size, chosen = self.brush.config.size, []
        renderer = face.renderer(size)
        pens = {"own_draft": drafter(face if style is None else style), "draft": drafter()}
        for start in range(0, len(self.characters), 64):
            page = [c for c in self.characters[start : start + 64] if _can_be_drafted(pens.values(), c)]
            painted = [(c, glyph) for c in page if (glyph := renderer.render(c)) is not None]
            if painted:
                read = self.judge.read(np.stack([glyph for _, glyph in painted]))[0]
                chosen += [pair for pair, text in zip(painted, read, strict=True) if text == pair[0]]
            if len(chosen) >= self.n:
                break
        characters, true = zip(*chosen[: self.n], strict=True)
        condition = {name: self._drafts(pen, characters) for name, pen in pens.items()}
        index = self.brush.as_the_draft if style is None else self.brush.style_index(style)
        return Held(list(characters), np.stack(true), {**condition, "style": np.full(len(characters), index)})

    def run(self, face: Face, style: str | None, picture: Path | None = None) -> None:
        """Print the rows of one face, and draw true glyphs, drafts and copies below each other."""
        held = self.held(face, style)
        draft = held.condition["own_draft"][:, 0]
        print(
            f"\n{face.name}, {'own parts' if style is None else 'by name'}: {len(held.characters)} characters"
        )
        self._row("draft", draft, held, None)
        shown = [held.true[:16], draft[:16]]
        for steps in self.evaluations:
            started = perf_counter()
            images = paint(self.brush, held.condition, steps=steps)
            seconds = (perf_counter() - started) / len(held.characters)
            drawn = np.rint(images * 255).astype(np.uint8)
            self._row(f"{steps} evaluations", drawn, held, seconds)
            shown.append(drawn[:16])
            if steps == self.brush.config.evaluations:
                self._operators(drawn, held)
        if picture is not None:
            rows = torch.from_numpy(np.concatenate(shown).astype(np.float32) / 255)[:, None]
            Sheet.from_tensor(rows).save(picture / f"{face.name}.png", columns=16)

    def _drafts(self, pen: Drafter, characters: tuple[str, ...]) -> Glyphs:
        size = self.brush.config.size
        return np.stack([pen.draft(expand(c), size, without=c) for c in characters])[:, None]

    def _row(self, name: str, drawn: Glyphs, held: Held, seconds: float | None) -> None:
        right = np.mean(self.judge.read(drawn)[0] == np.array(held.characters))
        one, other = (torch.from_numpy(x.astype(np.float32) / 255)[:, None] for x in (drawn, held.true))
        l1 = (one - other).abs().sum() / other.sum()
        ssim = structural_similarity_index_measure(one, other, data_range=1.0)
        took = "" if seconds is None else f"   {1000 * seconds:6.1f} ms/glyph"
        print(f"  {name:16s} OCR {right:.3f}   L1 {l1:.3f}   SSIM {ssim:.3f}{took}", flush=True)

    def _operators(self, drawn: Glyphs, held: Held) -> None:
        right = defaultdict(list)
        for char, text in zip(held.characters, self.judge.read(drawn)[0], strict=True):
            tree = expand(char)
            right[tree.operator if isinstance(tree, Arrangement) else "–"].append(text == char)
        cells = [f"{op} {np.mean(hits):.2f} of {len(hits)}" for op, hits in sorted(right.items())]
        print("    by operator: " + ", ".join(cells))


def _can_be_drafted(pens: Iterable[Drafter], character: str) -> bool:
    """Whether every part of it is in some face at hand."""
    try:
        for pen in pens:
            pen.draft(expand(character), 16, without=character)
    except TenshoError:
        return False
    return True


def open_brush(name: str) -> Brush:
    """Weights of a brush by name, file or run folder."""
    brush = tensho.load(name)
    assert isinstance(brush, Brush)
    return brush


def run_font(bench: Bench, font: Path, model: str, minutes: float, pictures: Path | None) -> None:
    """Print the rows of a font that was never trained on, and those after ``minutes`` of learning it, if they are not 0."""
    face = load_face(font)
    bench.run(face, None, pictures)
    if minutes <= 0:
        return
    with TemporaryDirectory() as folder:
        told = tensho.adapt(font, folder, minutes=minutes, model=model, threads=torch.get_num_threads())
        print(
            f"\nthe same after {minutes:g} minutes with {told.characters:,} of its training characters:",
            end="",
        )
        learned = copy.copy(bench)
        learned.brush = open_brush(str(told.weights))
        learned.run(dataclasses.replace(face, name=f"{face.name}-adapted"), None, pictures)


def main() -> None:
    """Measure."""
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--model", default="brush")
    arguments.add_argument("-n", type=int, default=600, help="characters a face")
    arguments.add_argument("--evaluations", type=int, nargs="*", default=[1, 2, 4, 24])
    arguments.add_argument("--split", choices=["validation", "test"], default="test")
    arguments.add_argument("--styles", nargs="*", default=["sans-sc", "serif-sc"])
    arguments.add_argument("--face", type=Path, action="append", default=[], help="a face to continue")
    arguments.add_argument(
        "--adapt", type=float, default=0.0, help="minutes to learn each of these faces; 0: no"
    )
    arguments.add_argument("--pictures", type=Path, help="a folder for comparisons: true, draft, copies")
    options = arguments.parse_args()
    bench = Bench(open_brush(options.model), options.n, options.evaluations, options.split)
    for face in default_faces():
        if face.name in options.styles:
            bench.run(face, face.name, options.pictures)
    for path in options.face:
        run_font(bench, path, options.model, options.adapt, options.pictures)


if __name__ == "__main__":
    main()
