import lzma

import pytest

from tensho.errors import TenshoError
from tensho.ids import inferred, sources
from tensho.ids.canonical import exists
from tensho.ids.decomposition import decompose
from tensho.ids.inferred import Inferred, read_inferred, write_inferred
from tensho.ids.syntax import parse
from tensho.ids.undescribed import may_have

pytestmark = pytest.mark.usefixtures("nothing_inferred")

TABLE = {"𪫲": Inferred("⿰忄安", 0.97), "𪷷": Inferred("⿰氵寮", 0.92)}


def test_what_is_written_is_read(tmp_path):
    path = tmp_path / "table.tsv.xz"
    write_inferred(path, TABLE, "by hand")
    assert read_inferred(path) == TABLE
    written = path.read_bytes()
    write_inferred(path, dict(reversed(TABLE.items())), "by hand")
    assert path.read_bytes() == written
    assert read_inferred(tmp_path / "nowhere.xz") == {}


def test_what_is_no_table(tmp_path):
    path = tmp_path / "table.tsv.xz"
    for content in (b"", b"x", lzma.compress(b"a\tb"), lzma.compress(b"\xff")):
        path.write_bytes(content)
        if content:
            with pytest.raises(TenshoError, match="damaged"):
                read_inferred(path)
    with pytest.raises(TenshoError, match="expected 1 more part"):
        write_inferred(path, {"𪫲": Inferred("⿰忄", 1.0)})
    with pytest.raises(TenshoError, match="confidence"):
        write_inferred(path, {"𪫲": Inferred("⿰忄安", 1.5)})


def test_a_shipped_table_is_used_and_believed_last(tmp_path, monkeypatch):
    path = tmp_path / "table.tsv.xz"
    write_inferred(path, {**TABLE, "好": Inferred("⿰木子", 1.0)})
    assert exists(parse("⿰忄安")) == []
    monkeypatch.setattr(inferred, "SHIPPED", path)
    sources.use_tables([])
    try:
        assert exists(parse("⿰忄安")) == ["𪫲"]
        assert str(decompose("𪷷")) == "⿰氵寮"
        assert str(decompose("好")) == "⿰女子"
        assert "inferred" in sources.names()
    finally:
        monkeypatch.undo()
        sources.use_tables([])
    assert exists(parse("⿰忄安")) == []


@pytest.mark.parametrize(
    ("confidence", "open_for"), [(confidence, ("⿰忄⿱宀山",)) for confidence in (0.97, 0.8, 0.3)]
)
def test_what_was_read_may_have_any_structure_that_shares_half_the_parts(
    tmp_path, monkeypatch, confidence, open_for
):
    near, far = "⿰忄⿱宀山", "⿰忄旨"  # as many strokes
    assert all(may_have("𪫲", parse(ids)) for ids in (near, far))
    path = tmp_path / "table.tsv.xz"
    write_inferred(path, {"𪫲": Inferred("⿰忄安", confidence)})
    monkeypatch.setattr(inferred, "SHIPPED", path)
    sources.use_tables([])
    try:
        assert tuple(ids for ids in (near, far) if may_have("𪫲", parse(ids))) == open_for
        assert exists(parse("⿰忄安")) == (["𪫲"] if confidence >= inferred.SURE else [])
    finally:
        monkeypatch.undo()
        sources.use_tables([])
