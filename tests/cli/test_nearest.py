import json

from tests.lookup.test_page import page

TABLE = "U+6E56\t湖\t⿰氵胡[GT]\n⿱艹①\n# comment\n⿰亻靑\n"


def test_what_exists_is_named_with_its_block_and_the_fonts_that_have_it(run):
    code, out, _ = run("nearest", "⿰女子", "-k", 2)
    assert code == 0
    assert "⿰女子 is 好 (U+597D, URO, since Unicode 1.1); in " in out
    _, out, _ = run("nearest", "U+597D", "--json")
    report = json.loads(out)
    told = {"verdict": "exists", "character": "好", "code_point": "U+597D", "block": "CJK Unified Ideographs"}
    assert told.items() <= report.items()
    assert report["since"] == "1.1"
    assert "Noto Sans SC" in report["fonts"]


def test_each_character_of_a_page_is_answered(run, tmp_path):
    page("山川湖", gap=30).save(tmp_path / "page.png")
    _, out, _ = run("nearest", "page.png", "-k", 1, "--json")
    found = json.loads(out)["characters"]
    assert [one["nearest"][0]["character"] for one in found] == ["山", "川", "湖"]
    assert found[0]["box"][0] < found[1]["box"][0] < found[2]["box"][0]


def test_each_picture_of_a_folder_is_answered(run, says_one_line, tmp_path):
    folder = tmp_path / "scans"
    folder.mkdir()
    page("湖").save(folder / "a.png")
    page("龍門", gap=40).save(folder / "b.png")
    (folder / "c.png").write_bytes(b"no picture")
    (folder / "notes.txt").write_text("no picture either")
    code, out, _ = run("nearest", "scans", "-k", 1, "--json")
    assert code == 0
    report = json.loads(out)
    first, second = report["pictures"]
    assert (first["query"], first["character"], first["verdict"]) == ("scans/a.png", "湖", "exists")
    assert 0.95 <= first["probability"] <= 1
    assert [one["character"] for one in second["characters"]] == ["龍", "門"]
    assert [one["query"] for one in report["refused"]] == ["scans/c.png"]
    _, out, _ = run("nearest", "scans", "-k", 1)
    assert "it looks like 湖 (U+6E56" in out
    assert out.rstrip().endswith("refused: scans/c.png cannot be read as a picture; save it as PNG")
    (tmp_path / "empty").mkdir()
    assert "holds no picture" in says_one_line(*run("nearest", "empty"))


def test_each_line_of_a_table_is_answered(run, tmp_path):
    (tmp_path / "t.txt").write_text(TABLE, encoding="utf-8")
    code, out, _ = run("nearest", "--file", "t.txt")
    lines = out.splitlines()
    assert code == 0
    assert lines[0] == "line 1: exists: ⿰氵胡 is 湖 (U+6E56, URO, since Unicode 1.1)"
    assert lines[1].startswith("line 2: refused: position 3: ①")
    assert lines[2].startswith("line 4: variant: ⿰亻靑 differs from 倩")
    _, out, _ = run("nearest", "--file", "t.txt", "--json")
    report = json.loads(out)
    assert report["count"] == {"exists": 1, "refused": 1, "comment": 1, "variant": 1}
    assert [line["verdict"] for line in report["lines"]] == ["exists", "refused", "variant"]


def test_one_question_at_a_time(run, says_one_line):
    assert "with --file" in says_one_line(*run("nearest"))
    assert "with --file" in says_one_line(*run("nearest", "好", "--file", "t.txt"))
