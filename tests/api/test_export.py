import pytest
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont
from fontTools.ufoLib import UFOReader

from tensho.api.draw_options import DrawOptions
from tensho.api.export import export_font, glyphs_to_export
from tensho.errors import TenshoError
from tests.ideograph_fonts import write_ideographs


@pytest.fixture
def glyphs():
    return glyphs_to_export(0, DrawOptions(style="mincho"), ids=["⿰木龍"])


def test_a_font_made_of_another_carries_its_licence(tmp_path, glyphs):
    write_ideographs(tmp_path / "a.ttf", copyright="© A, with Reserved Font Name 'Small'.")
    export_font(glyphs, tmp_path / "b.ttf", face=tmp_path / "a.ttf")
    with TTFont(tmp_path / "b.ttf") as made:
        assert "OFL-1.1" in made["name"].getDebugName(13)


def test_sources_refer_to_the_parts_that_stand_as_in_the_font(tmp_path):
    ids = ["⿰木龍", "⿰氵龍", "⿰言木", "⿱艹龍", "⿰木⿱日口", "⿰女木", "⿰氵木"]
    glyphs = glyphs_to_export(0, DrawOptions(style="mincho"), ids=ids)
    made = export_font(glyphs, tmp_path / "b.ufo")
    with UFOReader(tmp_path / "b.ufo") as reader:
        drawn, skipped = reader.getGlyphSet(), reader.readLib()["public.skipExportGlyphs"]
        assert len(skipped) == len({part.name for glyph in glyphs for part in glyph.parts}) > 0
        for code, glyph in zip(made.drawn, glyphs, strict=True):
            pen = BoundsPen(drawn)
            drawn[next(g.name for g in made.glyphs if g.code_point == code)].draw(pen)
            assert glyph.outline is not None
            assert pen.bounds == pytest.approx(glyph.outline.bounds, abs=0.02)


def test_a_reserved_name_is_refused(tmp_path, glyphs):
    write_ideographs(tmp_path / "a.ttf", copyright="© A, with Reserved Font Name 'Small'.")
    with pytest.raises(TenshoError, match="reserved"):
        export_font(glyphs, tmp_path / "b.ttf", face=tmp_path / "a.ttf", family="Small Too")
    assert not (tmp_path / "b.ttf").exists()


def test_a_font_that_must_not_be_changed_is_not_made_into_another(tmp_path, glyphs):
    write_ideographs(tmp_path / "a.ttf", fs_type=2)
    with pytest.raises(TenshoError, match="ask its owner"):
        export_font(glyphs, tmp_path / "b.ttf", face=tmp_path / "a.ttf")
    assert not (tmp_path / "b.ttf").exists()
