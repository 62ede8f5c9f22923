"""Previews for composing by hand: operators and parts to click, and the layout and draft of a description."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any

import numpy as np

from tensho.composition.bitmaps.draft import drafter
from tensho.composition.layout import layout
from tensho.errors import TenshoError
from tensho.fonts.rasterizer import EM_FRACTION
from tensho.fonts.svg import svg
from tensho.ids.canonical import exists
from tensho.ids.decomposition import expand, vocabulary
from tensho.ids.syntax import ARITY, MAX_LENGTH, Tree, parse, to_string
from tensho.sheet import Glyph

__all__ = ["MAX_LENGTH", "check_description", "operators", "palette", "preview"]

PARTS = 120
"""Parts in the palette, the commonest of the vocabulary."""

SIDE = 96
"""Side of the drafts that are traced for the page, in pixels."""


def operators() -> list[dict[str, Any]]:
    """The operators that can be drawn, with their number of parts and what Unicode calls them."""
    return [
        {
            "char": char,
            "arity": arity,
            "name": unicodedata.name(char, char).rpartition("CHARACTER ")[2].lower(),
        }
        for char, arity in sorted(ARITY.items())
        if char <= "⿻"
    ]


@cache
def palette() -> list[dict[str, str]]:
    """The commonest parts, each with its drawing, so that no font of the reader's needs to have them."""
    return [{"char": part, "svg": _drawing(part)} for part in list(vocabulary())[:PARTS]]


def preview(ids: str) -> dict[str, Any]:
    """Where the parts of the description ``ids`` go: boxes in the unit square, y downwards; the draft as a drawing; and the
    encoded characters of this structure. Of one that cannot be drawn, as any is while it is typed, a message.
    """
    try:
        tree = parse(ids)
        expanded = expand(tree)
        placed = layout(expanded)
        draft = _traced(expanded)
    except TenshoError as error:
        return {"message": str(error)}
    return {
        "ids": to_string(tree),
        "boxes": [{"part": p.part, "box": [round(edge, 4) for edge in p.box]} for p in placed],
        "svg": draft,
        "em": EM_FRACTION,
        "exists": exists(tree),
    }


def check_description(ids: str) -> None:
    """Raise `TenshoError` if the description ``ids`` is malformed or cannot be laid out."""
    layout(expand(parse(ids)))


def _drawing(part: str) -> str:
    return _traced(part) or ""


def _traced(tree: Tree) -> str | None:
    bitmap = drafter().draft(tree, SIDE)
    try:
        return svg(
            bitmap.astype(np.float32) / np.float32(255),
            description=Glyph(np.zeros((1, 1), np.float32)).provenance,
        )
    except TenshoError:
        return None
