"""Glyphs that every font needs, .notdef, space, punctuation and operator diagrams, drawn from boxes and circles."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tensho.fonts.tracing.outline import DESCENDER, UNITS_PER_EM, Contour, Point, TracedOutline

__all__ = ["BLANK", "missing_glyph", "operator_diagram", "placeholder", "punctuation", "vertical_punctuation"]

BLANK = TracedOutline(())

STROKE = 44
"""Width of the lines of a diagram, in font units, 1000 to the em."""

CIRCLE = 0.5523  # handle length of a quarter circle of radius 1, off by 0.03 % of the radius
INSET, GAP = 0.1, 0.06  # of the em: around a diagram, and between its boxes

Box = tuple[float, float, float, float]

WHOLE: Box = (0, 0, 1, 1)
LAYOUTS: dict[str, tuple[Box, ...]] = {
    "⿰": ((0, 0, 0.5, 1), (0.5, 0, 1, 1)),
    "⿱": ((0, 0.5, 1, 1), (0, 0, 1, 0.5)),
    "⿲": ((0, 0, 1 / 3, 1), (1 / 3, 0, 2 / 3, 1), (2 / 3, 0, 1, 1)),
    "⿳": ((0, 2 / 3, 1, 1), (0, 1 / 3, 1, 2 / 3), (0, 0, 1, 1 / 3)),
    "⿴": (WHOLE, (0.22, 0.22, 0.78, 0.78)),
    "⿵": (WHOLE, (0.22, 0.08, 0.78, 0.7)),
    "⿶": (WHOLE, (0.22, 0.3, 0.78, 0.92)),
    "⿷": (WHOLE, (0.3, 0.22, 0.92, 0.78)),
    "\u2ffc": (WHOLE, (0.08, 0.22, 0.7, 0.78)),
    "⿸": (WHOLE, (0.34, 0.08, 0.92, 0.66)),
    "⿹": (WHOLE, (0.08, 0.08, 0.66, 0.66)),
    "⿺": (WHOLE, (0.34, 0.34, 0.92, 0.92)),
    "\u2ffd": (WHOLE, (0.08, 0.34, 0.66, 0.92)),
    "⿻": ((0, 0.3, 0.7, 1), (0.3, 0, 1, 0.7)),
    "\u2ffe": (WHOLE, (0.47, 0.08, 0.53, 0.92)),
    "\u2fff": (WHOLE, (0.42, 0.42, 0.58, 0.58)),
    "\u31ef": (WHOLE, (0.22, 0.46, 0.78, 0.54)),
}


def operator_diagram(operator: str) -> TracedOutline:
    """How an ideographic description character arranges its parts: a frame for each part."""
    return TracedOutline(
        tuple(contour for box in LAYOUTS.get(operator, (WHOLE,)) for contour in _frame_of(box))
    )


def placeholder() -> TracedOutline:
    """A part that has no drawing: an empty frame."""
    return TracedOutline(_frame_of(WHOLE))


def missing_glyph() -> TracedOutline:
    """``.notdef``: an upright frame with a bar across."""
    return TracedOutline((*_frame(200, 0, 800, 760), _polygon(_box(320, 358, 680, 402))))


def punctuation() -> dict[str, TracedOutline]:
    """The marks that text is set with, as they stand in a horizontal line."""
    bracket = [(620, 800), (620, 100), (664, 100), (664, 756), (900, 756), (900, 800)]
    return {
        "。": TracedOutline((_circle((190, 30), 100), _circle((190, 30), 60, hole=True))),
        "、": TracedOutline((_polygon([(80, 86), (206, -76), (264, -30), (126, 130)]),)),
        "「": TracedOutline((_polygon(bracket),)),
        "」": TracedOutline((_polygon([_turned(_turned(point)) for point in bracket]),)),
    }


def vertical_punctuation() -> dict[str, TracedOutline]:
    """The same marks for vertical lines: stops go to the upper right of their box, brackets lie down."""
    return {
        mark: _mapped(outline, _turned if mark in "「」" else _raised)
        for mark, outline in punctuation().items()
    }


def _frame_of(box: Box) -> tuple[Contour, Contour]:
    left, bottom, right, top = (UNITS_PER_EM * (INSET + (1 - 2 * INSET) * share) for share in box)
    half = UNITS_PER_EM * GAP / 2
    return _frame(
        round(left + half),
        round(bottom + half) + DESCENDER,
        round(right - half),
        round(top - half) + DESCENDER,
    )


def _frame(left: int, bottom: int, right: int, top: int) -> tuple[Contour, Contour]:
    inside = _box(left + STROKE, bottom + STROKE, right - STROKE, top - STROKE)
    return _polygon(_box(left, bottom, right, top)), _polygon(inside[::-1])


def _box(left: int, bottom: int, right: int, top: int) -> list[Point]:
    return [(left, bottom), (right, bottom), (right, top), (left, top)]


def _polygon(corners: Sequence[Point]) -> Contour:
    return Contour(corners[0], tuple((corner,) for corner in (*corners[1:], corners[0])))


def _circle(centre: Point, radius: int, *, hole: bool = False) -> Contour:
    x, y = centre
    sign = -1 if hole else 1
    handle = round(CIRCLE * radius)
    rim = [
        (radius, handle), (handle, radius), (0, radius),
        (-handle, radius), (-radius, handle), (-radius, 0),
        (-radius, -handle), (-handle, -radius), (0, -radius),
        (handle, -radius), (radius, -handle), (radius, 0),
    ]  # fmt: skip
    points = [(x + dx, y + sign * dy) for dx, dy in rim]
    return Contour((x + radius, y), tuple(tuple(points[i : i + 3]) for i in range(0, 12, 3)))


def _turned(point: Point) -> Point:
    """A quarter turn clockwise about the middle of the em box."""
    middle = UNITS_PER_EM // 2, DESCENDER + UNITS_PER_EM // 2
    return middle[0] + point[1] - middle[1], middle[1] - point[0] + middle[0]


def _raised(point: Point) -> Point:
    return point[0] + 600, point[1] + 640


def _mapped(outline: TracedOutline, move: Callable[[Point], Point]) -> TracedOutline:
    return TracedOutline(
        tuple(
            Contour(
                move(contour.start), tuple(tuple(move(p) for p in segment) for segment in contour.segments)
            )
            for contour in outline.contours
        )
    )
