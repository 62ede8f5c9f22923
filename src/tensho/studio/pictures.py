"""Glyphs as the page shows them, and a store of those that were drawn last."""

from __future__ import annotations

import dataclasses
import io
import secrets
import zlib
from collections import OrderedDict
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from tensho.api.lookup import look_up_glyphs
from tensho.errors import TenshoError
from tensho.sheet import Glyph

__all__ = ["Recent", "new_name", "png", "shown"]

NEAREST = 5
"""Encoded characters shown beside a glyph."""

PNG_SIDE = 512
"""Width of a downloaded picture, in pixels."""

MOST_RECENT = 1024
"""Glyphs that can be downloaded or kept; older ones are forgotten."""


def new_name() -> str:
    """A name that nobody can guess: 16 hexadecimal digits."""
    return secrets.token_hex(8)


def shown(glyph: Glyph) -> dict[str, Any]:
    """What is known of a glyph, its drawing (None for one without ink or in colour), verdict and nearest characters."""
    answer = look_up_glyphs([glyph], NEAREST)[0]
    try:
        svg = glyph.svg()
    except TenshoError:
        svg = None
    return {
        **{name: fact for name, fact in glyph.facts().items() if name != "outline"},
        "svg": svg,
        "verdict": answer.verdict,
        "nearest": [[match.character, round(match.distance, 3)] for match in answer.matches],
    }


def png(glyph: Glyph, side: int = PNG_SIDE) -> bytes:
    """The glyph as a PNG file, black on white, ``side`` pixels wide."""
    buffer = io.BytesIO()
    if glyph.outline is not None:
        glyph.resized(side).image.save(buffer, "PNG")
    else:
        height = round(side * glyph.image.height / glyph.image.width)
        glyph.image.resize((side, height), Image.Resampling.BICUBIC).save(buffer, "PNG")
    return buffer.getvalue()


class _Kept(NamedTuple):
    """A glyph, its ink compressed: nearly all of it is paper or full ink."""

    ink: bytes
    shape: tuple[int, ...]
    facts: dict[str, Any]


class Recent:
    """The last glyphs that were shown, by name; older ones are forgotten."""

    def __init__(self) -> None:
        self._glyphs: OrderedDict[str, _Kept] = OrderedDict()

    def add(self, glyph: Glyph) -> str:
        """Remember a glyph, and return its name."""
        name = new_name()
        facts = {field.name: getattr(glyph, field.name) for field in dataclasses.fields(glyph)}
        array = facts.pop("array")
        self._glyphs[name] = _Kept(zlib.compress(array.tobytes(), 1), array.shape, facts)
        while len(self._glyphs) > MOST_RECENT:
            self._glyphs.popitem(last=False)
        return name

    def get(self, name: str) -> Glyph | None:
        """The glyph of that name, if it is remembered."""
        kept = self._glyphs.get(name)
        if kept is None:
            return None
        array = np.frombuffer(zlib.decompress(kept.ink), np.float32).reshape(kept.shape)
        return Glyph(array, **kept.facts)
