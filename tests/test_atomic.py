import errno
import os
from pathlib import Path

import pytest

from tensho.atomic import replaced_file, replaced_folder
from tensho.errors import TenshoError


def test_a_file_is_replaced_and_its_folder_made(tmp_path):
    path = tmp_path / "new" / "folder" / "file.txt"
    for text in ("first", "second"):
        with replaced_file(path) as temporary:
            temporary.write_text(text)
        assert path.read_text() == text
    assert [item.name for item in path.parent.iterdir()] == ["file.txt"]


@pytest.mark.parametrize("replaced", [replaced_file, replaced_folder])
def test_an_error_leaves_nothing_behind(tmp_path, replaced):
    with pytest.raises(ValueError, match="midway"), replaced(tmp_path / "a" / "b" / "thing") as temporary:
        if temporary.is_dir():
            (temporary / "part").write_text("half")
        else:
            temporary.write_text("half")
        raise ValueError("midway")
    assert list(tmp_path.iterdir()) == []


def test_an_error_leaves_the_old_file_as_it_was(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(ValueError, match="midway"), replaced_file(path) as temporary:
        temporary.write_text("half")
        raise ValueError("midway")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_is_replaced_as_a_whole(tmp_path):
    path = tmp_path / "set"
    for name in ("one", "two"):
        with replaced_folder(path) as temporary:
            (temporary / name).write_text(name)
        assert [item.name for item in path.iterdir()] == [name]
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_is_never_gone(tmp_path, monkeypatch):
    path = tmp_path / "set"
    with replaced_folder(path) as temporary:
        (temporary / "one").write_text("one")
    # The old one is never moved aside, so that a kill at any moment finds the one or the other.
    monkeypatch.setattr(Path, "replace", lambda *_: pytest.fail("moved aside"))
    with replaced_folder(path) as temporary:
        (temporary / "two").write_text("two")
    assert [item.name for item in path.iterdir()] == ["two"]
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_is_replaced_where_the_system_cannot_exchange(tmp_path, monkeypatch):
    monkeypatch.setattr("tensho.atomic.sys.platform", "elsewhere")
    test_a_folder_is_replaced_as_a_whole(tmp_path)


def test_what_a_kill_left_long_ago_is_cleared_away(tmp_path):
    old, young, other = (
        tmp_path / f".file{name}" for name in ("-unfinished-abc.txt", "-unfinished-def.txt", "-mine")
    )
    for leftover in (old, young, other):
        leftover.write_text("half")
    folder = tmp_path / ".set-unfinished-abc"
    (folder / "inside").mkdir(parents=True)
    for leftover in (old, other, folder / "inside", folder):
        os.utime(leftover, (1e9, 1e9))
    with replaced_file(tmp_path / "file.txt") as temporary:
        temporary.write_text("whole")
    with replaced_folder(tmp_path / "set"):
        pass
    assert {item.name for item in tmp_path.iterdir()} == {"file.txt", "set", young.name, other.name}


def test_a_full_disk_is_said_in_one_line(tmp_path):
    path = tmp_path / "sub" / "file"
    with pytest.raises(TenshoError, match="No space left on device"), replaced_file(path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(TenshoError, match="cannot write"), replaced_file(tmp_path / "file" / "below.png"):
        pass
