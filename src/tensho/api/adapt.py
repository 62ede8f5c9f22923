"""`adapt`: the brush learns how one font is drawn from the characters that the font has, to draw those that it lacks.

The shipped brush has seen some twenty faces. It copies the manner of another one from its draft alone, and where parts
go in it, it has to guess. A few thousand characters of the font itself say both, and a few minutes are enough: all
weights are trained on from those of the brush, on the font's own glyphs and the drafts of them. Validation and test
characters of the split are left out as always, so that what was gained can be measured.

Scans in a folder are traced, and need no brush to be drawn with: what can be expected of them is said instead, see
`tensho.api.scans`, and the brush learns from them too if they are many.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from itertools import islice
from math import inf, nan
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np

from tensho.api.scans import Survey, survey
from tensho.bounds import check_whole
from tensho.datasets.building import build
from tensho.datasets.drafted_glyphs import DraftedGlyphs, build_drafts, drafts_folder
from tensho.errors import TenshoError
from tensho.fonts.faces import Face, load_face
from tensho.ids.decomposition import decompositions
from tensho.models import loading
from tensho.models.brush.network import Brush
from tensho.models.trainable import Recipe
from tensho.seeds import derived_seed
from tensho.split import split_of
from tensho.train.loop import fresh_model, train
from tensho.train.settings import RunSettings

__all__ = ["Adapted", "adapt"]

LEAST, MOST, HELD_OUT = 100, 100_000, 100
"""Characters: the fewest and the most that are learned from, and the most that the result is measured on."""

_LOOK = 64  # pixels in which it is seen whether a character has ink

RECIPE = Recipe(
    steps=100_000, batch_size=32, learning_rate=1e-3, weight_decay=0.01, warmup=20, anneal=1.0, ema=0.98
)


class Adapted(NamedTuple):
    """What came of it.

    weights: the file, for ``--model`` (as is the folder that it is in); None if a folder holds too few scans to teach a
    brush. characters: how many were learned from.
    held_out: how many others the distances are means over: the mean absolute difference from the true glyphs, as a
    share of their ink, of the drafts, of the brush's copies before, and of those now. ink: that of the copies now, as a
    share of the true glyphs'; where no part is like itself from character to character, as in a wild hand, a stroke may
    lie anywhere, the brush draws none rather than a wrong one, and there is much less than 1. images_seen: counted from
    this brush's first training on. survey: of scans in a folder, how alike characters come out of their parts, and what to
    draw next; None for a font.
    """

    weights: Path | None
    characters: int
    held_out: int
    draft: float
    before: float
    now: float
    ink: float
    images_seen: int
    survey: Survey | None = None


def adapt(
    font: Path | str,
    out: Path | str | None = None,
    *,
    n: int = 10_000,
    minutes: float = 6.0,
    model: str = "brush",
    seed: int = 0,
    threads: int = 0,
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> Adapted:
    """Teach a brush how a font is drawn; the same call again resumes.

    Args:
        font: a TTF, OTF or TTC file; ``fonts.ttc#1`` is the second face of a collection; or a folder of scans.
        out: folder of the run, which also gets the glyphs and their drafts; None: ``runs/`` and the font's name.
        n: characters to learn from, at most; those are chosen by ``seed`` that can be taken apart into parts.
        minutes: how long to train, besides drafting before and measuring after, about a minute for 10,000 characters.
        model: the brush to begin with.
        seed: of the choice of characters and of the training.
        threads: CPU threads; 0: as many as torch thinks best.
        progress: told the stage, how much of it is done and all that is to do; of the training itself its own bar tells.

    Raises:
        TenshoError: no font, fewer than 100 characters to learn from in one, no scans in the folder, or ``model`` is no brush.
    """
    if not 0 < minutes < inf:
        raise TenshoError(f"--minutes is {minutes:g}, but must be more than 0")
    settings = RunSettings(
        seed=seed, minutes=minutes, threads=threads, log_every=20, save_every=200, sample_every=0
    )
    check_whole("-n", n, LEAST, MOST)
    face = load_face(font)
    found = survey(face, partial(progress, "drawing without itself")) if Path(font).is_dir() else None
    if found is not None and (few := len(_chosen(face, "train", n, _LOOK, seed))) < LEAST:
        return Adapted(None, few, 0, nan, nan, nan, nan, 0, found)
    begun = loading.load(model, runtime="torch")
    if not isinstance(begun, Brush):
        raise TenshoError(f"{model} is a {begun.family}, which cannot learn a font; name weights of a brush")
    characters = _chosen(face, "train", n, begun.config.size, seed)
    if len(characters) < LEAST:
        raise TenshoError(
            f"{font} has {len(characters)} characters that can be taken apart to learn from; {LEAST} are needed"
        )
    folder = Path(out) if out is not None else Path("runs") / face.name
    place = folder / "glyphs"
    others = _chosen(face, "validation", HELD_OUT, begun.config.size, seed)
    glyphs = build([face], size=begun.config.size, folder=place, characters="".join(characters + others))
    drafts = build_drafts(glyphs, [face], drafts_folder(place), progress=partial(progress, "drafts"))
    learned, held_out = (DraftedGlyphs(glyphs, drafts, split) for split in ("train", "validation"))
    # Bent glyphs stand for faces that do not exist; this one does.
    brush = fresh_model(Brush, dataclasses.replace(begun.config, distort=0.0, adversarial=0.0), seed=seed)
    brush.load_state_dict(begun.state_dict())
    settings = dataclasses.replace(settings, start_from=model)
    trained = train(brush, learned, RECIPE, settings, folder, preset="adapted")
    draft, before, now, ink = _compared(
        held_out, begun, cast("Brush", trained.model), partial(progress, "measuring what was learned")
    )
    return Adapted(
        trained.weights, len(learned), len(held_out), draft, before, now, ink, trained.images_seen, found
    )


def _chosen(face: Face, split: str, n: int, size: int, seed: int) -> list[str]:
    """At most ``n`` characters of a split, in random order, that have parts and in the face a glyph."""
    known = [
        drawable.key
        for drawable in face.drawables()
        if split_of(drawable.key) == split and drawable.key in decompositions()
    ]
    order = np.random.default_rng(derived_seed("adapt", split, seed)).permutation(len(known))
    renderer = face.renderer(size)
    return list(islice((known[k] for k in order if renderer.render(known[k]) is not None), n))


def _compared(
    data: DraftedGlyphs, begun: Brush, learned: Brush, progress: Callable[[int, int], object]
) -> tuple[float, float, float, float]:
    """draft, before, now and ink of `Adapted`; not a number where there is nothing to compare."""
    if len(data) == 0:
        return (nan,) * 4
    batch = data.batch(np.arange(len(data)))
    true, own = (batch[name].float() / 255 for name in ("image", "own_draft"))
    given = {"draft": batch["draft"], "own_draft": batch["own_draft"]}  # in no named style
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        progress(done, 2 * len(data))

    progress(0, 2 * len(data))
    before, now = (
        brush.sample(len(data), condition=given, progress=advance).to(true.device)
        for brush in (begun, learned)
    )
    one, two, three = (float((drawn - true).abs().sum() / true.sum()) for drawn in (own, before, now))
    return one, two, three, float(now.sum() / true.sum())
