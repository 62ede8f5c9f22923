"""KanjiVG's characters as ordered, directed strokes, and which of them make up each named part.

KanjiVG (Ulrich Apel, CC BY-SA 3.0, https://kanjivg.tagaini.net) gives each stroke as cubic Bézier curves in a square of 109
units. The package ``kanjivg`` is read where it is installed; what is derived from its strokes is under its licence.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from fontTools.pens.recordingPen import RecordingPen
from fontTools.svgLib.path import parse_path
from numpy.typing import NDArray

from tensho.ids.kanjivg import attribute, strokes_group
from tensho.ids.shapes import same_shape

__all__ = ["ATTRIBUTION", "SIDE", "Drawing", "Group", "Stroke", "drawing", "middle_line"]

SIDE = 109.0
"""Side of KanjiVG's square, in its units."""

ATTRIBUTION = (
    "Stroke order derived from KanjiVG, © Ulrich Apel and the KanjiVG contributors, https://kanjivg.tagaini.net, "
    "CC BY-SA 3.0; under the same licence."
)
"""What is said wherever strokes are handed over."""

_STEPS = np.linspace(0, 1, 13)
"""Where a curve is evaluated: its chords then leave it by less than a quarter of a unit."""


@dataclass(frozen=True, eq=False)
class Stroke:
    """One stroke.

    Attributes:
        path: its centre line as an SVG path in KanjiVG's units.
        kind: its type as KanjiVG has it, such as ㇐ or ㇆a; "" if that is not said.
    """

    path: str
    kind: str = ""

    @cached_property
    def line(self) -> NDArray[np.float64]:
        """Its points from where it begins, float64 (N, 2) in the unit square of the character, y downwards."""
        return middle_line(self.path) / SIDE


@dataclass(frozen=True)
class Group:
    """The strokes of a named part.

    Attributes:
        names: the character that the part is, and the one that it is a form of, each in one code point for its shape.
        position: left, right, top, bottom, kamae, tare, nyo and others, or "".
        strokes: which of the character's, in their order.
        whole: whether the part has all of its strokes.
    """

    names: tuple[str, ...]
    position: str
    strokes: tuple[int, ...]
    whole: bool


@dataclass(frozen=True)
class Drawing:
    """A character: its strokes in their order, and its named parts, each before those inside it."""

    strokes: tuple[Stroke, ...]
    groups: tuple[Group, ...]


@lru_cache(maxsize=512)
def drawing(character: str) -> Drawing | None:
    """A character of KanjiVG, or None if it has none.

    Raises:
        TenshoError: the package ``kanjivg`` is not installed.
    """
    root = strokes_group(character) if len(character) == 1 else None
    if root is None:
        return None
    strokes: list[Stroke] = []
    found: dict[tuple[str, ...], Group] = {}

    def visit(group: ET.Element) -> tuple[int, ...]:
        name, part = attribute(group, "element"), attribute(group, "part")
        key = (name or "", attribute(group, "number") or "") if part else ("", f"{len(found)}")
        place = key if name and len(name) == 1 else None
        if place is not None and place not in found:
            found[place] = Group((), "", (), True)  # in the order in which parts begin
        inside: list[int] = []
        for child in group:
            if child.tag.endswith("}g"):
                inside += visit(child)
            elif child.tag.endswith("}path"):
                kind = (attribute(child, "type") or "").split("/")[0]
                strokes.append(Stroke(child.attrib["d"], kind))
                inside.append(len(strokes) - 1)
        if place is not None and name is not None:
            before = found[place]
            names = [
                same_shape(text) for text in (name, attribute(group, "original")) if text and len(text) == 1
            ]
            # 玉 without its dot is a whole 王.
            whole = attribute(group, "partial") is None or attribute(group, "original") is not None
            position = before.position or attribute(group, "position") or ""
            found[place] = Group(
                tuple(dict.fromkeys((*before.names, *names))),
                position,
                (*before.strokes, *inside),
                before.whole and whole,
            )
        return tuple(inside)

    visit(root)
    return Drawing(tuple(strokes), tuple(group for group in found.values() if group.strokes))


def middle_line(path: str) -> NDArray[np.float64]:
    """The points of an SVG path, float64 (N, 2), in its own units."""
    pen = RecordingPen()
    parse_path(path, pen)
    pieces: list[NDArray[np.float64]] = []
    for name, points in pen.value:
        if name == "curveTo":
            pieces.append(_cubic(np.array([pieces[-1][-1], *points])))
        elif name in ("moveTo", "lineTo"):
            pieces.append(np.array(points, dtype=np.float64))
    return np.concatenate(pieces)


def _cubic(control: NDArray[np.float64]) -> NDArray[np.float64]:
    t = _STEPS[1:, None]
    a, b, c, d = control
    points: NDArray[np.float64] = (
        (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d
    )
    return points
