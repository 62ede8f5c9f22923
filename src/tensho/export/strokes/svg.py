"""The writing of a character as SVG: an animation that runs in every browser, and a numbered diagram."""

from __future__ import annotations

import colorsys
import math
from collections.abc import Sequence
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

from tensho.composition.strokes.splitting import EM, StrokeOutline
from tensho.export.outline_paths import path_data
from tensho.export.strokes.written_glyph import TOP, WrittenGlyph
from tensho.fonts.kanjivg_strokes import ATTRIBUTION

__all__ = ["PAUSE", "animated_svg", "durations", "steps_svg"]

PAUSE, REST = 0.15, 1.4
"""Seconds between two strokes, and at the end before it starts again."""

_SPEED, _SHORTEST = 1500.0, 0.22
"""Units of the em that are written in a second, and the least seconds of a stroke."""

_INK, _GHOST, _NOW = "#181614", "#e3ded3", "#c23b22"
_WIDER = 1.3  # the pen that uncovers a stroke, beside the stroke

_CELL, _GAP, _LARGE = 150, 12, 3
"""Of the diagram: side and distance of its small cells in pixels, and how many of them the large one is wide."""


def durations(glyph: WrittenGlyph) -> list[float]:
    """How long each stroke is written, in seconds."""
    return [max(_SHORTEST, length_of(stroke.median) / _SPEED) for stroke in glyph.strokes]


def length_of(line: NDArray[np.float64]) -> float:
    """The length of a line of points, float64 (N, 2)."""
    return float(np.hypot(*np.diff(line, axis=0).T).sum())


def animated_svg(glyph: WrittenGlyph) -> str:
    """A drawing that writes the character again and again; where no motion is wanted, it stands still."""
    times = durations(glyph)
    starts = np.concatenate([[0.0], np.cumsum([time + PAUSE for time in times])]).tolist()
    whole = starts[-1] + REST
    name = "-".join(f"{ord(char):x}" for char in glyph.text)
    styles, clips, pens = [], [], []
    for k, (stroke, time) in enumerate(zip(glyph.strokes, times, strict=True)):
        begin, end = 100 * starts[k] / whole, 100 * (starts[k] + time) / whole
        styles.append(
            f"@keyframes s{name}-{k}{{0%,{begin:.2f}%{{stroke-dashoffset:1}}{end:.2f}%,100%{{stroke-dashoffset:0}}}}"
            f"#p{name}-{k}{{animation:s{name}-{k} {whole:.2f}s linear infinite}}"
        )
        clips.append(f'<clipPath id="c{name}-{k}"><path d="{path_data(stroke.outline)}"/></clipPath>')
        pens.append(
            f'<g clip-path="url(#c{name}-{k})"><path id="p{name}-{k}" class="pen" pathLength="1" '
            f'stroke-width="{_WIDER * stroke.width:.0f}" d="{_line(_longer(stroke))}"/></g>'
        )
    # At last the glyph as it is: pieces that touch leave hairs between them on a screen.
    done = 100 * (starts[-1] - PAUSE) / whole
    styles.append(
        f"@keyframes w{name}{{0%,{done:.2f}%{{opacity:0}}{done + 0.1:.2f}%,100%{{opacity:1}}}}"
        f"#w{name}{{animation:w{name} {whole:.2f}s linear infinite}}"
    )
    style = (
        ".pen{fill:none;stroke:" + _INK + ";stroke-linejoin:round;stroke-dasharray:1}"
        "@media (prefers-reduced-motion:reduce){.pen,#w"
        + name
        + "{animation:none!important}}"
        + "".join(styles)
    )
    body = "\n".join(
        (
            f"<style>{style}</style>",
            f"<defs>{''.join(clips)}</defs>",
            f'<path fill="{_GHOST}" d="{path_data(glyph.outline)}"/>',
            *pens,
            f'<path id="w{name}" fill="{_INK}" d="{path_data(glyph.outline)}"/>',
        )
    )
    return _document(body, (0, -TOP, EM.units, EM.units), glyph)


def steps_svg(glyph: WrittenGlyph) -> str:
    """A diagram: large, every stroke in a colour with its number where it begins; small, what is there after each."""
    count = len(glyph.strokes)
    columns = max(4, math.ceil(math.sqrt(count * 1.6)))
    rows = max(_LARGE, math.ceil(count / columns))
    large = _LARGE * _CELL + (_LARGE - 1) * _GAP
    width = large + columns * (_CELL + _GAP) + 2 * _GAP
    height = rows * (_CELL + _GAP) + _GAP
    cells = [_numbered(glyph, _GAP, _GAP, large)]
    for k in range(count):
        row, column = divmod(k, columns)
        x, y = large + 2 * _GAP + column * (_CELL + _GAP), _GAP + row * (_CELL + _GAP)
        cells.append(_step(glyph, k, x, y))
    return _document(
        f'<rect width="{width}" height="{height}" fill="white"/>\n' + "\n".join(cells),
        (0, 0, width, height),
        glyph,
    )


def _numbered(glyph: WrittenGlyph, x: float, y: float, side: float) -> str:
    scale = side / EM.units
    shapes, numbers = [], []
    taken: list[NDArray[np.float64]] = []
    size = min(44.0, 260 / len(glyph.strokes) ** 0.5)
    for k, stroke in enumerate(glyph.strokes):
        colour = _colour(k, len(glyph.strokes))
        shapes.append(f'<path fill="{colour}" fill-opacity="0.45" d="{path_data(stroke.outline)}"/>')
        shapes.append(
            f'<path fill="none" stroke="{colour}" stroke-width="7" marker-end="url(#arrow)" d="{_line(stroke.median)}"/>'
        )
        place = _room(stroke, taken, size)
        taken.append(place)
        numbers.append(
            f'<circle cx="{place[0]:.0f}" cy="{-place[1]:.0f}" r="{0.62 * size:.0f}" fill="white" fill-opacity="0.9"/>'
            f'<text x="{place[0]:.0f}" y="{-place[1] + 0.36 * size:.0f}" font-size="{size:.0f}" fill="{_dark(k, len(glyph.strokes))}" '
            f'text-anchor="middle" font-family="sans-serif" font-weight="bold">{k + 1}</text>'
        )
    arrow = (
        '<marker id="arrow" viewBox="0 0 10 10" refX="7" refY="5" markerWidth="4" markerHeight="4" orient="auto">'
        '<path d="M0 0L10 5L0 10Z"/></marker>'
    )
    return f'<defs>{arrow}</defs>{_frame(x, y, side)}<g transform="translate({x} {y}) scale({scale:.5f}) translate(0 {TOP})">{"".join(shapes)}{"".join(numbers)}</g>'


def _room(stroke: StrokeOutline, taken: Sequence[NDArray[np.float64]], size: float) -> NDArray[np.float64]:
    """A place for a number: where the stroke begins, or as far along it as others leave room."""
    for place in stroke.median[: max(1, len(stroke.median) // 2 + 1)]:
        if all(np.hypot(*(place - other)) > 1.15 * size for other in taken):
            return np.asarray(place)
    return np.asarray(stroke.median[0])


def _step(glyph: WrittenGlyph, number: int, x: float, y: float) -> str:
    before = "".join(f'<path d="{path_data(stroke.outline)}"/>' for stroke in glyph.strokes[:number])
    now = f'<path fill="{_NOW}" d="{path_data(glyph.strokes[number].outline)}"/>'
    ghost = f'<path fill="{_GHOST}" d="{path_data(glyph.outline)}"/>'
    label = f'<text x="{x + 5}" y="{y + 14}" font-size="12" fill="#777" font-family="sans-serif">{number + 1}</text>'
    return (
        f'{_frame(x, y, _CELL)}<g fill="{_INK}" transform="translate({x} {y}) scale({_CELL / EM.units:.5f}) translate(0 {TOP})">'
        f"{ghost}{before}{now}</g>{label}"
    )


def _frame(x: float, y: float, side: float) -> str:
    middle = side / 2
    return (
        f'<rect x="{x}" y="{y}" width="{side}" height="{side}" fill="none" stroke="#bbb"/>'
        f'<path d="M{x + middle} {y}v{side}M{x} {y + middle}h{side}" stroke="#ddd" stroke-dasharray="4 4"/>'
    )


def _longer(stroke: StrokeOutline) -> NDArray[np.float64]:
    """The median, going on at both ends by the width of the stroke, so that the pen uncovers all of it."""
    line = stroke.median
    first, last = line[0] - line[1], line[-1] - line[-2]
    ends = [
        end + stroke.width * way / max(float(np.hypot(*way)), 1e-6)
        for end, way in ((line[0], first), (line[-1], last))
    ]
    return np.concatenate([ends[:1], line, ends[1:]])


def _line(points: NDArray[np.float64]) -> str:
    return "M" + "L".join(f"{x:.0f} {-y:.0f}" for x, y in points)


def _colour(number: int, count: int) -> str:
    return _hex(colorsys.hsv_to_rgb(number / count * 0.85, 0.85, 0.85))


def _dark(number: int, count: int) -> str:
    return _hex(colorsys.hsv_to_rgb(number / count * 0.85, 0.9, 0.5))


def _hex(colour: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in colour)


def _document(body: str, box: tuple[float, float, float, float], glyph: WrittenGlyph) -> str:
    view = " ".join(f"{side:g}" for side in box)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}" role="img">\n'
        f"<title>{escape(glyph.text)}: {len(glyph.strokes)} strokes</title>\n"
        f"<desc>Drawn with tensho. {escape(ATTRIBUTION)}</desc>\n{body}\n</svg>\n"
    )
