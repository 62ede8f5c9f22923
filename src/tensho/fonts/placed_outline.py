"""A glyph's contours where a font or a drawing wants them: a foundry's own, or traced from a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fontTools.pens.reverseContourPen import ReverseContourPen
from fontTools.pens.transformPen import TransformPen

from tensho.fonts.outlines import ON_CURVE, QUADRATIC, Bounds, Outline
from tensho.fonts.tracing.outline import DESCENDER, UNITS_PER_EM, TracedOutline

if TYPE_CHECKING:
    from fontTools.pens.basePen import AbstractPen

__all__ = ["EmBox", "PlacedOutline", "placed", "traced"]


@dataclass(frozen=True)
class EmBox:
    """The em box of a font: how many units it is high and wide, and where its lower edge is, over the baseline."""

    units: int = UNITS_PER_EM
    descender: int = DESCENDER

    @classmethod
    def of(cls, bounds: Bounds | None) -> EmBox:
        """That of an outline's font, in whole units; the default for what has no outline."""
        return cls() if bounds is None else cls(round(bounds.height), round(bounds.bottom))

    @property
    def ascender(self) -> int:
        """Where its upper edge is."""
        return self.units + self.descender


@dataclass(frozen=True)
class PlacedOutline:
    """Contours, and where they go: every point times ``scale``, then moved by ``shift``."""

    contours: Outline | TracedOutline
    scale: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)

    def draw(self, pen: AbstractPen) -> None:
        """Draw with a fontTools segment pen, outer contours counter-clockwise as PostScript wants them."""
        if self._runs_clockwise:
            pen = ReverseContourPen(pen)
        if (self.scale, self.shift) != (1.0, (0.0, 0.0)):
            pen = TransformPen(pen, (self.scale, 0, 0, self.scale, *self.shift))
        if isinstance(self.contours, Outline):
            _draw(self.contours, pen)
        else:
            self.contours.draw(pen)

    @property
    def _runs_clockwise(self) -> bool:
        """As TrueType's outlines do."""
        return isinstance(self.contours, Outline) and bool(self.contours.areas.sum() < 0)


def placed(outline: Outline, own: Bounds, em: EmBox) -> PlacedOutline:
    """A font's contours in an em box, ``own`` being that of the font they are from; the middles meet."""
    scale = em.units / own.height
    left = (em.units - own.width * scale) / 2 - own.left * scale
    # Some faces have their em box between two units; no point is moved for that.
    down = em.descender - round(own.bottom) * scale
    return PlacedOutline(outline, scale, (left, down))


def traced(outline: TracedOutline, em: EmBox) -> PlacedOutline:
    """What was traced or made in `UNITS_PER_EM`, in an em box."""
    scale = em.units / UNITS_PER_EM
    return PlacedOutline(outline, scale, (0.0, em.descender - DESCENDER * scale))


def _draw(outline: Outline, pen: AbstractPen) -> None:
    """Draw contours point for point: a point that quadratic curves only imply stays implied."""
    for contour in outline:
        points = [(float(x), float(y)) for x, y in contour.points]
        tags = contour.tags.tolist()
        on = [k for k, tag in enumerate(tags) if tag == ON_CURVE]
        if not on:
            pen.qCurveTo(*points, None)
            pen.closePath()
            continue
        order = [*range(on[0] + 1, len(points)), *range(on[0] + 1)]
        pen.moveTo(points[on[0]])
        held: list[tuple[float, float]] = []
        quadratic = False
        for k in order:
            if tags[k] != ON_CURVE:
                held.append(points[k])
                quadratic = tags[k] == QUADRATIC
            elif held:
                (pen.qCurveTo if quadratic else pen.curveTo)(*held, points[k])
                held = []
            elif k != on[0]:  # a line back to the start is drawn by every pen by itself
                pen.lineTo(points[k])
        pen.closePath()
