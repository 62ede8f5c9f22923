"""Glyphs of faces as somebody would show them: drawn clean, or photographed. For the benchmarks of what reads pictures."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from tensho.fonts.faces import Face
from tensho.seeds import derived_seed

__all__ = ["SIZE", "drawn", "photographed"]

SIZE = 128


def drawn(face: Face, characters: Sequence[str], n: int) -> tuple[list[str], list[NDArray[np.uint8]]]:
    """At most n of the characters that a face has, the first ones, and their glyphs, uint8 (`SIZE`, `SIZE`)."""
    renderer = face.renderer(SIZE)
    has = {chr(drawable.code_point): drawable.key for drawable in face.drawables()}
    found, glyphs = [], []
    for character in characters:
        glyph = renderer.render(has[character]) if character in has else None
        if glyph is not None:
            found.append(character)
            glyphs.append(glyph.copy())
        if len(found) == n:
            break
    return found, glyphs


def photographed(glyph: NDArray[np.uint8], seed: int) -> Image.Image:
    """A glyph as a careless photograph of a printed page shows it: askew, out of focus, in uneven light, on paper, as JPEG."""
    rng = np.random.default_rng(derived_seed("photograph", seed))
    side = 240
    sheet = Image.new("L", (side, side))
    sheet.paste(Image.fromarray(glyph).resize((160, 160), Image.Resampling.BICUBIC), (40, 40))
    corners = np.array([[0, 0], [0, side], [side, side], [side, 0]]) + rng.uniform(-0.05, 0.05, (4, 2)) * side
    askew = sheet.transform(
        (side, side), Image.Transform.QUAD, corners.ravel().tolist(), Image.Resampling.BICUBIC
    )
    ink = (
        np.asarray(askew.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 2.0))), np.float64)[..., None] / 255
    )
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    turn = rng.uniform(0, 2 * np.pi)
    light = 1 - rng.uniform(0, 0.25) * (1 + np.cos(turn) * x + np.sin(turn) * y)[..., None]
    paper = np.array([0.93, 0.9, 0.82]) + 0.02 * rng.standard_normal((side, side, 1))
    black = rng.uniform(0.1, 0.3) * np.array([1.0, 0.95, 1.05])
    seen = (paper * (1 - ink) + black * ink) * light + 0.02 * rng.standard_normal((side, side, 3))
    buffer = io.BytesIO()
    Image.fromarray(np.rint(np.clip(seen, 0, 1) * 255).astype(np.uint8)).save(
        buffer, "JPEG", quality=int(rng.integers(35, 75))
    )
    return Image.open(io.BytesIO(buffer.getvalue()))
