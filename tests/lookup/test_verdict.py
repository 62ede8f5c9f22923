import dataclasses

import numpy as np
import pylopdf_fonts_jp
import pytest

import tensho
from tensho.errors import TenshoError
from tensho.ids.syntax import parse
from tensho.ids.undescribed import undescribed
from tensho.lookup import verdict
from tensho.lookup.verdict import look_up, look_up_all, look_up_glyphs, may_be_new
from tests.small_fonts import write_font

pytestmark = pytest.mark.usefixtures("nothing_inferred")


def test_what_a_table_has_exists_and_is_named():
    answer = look_up("⿰女子")
    assert (answer.verdict, answer.character) == ("exists", "好")
    assert answer.reason == "⿰女子 is 好 (U+597D, URO, since Unicode 1.1)"
    assert answer.matches[0] == ("好", 0.0)


def test_a_structure_that_no_table_has_is_not_called_new_where_the_tables_end(tables):
    answer = look_up("⿰忄安")
    assert (answer.verdict, answer.character) == ("unknown", None)
    assert "of its radical and strokes" in answer.reason
    assert may_be_new("⿰忄安")
    tables("U+2AAF2\t𪫲\t⿰忄安")
    answer = look_up("⿰忄安")
    assert (answer.verdict, answer.character) == ("exists", "𪫲")
    assert "Extension C, since Unicode 5.2" in answer.reason
    assert not may_be_new("⿰忄安")


def test_variants_are_told_from_what_exists():
    answer = look_up("⿰亻靑")
    assert (answer.verdict, answer.character) == ("variant", "倩")
    assert not may_be_new("⿰亻靑")


def test_looks_count_where_no_table_has_the_structure():
    answer = look_up("⿰禾勺")  # 䄪, of which the installed table knows nothing
    assert answer.verdict in ("exists", "near copy")
    assert answer.matches[0].character == "䄪"


def test_a_near_draft_of_the_right_radical_and_strokes_is_no_new_character():
    answer = look_up("⿰忄宅")  # 㤞, of which the installed table knows nothing
    assert answer.verdict in ("exists", "near copy")
    assert answer.character == "㤞"


def test_new_needs_structure_and_looks_and_that_no_character_is_left(monkeypatch):
    assert look_up("⿰釒⿱艹龜").verdict == "unknown"
    monkeypatch.setattr(verdict, "undescribed", lambda tree: "")
    answer = look_up("⿰釒⿱艹龜")
    assert answer.verdict == "new"
    assert "none looks like it" in answer.reason
    assert look_up("⿰亻靑").verdict == "variant"


def test_a_picture_is_new_only_if_the_index_holds_nearly_all(monkeypatch):
    scrawl = np.zeros((64, 64), np.float32)
    scrawl[::9, :40] = scrawl[:30, ::11] = scrawl[40:, 50:] = 1
    assert look_up(scrawl).verdict == "unknown"
    monkeypatch.setattr(verdict, "_encoded_ideographs", lambda: 30_000)
    assert look_up(scrawl).verdict == "new"


def test_characters_of_which_no_table_says_how_they_are_built(tables):
    open_cases = undescribed(parse("⿰忄安"))
    assert "𪫲" in open_cases
    assert "好" not in open_cases
    assert "𪷷" not in open_cases  # of another radical and other strokes
    tables("U+2AAF2\t𪫲\t⿰忄安")
    assert "𪫲" not in undescribed(parse("⿰忄安"))


@pytest.mark.parametrize(
    ("query", "character"),
    [("U+2AAF2", "𪫲"), ("u+597d", "好"), ("好", "好"), ("\U00033479", "\U00033479"), ("\uf900", "豈")],
)
def test_characters_exist_whether_or_not_a_font_has_them(query, character):
    answer = look_up(query)
    assert (answer.verdict, answer.character) == ("exists", character)
    assert answer.matches[0] == (character, 0.0)


def test_what_is_no_character():
    with pytest.raises(TenshoError, match="no code point"):
        look_up("U+D800")
    with pytest.raises(TenshoError, match="no encoded character"):
        look_up("U+10FFF0")
    with pytest.raises(TenshoError, match="position 3"):
        look_up("⿱艹①")


def test_a_glyph_of_a_font(tmp_path):
    font = pylopdf_fonts_jp.serif_path()
    for glyph in ("湖", "U+6E56", "uni6E56"):
        assert look_up(f"{font}#{glyph}").matches[0].character == "湖"
    gaiji = write_font(tmp_path / "gaiji.ttf", {"\ue000": (100, 300, 900, 400)})
    assert look_up(f"{gaiji}#U+E000").matches[0].character == "一"
    assert look_up(f"{gaiji}#gid1").matches == look_up(f"{gaiji}#U+E000").matches
    for bad, message in (
        (f"{gaiji}#U+E001", "no glyph U\\+E001"),
        (str(gaiji), "names no glyph"),
        ("nowhere.ttf#一", "no font file"),
        (f"{gaiji}#x#一", "second face"),
    ):
        with pytest.raises(TenshoError, match=message):
            look_up(bad)


def test_drawn_glyphs_are_judged_by_their_structure_too():
    glyph = tensho.compose("⿰女子", size=64)
    assert look_up_glyphs([glyph])[0].verdict == "exists"
    anonymous = dataclasses.replace(glyph, character=None)
    assert look_up_glyphs([anonymous])[0].character == "好"
    blank = dataclasses.replace(glyph, array=np.zeros((64, 64), np.float32), outline=None, em=None)
    assert look_up_glyphs([blank])[0].verdict == "new"


def test_one_answer_for_what_is_no_page():
    [found] = look_up_all("⿰女子")
    assert found.box is None
    assert found.result == look_up("⿰女子")


@pytest.mark.parametrize(
    ("said", "possible"),
    [
        ("⿰忄①", True),
        ("⿰&CDP-FFFF;安", True),
        ("⿰忄{12}", True),
        ("⿰木？", False),
        ("𪫲", False),
        ("⿰①②", True),
    ],
)
def test_what_a_table_says_of_a_character_without_a_description_counts(tables, said, possible):
    tables(f"U+2AAF2\t𪫲\t{said}", "㕆\t⿸厂古")
    assert ("𪫲" in undescribed(parse("⿰忄安"))) == possible
    assert look_up("⿰忄安").verdict == "unknown"  # other characters are of the same radical and strokes
