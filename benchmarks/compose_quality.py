"""How well the brush composes characters that it has never seen, in named styles and in faces that it has never seen.

    python benchmarks/compose_quality.py -n 600 --face KleeOne-Regular.ttf --face HanaMinA.ttf

Over test characters whose true glyph the OCR reads: OCR top-1 of the draft and of the composed glyph, L1 to the true
glyph as a share of its ink, SSIM, each with 4 network evaluations and with 24; and the same by layout operator.
Named styles are composed from drafts of the shipped parts, other faces from drafts of their own parts.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path
from time import perf_counter

import numpy as np
import torch
from numpy.typing import NDArray
from torchmetrics.functional.image import structural_similarity_index_measure

import tensho
from tensho.data.decomposition import decompositions, expand
from tensho.data.draft import Drafter
from tensho.data.faces import Face, default_faces, load_face
from tensho.data.ids import Arrangement
from tensho.data.split import split_of
from tensho.evaluate.judge import Judge
from tensho.models.brush import Brush

Glyphs = NDArray[np.uint8]


class Bench:
    """One brush, one judge, and the test characters that both can be asked about."""

    def __init__(self, brush: Brush, n: int) -> None:
        self.brush, self.judge, self.n = brush, Judge(), n
        readable = self.judge.characters
        self.characters = [c for c in decompositions() if split_of(c) == "test" and c in readable]
        self.characters = list(np.random.default_rng(0).permutation(self.characters))

    def run(self, face: Face, style: str | None) -> None:
        """Print the rows of one face; ``style`` None composes it as its own drafts are."""
        typesetter, drafter = face.painter(self.brush.config.size), Drafter(face if style is None else None)
        held: list[str] = []
        true, drafts = [], []
        for start in range(0, len(self.characters), 64):
            page = self.characters[start : start + 64]
            painted = [(c, glyph) for c in page if (glyph := typesetter.paint(c)) is not None]
            if not painted:
                continue
            glyphs = np.stack([glyph for _, glyph in painted])
            for (char, glyph), text in zip(painted, self.judge.read(glyphs)[0], strict=True):
                if text == char and len(held) < self.n:
                    held.append(char)
                    true.append(glyph)
                    drafts.append(drafter.draft(expand(char), self.brush.config.size, without=char))
            if len(held) == self.n:
                break
        truth, draft = np.stack(true), np.stack(drafts)
        index = self.brush.as_the_draft if style is None else self.brush.style_index(style)
        print(f"\n{face.name}, {'own parts' if style is None else 'by name'}: {len(held)} characters")
        self._row("draft", draft, truth, held, 0.0)
        for steps in (4, 24):
            start_time = perf_counter()
            images = self.brush.sample(
                len(held),
                seed=0,
                steps=steps,
                condition={
                    "draft": torch.from_numpy(draft)[:, None],
                    "face": torch.full((len(held),), index),
                },
            )
            seconds = (perf_counter() - start_time) / len(held)
            drawn = np.rint(images[:, 0].numpy() * 255).astype(np.uint8)
            self._row(f"{steps} evaluations", drawn, truth, held, seconds)
        self._operators(drawn, held)

    def _row(self, name: str, drawn: Glyphs, truth: Glyphs, held: list[str], seconds: float) -> None:
        right = np.mean(self.judge.read(drawn)[0] == np.array(held))
        one, other = (torch.from_numpy(x.astype(np.float32) / 255)[:, None] for x in (drawn, truth))
        l1 = (one - other).abs().sum() / other.sum()
        ssim = structural_similarity_index_measure(one, other, data_range=1.0)
        print(
            f"  {name:16s} OCR {right:.3f}   L1 {l1:.3f}   SSIM {ssim:.3f}   {1000 * seconds:6.1f} ms/glyph"
        )

    def _operators(self, drawn: Glyphs, held: list[str]) -> None:
        right = defaultdict(list)
        for char, text in zip(held, self.judge.read(drawn)[0], strict=True):
            tree = expand(char)
            right[tree.operator if isinstance(tree, Arrangement) else "–"].append(text == char)
        cells = [f"{op} {np.mean(hits):.2f} of {len(hits)}" for op, hits in sorted(right.items())]
        print("  by operator: " + ", ".join(cells))


def main() -> None:
    """Measure."""
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--model", default="brush")
    arguments.add_argument("-n", type=int, default=600, help="characters a face")
    arguments.add_argument("--styles", nargs="*", default=["sans-sc", "serif-sc"])
    arguments.add_argument("--face", type=Path, action="append", default=[], help="a face to continue")
    options = arguments.parse_args()
    brush = tensho.load(options.model)
    assert isinstance(brush, Brush)
    bench = Bench(brush, options.n)
    for face in default_faces():
        if face.name in options.styles:
            bench.run(face, face.name)
    for path in options.face:
        bench.run(load_face(path), None)


if __name__ == "__main__":
    main()
