import json

import pytest

from tests.ideograph_fonts import OFL, resaved, write_ideographs


@pytest.fixture(autouse=True)
def disks(monkeypatch, tmp_path):
    """Disks in place of composed characters."""
    from tests.api.test_complete import Disks

    monkeypatch.setenv("TENSHO_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("tensho.api.complete._outline_composer", lambda progress, path: Disks([]))


@pytest.fixture
def font(tmp_path):
    write_ideographs(tmp_path / "song.ttf")
    return tmp_path / "song.ttf"


def test_it_says_what_was_added_and_what_to_look_at(run, font, tmp_path):
    code, out, err = run("complete", font, "--to", "漢字", "--to", "龘", "--no-ocr")
    assert (code, err) == (0, "")
    assert "lacks 3 of 3 characters" in out
    assert "same slot 2" in out
    assert "could not be composed: 龘" in out
    assert "song-completed.html" in out
    assert {"song-completed.ttf", "song-completed.html", "song-completed.json"} <= {
        path.name for path in tmp_path.iterdir()
    }


def test_it_reports_json(run, font):
    code, out, err = run("complete", font, "--to", "漢字", "-o", "b.woff2", "--no-ocr", "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert told["out"] == ["b.woff2", "b.html", "b.json"]
    assert {glyph["character"] for glyph in told["glyphs"]} == {"漢", "字"}


def test_the_flavour_gives_the_ending(run, font, tmp_path):
    assert run("complete", font, "--to", "漢", "--flavor", "woff", "--no-ocr")[0] == 0
    assert (tmp_path / "song-completed.woff").is_file()


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("none.ttf", (), "no font file"),
        ("page.ttf", (), "not a font"),
        ("latin.ttf", (), "no ideographs"),
        ("closed.ttf", (), "--i-have-the-right"),
        ("nomap.ttf", (), "cmap"),
        ("song.ttf", ("--to", "木"), "has all"),
        ("song.ttf", ("--only-sure", "2"), "0 to 1"),
        ("song.ttf", ("--flavor", "zip"), "woff2"),
        ("song.ttf", ("-o", "b.otf"), ".ttf"),
        ("song.ttf", ("-o", "b.ufo", "--flavor", "woff"), "UFO"),
        ("song.ttf", ("--without", "nothing"), "no list"),
        ("song.ttf#wght=700", (), "no variable font"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(run, says_one_line, font, tmp_path, name, arguments, words):
    (tmp_path / "page.ttf").write_text("<html>")
    write_ideographs(tmp_path / "latin.ttf", characters="ABC", extra="")
    write_ideographs(tmp_path / "closed.ttf", licence=OFL, fs_type=2)
    write_ideographs(tmp_path / "nomap.ttf")
    resaved(tmp_path / "nomap.ttf", lambda opened: opened.__delitem__("cmap"))
    before = sorted(path.name for path in tmp_path.rglob("*"))
    arguments = arguments if "--to" in arguments else (*arguments, "--to", "漢")
    assert words in says_one_line(*run("complete", tmp_path / name, "--no-ocr", *arguments))
    assert sorted(path.name for path in tmp_path.rglob("*")) == before
