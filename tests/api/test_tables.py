import numpy as np
import pytest

import tensho
from tensho.api.draw_options import DrawOptions
from tensho.api.export import export_font
from tensho.api.tables import compose_table, counted, is_table, sheet_of
from tensho.errors import TenshoError

TABLE = "# found\nU+6E56\t湖\t⿰氵胡[GT]\n⿰氵龍\n⿱艹①\n\nU+9F8D\t龍\t⿰？木\t⿰木龍\n⿱艹⿰氵龍\n⿰氵\U0010fff0\n"


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "table.txt"
    path.write_text(TABLE, encoding="utf-8")
    return path


def test_each_line_is_answered(table):
    lines = compose_table(table, DrawOptions(size=32))
    assert [line.outcome for line in lines] == [
        "comment",
        "exists",
        "exists",
        "refused",
        "blank",
        "exists",
        "drawn",
        "refused",
    ]
    assert counted(lines) == {"drawn": 1, "exists": 3, "refused": 2, "comment": 1, "blank": 1}
    assert [glyph.character for glyph in sheet_of(lines)] == ["湖", "瀧", "龍", None]
    assert lines[5].glyph is not None
    assert lines[5].glyph.ids == "⿰木龍"  # the first of its descriptions that can be read
    assert "position 3" in lines[3].why
    assert "U+10FFF0" in lines[7].why


def test_glyphs_are_those_of_single_descriptions(table):
    lines = compose_table(table, DrawOptions(size=32))
    alone = tensho.compose("⿱艹⿰氵龍", size=32)
    assert lines[6].glyph is not None
    np.testing.assert_array_equal(lines[6].glyph.array, alone.array)


def test_what_exists_stands_at_its_own_code_point_unless_all_are_private(table, tmp_path):
    glyphs = sheet_of(compose_table(table, DrawOptions(size=32)))
    assert export_font(glyphs, tmp_path / "a.ttf").drawn == (ord("湖"), ord("瀧"), ord("龍"), 0xE000)
    assert export_font(glyphs, tmp_path / "b.ttf", private=True).drawn == (0xE000, 0xE001, 0xE002, 0xE003)


def test_a_table_of_nothing(tmp_path):
    (tmp_path / "empty.txt").write_text("# nothing\n")
    with pytest.raises(TenshoError, match="nothing of the table"):
        sheet_of(compose_table(tmp_path / "empty.txt"))


def test_which_arguments_are_tables(table):
    assert is_table(str(table))
    assert is_table("nowhere.txt")
    assert not is_table("⿰氵龍")
    assert not is_table("龍")


def test_a_variation_is_drawn_where_the_face_has_it_and_said_where_not():
    plain, varied = (tensho.compose(text, style="sans-jp", size=64) for text in ("邉", "邉\U000e0101"))
    assert varied.character == "邉"
    assert varied.notes == ()
    assert np.abs(varied.array - plain.array).sum() > 10
    lost = tensho.compose("邉\U000e01ef", style="sans-jp", size=64)
    assert "U+E01EF" in lost.notes[0]
    np.testing.assert_array_equal(lost.array, plain.array)
