"""All that brush and composer must show, in one run: composition, your own font, style, meaning, dreams and speed.

    python -m benchmarks.flagship --face KleeOne-Regular.ttf --face HanaMinA.ttf --styles-of all-64 [--pictures DIR]

Held-out means test characters of the split, which nothing here was trained on.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from torch import Tensor, nn
from torch.nn import functional

import tensho
from benchmarks.compose_quality import Bench, open_brush, run_font
from benchmarks.meaning import held_out, print_dreams, print_everyday, print_shares, print_sheet
from tensho.composition.atlas import atlas_names
from tensho.datasets.glyph_set import GlyphSet, open_glyphs
from tensho.evaluate.two_sample import two_sample_test
from tensho.fonts.faces import default_faces
from tensho.ids.decomposition import decompose, decompositions, expand
from tensho.ids.syntax import Arrangement
from tensho.models.brush.condition import draft_condition
from tensho.models.brush.network import Brush
from tensho.models.brush.painting import paint
from tensho.models.composer.network import Composer

MAIN_STYLES = ("sans-sc", "serif-sc")


class FaceClassifier:
    """Tells the faces of a glyph set apart; learns on training characters."""

    def __init__(self, glyphs: GlyphSet, steps: int = 1500, batch: int = 64) -> None:
        torch.manual_seed(0)
        layers: list[nn.Module] = []
        for inputs, outputs in ((1, 24), (24, 48), (48, 96), (96, 128)):
            layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU()]
            layers += [nn.MaxPool2d(2)]
        pooled = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, len(glyphs.faces))]
        self.network = nn.Sequential(*layers, *pooled)
        rows, rng = glyphs.split("train"), np.random.default_rng(0)
        by_face = [rows[glyphs.face_index[rows] == k] for k in range(len(glyphs.faces))]
        optimizer = torch.optim.AdamW(self.network.parameters(), lr=2e-3)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, steps)
        for _ in range(steps):
            faces = rng.integers(len(by_face), size=batch)
            chosen = np.array([rng.choice(by_face[face]) for face in faces])
            loss = functional.cross_entropy(self._logits(glyphs.images[chosen]), torch.from_numpy(faces))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        self.network.eval()

    @torch.inference_mode()
    def accuracy(self, images: NDArray[np.uint8], face: int, alike: set[int]) -> tuple[float, float]:
        """Share of images given to the face, and to any face of the same design."""
        found = torch.cat([self._logits(part).argmax(1) for part in np.array_split(images, 8)]).numpy()
        return float(np.mean(found == face)), float(np.mean(np.isin(found, list(alike))))

    def _logits(self, images: NDArray[np.uint8]) -> Tensor:
        given = torch.from_numpy(np.asarray(images).reshape(len(images), 1, *images.shape[-2:])).float()
        logits: Tensor = self.network(given / 127.5 - 1)
        return logits


def print_styles(brush: Brush, glyphs: GlyphSet, n: int) -> None:
    """How often a fresh classifier names the style of composed held-out characters, beside true glyphs."""
    classifier = FaceClassifier(glyphs)
    rows = glyphs.split("test")
    print(
        f"\nstyle: {len(glyphs.faces)} faces; in brackets, faces of one design (regions of a family) as one"
    )
    known = [c for c in decompositions() if isinstance(decompose(c), Arrangement)]
    means: list[tuple[float, float, float, float]] = []
    for k, face in enumerate(glyphs.faces):
        if face not in atlas_names():
            continue
        own = rows[(glyphs.face_index[rows] == k) & np.isin(glyphs.characters[rows], known)]
        own = own[np.random.default_rng(0).permutation(len(own))[:n]]
        true_glyphs = np.asarray(glyphs.images[own]).reshape(len(own), *glyphs.shape[1:])
        trees = [expand(character) for character in glyphs.characters[own]]
        drawn = paint(brush, draft_condition(brush, trees, face, brush.config.size))
        alike = {i for i, other in enumerate(glyphs.faces) if _design(other) == _design(face)}
        true = classifier.accuracy(true_glyphs, k, alike)
        composed = classifier.accuracy(np.rint(255 * drawn).astype(np.uint8), k, alike)
        means.append((*true, *composed))
        print(
            f"  {face:20s} true {true[0]:.3f} ({true[1]:.3f})   composed {composed[0]:.3f} ({composed[1]:.3f})",
            flush=True,
        )
    mean = np.mean(means, axis=0)
    print(f"  {'mean':20s} true {mean[0]:.3f} ({mean[1]:.3f})   composed {mean[2]:.3f} ({mean[3]:.3f})")


def _design(face: str) -> str:
    """The name of a default face without its region; other faces are designs of their own."""
    return face.removesuffix("-jp").removesuffix("-sc").removesuffix("-tc")


def print_real_or_dreamt(glyphs: GlyphSet, n: int, model: str) -> None:
    """Accuracy of a fresh classifier on held-out characters and dreams, in each main style."""
    print(f"\nreal or dreamt, {n} of each (0.5: cannot tell)")
    for style in MAIN_STYLES:
        rows = glyphs.split("test")
        own = rows[glyphs.face_index[rows] == glyphs.faces.index(style)]
        own = own[np.random.default_rng(0).permutation(len(own))[:n]]
        real = np.asarray(glyphs.images[own]).reshape(len(own), *glyphs.shape[1:])
        dreamt = np.stack(
            [glyph.array for glyph in tensho.dream(len(own), model=model, style=style, size=glyphs.shape[-1])]
        )
        found = two_sample_test(real, np.rint(255 * dreamt).astype(np.uint8))
        print(f"  {style:10s} {found.accuracy:.3f} ({found.low:.3f} to {found.high:.3f})", flush=True)


def print_speed(model: str) -> None:
    """Seconds, warm and from a cold shell."""
    threads = torch.get_num_threads()
    print(f"\nspeed, {threads} threads")
    tensho.compose("⿰氵龍", model=model)
    tensho.dream(16, model=model, seed=99)
    for name, draw in (
        ("compose one glyph, warm", lambda k: tensho.compose("⿰氵龍", model=model, seed=k)),
        ("16 dreams, warm", lambda k: tensho.dream(16, model=model, seed=k)),
    ):
        took = []
        for k in range(5):
            started = perf_counter()
            draw(k)
            took.append(perf_counter() - started)
        print(f"  {name:28s} {1000 * np.median(took):6.0f} ms")
    started = perf_counter()
    command = [sys.executable, "-m", "tensho", "dream", "--model", model, "-o", "/tmp/flagship_dream.png"]
    subprocess.run(command, check=True, capture_output=True)
    print(f"  {'tensho dream, cold shell':28s} {1000 * (perf_counter() - started):6.0f} ms")


def main() -> None:
    """Measure."""
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--model", default="brush")
    arguments.add_argument("-n", type=int, default=600, help="held-out characters a face")
    arguments.add_argument("--face", type=Path, action="append", default=[], help="a face never trained on")
    arguments.add_argument(
        "--adapt", type=float, default=6.0, help="minutes to learn each of these faces; 0: no"
    )
    arguments.add_argument("--styles-of", type=Path, help="the glyph set that the brush was trained on")
    arguments.add_argument("--pictures", type=Path, help="a folder for comparisons: true, draft, copies")
    options = arguments.parse_args()
    brush, composer, console = open_brush(options.model), tensho.load("composer"), Console(width=120)
    assert isinstance(composer, Composer)
    print_speed(options.model)
    bench, many_steps = Bench(brush, options.n, [1, 2, 4]), Bench(brush, options.n // 4, [24])
    for face in default_faces():
        if face.name in MAIN_STYLES:
            bench.run(face, face.name, options.pictures)
            many_steps.run(face, face.name)
    for path in options.face:
        run_font(bench, path, options.model, options.adapt, options.pictures)
    if options.styles_of:
        glyphs = open_glyphs(options.styles_of)
        print_styles(brush, glyphs, 60)
        print_real_or_dreamt(glyphs, 1000, options.model)
    print_shares(composer, held_out("test", 500), console)
    print_everyday(composer, console)
    print_dreams(composer, console)
    print_sheet(composer, console)


if __name__ == "__main__":
    main()
