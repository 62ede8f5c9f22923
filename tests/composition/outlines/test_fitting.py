import numpy as np
import pylopdf_fonts_jp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensho.composition.outlines.fitting import fitted, stem_widths, stems
from tensho.fonts.outline_reader import OutlineReader
from tensho.fonts.outlines import ON_CURVE, Bounds, Outline


def frame(side=800, stem=80):
    """口: a square ring, the outer contour counter-clockwise."""
    a, b = stem, side - stem
    points = [(0, 0), (side, 0), (side, side), (0, side), (a, a), (a, b), (b, b), (b, a)]
    return Outline(np.array(points, np.float32), np.full(8, ON_CURVE, np.uint8), np.array([3, 7], np.int32))


def test_stems_are_found_along_both_axes():
    for axis in (0, 1):
        assert stems(frame(), axis, 1000) == [(0, 80), (720, 800)]


def test_stems_are_found_whatever_the_direction_of_contours():
    backwards = frame().moved(frame().points[::-1].copy())
    turned = Outline(backwards.points, backwards.tags, np.array([3, 7], np.int32))
    assert stems(turned, 0, 1000) == [(0, 80), (720, 800)]


@given(st.floats(400, 1500), st.floats(400, 1500), st.floats(-200, 200), st.floats(-200, 200))
def test_the_box_is_filled_and_stems_keep_their_widths(width, height, left, bottom):
    box = Bounds(left, bottom, left + width, bottom + height)
    inside = fitted(frame(), box, 1000)
    assert inside.bounds == pytest.approx(box, abs=0.01)
    for axis, extent in enumerate((width, height)):
        squeezed = abs(extent - 800) <= 0.03 * 800  # plain scaling that nobody sees
        for low, high in stems(inside, axis, 1000):
            assert high - low == pytest.approx(80 * extent / 800 if squeezed else 80, abs=0.1)


def test_where_counters_would_close_stems_give_way_too():
    tight = fitted(frame(), Bounds(0, 0, 200, 800), 1000)
    assert tight.bounds.width == pytest.approx(200, abs=0.01)
    (left, right) = stems(tight, 0, 1000)
    assert 0 < left[1] - left[0] < 80
    assert right[0] - left[1] > 0


def test_the_order_of_points_stays():
    glyph = OutlineReader(pylopdf_fonts_jp.serif_path()).outline("龍")
    assert glyph is not None
    box = glyph.bounds
    narrow = fitted(glyph, Bounds(box.left, box.bottom, box.left + 0.6 * box.width, box.top), 1000)
    order = np.argsort(glyph.points[:, 0], kind="stable")
    assert (np.diff(narrow.points[order, 0]) >= -0.01).all()


def test_stem_widths_of_a_mincho_are_thick_and_thin():
    reader = OutlineReader(pylopdf_fonts_jp.serif_path())
    plain = [glyph for c in "十木中田土口日王目士" if (glyph := reader.outline(c)) is not None]
    vertical, horizontal = stem_widths(plain, 1000)
    assert 60 < vertical < 100
    assert 15 < horizontal < 45


def test_stem_widths_without_stems_are_zero():
    assert stem_widths([], 1000) == (0, 0)
