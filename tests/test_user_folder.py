import pytest

import tensho
from tensho import user_folder
from tensho.user_folder import keep, kept_folder


@pytest.fixture
def no_home(monkeypatch, tmp_path):
    """A home that cannot be written, whoever the user is: a file stands in its place."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TENSHO_HOME", str(tmp_path / "file"))
    return tmp_path / "file"


def test_what_cannot_be_kept_is_done_without(no_home):
    keep(no_home / "a" / "b.txt", lambda path: path.write_text("x"))
    assert no_home.read_text() == ""


def test_files_that_have_to_be_somewhere_go_to_a_passing_folder(no_home):
    folder = kept_folder("scans")
    folder.mkdir(parents=True, exist_ok=True)
    assert no_home not in folder.parents
    assert user_folder._passing_folder() in folder.parents


def test_a_home_that_can_be_written_is_used(monkeypatch, tmp_path):
    monkeypatch.setenv("TENSHO_HOME", str(tmp_path))
    assert kept_folder("scans") == tmp_path / "scans"
    keep(tmp_path / "a" / "b.txt", lambda path: path.write_text("x"))
    assert (tmp_path / "a" / "b.txt").read_text() == "x"


@pytest.mark.slow
def test_a_font_is_drawn_with_where_nothing_can_be_kept(no_home, little_truetype):
    assert tensho.compose("龍", face=little_truetype, size=32).array.max() > 0.5
    assert no_home.read_text() == ""
