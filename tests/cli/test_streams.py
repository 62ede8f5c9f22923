import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


def tensho(*arguments, cwd, stdout=subprocess.PIPE, **environment):
    """Runs the command in a process of its own; returns exit code, stdout and stderr, as bytes."""
    result = subprocess.run(
        [sys.executable, "-m", "tensho", *arguments],
        cwd=cwd,
        stdout=stdout,
        stderr=subprocess.PIPE,
        env={**os.environ, **environment},
    )
    return result.returncode, result.stdout, result.stderr


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_what_the_output_cannot_take_is_escaped(tmp_path, encoding):
    code, out, err = tensho("compose", "⿰氵龍", cwd=tmp_path, PYTHONIOENCODING=encoding)
    assert (code, err) == (0, b"")
    assert out.startswith(rb"\u2ff0\u6c35\u9f8d  is \u7027 (U+7027)")


def test_a_locale_without_utf_8_takes_chinese_words_and_file_names(tmp_path):
    code, out, err = tensho(
        "compose",
        "⿰氵龍",
        "-o",
        "瀧.png",
        "--json",
        cwd=tmp_path,
        LC_ALL="C",
        PYTHONUTF8="0",
        PYTHONCOERCECLOCALE="0",
    )
    assert (code, err) == (0, b"")
    assert json.loads(out)["glyphs"][0]["character"] == "瀧"
    assert [path.name for path in tmp_path.iterdir()] == ["瀧.png"]


def test_a_full_device_is_one_line(tmp_path):
    with Path("/dev/full").open("wb") as full:
        code, _, err = tensho("styles", cwd=tmp_path, stdout=full)
    assert code == 2
    assert err.startswith(b"tensho: error: ")
    assert b"No space left" in err
    assert err.count(b"\n") == 1


def test_a_reader_that_has_gone_is_no_error(tmp_path):
    reading, writing = os.pipe()
    os.close(reading)
    code, _, err = tensho("styles", "--json", cwd=tmp_path, stdout=writing)
    os.close(writing)
    assert (code, err) == (1, b"")


def test_closed_streams_are_no_error(tmp_path):
    command = f"exec {sys.executable} -m tensho styles --json >&- 2>&-"
    assert subprocess.run(["sh", "-c", command], cwd=tmp_path).returncode == 0


def test_a_picture_goes_to_stdout_and_what_is_said_of_it_does_not(tmp_path):
    code, out, err = tensho("compose", "⿰氵龍", "-o", "-", cwd=tmp_path)
    assert code == 0
    assert out.startswith(b"\x89PNG")
    assert "瀧" in err.decode()
    assert list(tmp_path.iterdir()) == []
