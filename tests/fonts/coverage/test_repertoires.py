import pytest

from tensho.errors import TenshoError
from tensho.fonts.coverage.repertoires import NAMES, repertoire

PUBLISHED = {
    "joyo": 2136,
    "jinmeiyo": 863,
    "jis1": 2965,
    "jis2": 3390,
    "jis2004": 10_050 + 1,  # 仝 is a sign there
    "gb2312": 6763,
    "gb2312-l1": 3755,
    "tgh": 8105,
    "gb18030": 27_584 - 14,  # without radicals
    "gb18030-l2": 27_780 - 14,
    "gb18030-l3": 87_887,
    "big5": 13_053,
    "big5-l1": 5401,
    "ksx1001": 4888,
    "unihan-core": 20_720,
    "uro": 20_992,
    "ext-a": 6592,
    "ext-b": 42_720,
    "ext-c": 4160,
    "ext-d": 222,
    "ext-e": 5774,
    "ext-f": 7473,
    "ext-g": 4939,
    "ext-h": 4192,
    "ext-i": 622,
    "ext-j": 4298,
}


def test_lists_have_as_many_characters_as_is_published():
    assert {name: len(repertoire(name)) for name in PUBLISHED} == PUBLISHED
    assert set(NAMES) - PUBLISHED.keys() == {"hkscs"}
    # 4,500 in 2004 by the count that leaves strokes and radicals out; later editions add some.
    assert 4500 < len(repertoire("hkscs")) < 4610


def test_lists_hold_each_character_once_and_what_belongs_there():
    for name in NAMES:
        characters = repertoire(name).characters
        assert len(set(characters)) == len(characters)
        assert all(len(char) == 1 for char in characters)
    assert set(repertoire("jis1").characters).isdisjoint(repertoire("jis2").characters)
    assert set(repertoire("jis1").characters) < set(repertoire("jis2004").characters)
    assert set(repertoire("joyo").characters).isdisjoint(repertoire("jinmeiyo").characters)
    assert set(repertoire("gb2312").characters) < set(repertoire("gb18030").characters)
    assert {"亜", "腕"} < set(repertoire("jis1").characters)
    assert {"嘅", "㗎", "𠝹"} < set(repertoire("hkscs").characters)
    assert set(repertoire("big5").characters).isdisjoint(repertoire("hkscs").characters)


def test_a_text_or_a_file_is_the_ideographs_and_descriptions_in_it(tmp_path):
    assert repertoire("Full moon: 滿月, 月⿰言森 and ⿱⿰木木土。").characters == (
        "滿", "月", "⿰言森", "⿱⿰木木土",
    )  # fmt: skip
    (tmp_path / "poem.txt").write_text("﻿龍飛\n鳳舞龍\n", encoding="utf-8")
    found = repertoire(str(tmp_path / "poem.txt"))
    assert (found.name, found.characters) == ("poem.txt", tuple("龍飛鳳舞"))
    assert repertoire("JIS1").name == "jis1"
    both = repertoire("龍飛") | repertoire("飛鳥")
    assert both.characters == tuple("龍飛鳥")


def test_what_is_no_list_is_refused(tmp_path):
    with pytest.raises(TenshoError, match="no list of characters, no file"):
        repertoire("jis3")
    with pytest.raises(TenshoError, match="more part"):
        repertoire("月⿰言")
    (tmp_path / "latin.txt").write_text("moon")
    with pytest.raises(TenshoError, match="no ideographs"):
        repertoire(str(tmp_path / "latin.txt"))
    (tmp_path / "sjis.txt").write_bytes("龍".encode("shift_jis"))
    with pytest.raises(TenshoError, match="save it as UTF-8"):
        repertoire(str(tmp_path / "sjis.txt"))
