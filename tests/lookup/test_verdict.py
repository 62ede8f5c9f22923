import dataclasses

import numpy as np
import pylopdf_fonts_jp
import pytest

import tensho
from tensho.errors import TenshoError
from tensho.ids.syntax import parse
from tensho.ids.undescribed import may_have
from tensho.lookup.verdict import is_new, look_up, look_up_all, look_up_glyphs
from tests.small_fonts import write_font

pytestmark = pytest.mark.usefixtures("nothing_inferred")


def test_what_a_table_has_exists_and_is_named():
    answer = look_up("⿰女子")
    assert (answer.verdict, answer.character) == ("exists", "好")
    assert answer.reason == "⿰女子 is 好 (U+597D, URO, since Unicode 1.1)"
    assert answer.matches[0] == ("好", 0.0)


def test_a_structure_that_no_table_has_is_known_by_its_looks(tables):
    answer = look_up("⿰忄安")
    assert (answer.verdict, answer.character) == ("exists", "𪫲")
    assert answer.reason.startswith("⿰忄安 is in no table, but looks like 𪫲 (U+2AAF2, Extension C")
    assert answer.probability is not None
    assert answer.reason.endswith(f", probability {answer.probability:.2f}")
    assert not is_new("⿰忄安")
    tables("U+2AAF2\t𪫲\t⿰忄安")
    answer = look_up("⿰忄安")
    assert (answer.verdict, answer.character, answer.probability) == ("exists", "𪫲", None)
    assert answer.reason == "⿰忄安 is 𪫲 (U+2AAF2, Extension C, since Unicode 5.2)"
    assert not is_new("⿰忄安")


def test_variants_are_told_from_what_exists():
    answer = look_up("⿰亻靑")
    assert (answer.verdict, answer.character) == ("variant", "倩")
    assert not is_new("⿰亻靑")


@pytest.mark.parametrize(("ids", "character"), [("⿰禾勺", "䄪"), ("⿰忄宅", "㤞"), ("⿰口騎", "𫬷")])
def test_looks_count_where_no_table_has_the_structure(ids, character):
    answer = look_up(ids)
    assert answer.verdict in ("exists", "near copy")
    assert answer.character == character
    assert not is_new(ids)


def test_looks_do_not_make_a_character_of_another_structure_exist(tables):
    """A table says how 𪫲 is built, so ⿰忄安 is not it, however like it is."""
    tables("U+2AAF2\t𪫲\t⿰忄⿱亠女")
    answer = look_up("⿰忄安")
    assert (answer.verdict, answer.character) == ("near copy", "𪫲")


def test_new_needs_structure_and_looks():
    answer = look_up("⿰釒⿱艹龜")
    assert answer.verdict == "new"
    assert answer.character is None
    assert "none looks like it" in answer.reason
    assert answer.matches
    assert is_new("⿰釒⿱艹龜")
    assert look_up("⿰亻靑").verdict == "variant"


def test_what_cannot_be_drawn_is_not_called_new():
    assert look_up("⿰木\U00033479").verdict == "unknown"
    assert not is_new("⿰木\U00033479")


def test_a_scrawl_is_new():
    scrawl = np.zeros((64, 64), np.float32)
    scrawl[::9, :40] = scrawl[:30, ::11] = scrawl[40:, 50:] = 1
    assert look_up(scrawl).verdict == "new"


def test_which_characters_may_have_a_structure(tables):
    tree = parse("⿰忄安")
    assert may_have("𪫲", tree)
    assert not may_have("好", tree)
    assert not may_have("𪷷", tree)  # of another radical and other strokes
    tables("U+2AAF2\t𪫲\t⿰忄安")
    assert not may_have("𪫲", tree)


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
    assert may_have("𪫲", parse("⿰忄安")) == possible
    assert look_up("⿰忄安").verdict == ("exists" if possible else "near copy")
