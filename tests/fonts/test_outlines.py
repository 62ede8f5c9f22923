import numpy as np
import pylopdf_fonts_jp
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.areaPen import AreaPen
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

from tensho.errors import TenshoError
from tensho.fonts.outline_geometry import OutlinePen, emboldened, united
from tensho.fonts.outline_raster import raster
from tensho.fonts.outline_reader import OutlineReader
from tensho.fonts.outlines import CUBIC, ON_CURVE, QUADRATIC, Outline, joined


def glyph(reader: OutlineReader, character: str) -> Outline:
    found = reader.outline(character)
    assert found is not None
    return found


SOME = "永龍口之森鬱言一"


def polygon(*points):
    return Outline(
        np.array(points, np.float32),
        np.full(len(points), ON_CURVE, np.uint8),
        np.array([len(points) - 1], np.int32),
    )


def square(left, bottom, side):
    return polygon((left, bottom), (left + side, bottom), (left + side, bottom + side), (left, bottom + side))


def circle(radius, kind):
    """A circle of four arcs about the origin, counter-clockwise."""
    pen = OutlinePen()
    k = 0.5522847498 * radius
    if kind == CUBIC:
        pen.moveTo((radius, 0))
        pen.curveTo((radius, k), (k, radius), (0, radius))
        pen.curveTo((-k, radius), (-radius, k), (-radius, 0))
        pen.curveTo((-radius, -k), (-k, -radius), (0, -radius))
        pen.curveTo((k, -radius), (radius, -k), (radius, 0))
    else:
        t = radius * np.tan(np.pi / 8)
        pen.moveTo((radius, 0))
        pen.qCurveTo((radius, t), (t, radius), (0, radius))
        pen.qCurveTo((-t, radius), (-radius, t), (-radius, 0))
        pen.qCurveTo((-radius, -t), (-t, -radius), (0, -radius))
        pen.qCurveTo((t, -radius), (radius, -t), (radius, 0))
    pen.closePath()
    return pen.outline()


def test_squares_have_their_bounds_and_areas():
    both = joined([square(10, 20, 30), square(100, 0, 5)])
    assert both.areas.tolist() == [900, 25]
    assert both.contour_bounds.tolist() == [[10, 20, 40, 50], [100, 0, 105, 5]]
    assert tuple(both.bounds) == (10, 0, 105, 50)
    assert [contour.bounds.left for contour in both] == [10, 100]


@pytest.mark.parametrize("kind", [CUBIC, QUADRATIC])
def test_a_circle_inks_what_a_circle_does(kind):
    ring = circle(400, kind)
    np.testing.assert_allclose(ring.bounds, (-400, -400, 400, 400), atol=1e-3)
    page = raster(ring, 200, scale=0.2, left=-500, bottom=-500)
    assert page.astype(float).mean() / 255 == pytest.approx(np.pi * 0.4**2, rel=0.005)


def test_pixels_hold_exactly_what_is_inked():
    page = raster(square(0, 0, 125), 2, scale=0.01)
    assert page.tolist() == [
        [pytest.approx(255 * 0.25, abs=1), pytest.approx(255 / 16, abs=1)],
        [255, pytest.approx(255 / 4, abs=1)],
    ]


def test_nothing_is_blank_paper():
    assert not raster(joined([]), 16, scale=1).any()


@pytest.fixture(scope="module")
def noto():
    return pylopdf_fonts_jp.serif_path()


@pytest.mark.parametrize("character", SOME)
def test_cff_outlines_are_those_that_fonttools_reads(noto, character):
    outline = glyph(OutlineReader(noto), character)
    with TTFont(noto) as font:
        glyphs = font.getGlyphSet()
        name = font.getBestCmap()[ord(character)]
        theirs = DecomposingRecordingPen(glyphs)
        glyphs[name].draw(theirs)
        area, box = AreaPen(glyphs), BoundsPen(glyphs)
        glyphs[name].draw(area)
        glyphs[name].draw(box)
    points = [point for op, args in theirs.value for point in args]
    assert {tuple(point) for point in outline.points.tolist()} <= {
        tuple(map(float, point)) for point in points
    }
    assert len(outline) == sum(op == "moveTo" for op, _ in theirs.value)
    assert outline.bounds == pytest.approx(box.bounds, abs=1)
    drawn = AreaPen()
    outline.draw(drawn)
    assert drawn.value == pytest.approx(area.value)


def truetype(tmp_path, **glyphs):
    """A TrueType font whose glyphs are drawn by functions of a pen; one of them may be a composite."""
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", *glyphs])
    drawn = {".notdef": TTGlyphPen(None).glyph()}
    for name, draw in glyphs.items():
        pen = TTGlyphPen(drawn)
        draw(pen)
        drawn[name] = pen.glyph()
    builder.setupCharacterMap({0x4E00 + k: name for k, name in enumerate(glyphs)})
    builder.setupGlyf(drawn)
    bearings = {name: getattr(glyph, "xMin", 0) for name, glyph in builder.font["glyf"].glyphs.items()}
    builder.setupHorizontalMetrics({name: (1000, left) for name, left in bearings.items()})
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupPost()
    path = tmp_path / "test.ttf"
    builder.save(path)
    return path


def test_composites_come_as_contours(tmp_path):
    def simple(pen):
        square(0, 0, 100).draw(pen)

    path = truetype(tmp_path, one=simple, two=lambda pen: pen.addComponent("one", (1, 0, 0, 1, 300, 50)))
    reader = OutlineReader(path)
    assert glyph(reader, "一").bounds == (0, 0, 100, 100)
    assert glyph(reader, "丁").bounds == (300, 50, 400, 150)
    assert reader.outline("丂") is None


def test_a_glyph_that_stands_for_a_thousand_characters_stands_for_none(tmp_path):
    path = truetype(tmp_path, one=square(0, 0, 100).draw)
    with TTFont(path) as font:
        for table in font["cmap"].tables:
            table.cmap = dict.fromkeys(range(0x4E00, 0x4E00 + 1000), "one")
        font.save(path)
    assert not OutlineReader(path).characters


def test_what_is_no_font_is_refused(tmp_path):
    path = tmp_path / "no.ttf"
    path.write_text("no font")
    with pytest.raises(TenshoError, match="another font file"):
        OutlineReader(path)


def test_axes_that_a_font_has_not_are_refused(noto):
    with pytest.raises(TenshoError, match="no variable font"):
        OutlineReader(noto, location={"wght": 700})


def test_union_keeps_the_ink_and_drops_what_is_inside():
    one, other = square(0, 0, 100), square(50, 50, 100)
    whole = united(joined([one, other]))
    assert len(whole) == 1
    assert whole.areas.sum() == pytest.approx(100**2 * 2 - 50**2)


def test_union_keeps_the_direction_of_outer_contours():
    clockwise = polygon((0, 0), (0, 100), (100, 100), (100, 0))
    assert united(clockwise).areas[0] < 0 < united(square(0, 0, 100)).areas[0]


@pytest.mark.parametrize("character", SOME)
def test_union_leaves_a_clean_glyph_as_it_is(noto, character):
    outline = glyph(OutlineReader(noto), character)
    before, after = (raster(o, 128, scale=0.12, bottom=-120).astype(int) for o in (outline, united(outline)))
    assert np.abs(before - after).mean() < 0.2


def test_weight_is_given_to_stems_along_each_axis():
    heavier = emboldened(square(0, 0, 100), 20, -10).bounds
    assert heavier.width == pytest.approx(120, abs=1)
    assert heavier.height == pytest.approx(90, abs=1)
