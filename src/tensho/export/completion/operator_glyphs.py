"""Ideographic description characters for a font that lacks them, which a typed description begins with."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tensho.export.auxiliary_glyphs import operator_diagram
from tensho.export.completion.font import Addition
from tensho.export.completion.glyph_registration import IdeographMetrics
from tensho.fonts.outlines import ON_CURVE, Outline
from tensho.fonts.tracing.outline import DESCENDER, UNITS_PER_EM

__all__ = ["operator_additions"]


def operator_additions(
    operators: Iterable[str], units_per_em: int, metrics: IdeographMetrics
) -> list[Addition]:
    """Diagrams of operators, in the em box of a font's ideographs."""
    return [Addition(ord(operator), _fitted(operator, units_per_em, metrics)) for operator in operators]


def _fitted(operator: str, units_per_em: int, metrics: IdeographMetrics) -> Outline:
    contours = operator_diagram(operator).contours
    corners = [[contour.start, *(segment[-1] for segment in contour.segments)] for contour in contours]
    corners = [polygon[:-1] if polygon[0] == polygon[-1] else polygon for polygon in corners]
    points = np.array([point for polygon in corners for point in polygon], np.float64)
    points = (points - (0, DESCENDER)) / UNITS_PER_EM * (metrics.advance, units_per_em) + (0, metrics.bottom)
    ends = np.cumsum([len(polygon) for polygon in corners]) - 1
    return Outline(points.astype(np.float32), np.full(len(points), ON_CURVE, np.uint8), ends.astype(np.int32))
