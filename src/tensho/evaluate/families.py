"""The score sheet of several families: their samples measured, beside controls that are measured once and kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensho.atomic import replaced_file
from tensho.bounds import check_whole
from tensho.datasets.glyph_set import GlyphSet, glyphs_folder
from tensho.errors import TenshoError
from tensho.evaluate.controls import control_sets, distinct_characters, reference_set
from tensho.evaluate.copying import closest_pairs
from tensho.evaluate.reference import SHEET, VERSION, ReferenceStatistics
from tensho.evaluate.report import Score, ScoreSheet, plain_scores, score, scores_of
from tensho.sheet import save_picture

__all__ = ["LEAST_SAMPLES", "Drawer", "Drawn", "Progress", "check_request", "evaluate"]

LEAST_SAMPLES = 500
"""Samples per seed, at least: a block of KID."""

MOST_SEEDS = 1_000
"""More say nothing new of a mean."""


Progress = Callable[[str], None]

Drawn = tuple[list[NDArray[np.uint8]], dict[str, Any]]
"""Sample sets, one a seed, and what they cost: parameters, seconds per glyph, training images."""

Drawer = Callable[[Progress], Drawn]
"""Draws them, and tells which seed it is at."""


def evaluate(
    entries: Mapping[str, Drawer],
    glyphs: GlyphSet,
    *,
    n: int = 2000,
    seeds: int = 5,
    pictures: Path | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> ScoreSheet:
    """Score sample sets against held-out characters.

    Args:
        entries: for each family, what draws its samples; called when it is its turn.
        glyphs: the glyph set; samples have to be of its size.
        n: samples per seed.
        seeds: number of sample sets of each control.
        pictures: a folder for one picture per family, its samples closest to the training set; None: no pictures.
        progress: told what is being measured.

    Raises:
        TenshoError: n or seeds out of range, or samples that are no glyphs of that size.
    """
    check_request(n, seeds)
    progress("the reference statistics")
    training = np.asarray(glyphs.images[glyphs.split("train")])
    reference_statistics = ReferenceStatistics(
        reference_set(glyphs, n), training, distinct=distinct_characters(glyphs)
    )
    sheet = ScoreSheet(n, seeds, glyphs.digest)
    sheet.controls = _controls(glyphs, reference_statistics, n, seeds, progress)
    for name, draw in entries.items():
        progress(name)
        started = perf_counter()
        sets, cost = draw(progress)
        sheet.families[name] = score(sets, reference_statistics)
        sheet.costs[name] = {"seeds": len(sets), **cost, "seconds_to_score": round(perf_counter() - started)}
        if pictures is not None:
            picture = closest_pairs(
                sets[0], reference_statistics.nearest(sets[0]), reference_statistics.training
            )
            save_picture(picture, pictures / f"closest_{Path(name).name}.png")
    return sheet


def check_request(n: int, seeds: int) -> None:
    """Raise `TenshoError` unless a sheet can be made of so many samples and seeds."""
    if n < LEAST_SAMPLES:
        raise TenshoError(f"-n is {n}; the score sheet needs at least {LEAST_SAMPLES} samples")
    check_whole("--seeds", seeds, 1, MOST_SEEDS)


def _controls(
    glyphs: GlyphSet,
    reference_statistics: ReferenceStatistics,
    n: int,
    seeds: int,
    progress: Callable[[str], None],
) -> dict[str, dict[str, Score]]:
    """The controls' scores, from the cache if the same glyph set was measured with as many samples before."""
    kept = (
        glyphs_folder(glyphs.shape[1]).parent / "scores" / f"controls-{glyphs.digest[:16]}-{n}-{seeds}.json"
    )
    if (found := _kept_controls(kept)) is not None:
        return found
    sets = [dict(control_sets(glyphs, n, seed)) for seed in range(seeds)]
    controls = {}
    for name in sets[0]:
        progress(f"control: {name}")
        controls[name] = score((drawn[name] for drawn in sets), reference_statistics)
    plain = plain_scores(controls)
    with replaced_file(kept) as temporary:
        temporary.write_text(json.dumps({"version": VERSION, "controls": plain}, indent=1), encoding="utf-8")
    return controls


def _kept_controls(path: Path) -> dict[str, dict[str, Score]] | None:
    """The controls' scores in a file; None if it is missing, damaged, or of other measures: then they are measured anew."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        controls = scores_of(found["controls"])
        whole = all(set(scores) == {measure.key for measure in SHEET} for scores in controls.values())
        numbers = [number for scores in controls.values() for value in scores.values() for number in value]
        sound = whole and bool(numbers) and all(isinstance(number, (int, float)) for number in numbers)
        return controls if sound and found["version"] == VERSION else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
