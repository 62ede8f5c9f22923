"""Outlines as SVG path data, in whole font units with y down."""

from __future__ import annotations

import numpy as np

from tensho.fonts.outlines import CUBIC, ON_CURVE, Outline

__all__ = ["path_data"]


def path_data(outline: Outline) -> str:
    """The ``d`` attribute of a path that draws an outline; y is turned down, as SVG has it."""
    points = np.rint(outline.points * (1, -1)).astype(int).tolist()
    tags = outline.tags.tolist()
    pieces, start = [], 0
    for end in outline.ends.tolist():
        pieces.append(_contour(points[start : end + 1], tags[start : end + 1]))
        start = end + 1
    return "".join(pieces)


def _contour(points: list[list[int]], tags: list[int]) -> str:
    first = next((k for k, tag in enumerate(tags) if tag == ON_CURVE), None)
    if first is None:  # quadratic control points alone: the curve passes half way between any two
        begin = [(a + b) / 2 for a, b in zip(points[-1], points[0], strict=True)]
        points, tags = [*points, begin], [*tags, ON_CURVE]  # type: ignore[list-item]
    else:
        points = points[first + 1 :] + points[: first + 1]
        tags = tags[first + 1 :] + tags[: first + 1]
        begin = points[-1]  # type: ignore[assignment]
    words = [f"M{begin[0]:g} {begin[1]:g}"]
    held: list[list[int]] = []
    last = len(points) - 1
    for k, ((x, y), tag) in enumerate(zip(points, tags, strict=True)):
        if tag == ON_CURVE:
            if not held:
                words.append("Z" if k == last else f"L{x} {y}")
            else:
                words.append(f"{'Q' if len(held) == 1 else 'C'}{_spelt(held)} {x:g} {y:g}")
                held = []
        elif tag == CUBIC or not held:
            held.append([x, y])
        else:
            words.append(f"Q{_spelt(held)} {(held[0][0] + x) / 2:g} {(held[0][1] + y) / 2:g}")
            held = [[x, y]]
    if words[-1] != "Z":
        words.append("Z")
    return "".join(words)


def _spelt(points: list[list[int]]) -> str:
    return " ".join(f"{x} {y}" for x, y in points)
