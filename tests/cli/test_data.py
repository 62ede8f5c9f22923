from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from tensho.cli.data import app
from tensho.datasets.glyph_set import open_glyphs
from tensho.errors import TenshoError

TEXT = "天地玄黄宇宙洪荒日月盈昃辰宿列張"


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("TENSHO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "120")
    return tmp_path / "home"


def tensho_data(*arguments):
    return CliRunner().invoke(app, list(map(str, arguments)))


def reported(*arguments):
    result = tensho_data(*arguments)
    assert result.exception is None, result.output
    return result.stdout


def refused(*arguments) -> str:
    result = tensho_data(*arguments)
    assert isinstance(result.exception, TenshoError), result.output
    assert "\n" not in str(result.exception)
    return str(result.exception)


@pytest.fixture
def scans(tmp_path):
    folder = tmp_path / "scans"
    folder.mkdir()
    for number, name in enumerate("一二三"):
        picture = np.full((48, 48), 255, np.uint8)
        picture[10 + 4 * number : 20 + 4 * number, 8:40] = 0
        Image.fromarray(picture).save(folder / f"{name}.png")
    (folder / "readme.txt").write_text("three characters")
    return folder


def test_build_says_what_it_did_and_then_that_it_is_up_to_date(home):
    arguments = ("build", "--characters", TEXT, "--processes", 1)
    assert f"96 glyphs of 6 faces in {home / 'glyphs-64'}" in reported(*arguments)
    assert reported(*arguments).startswith("up to date: 96 glyphs")
    assert not reported(*arguments, "--force").startswith("up to date")
    assert len(open_glyphs(home / "glyphs-64")) == 96


def test_build_of_other_sources_sizes_and_places(tmp_path, scans):
    text = tmp_path / "text.txt"
    text.write_text("一二山水\n", encoding="utf-8")
    options = ("--images", scans, "--characters", text, "--size", 128, "--out", tmp_path / "x", "--json")
    report = json.loads(reported("build", *options))
    assert report["rebuilt"] is True
    assert report["count"] == 6 * 4 + 2
    scanned = report["faces"][-1]
    assert (scanned["name"], scanned["ink"], scanned["count"]) == ("scans", "dark on light", 2)
    assert open_glyphs(tmp_path / "x").shape == (1, 128, 128)


def test_build_says_how_it_read_the_images(scans):
    output = reported("build", "--only-given", "--images", scans)
    assert "scans: dark on light, named, 1 other files ignored" in output
    assert "3 glyphs of 1 faces" in output


def test_info_is_a_table_or_json(home):
    reported("build", "--characters", TEXT, "--processes", 1)
    table = reported("info")
    assert all(word in table for word in ("serif-tc", "OFL-1.1", "validation", str(home / "glyphs-64")))
    report = json.loads(reported("info", "--json"))
    assert report["count"] == 96
    for face in report["faces"]:
        assert face["train"] + face["validation"] + face["test"] == face["count"] == 16


def test_the_contact_sheet_shows_every_face(tmp_path, scans):
    reported("build", "--images", scans, "--characters", TEXT + "一", "--processes", 1)
    reported("info", "-o", tmp_path / "sheet.png")
    with Image.open(tmp_path / "sheet.png") as sheet:
        pixels = np.asarray(sheet.convert("L"))
    inked = pixels.min(axis=1) < 128
    lines = np.count_nonzero(np.diff(inked.astype(int)) == 1)
    assert lines >= 7
    assert not inked[:8].any()
    assert not inked[-8:].any()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["build", "--only-given"], "leaves no face"),
        (["build", "--size", "0"], "0 pixels"),
        (["build", "--processes", "-1"], "--processes is -1"),
        (["build", "--face", "nowhere.otf"], "no font file nowhere.otf"),
        (["build", "--images", "nowhere"], "no image folder nowhere"),
        (["build", "--characters", "Latin"], "no ideograph"),
        (["build", "--out", "/dev/null/set", "--characters", "天"], "cannot write"),
        (["info"], "no glyph set in"),
        (["info", "--size", "128"], "glyphs-128"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(home, arguments, message):
    assert message in refused(*arguments)
    assert not home.exists()


def test_a_contact_sheet_is_a_png(tmp_path, scans):
    reported("build", "--only-given", "--images", scans)
    assert "call it" in refused("info", "-o", tmp_path / "sheet.pdf")
    assert "cannot write" in refused("info", "-o", "/dev/null/sheet.png")
    assert not (tmp_path / "sheet.pdf").exists()


def test_a_text_file_that_is_no_text(tmp_path):
    (tmp_path / "text.txt").write_bytes(b"\xff\xfe\xfa")
    assert "UTF-8" in refused("build", "--characters", tmp_path / "text.txt")


def test_a_very_long_text_is_not_taken_for_a_file(scans):
    assert "1 faces" in reported("build", "--only-given", "--images", scans, "--characters", "一" * 10_000)


def test_the_commands_are_there_before_the_heavy_imports():
    script = "import sys, tensho.cli.data; print([m for m in ('torch', 'numpy', 'PIL', 'fontTools') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGINT")
def test_ctrl_c_leaves_nothing(home):
    script = "from tensho.cli.data import app\nif __name__ == '__main__':\n    app()"
    main = home.parent / "main.py"
    main.write_text(script)
    command = [sys.executable, str(main), "build", "--processes", "2"]
    # A test run in the background inherits an ignored SIGINT; a person at a terminal does not.
    running = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    while not list(home.glob(".*/glyphs.npy")):
        assert running.poll() is None
        time.sleep(0.05)
    time.sleep(2)
    os.killpg(running.pid, signal.SIGINT)
    running.communicate(timeout=60)
    assert running.returncode == 130
    assert not home.exists()
