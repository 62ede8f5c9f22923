from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fontTools.misc.bezierTools import calcCubicBounds
from fontTools.pens.areaPen import AreaPen
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tensho.errors import TenshoError
from tensho.export.font import write_font
from tensho.export.typeface import typeface
from tensho.fonts.rasterizer import EM_FRACTION
from tensho.fonts.tracing.edges import find_edges
from tensho.fonts.tracing.outline import TracedOutline, trace
from tensho.sheet import Glyph
from tests.export.conftest import Draw


def area(outline: TracedOutline) -> float:
    pen = AreaPen()
    outline.draw(pen)
    return float(pen.value)


def ring(size: int, outer: float, inner: float) -> NDArray[np.float64]:
    y, x = np.mgrid[:size, :size] + 0.5 - size / 2
    radius = np.hypot(x, y)
    return np.asarray(np.clip(outer + 0.5 - radius, 0, 1) - np.clip(inner + 0.5 - radius, 0, 1))


def slanted_bar(size: int, degrees: float) -> NDArray[np.float64]:
    fine = 16
    y, x = (np.mgrid[: size * fine, : size * fine] + 0.5) / fine - size / 2 - 0.13
    turn = np.deg2rad(degrees)
    across, along = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    bar = (abs(across) < 2.3) & (abs(along) < 20)
    return np.asarray(bar.reshape(size, fine, size, fine).mean(axis=(1, 3)))


@pytest.mark.parametrize("degrees", [0, 3, 20, 44, 70, 90])
def test_edges_of_a_bar_lie_within_a_fiftieth_of_a_pixel(degrees: float) -> None:
    points = find_edges(slanted_bar(64, degrees)).points - 32 - 0.13
    turn = np.deg2rad(degrees)
    across = points @ [np.cos(turn), np.sin(turn)]
    along = points @ [-np.sin(turn), np.cos(turn)]
    side = np.abs(along) < 17
    assert side.sum() > 50
    assert np.abs(np.abs(across[side]) - 2.3).max() < 0.025


def test_a_ring_becomes_eight_quarter_circles() -> None:
    outline = trace(ring(64, 20, 10), em_fraction=1)
    assert [len(contour.segments) for contour in outline.contours] == [4, 4]
    assert all(len(segment) == 3 for contour in outline.contours for segment in contour.segments)
    # The grey of a pixel is its signed distance here, which makes corners of pixels count a little too much.
    assert area(outline) == pytest.approx(np.pi * (20**2 - 10**2) * (1000 / 64) ** 2, rel=0.01)


def test_holes_run_the_other_way() -> None:
    outer, hole = sorted(trace(ring(64, 20, 10)).contours, key=lambda c: -abs(area(TracedOutline((c,)))))
    assert area(TracedOutline((outer,))) > 0 > area(TracedOutline((hole,)))


def test_a_rectangle_has_four_points_on_the_spot() -> None:
    bitmap = np.zeros((100, 100))
    bitmap[20:60, 30:80] = 1
    bitmap[60, 30:80] = 0.5
    outline = trace(bitmap, em_fraction=1)
    corners = {segment[-1] for contour in outline.contours for segment in contour.segments}
    assert corners == {(300, 680), (800, 680), (800, 275), (300, 275)}
    assert outline.control_points == 4


def test_slight_slopes_stay_and_levels_are_level() -> None:
    level = trace(slanted_bar(64, 90), em_fraction=1)
    assert len({point[1] for contour in level.contours for (point,) in contour.segments}) == 2
    sloped = trace(slanted_bar(64, 87), em_fraction=1)
    assert len({point[1] for contour in sloped.contours for (point,) in contour.segments}) == 4


@pytest.mark.parametrize("face", ["sans", "serif"])
def test_extremes_lie_on_the_curve(draw: Draw, faces: dict[str, Path], face: str) -> None:
    curves = 0
    for character in "永心風":
        for contour in trace(draw(faces[face], character, 128), em_fraction=1).contours:
            begin = contour.start
            for segment in contour.segments:
                if len(segment) == 3:
                    left, bottom, right, top = calcCubicBounds(begin, *segment)
                    (x0, y0), (x1, y1) = begin, segment[-1]
                    assert min(left - min(x0, x1), bottom - min(y0, y1)) > -2.5
                    assert max(right - max(x0, x1), top - max(y0, y1)) < 2.5
                    curves += 1
                begin = segment[-1]
    assert curves > 30


@pytest.mark.parametrize(("face", "mean"), [("sans", 0.99), ("serif", 0.98)])
def test_real_glyphs_come_back(
    draw: Draw, faces: dict[str, Path], tmp_path: Path, face: str, mean: float
) -> None:
    characters = "永國鬱口風"
    bitmaps = [draw(faces[face], character, 128, EM_FRACTION) for character in characters]
    write_font(typeface([Glyph(bitmap) for bitmap in bitmaps]), tmp_path / "traced.otf")
    overlaps = []
    for place, character in enumerate(characters):
        theirs = draw(faces[face], character, 512)
        ours = draw(tmp_path / "traced.otf", chr(0xE000 + place), 512)
        overlaps.append(np.minimum(ours, theirs).sum() / np.maximum(ours, theirs).sum())
    assert np.mean(overlaps) > mean
    assert min(overlaps) > 0.96


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([5, 16, 33, 64]), st.sampled_from([1, 3, 8]))
def test_any_picture_gives_closed_contours_or_says_that_it_is_blank(seed: int, size: int, grain: int) -> None:
    random = np.random.default_rng(seed)
    coarse = random.random((-(-size // grain), -(-size // grain))) ** random.uniform(0.3, 3)
    bitmap = np.asarray(np.kron(coarse, np.ones((grain, grain)))[:size, :size], np.float64)
    try:
        outline = trace(bitmap)
    except TenshoError:
        assert len(find_edges(bitmap).counts) == 0
        return
    for contour in outline.contours:
        assert contour.segments[-1][-1] == contour.start
        points = [point for segment in contour.segments for point in segment]
        assert np.abs(points).max() < 3000
    # Ink is where the outline is: areas agree but for what a speck or a rounded corner is worth.
    assert area(outline) > 0


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.zeros((32, 32)), "no ink"),
        (np.full((32, 32), 0.4), "no ink"),
        (np.ones((32, 16)), "square"),
        (np.ones((32, 32, 3)), "square"),
        (np.zeros((0, 0)), "square"),
        (np.full((32, 32), np.nan), "finite|0…255"),
        (np.full((32, 32), 7.0), "0…255"),
        (np.ones((32, 32), np.int32), "uint8"),
    ],
)
def test_what_is_no_glyph_is_refused(array: NDArray[np.generic], words: str) -> None:
    with pytest.raises(TenshoError, match=words):
        trace(array)
