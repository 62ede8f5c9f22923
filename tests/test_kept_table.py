from __future__ import annotations

import pytest

from tensho.kept_table import kept

TABLE = {"明": "⿰日月", "x": "ü\n"}


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("TENSHO_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "program.py"
    path.write_text("1")
    return path


def never():
    raise AssertionError("it is kept already")


def test_a_table_is_made_once(home, source):
    assert kept("t", [str(source)], ["numpy"], lambda: TABLE) == TABLE
    assert kept("t", [str(source)], ["numpy"], never) == TABLE
    assert len(list((home / "tables").iterdir())) == 1


def test_another_program_makes_it_anew_and_the_old_one_goes(home, source):
    kept("t", [str(source)], [], lambda: TABLE)
    kept("other", [str(source)], [], lambda: TABLE)
    source.write_text("2")
    assert kept("t", [str(source)], [], lambda: {"a": "b"}) == {"a": "b"}
    assert kept("t", [str(source)], ["no such package"], lambda: {"c": "d"}) == {"c": "d"}
    assert sorted(path.name.partition("-")[0] for path in (home / "tables").iterdir()) == ["other", "t"]


@pytest.mark.parametrize("damage", [b"", b"[]", b"{", b"\xff"])
def test_a_damaged_file_is_made_anew(home, source, damage):
    kept("t", [str(source)], [], lambda: TABLE)
    [path] = (home / "tables").iterdir()
    path.write_bytes(damage)
    assert kept("t", [str(source)], [], lambda: TABLE) == TABLE
    assert kept("t", [str(source)], [], never) == TABLE


def test_a_cache_that_cannot_be_written_is_done_without(monkeypatch, source):
    monkeypatch.setenv("TENSHO_HOME", "/dev/null/home")
    assert kept("t", [str(source)], [], lambda: TABLE) == TABLE
