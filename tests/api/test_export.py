import pytest
from fontTools.ttLib import TTFont

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
