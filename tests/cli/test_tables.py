import json

TABLE = "U+6E56\t湖\t⿰氵胡[GT]\n⿱艹①\n⿱艹⿰氵龍\n"


def test_compose_takes_a_table(run, tmp_path):
    (tmp_path / "t.txt").write_text("\ufeff" + TABLE, encoding="utf-8")
    for arguments in (("t.txt",), ("--file", "t.txt")):
        code, out, err = run("compose", *arguments, "--size", 32)
        assert (code, err) == (0, "")
        lines = out.splitlines()
        assert lines[0].startswith("line 1: exists: ⿰氵胡 is 湖 (U+6E56)")
        assert lines[1].startswith("line 2: refused: position 3: ①")
        assert lines[2].startswith("line 3: drawn: ⿱艹⿰氵龍")
        assert lines[3] == "1 drawn, 1 exists, 1 refused"
        assert (tmp_path / "compose.png").is_file()


def test_export_font_takes_a_table(run, tmp_path):
    (tmp_path / "t.txt").write_text(TABLE, encoding="utf-8")
    code, out, _ = run("export", "font", "f.ttf", "--ids-file", "t.txt", "--size", 32, "--json")
    report = json.loads(out)
    assert code == 0
    assert [glyph["code_point"] for glyph in report["glyphs"]] == ["U+6E56", "U+E000"]
    assert report["lines"]["refused"] == 1
    assert report["refused"][0]["line"] == 2
    _, out, _ = run("export", "font", "f.ttf", "--ids-file", "t.txt", "--size", 32)
    assert "1 are encoded and stand at their own code points: 湖 U+6E56" in out
    _, out, _ = run("export", "font", "f.ttf", "--ids-file", "t.txt", "--size", 32, "--private", "--json")
    assert [glyph["code_point"] for glyph in json.loads(out)["glyphs"]] == ["U+E000", "U+E001"]


def test_tables_that_cannot_be(run, says_one_line, tmp_path):
    assert "no file" in says_one_line(*run("compose", "nowhere.txt"))
    assert "with --file" in says_one_line(*run("compose"))
    assert "with --file" in says_one_line(*run("compose", "⿰氵龍", "--file", "t.txt"))
    assert "not both" in says_one_line(*run("export", "font", "f.ttf", "--private", "--code-points", "E000"))
    assert not list(tmp_path.glob("*.png"))
