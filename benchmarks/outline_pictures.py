"""Pictures of what was measured: true glyphs, outlines and the brush's copies in rows, and the worst outlines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.outline_brush import BrushSide
from benchmarks.outline_faces import BenchFace
from tensho.composition.outlines.composer import ComposedGlyph

__all__ = ["rows"]

Glyphs = NDArray[np.uint8]

_SHOWN, _SIZE = 12, 128
_LARGE_SHOWN, _LARGE = 8, 512
_WORST = 24


def rows(
    folder: Path,
    face: BenchFace,
    made: Mapping[str, ComposedGlyph],
    figures: Mapping[str, Any],
    brush: BrushSide | None,
) -> None:
    """Write three pictures of a face, each with the true glyphs on top, outlines below, and the brush's last.

    ``FACE.png`` shows 12 characters, ``FACE-large.png`` 8 at 512 pixels (without the brush), ``FACE-worst.png`` the 24
    whose L1 is largest, worst first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    characters = list(figures["characters"])
    _save(folder / f"{face.name}.png", _sides(face, made, characters[:_SHOWN], _SIZE, brush))
    _save(folder / f"{face.name}-large.png", _sides(face, made, characters[:_LARGE_SHOWN], _LARGE, None))
    worst = [characters[k] for k in np.argsort(figures["l1_128"])[::-1][:_WORST]]
    halves = [_sides(face, made, part, _SIZE, brush) for part in (worst[:_SHOWN], worst[_SHOWN:]) if part]
    wide = max(half.shape[1] for half in halves)
    _save(
        folder / f"{face.name}-worst.png",
        np.concatenate([np.pad(half, ((0, 0), (0, wide - half.shape[1]))) for half in halves]),
    )
    print(f"  worst in {face.name}: {''.join(worst)}")


def _sides(
    face: BenchFace,
    made: Mapping[str, ComposedGlyph],
    characters: Sequence[str],
    size: int,
    brush: BrushSide | None,
) -> Glyphs:
    sides = [
        face.squares([face.true(c) for c in characters], size),
        face.squares([made[c].outline for c in characters], size),
    ]
    if brush is not None:
        blank = np.zeros((size, size), np.uint8)
        drawn = [c for c in characters if brush.draws(c)]
        copies = dict(zip(drawn, brush.images(drawn, size), strict=True)) if drawn else {}
        sides.append(np.stack([copies.get(c, blank) for c in characters]))
    return np.concatenate([np.concatenate(list(side), 1) for side in sides])


def _save(path: Path, ink: Glyphs) -> None:
    Image.fromarray(255 - ink).save(path)
