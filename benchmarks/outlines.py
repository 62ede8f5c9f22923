"""How near outlines that are composed come to a face's own, on characters that were held out, beside the pixel brush.

    python -m benchmarks.outlines                                     (500 characters a face: about a quarter of an hour)
    python -m benchmarks.outlines --face sans-jp -n 100 --no-brush --pictures pictures
    python -m benchmarks.outlines --no-outlines --json brush.json     (the brush alone, whose figures do not change)
    python -m benchmarks.outlines --brush-json brush.json --json outlines.json --pictures pictures

Faces are named as in `benchmarks.outline_faces`, which says how to install them, or are font files. Test characters that
can be taken apart, none of which gives a part. For each face:

- L1 to the true glyph as a share of its ink, and SSIM, at 128 and 256 pixels: mean, median, by rung and by operator;
- OCR: the share read rightly of those that the OCR reads in the true glyph;
- the two-sample test at 128 pixels, real and composed being disjoint sets of characters, drawn by the same rasterizer;
- points, contours, self-intersection, direction and extrema, beside those of the true outlines of the same characters;
- stem widths at 512 pixels, beside the true ones; seconds of one core for the inventory (and by the clock), glyphs that a
  core composes in a second; and by the clock to 16 dreams from a cold shell.

Wanted: OCR 0.97, L1 half of the brush's, two-sample 0.60 (sans) and 0.65 (mincho), points 1.15, stems 3 %, none intersecting.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.outline_brush import BrushSide
from benchmarks.outline_cold import cold_dreams
from benchmarks.outline_composers import composer_without
from benchmarks.outline_faces import NAMES, BenchFace, open_faces
from benchmarks.outline_measures import geometry, likeness, mean_and_median, stems
from benchmarks.outline_pictures import rows
from benchmarks.outline_table import summary, told
from tensho.composition.outlines.composer import ComposedGlyph, OutlineComposer
from tensho.errors import TenshoError
from tensho.evaluate.judge import Judge
from tensho.evaluate.two_sample import TwoSample, two_sample_test
from tensho.ids.decomposition import decompositions
from tensho.split import Split, split_of

Glyphs = NDArray[np.uint8]
Figures = dict[str, Any]
Draw = Callable[[Sequence[str], int], Glyphs]

SIZES = (128, 256)
STEM_SIZE = 512
LEAST = 100  # glyphs of a kind in a two-sample test
WARM_UP = 50
EPOCHS = 20  # of the two-sample test


class Bench:
    """Held-out characters of faces, and what is measured of whoever draws them.

    Args:
        n: characters a face.
        split: "validation" while something is still being chosen.
        two_sample: glyphs of a kind in the two-sample test; 0: none.
        seeds: how often it is run, on other halves and with other weights.
    """

    def __init__(self, n: int, split: Split, two_sample: int, seeds: int) -> None:
        self.n, self.split, self.two_sample, self.seeds = n, split, two_sample, seeds
        self.judge = Judge(threads=1)

    def outlines(self, face: BenchFace, pool: list[str]) -> tuple[Figures, dict[str, ComposedGlyph]]:
        """Compose the first characters of the pool; their figures and glyphs."""
        wall, started = perf_counter(), process_time()
        composer = composer_without(face, lambda c: split_of(c) == self.split)
        built, wall = process_time() - started, perf_counter() - wall
        _composed(composer, pool[-WARM_UP:])
        started = process_time()
        made, failed = _composed(composer, pool[: self.n])
        rate = min(self.n, len(pool)) / (process_time() - started)
        if not made:
            raise TenshoError(
                f"the composer draws none of the characters of {face.name}: {failed.most_common(1)}"
            )
        characters = list(made)

        def draw(chars: Sequence[str], size: int) -> Glyphs:
            return face.squares([made[c].outline for c in chars], size)

        figures = {
            "asked": min(self.n, len(pool)),
            "composed": len(made),
            "failures": dict(failed.most_common(12)),
            "inventory_s": built,
            "inventory_wall_s": wall,
            "glyphs_per_s": rate,
            **self._pixels(face, characters, draw),
            **_drawn_like(face, made),
        }
        self._by(figures, "rung", [glyph.rung for glyph in made.values()])
        figures["confidence"] = [glyph.confidence for glyph in made.values()]
        figures["donors"] = ["".join(glyph.donors) for glyph in made.values()]
        if self.two_sample:
            others = _composed(composer, self._half(pool)[len(characters) :])[0]
            made = {**made, **others}
            figures["two_sample"] = self._told_apart(
                face, pool, [c for c in self._half(pool) if c in made], draw
            )
        return figures, made

    def brush(self, face: BenchFace, pool: list[str], side: BrushSide) -> Figures:
        """The same for the brush; its geometry is pixels, so there is none of that."""
        characters = [c for c in pool[: self.n] if side.draws(c)]
        figures = {
            "asked": min(self.n, len(pool)),
            "composed": len(characters),
            **self._pixels(face, characters, side.images),
        }
        if self.two_sample:
            drawn = [c for c in self._half(pool) if side.draws(c)]
            figures["two_sample"] = self._told_apart(face, pool, drawn, side.images)
        return figures

    def _half(self, pool: list[str]) -> list[str]:
        """The characters that are composed for the two-sample test; the real glyphs are those of the other half."""
        return pool[: min(self.two_sample, len(pool) // 2)]

    def _pixels(self, face: BenchFace, characters: list[str], draw: Draw) -> Figures:
        truth = [face.true(c) for c in characters]
        figures: Figures = {"characters": "".join(characters)}
        for size in SIZES:
            drawn, true = draw(characters, size), face.squares(truth, size)
            alike = likeness(drawn, true)
            for name, values in alike._asdict().items():
                figures[f"{name}_{size}"] = np.round(values, 5).tolist()
                figures[f"{name}_{size}_mean"], figures[f"{name}_{size}_median"] = mean_and_median(values)
            if size == SIZES[0]:
                names = np.array(characters)
                figures["readable"] = (self.judge.read(true)[0] == names).tolist()
                figures["read"] = (self.judge.read(drawn)[0] == names).tolist()
                figures["ocr"] = _share(figures["read"], figures["readable"])
        self._by(figures, "operator", [decompositions()[c].operator for c in characters])
        return figures

    def _by(self, figures: Figures, kind: str, labels: list[str]) -> None:
        figures[kind] = labels
        of = np.array(labels)
        table = {}
        for label, count in Counter(labels).most_common():
            here = of == label
            table[label] = {
                "n": count,
                "l1": float(np.array(figures["l1_128"])[here].mean()),
                "ssim": float(np.array(figures["ssim_128"])[here].mean()),
                "ocr": _share(np.array(figures["read"])[here], np.array(figures["readable"])[here]),
            }
        figures[f"by_{kind}"] = table

    def _told_apart(self, face: BenchFace, pool: list[str], drawn: list[str], draw: Draw) -> Figures | None:
        count = min(len(drawn), self.two_sample, len(pool) // 2)
        if count < LEAST:
            return None
        size = SIZES[0]
        generated = draw(drawn[:count], size)
        real = face.squares([face.true(c) for c in pool[-count:]], size)
        return self._mean(real, generated)

    def floor(self, face: BenchFace, pool: list[str]) -> Figures | None:
        """The two-sample test between real glyphs and other real ones: what cannot be told gives."""
        half = self._half(pool)
        if len(half) < LEAST:
            return None
        first, second = ([face.true(c) for c in part] for part in (half, pool[-len(half) :]))
        return self._mean(face.squares(second, SIZES[0]), face.squares(first, SIZES[0]))

    def _mean(self, real: Glyphs, generated: Glyphs) -> Figures:
        found = [two_sample_test(real, generated, seed=seed, epochs=EPOCHS) for seed in range(self.seeds)]
        means = TwoSample(*np.mean(found, 0).tolist())
        return {**means._asdict(), "of_a_kind": len(generated), "runs": [each.accuracy for each in found]}


def _composed(
    composer: OutlineComposer, characters: Sequence[str]
) -> tuple[dict[str, ComposedGlyph], Counter[str]]:
    made: dict[str, ComposedGlyph] = {}
    failed: Counter[str] = Counter()
    for character in characters:
        try:
            glyph = composer.compose(character)
        except TenshoError as error:
            failed[str(error)] += 1
            continue
        if len(glyph.outline):
            made[character] = glyph
        else:
            failed["an empty outline"] += 1
    return made, failed


def _drawn_like(face: BenchFace, made: dict[str, ComposedGlyph]) -> Figures:
    """Points, contours, faults and stems of composed outlines beside those of the true ones."""
    sides = {
        "composed": [glyph.outline for glyph in made.values()],
        "true": [face.true(character) for character in made],
    }
    clockwise = bool(np.median([outline.areas.sum() for outline in sides["true"]]) < 0)
    em = face.reader.units_per_em
    figures: Figures = {}
    widths = {}
    for name, outlines in sides.items():
        told = [geometry(outline, em, clockwise=clockwise) for outline in outlines]
        widths[name] = stems(face.squares(outlines, STEM_SIZE))
        figures[f"{name}_outlines"] = {
            "points": float(np.mean([t.points for t in told])),
            "contours": float(np.mean([t.contours for t in told])),
            "intersecting": float(np.mean([t.intersects for t in told])),
            "reversed": float(np.mean([t.reversed > 0 for t in told])),
            "missing_extrema": float(np.mean([t.missing_extrema for t in told])),
            "upright": widths[name].upright,
            "level": widths[name].level,
        }
        if name == "composed":
            figures["intersecting_characters"] = "".join(
                character for character, t in zip(made, told, strict=True) if t.intersects
            )
    ours, theirs = figures["composed_outlines"], figures["true_outlines"]
    for name in ("points", "contours"):
        figures[f"{name}_ratio"] = ours[name] / theirs[name]
    each = widths["composed"].each / widths["true"].each - 1
    for axis, name in enumerate(("upright", "level")):
        figures[f"{name}_off"] = ours[name] / theirs[name] - 1
        figures[f"{name}_off_each_mean"], figures[f"{name}_off_each_median"] = mean_and_median(
            np.abs(each[:, axis])
        )
    return figures


def _share(read: Sequence[bool] | NDArray[np.bool_], readable: Sequence[bool] | NDArray[np.bool_]) -> float:
    """The share that is read of what is readable; nan if nothing is."""
    kept = np.asarray(read)[np.asarray(readable, bool)]
    return float(kept.mean()) if len(kept) else float("nan")


def _options() -> argparse.Namespace:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--face", nargs="+", action="extend", metavar="NAME|PATH", help=", ".join(NAMES))
    arguments.add_argument("-n", type=int, default=500, help="characters a face")
    arguments.add_argument("--split", choices=["validation", "test"], default="test")
    arguments.add_argument(
        "--two-sample", type=int, default=500, help="glyphs of a kind, fewer if the face has few"
    )
    arguments.add_argument("--seeds", type=int, default=1, help="runs of the two-sample test")
    arguments.add_argument("--no-two-sample", action="store_true")
    arguments.add_argument(
        "--floor", action="store_true", help="the two-sample test of real against real too"
    )
    arguments.add_argument("--no-brush", action="store_true")
    arguments.add_argument("--no-outlines", action="store_true", help="the brush alone")
    arguments.add_argument("--no-cold", action="store_true", help="do not time 16 dreams from a cold shell")
    arguments.add_argument(
        "--brush-json", type=Path, help="a file of --json that the brush's figures are taken from"
    )
    arguments.add_argument("--json", type=Path, help="where all figures go, those of each character too")
    arguments.add_argument("--pictures", type=Path, help="a folder for comparisons")
    return arguments.parse_args()


def main() -> None:
    """Measure."""
    options = _options()
    torch.set_num_threads(1)
    bench = Bench(options.n, options.split, 0 if options.no_two_sample else options.two_sample, options.seeds)
    kept = json.loads(options.brush_json.read_text("utf-8"))["faces"] if options.brush_json else {}
    found: Figures = {"n": options.n, "split": options.split, "sizes": SIZES, "faces": {}}
    for face in open_faces(options.face or NAMES):
        started = perf_counter()
        pool = face.held_out(options.split)
        figures: Figures = {"held_out": len(pool)}
        found["faces"][face.name] = figures
        side = None if options.no_brush else BrushSide(face)
        made: dict[str, ComposedGlyph] = {}
        if face.name in kept:
            figures["brush"] = kept[face.name]["brush"]
        elif side is not None:
            figures["brush"] = bench.brush(face, pool, side)
        if options.floor:
            figures["floor"] = bench.floor(face, pool)
        if not options.no_outlines:
            figures["outlines"], made = bench.outlines(face, pool)
        figures["seconds"] = perf_counter() - started
        print(told(face.name, figures), flush=True)
        if options.pictures and made:
            rows(options.pictures, face, made, figures["outlines"], side)
        if options.json:
            options.json.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
    if not (options.no_outlines or options.no_cold):
        found["cold"] = cold_dreams()
        print(found["cold"])
    print("\n" + summary(found["faces"]))
    if options.json:
        options.json.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
