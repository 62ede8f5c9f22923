from __future__ import annotations

import json

import pytest
from fontTools.ttLib import TTFont
from PIL import Image

FLAGS = ("--style", "--face", "--seed", "--steps", "--size", "--model", "--runtime", "--ids-data")

VERBS = [
    ("dream",),
    ("write",),
    ("compose",),
    ("export", "font"),
    ("export", "book"),
    ("export", "gif"),
    ("export", "images"),
]


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_every_verb_that_draws_has_the_same_flags(run, verb, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    _, out, _ = run(*verb, "--help")
    for flag in FLAGS:
        assert flag in out
    assert "FONT.ttc#1" in out
    assert "FONT.ttf#wght=700" in out


def test_cells_of_a_sheet_are_as_large_as_was_asked(run, brush_weights, tmp_path):
    code, _, _ = run("compose", "⿰氵龍", "⿱艹龍", "--model", brush_weights, "--size", 512, "-o", "big.png")
    assert code == 0
    with Image.open(tmp_path / "big.png") as picture:
        assert picture.size == (2 * (512 + 64) + 64, 512 + 2 * 64)


@pytest.mark.parametrize("size", [15, 100_000])
def test_a_size_out_of_range_is_one_line(run, says_one_line, size):
    assert "--size is" in says_one_line(*run("compose", "⿰氵龍", "--size", size))


@pytest.mark.parametrize("verb", [("compose", "⿰氵龍"), ("export", "font", "a.ttf", "--ids", "⿰氵龍")])
def test_a_style_and_a_face_are_refused(run, says_one_line, verb):
    refused = says_one_line(*run(*verb, "--style", "kai", "--face", "x.ttf"))
    assert "a style or a face" in refused


def test_a_font_of_descriptions_is_drawn_with_what_was_asked_for(run, brush_weights, tmp_path):
    def exported(name, *flags):
        code, out, _ = run(
            "export", "font", name, "-n", 0, "--ids", "⿰氵龍", "--model", brush_weights, *flags, "--json"
        )
        assert code == 0
        assert [glyph["ids"] for glyph in json.loads(out)["glyphs"]] == ["⿰氵龍"]
        with TTFont(tmp_path / name) as font:
            glyph = font["glyf"][font.getBestCmap()[0x7027]]
            return [tuple(point) for point in glyph.coordinates]

    plain = exported("plain.ttf")
    assert exported("kai.ttf", "--style", "kai") != plain
    assert exported("size.ttf", "--size", 200) != plain


def test_pictures_are_as_large_as_was_asked(run, brush_weights, tmp_path):
    code, _, _ = run(
        "export", "images", "glyphs", "-n", 0, "--ids", "⿰氵龍", "--model", brush_weights, "--size", 96
    )
    assert code == 0
    with Image.open(tmp_path / "glyphs" / "U+7027.png") as picture:
        assert picture.size == (96, 96)


def test_a_table_of_descriptions_is_used(nothing_inferred, run, says_one_line, tmp_path):
    from tensho.api.ids_data import use_ids_data

    (tmp_path / "mine.txt").write_text("U+2AAF2\t𪫲\t⿰忄安[G]\n", encoding="utf-8")
    try:
        _, out, _ = run("compose", "⿰忄安", "--size", 32, "--ids-data", "mine.txt")
        assert "is 𪫲 (U+2AAF2)" in out
        assert "no file" in says_one_line(*run("compose", "⿰忄安", "--ids-data", "nowhere.txt"))
        _, out, _ = run(
            "export",
            "font",
            "a.ttf",
            "--ids",
            "⿰忄安",
            "-n",
            0,
            "--ids-data",
            "mine.txt",
            "--size",
            32,
            "--json",
        )
        assert [glyph["code_point"] for glyph in json.loads(out)["glyphs"]] == ["U+2AAF2"]
    finally:
        use_ids_data([])
    _, out, _ = run("compose", "⿰忄安", "--size", 32)
    assert "is in no table" in out
