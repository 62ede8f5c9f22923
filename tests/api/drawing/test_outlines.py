from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from fontTools.pens.recordingPen import RecordingPen
from fontTools.svgLib.path import parse_path
from fontTools.ttLib import TTFont
from PIL import Image

import tensho
from tensho.api.compose import compose_all
from tensho.api.draw_options import DrawOptions
from tensho.composition.outlines.store import open_composer
from tensho.export.font import write_font
from tensho.export.images import read_images, write_images
from tensho.export.typeface import typeface
from tensho.fonts.faces import load_face
from tensho.fonts.outlines import Bounds
from tensho.sheet import Glyph

IDS = "⿰氵青"


@pytest.fixture(scope="module")
def glyph(little_face):
    return tensho.compose(IDS, face=little_face)


def composed(ids, **options) -> Any:
    return tensho.compose(ids, **options)


def pixels_of(points):
    return {(round(float(x)), round(float(y))) for x, y in points}


def test_a_glyph_of_a_face_has_its_outline_and_says_what_it_is_made_of(glyph):
    assert (glyph.model, glyph.ids, glyph.character) == ("outlines", IDS, "清")
    assert glyph.rung == "same slot"
    assert 0 < glyph.confidence <= 1
    assert glyph.donors
    assert len(glyph.outline) > 3
    assert (glyph.units_per_em, tuple(glyph.em)) == (1000, (0, -120, 1000, 880))


@pytest.mark.parametrize("size", [16, 50, 128, 300, 1500])
def test_it_is_as_sharp_at_any_size(glyph, little_face, size):
    drawn = tensho.compose(IDS, face=little_face, size=size)
    assert drawn.array.shape == (size, size)
    assert drawn.array.dtype == np.float32
    np.testing.assert_array_equal(drawn.array, glyph.resized(size).array)
    assert drawn.array.mean() == pytest.approx(glyph.array.mean(), rel=0.03)
    grey = ((drawn.array > 0.1) & (drawn.array < 0.9)).mean()
    assert grey * size < 60  # an edge is one pixel wide, whatever their number


def test_a_sheet_draws_its_cells_from_outlines(little_face):
    options = DrawOptions(face=little_face)
    sheet = compose_all([IDS, "⿰木青"], options)
    large = compose_all([IDS, "⿰木青"], DrawOptions(face=little_face, size=512))
    page = np.asarray(large.grid())
    assert page.shape == (512 + 2 * 64, 2 * (512 + 64) + 64)
    np.testing.assert_array_equal(page[64:576, 64:576], np.asarray(sheet[0].resized(512).image))


def test_the_drawing_is_the_outline_point_for_point(glyph):
    drawing = glyph.svg()
    assert 'viewBox="0 0 1000 1000"' in drawing
    [path] = re.findall(r' d="([^"]+)"', drawing)
    pen = RecordingPen()
    parse_path(path, pen)
    drawn = {(x, y) for _, points in pen.value for x, y in points}
    own = {(round(float(x), 2), round(880 - float(y), 2)) for x, y in glyph.outline.points}
    assert drawn == own


@pytest.mark.parametrize("kind", [".ttf", ".otf"])
def test_a_font_holds_the_contours_as_they_are(glyph, tmp_path, kind):
    write_font(typeface([glyph], code_points=[0xE000]), tmp_path / f"a{kind}")
    with TTFont(tmp_path / f"a{kind}") as font:
        pen = RecordingPen()
        font.getGlyphSet()[font.getBestCmap()[0xE000]].draw(pen)
        assert font["head"].unitsPerEm == 1000
    drawn = pixels_of(point for _, points in pen.value for point in points)
    on_curve = pixels_of(glyph.outline.points[glyph.outline.tags == 1])
    if kind == ".otf":
        assert drawn == pixels_of(glyph.outline.points)
    else:  # whose curves are of another kind
        assert on_curve <= drawn


def test_quadratic_contours_stay_what_they_are(little_truetype, tmp_path):
    """Implied points, direction, units and em box are the face's, in a font of quadratic curves."""
    glyph = composed(IDS, face=little_truetype)
    assert (glyph.units_per_em, glyph.em.bottom) == (2048, -410)
    write_font(typeface([glyph], code_points=[0xE000]), tmp_path / "a.ttf")
    with TTFont(tmp_path / "a.ttf") as font:
        made = font["glyf"]["uniE000"]
        assert pixels_of(made.coordinates) == pixels_of(glyph.outline.points)
        assert [flag & 1 for flag in made.flags].count(1) == (glyph.outline.tags == 1).sum()
        assert len(made.flags) == len(glyph.outline.points)
        assert len(made.endPtsOfContours) == len(glyph.outline)
        assert (font["head"].unitsPerEm, font["OS/2"].sTypoDescender) == (2048, -410)
        comma = font["glyf"]["uni3001"]
        assert comma.yMax - comma.yMin == pytest.approx(2.048 * 206, abs=1)


def test_quadratic_contours_become_cubic_ones_that_look_the_same(little_truetype, tmp_path):
    glyph = composed(IDS, face=little_truetype, size=256)
    write_font(typeface([glyph], code_points=[0x6E05]), tmp_path / "a.otf")
    drawn = load_face(tmp_path / "a.otf").renderer(256).render("清")
    assert drawn is not None
    assert np.abs(drawn / 255 - glyph.array).sum() < 0.03 * glyph.array.sum()


def test_outlines_of_two_ems_meet_in_one_font(glyph, tmp_path):
    points = glyph.outline.points * 2.048 + np.array([0, -164.24])
    larger = Glyph.of_outline(glyph.outline.moved(points), Bounds(0, -410, 2048, 1638), 64)
    write_font(typeface([glyph, larger], code_points=[0x6E05, 0x6E06]), tmp_path / "a.otf")
    renderer = load_face(tmp_path / "a.otf").renderer(256)
    one, other = (np.asarray(renderer.render(character), np.float32) for character in "清渆")
    assert np.abs(one - other).sum() < 0.05 * one.sum()


def test_the_same_request_draws_the_same(glyph, little_face):
    again = composed(IDS, face=little_face, seed=5)
    assert glyph.outline.points.tobytes() == again.outline.points.tobytes()
    assert glyph.svg().replace("seed 0", "seed 5") == again.svg()
    places = [
        compose_all([IDS, "⿰木青"], DrawOptions(face=little_face))[1],
        tensho.compose("⿰木青", face=little_face),
    ]
    np.testing.assert_array_equal(places[0].array, places[1].array)


def test_what_is_written_down_comes_back_with_its_outline(glyph, tmp_path):
    write_images([glyph], tmp_path / "glyphs")
    back = read_images(tmp_path / "glyphs")[0]
    assert back.svg() == glyph.svg()
    assert (back.rung, back.confidence, back.donors) == (glyph.rung, glyph.confidence, glyph.donors)


def test_a_notebook_gets_a_png(glyph):
    with Image.open(io.BytesIO(glyph._repr_png_())) as picture:
        assert picture.size == (128, 128)


def test_a_part_that_no_font_has_is_painted_and_its_neighbours_are_not(
    little_face, brush_weights, monkeypatch
):
    monkeypatch.setattr("tensho.api.draw_options.DEFAULT_BRUSH", str(brush_weights))
    without = tensho.compose("⿱青一", face=little_face, size=64, model=str(brush_weights))
    assert without.rung == "brush"
    refuse_part(monkeypatch, "鳥")
    first, second, third = compose_all(
        [IDS, "⿱青鳥", "⿰木青"], DrawOptions(face=little_face, size=64, seed=3)
    )
    assert [glyph.rung == "brush" for glyph in (first, second, third)] == [False, True, False]
    assert second.model == str(brush_weights)
    assert second.outline is None
    assert (second.index, second.confidence, second.donors) == (1, None, ())
    assert "<path" in second.svg()
    alone = compose_all(["⿱青鳥"], DrawOptions(face=little_face, size=64, seed=3), first=1)[0]
    np.testing.assert_array_equal(alone.array, second.array)


def refuse_part(monkeypatch, part):
    """Make composers find no donor of a part."""
    from tensho.composition.outlines.composer import OutlineComposer

    compose = OutlineComposer.compose

    def refusing(self, description):
        if part in description:
            raise tensho.TenshoError(f"no donor of {part}")
        return compose(self, description)

    monkeypatch.setattr(OutlineComposer, "compose", refusing)


@pytest.mark.parametrize("asked", [{"model": True}, {"steps": 1}], ids=str)
def test_who_asks_for_a_brush_gets_one(little_face, brush_weights, monkeypatch, asked):
    monkeypatch.setattr("tensho.api.draw_options.DEFAULT_BRUSH", str(brush_weights))
    if "model" in asked:
        asked = {"model": str(brush_weights)}
    assert tensho.compose(IDS, face=little_face, size=64, **asked).rung == "brush"


def test_a_style_without_outlines_is_painted(brush_weights, monkeypatch):
    monkeypatch.setattr("tensho.api.draw_options.DEFAULT_BRUSH", str(brush_weights))
    glyph = tensho.compose(IDS, style="kiloji", size=64)
    assert (glyph.rung, glyph.outline) == ("brush", None)
    with pytest.raises(tensho.TenshoError, match="has no outlines"):
        tensho.compose(IDS, style="kiloji", model="outlines")


def test_a_brush_has_a_largest_size(brush_weights):
    with pytest.raises(tensho.TenshoError, match="at most 1024"):
        tensho.compose(IDS, model=str(brush_weights), size=2000)


def run(script, *arguments):
    command = [sys.executable, "-c", f"import sys, tensho\n{script}", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ}).stdout


def test_composing_a_face_needs_no_torch(glyph, little_face, tmp_path):
    script = """
glyph = tensho.compose(sys.argv[1], face=sys.argv[2], size=200)
glyph.save(sys.argv[3])
tensho.sheet.Sheet((glyph,)).save(sys.argv[4])
print('torch' in sys.modules)
"""
    drawings = []
    for name in ("a", "b"):
        files = tmp_path / f"{name}.svg", tmp_path / f"{name}.png"
        assert run(script, IDS, little_face, *files).strip() == "False"
        drawings.append([file.read_bytes() for file in files])
    assert drawings[0] == drawings[1]


def test_dreaming_structures_needs_no_torch():
    script = """
from tensho.api.draw_options import DEFAULTS
from tensho.api.dream import is_worth_drawing
from tensho.api.load import composer_for
from tensho.models.composer.candidates import dream_structures
print(*dream_structures(composer_for(DEFAULTS), 4, accept=is_worth_drawing), 'torch' in sys.modules)
"""
    *dreams, torch = run(script).split()
    assert torch == "False"
    assert [glyph.ids for glyph in tensho.dream(2)] == dreams[:2]


@pytest.mark.skipif(open_composer("sans-sc") is None, reason="no outlines of Noto Sans SC are at hand")
@pytest.mark.slow
def test_dreams_are_outlines_without_torch():
    script = "sheet = tensho.dream(16); print(*(g.ids + g.model for g in sheet), 'torch' in sys.modules)"
    first, second = run(script), run(script)
    assert first == second
    assert first.split()[-1] == "False"
