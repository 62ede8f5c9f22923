import json

import pytest


def test_write_says_why_how_sure_and_what_exists_already(run):
    code, out, err = run("write", "full moon", "--sound", "yuè", "--size", 32)
    assert (code, err) == (0, "")
    assert out.startswith("yuè, Mandarin\n")
    assert "月 for meaning" in out
    assert "sure 0." in out
    assert "→ write.png" in out


@pytest.mark.slow
def test_write_reports_json_with_strokes(run, tmp_path):
    code, out, _ = run("write", "moon", "--new", "-n", 1, "--size", 32, "--strokes", "s", "--json")
    assert code == 0
    report = json.loads(out)
    glyph = report["glyphs"][0]
    assert glyph["character"] is None
    assert 0 < glyph["sure_of_meaning"] < 1
    assert report["doubt"] == ""
    assert report["strokes"][0]["strokes"] == len(report["strokes"][0]["kinds"]) > 3
    assert (tmp_path / "s" / "practice.pdf").is_file()


def test_nonsense_is_called_unsure(run):
    code, out, _ = run("write", "xyzzyqwfp", "--size", 32, "-n", 1)
    assert code == 0
    assert "unsure: no known meaning is near 'xyzzyqwfp'" in out


def test_read_says_what_the_parts_say(run):
    code, out, err = run("read", "⿰月越", "--language", "mandarin")
    assert (code, err) == (0, "")
    assert "月" in out.splitlines()[1]
    assert "Mandarin     yuè 0." in out
    code, out, _ = run("read", "湖", "--json")
    report = json.loads(out)["read"][0]
    assert report["characters"] == ["湖"]
    assert report["readings"]["on"][0]["reading"] == "コ"


@pytest.mark.parametrize(
    "arguments",
    [
        ("write",),
        ("write", ""),
        ("write", "word " * 10_000),
        ("write", "moon", "--sound", "xyzzy"),
        ("write", "moon", "--sound", ""),
        ("write", "moon", "--sound", "yuè", "--language", "klingon"),
        ("write", "moon", "--language", "mandarin"),
        ("write", "moon", "--file", "words.txt"),
        ("write", "--file", "nowhere.txt"),
        ("write", "moon", "--composer", "nobody"),
        ("read", "abc"),
        ("read", "⿰月", "--language", "mandarin"),
        ("read", "月", "--language", "klingon"),
        ("read", "月", "-k", "0"),
        ("export", "dictionary", "d.txt", "--file", "words.txt"),
        ("export", "dictionary", "d.pdf"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(run, says_one_line, tmp_path, arguments):
    says_one_line(*run(*arguments))
    assert list(tmp_path.iterdir()) == []
