"""`evaluate`: the score sheet of families, from the names of their weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensho.api.dream import dream
from tensho.api.styles import styles
from tensho.datasets.glyph_set import GlyphSet
from tensho.errors import TenshoError
from tensho.evaluate import families
from tensho.evaluate.families import Drawer, Drawn, Progress, check_request
from tensho.evaluate.report import ScoreSheet
from tensho.evaluate.samples import read_folder
from tensho.glyph_arrays import as_glyphs
from tensho.models.base import Model
from tensho.models.brush.base import BrushBase
from tensho.models.catalogue import RUN_WEIGHTS, Weights, locate
from tensho.seeds import derived_seed

__all__ = ["evaluate"]


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
        seeds: draws are those of seeds 0 … seeds − 1, of every family, however long it takes: a sheet does not depend on
            how fast the machine is that made it.
        pictures: a folder for one picture per family, its samples closest to the training set; None: no pictures.
        progress: told what is being measured.

    Raises:
        TenshoError: an unknown family, n or seeds out of range, or samples that are no glyphs of that size.
    """
    check_request(n, seeds)
    # What cannot work is found out before anything is measured.
    entries = {name: _drawer(name, n, seeds, glyphs) for name in names}
    return families.evaluate(entries, glyphs, n=n, seeds=seeds, pictures=pictures, progress=progress)


def _drawer(name: str, n: int, seeds: int, glyphs: GlyphSet) -> Drawer:
    """How a family's samples are made."""
    size = glyphs.shape[1]
    folder = Path(name)
    if folder.is_dir() and not (folder / RUN_WEIGHTS).exists():
        images = read_folder(folder, size)
        if len(images) < n:
            raise TenshoError(f"{name} has {len(images)} images; lower -n from {n} or add images")
        order = np.random.default_rng(0).permutation(len(images))[:n]
        return lambda _: ([images[order]], {})

    weights = Weights.read(locate(name))
    model = weights.open()
    if not isinstance(model, Model):
        raise TenshoError(f"{name} draws no images, so there is nothing to score; name a family that does")
    if model.spec.shape != glyphs.shape:
        found, wanted = ("×".join(map(str, shape)) for shape in (model.spec.shape, glyphs.shape))
        raise TenshoError(
            f"{name} draws {found}, but the glyph set holds {wanted}; score it against such a set"
        )
    of_parts = isinstance(model, BrushBase)
    sample = partial(_dreams_of_parts, name, glyphs.faces, size) if of_parts else partial(_samples, model)

    def draw(progress: Progress) -> Drawn:
        started = perf_counter()
        what = f"the samples of {name}"
        sets: list[NDArray[np.uint8]] = []
        for seed in range(seeds):
            progress(f"{name}: seed {seed}, {seed + 1} of {seeds}")
            sets.append(as_glyphs(sample(n, seed), what=what, size=size))
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
    known = [face for face in faces if face in styles()]
    if not known:
        raise TenshoError(f"there are no parts in a style of the glyph set's faces ({', '.join(faces)})")
    shares = [len(range(k, n, len(known))) for k in range(len(known))]
    drawn = [
        glyph.array
        for k, (style, share) in enumerate(zip(known, shares, strict=True))
        if share
        for glyph in dream(share, model=name, style=style, seed=seed * len(known) + k, size=size)
    ]
    order = np.random.default_rng(derived_seed("order of dreams", seed)).permutation(n)
    return np.stack(drawn)[order, None]
