"""Families on the score sheet: their samples drawn, timed and measured, beside controls that are measured once and kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensho.atomic import replaced_file
from tensho.datasets.glyph_set import GlyphSet, glyphs_folder
from tensho.errors import TenshoError
from tensho.evaluate.controls import control_sets, distinct_characters, reference_set
from tensho.evaluate.copying import closest_pairs
from tensho.evaluate.reference import VERSION, ReferenceStatistics
from tensho.evaluate.report import Score, ScoreSheet, plain_scores, score, scores_of
from tensho.evaluate.samples import as_glyphs, read_folder
from tensho.models.base import Model
from tensho.seeds import derived_seed
from tensho.sheet import save_picture

__all__ = ["LEAST_SAMPLES", "evaluate"]

LEAST_SAMPLES = 500

DRAWING_SECONDS = 240.0
"""A family that has drawn for so long is measured by the seeds that are done."""


def evaluate(
    names: Sequence[str],
    glyphs: GlyphSet,
    *,
    n: int = 2000,
    seeds: int = 5,
    pictures: Path | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> ScoreSheet:
    """Score families, and folders of images, against held-out characters.

    Args:
        names: names of shipped weights, weight files, training runs, or folders of at least ``n`` images. A folder
            is one sample set whatever ``seeds`` says.
        glyphs: the glyph set; samples have to be of its size.
        n: samples per seed.
        seeds: draws are those of seeds 0 … seeds − 1; fewer for a family that draws slowly, see `DRAWING_SECONDS`.
        pictures: a folder for one picture per family, its samples closest to the training set; None: no pictures.
        progress: told what is being measured.

    Raises:
        TenshoError: an unknown family, n or seeds out of range, or samples that are no glyphs of that size.
    """
    if n < LEAST_SAMPLES:
        raise TenshoError(f"-n is {n}; the score sheet needs at least {LEAST_SAMPLES} samples")
    if seeds < 1:
        raise TenshoError(f"--seeds is {seeds}; give at least 1")
    drawers = {name: _drawer(name, n, seeds, glyphs) for name in names}
    progress("the reference statistics")
    training = np.asarray(glyphs.images[glyphs.split("train")])
    reference_statistics = ReferenceStatistics(
        reference_set(glyphs, n), training, distinct=distinct_characters(glyphs)
    )
    sheet = ScoreSheet(n, seeds, glyphs.digest)
    sheet.controls = _controls(glyphs, reference_statistics, n, seeds, progress)
    for name, draw in drawers.items():
        progress(name)
        started = perf_counter()
        sets, cost = draw()
        sheet.families[name] = score(sets, reference_statistics)
        sheet.costs[name] = {"seeds": len(sets), **cost, "seconds_to_score": round(perf_counter() - started)}
        if pictures is not None:
            picture = closest_pairs(
                sets[0], reference_statistics.nearest(sets[0]), reference_statistics.training
            )
            save_picture(picture, pictures / f"closest_{Path(name).name}.png")
    return sheet


Drawn = tuple[list[NDArray[np.uint8]], dict[str, Any]]


def _drawer(name: str, n: int, seeds: int, glyphs: GlyphSet) -> Callable[[], Drawn]:
    """How a family's samples are made; what cannot work is said before anything is measured."""
    from tensho.models import loading

    size = glyphs.shape[1]
    folder = Path(name)
    if folder.is_dir() and not (folder / loading.RUN_WEIGHTS).exists():
        images = read_folder(folder, size)
        if len(images) < n:
            raise TenshoError(f"{name} has {len(images)} images; lower -n from {n} or add images")
        order = np.random.default_rng(0).permutation(len(images))[:n]
        return lambda: ([images[order]], {})

    weights = loading.Weights.read(loading.locate(name))
    model = weights.open()
    if not isinstance(model, Model):
        raise TenshoError(f"{name} draws no images, so there is nothing to score; name a family that does")
    if model.spec.shape != glyphs.shape:
        found, wanted = ("×".join(map(str, shape)) for shape in (model.spec.shape, glyphs.shape))
        raise TenshoError(
            f"{name} draws {found}, but the glyph set holds {wanted}; score it against such a set"
        )
    of_parts = "draft" in model.spec.conditions
    sample = partial(_dreams_of_parts, name, glyphs.faces, size) if of_parts else partial(_samples, model)

    def draw() -> Drawn:
        started = perf_counter()
        what = f"the samples of {name}"
        sets: list[NDArray[np.uint8]] = []
        while len(sets) < seeds and (not sets or perf_counter() - started < DRAWING_SECONDS):
            sets.append(as_glyphs(sample(n, len(sets)), what=what, size=size))
        seconds = (perf_counter() - started) / (n * len(sets))
        parameters = sum(parameter.numel() for parameter in model.parameters())
        cost = {"parameters": parameters, "seconds_per_glyph": seconds}
        seen = weights.images_seen
        return sets, cost if seen is None else {**cost, "training_images": seen}

    return draw


def _samples(model: Model[Any], n: int, seed: int) -> NDArray[np.float32]:
    return np.asarray(model.sample(n, seed=seed).numpy())


def _dreams_of_parts(name: str, faces: Sequence[str], size: int, n: int, seed: int) -> NDArray[np.float32]:
    """New structures, evenly in those styles of a brush that are faces of the glyph set, float32 (n, 1, S, S).

    In random order, so that any part of them has all styles.
    """
    from tensho.api.dream import dream
    from tensho.api.styles import styles as known

    styles = [face for face in faces if face in known()]
    if not styles:
        raise TenshoError(f"there are no parts in a style of the glyph set's faces ({', '.join(faces)})")
    shares = [len(range(k, n, len(styles))) for k in range(len(styles))]
    drawn = [
        glyph.array
        for k, (style, share) in enumerate(zip(styles, shares, strict=True))
        if share
        for glyph in dream(share, model=name, style=style, seed=seed * len(styles) + k, size=size)
    ]
    order = np.random.default_rng(derived_seed("order of dreams", seed)).permutation(n)
    return np.stack(drawn)[order, None]


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
    if kept.is_file():
        found = json.loads(kept.read_text(encoding="utf-8"))
        if found["version"] == VERSION:
            return scores_of(found["controls"])
    sets = [dict(control_sets(glyphs, n, seed)) for seed in range(seeds)]
    controls = {}
    for name in sets[0]:
        progress(f"control: {name}")
        controls[name] = score((drawn[name] for drawn in sets), reference_statistics)
    plain = plain_scores(controls)
    with replaced_file(kept) as temporary:
        temporary.write_text(json.dumps({"version": VERSION, "controls": plain}, indent=1), encoding="utf-8")
    return controls
