from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensho.errors import TenshoError
from tensho.ids.as_found.lenient import read_description, read_pattern
from tensho.ids.syntax import parse, to_string
from tests.ids.test_syntax import TREES


@pytest.mark.parametrize(
    ("found", "read"),
    [
        ("^⿰氵胡$(GHJKPTUV)", "⿰氵胡"),
        ("⿰氵胡[GT]", "⿰氵胡"),
        ("⿰氵胡（Ｔ）", "⿰氵胡"),
        ("⿰氵胡 ［Ｇ］", "⿰氵胡"),
        ("\ufeff⿰氵 胡\u3000\r\n", "⿰氵胡"),
        ("「⿰氵胡」", "⿰氵胡"),
        ('"⿰氵胡"', "⿰氵胡"),
        ("{?0耴}⿸耳乚(H)", "⿸耳乚"),
        ("⿻[b]㇉一", "⿻㇉一"),
        ("⿰氵&U-v001+53E4;", "⿰氵古"),
        ("&U-i001+2FF1;亣八", "⿱亣八"),
        ("⿰氵&#x53E4;", "⿰氵古"),
        ("⿰氵&#21476;", "⿰氵古"),
        ("⿰氵&J90-3021;", "⿰氵亜"),
        ("⿰氵＆Ｇ０；", None),
        ("⿰氵&G0-3021;", "⿰氵啊"),
        ("⿰氵&K0-4A21;", "⿰氵伽"),
        ("⿰氵&B-A440;", "⿰氵一"),
        ("⿱亠&CDP-8958;", "⿱亠月"),
        ("⿰口&CDP-8BB0;", "⿰口⿱从龰"),
        ("↔片", "\u2ffe片"),
        ("⿼弓丨", "\u2ffc弓丨"),
        ("㇯木丶", "\u31ef木丶"),
    ],
)
def test_what_people_write(found, read):
    if read is None:
        with pytest.raises(TenshoError):
            read_description(found)
    else:
        assert read_description(found).ids == read
        assert read_description(found).notes == ()


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ("⿱艹①", r"position 3: ① .* part of 1 stroke that is not encoded"),
        ("⿱艹⑳", r"position 3: ⑳ .* part of 20 strokes"),
        ("⿱艹？", "position 3: ？ .* unknown part"),
        ("⿱艹&CDP-87C9;", "position 3: &CDP-87C9; .*Chinese Document Processing"),
        ("⿱艹&XYZ-1;", "position 3: &XYZ-1; names a part that is not encoded"),
        ("⿱艹{12}", r"position 3: \{12\} .* not encoded"),
        ("⿱#(丨-一丨)木", r"position 2: #\(丨-一丨\) tells the strokes"),
        ("→歲", "position 1: → points to another"),
        ("^⿰氵$", "position 4: the description ends, expected 1 more part"),
        ("⿰ 氵 胡 木", "position 7: 木 .* left over"),
        ("", "empty"),
        (" \ufe00", "empty"),
    ],
)
def test_what_is_not_meant_beyond_doubt_is_refused_at_its_place(found, message):
    with pytest.raises(TenshoError, match=message):
        read_description(found)


def test_what_is_left_out_is_said():
    found = read_description("〾⿰氵\uf900")
    assert found.ids == "⿰氵豈"
    assert [note.partition(":")[0] for note in found.notes] == ["position 1", "position 4"]
    assert "U+F900" in found.notes[1]
    assert read_description("\ufa0e").notes == ()  # a unified ideograph among the compatible ones


def test_a_variation_selector_stays_with_a_lone_character_only():
    alone = read_description("葛\U000e0100")
    assert (alone.ids, alone.variation, alone.notes) == ("葛", "\U000e0100", ())
    inside = read_description("⿰氵葛\U000e0100")
    assert (inside.ids, inside.variation) == ("⿰氵葛", "")
    assert "position 4" in inside.notes[0]


def test_tables_define_references():
    assert read_description("⿱艹&CDP-87C9;", definitions={"CDP-87C9": "⿰氵胡"}).ids == "⿱艹⿰氵胡"


@given(TREES)
def test_what_can_be_read_strictly_is_read_alike(tree):
    text = to_string(tree)
    assert read_description(text).tree == parse(text)
    assert read_description(f" ^{text}$(GT)").tree == parse(text)


@given(
    st.text(alphabet=st.sampled_from("⿰⿱⿳氵木①？&;CDP-8958^$()[]{}〾\ufe00#\ufeff \t豈→.a"), max_size=40)
)
def test_anything_is_read_or_refused_in_one_line(text):
    refusal = ""
    try:
        found = read_description(text)
    except TenshoError as error:
        refusal = str(error)
    else:
        assert parse(found.ids) == found.tree
        assert all(note.isprintable() for note in found.notes)
    assert refusal.isprintable()


@pytest.mark.timeout(30)  # each of them took minutes, and takes milliseconds
@pytest.mark.parametrize(
    "text",
    [
        "⿰" * 5_000 + "一" * 4_999,
        "⿰" + " " * 9_000 + "一",
        "一" + "(a)" * 3_000,
        "「" * 4_000 + "一" + "」" * 4_000,
        "&" * 9_999,
        "[" * 9_999,
        "一" * 20_001,
    ],
)
def test_long_ones_are_refused_soon(text):
    with suppress(TenshoError):
        read_description(text)
    read_pattern(text)


def test_a_code_point_is_its_character():
    assert read_description("U+7027").tree == "瀧"
    assert read_description("⿰U+6C35龍").ids == "⿰氵龍"
    for wrong in ("U+110000", "⿰氵U+D800"):
        with pytest.raises(TenshoError, match="is no code point"):
            read_description(wrong)


@pytest.mark.parametrize("value", [5, None, b"x", ["x"]])
def test_what_is_no_text_is_refused(value):
    with pytest.raises(TenshoError, match="no text"):
        read_description(value)
