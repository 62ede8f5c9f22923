"""Outlines as JSON, for files that keep them beside what else is known of a glyph."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensho.fonts.outlines import Bounds, Outline

__all__ = ["outline_from_json", "outline_to_json"]


def outline_to_json(outline: Outline, em: Bounds) -> dict[str, Any]:
    """Contours and the em box of their font, in font units."""
    return {
        "em": list(em),
        "points": outline.points.tolist(),
        "tags": outline.tags.tolist(),
        "ends": outline.ends.tolist(),
    }


def outline_from_json(value: Any) -> tuple[Outline, Bounds]:
    """What `outline_to_json` made.

    Raises:
        KeyError, TypeError, ValueError: it is something else.
    """
    points = np.array(value["points"], np.float32).reshape(-1, 2)
    tags, ends = np.array(value["tags"], np.uint8), np.array(value["ends"], np.int32)
    last = ends[-1] + 1 if len(ends) else 0
    if len(tags) != len(points) or last != len(points) or (np.diff(ends, prepend=-1) < 1).any():
        raise ValueError("the contours of an outline do not fit its points")
    if not np.isfinite(points).all() or (tags > 2).any():
        raise ValueError("an outline has points that are none")
    left, bottom, right, top = map(float, value["em"])
    if not top > bottom:
        raise ValueError("an em box has no height")
    return Outline(points, tags, ends), Bounds(left, bottom, right, top)
