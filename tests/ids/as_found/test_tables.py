from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensho.errors import TenshoError
from tensho.ids.as_found.tables import read_lines, read_table


def one(line):
    [row] = read_lines([line])
    return row


@pytest.mark.parametrize(
    ("line", "character", "descriptions"),
    [
        ("U+6E56\t湖\t^⿰氵胡$(GT)\t^⿰⺡胡$(J)\t*a note", "湖", ["⿰氵胡", "⿰⺡胡"]),
        ("U+6E56\t湖\t⿰氵胡[GT]\t⿰⺡胡[J]", "湖", ["⿰氵胡", "⿰⺡胡"]),
        ("U-0002A701\t𪜁\t⿱一古\t@apparent=⿱丁古", "𪜁", ["⿱一古", "⿱丁古"]),
        ("笴\t⿱𥫗可(.,T);⿰竹可(J)\t⿹𥫙口", "笴", ["⿱𥫗可", "⿰竹可", "⿹𥫙口"]),
        ("七\t⿻乚.一.(.);⿻乚w一.(T)", "七", ["⿻乚一"]),
        ("U+4E00\t一\t一", "一", ["一"]),
        ("U+F900\t\uf900\t⿱山豆", "\uf900", ["⿱山豆"]),
        ("U+6E56\t⿰氵胡", "湖", ["⿰氵胡"]),
        ("6E56\t⿰氵胡", "湖", ["⿰氵胡"]),
        ("u+06e56 ⿰氵胡", "湖", ["⿰氵胡"]),
        ("湖,⿰氵胡", "湖", ["⿰氵胡"]),
        ("湖 ⿰氵胡", "湖", ["⿰氵胡"]),
        ("湖=⿰氵胡", "湖", ["⿰氵胡"]),
        ('  "湖":"⿰⺡胡", # U+6E56', "湖", ["⿰⺡胡"]),
        ("\ufeffU+6E56\t湖\t⿰氵胡", "湖", ["⿰氵胡"]),
        ("U+6E56", "湖", ["湖"]),
        ("⿰氵 胡", None, ["⿰氵胡"]),
        ("湖", None, ["湖"]),
        ("GHZR10014.07\t⿱七二", None, ["⿱七二"]),
    ],
)
def test_lines_as_they_are_found(line, character, descriptions):
    row = one(line)
    assert (row.kind, row.character) == ("described", character)
    assert [found.ids for found in row.descriptions] == descriptions


def test_lines_that_describe_nothing():
    kinds = {
        "": "blank",
        " \t": "blank",
        "# x": "comment",
        ";; -*- coding -*-": "comment",
        "CDP-8140\t&CDP-8140;": "refused",
    }
    assert {line: one(line).kind for line in kinds} == kinds


def test_a_refusal_says_where_in_the_line():
    row = one("U+6E56\t湖\t⿰氵①")
    assert row.kind == "refused"
    assert row.refusals[0].startswith("position 12: ①")


def test_a_line_with_one_good_description_is_good():
    row = one("U+6E56\t湖\t⿰氵？[G]\t⿰氵胡[J]")
    assert row.kind == "described"
    assert [found.ids for found in row.descriptions] == ["⿰氵胡"]
    assert len(row.refusals) == 1


def test_a_line_defines_a_reference_for_all_lines():
    rows = read_lines(
        ["湖\t⿰氵&CDP-FF01;", "CDP-FF00\t&CDP-FF00;\t⿱十口", "CDP-FF01\t&CDP-FF01;\t⿰&CDP-FF00;月"]
    )
    assert rows[0].descriptions[0].ids == "⿰氵⿰⿱十口月"
    assert rows[2].name == "CDP-FF01"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_files(tmp_path, encoding):
    path = tmp_path / "table.txt"
    path.write_bytes("湖\t⿰氵胡\r\n\r\n龍\t①".encode(encoding))
    assert [row.kind for row in read_table(path)] == ["described", "blank", "refused"]
    assert [row.number for row in read_table(path)] == [1, 2, 3]


def test_lines_that_are_not_utf_8_are_refused_alone(tmp_path):
    path = tmp_path / "table.txt"
    path.write_bytes("湖\t⿰氵胡\n".encode() + "漢字\n".encode("euc_jp"))
    first, second = read_table(path)
    assert (first.kind, second.kind) == ("described", "refused")
    assert "UTF-8" in second.refusals[0]


def test_what_is_no_table(tmp_path):
    with pytest.raises(TenshoError, match="no file"):
        read_table(tmp_path / "nowhere.txt")
    (tmp_path / "font.ttf").write_bytes(b"\0\1\0\0\0")
    with pytest.raises(TenshoError, match="no text"):
        read_table(tmp_path / "font.ttf")
    with pytest.raises(TenshoError, match="cannot read"):
        read_table(tmp_path)


FOUND = st.text(
    alphabet=st.sampled_from("U+4E00\t湖⿰⿱氵胡①？&;CDP-8958^$()[]{}〾\ufe00#\ufeff 豈→.,:=\"'*@/"),
    max_size=40,
)


@given(st.lists(st.one_of(st.text(max_size=40), FOUND), max_size=8))
def test_every_line_is_accounted_for(lines):
    rows = read_lines(lines)
    assert [row.number for row in rows] == list(range(1, len(lines) + 1))
    for row in rows:
        assert (row.kind == "described") == bool(row.descriptions)
        assert (row.kind == "refused") == bool(row.refusals and not row.descriptions)
        assert all(why.isprintable() for why in row.refusals)


def test_a_table_of_a_block_is_read_whole(tmp_path):
    path = tmp_path / "ids.txt"
    lines = [
        f"U+{code:04X}\t{chr(code)}\t⿰{chr(code - 1)}①[G]\t⿱{chr(code - 2)}木[TJ]"
        for code in range(0x4E02, 0x5202)
    ]
    path.write_text("# comment\n" + "\r\n".join(lines), encoding="utf-8-sig")
    assert Counter(row.kind for row in read_table(path)) == {"comment": 1, "described": 1024}


def test_a_line_that_never_ends_is_refused():
    (row,) = read_lines(["一\t" + "⿰" * 200_000])
    assert (row.kind, row.refusals) == ("refused", ("it is longer than 100,000 characters; shorten it",))
