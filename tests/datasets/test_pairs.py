from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from typer.testing import CliRunner

from tensho.cli.data import app
from tensho.datasets.captions import TEMPLATES, caption, captioned_meaning, style_phrase
from tensho.datasets.pairs import build_pairs
from tensho.datasets.pairs_left_out import left_out
from tensho.errors import TenshoError
from tensho.fonts.faces import default_faces
from tensho.fonts.rasterizer import EM_FRACTION
from tensho.fonts.source import Source
from tensho.fonts.stroke_faces import PENS, StrokeFace, stroke_faces
from tensho.split import split_of
from tensho.text.meanings import Meaning, meanings


def all_faces() -> list[Source]:
    return [*default_faces(), *stroke_faces()]


TEXT = "永龍愛水心道国風飛鳥語医谷丐一三"


def built(folder, **options):
    return build_pairs(
        folder, **{"size": 64, "characters": TEXT, "processes": 1, "origin": "both", **options}
    )


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rows(folder):
    for metadata in sorted(folder.glob("*/metadata.jsonl")):
        for line in metadata.read_text(encoding="utf-8").splitlines():
            yield metadata.parent, json.loads(line)


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pairs") / "set"
    return folder, built(folder)


def test_every_picture_is_of_its_character_in_its_face_and_split(pairs):
    folder, manifest = pairs
    renderers = {face.name: face.renderer(64) for face in all_faces()}
    listed = list(rows(folder))
    for place, row in listed:
        assert split_of(row["character"]) == place.name
        with Image.open(place / row["file_name"]) as picture:
            assert (picture.mode, picture.size) == ("L", (64, 64))
            ink = renderers[row["face"]].render(row["character"])
            assert ink is not None
            assert np.array_equal(np.asarray(picture), 255 - ink)
    assert len({row["file_name"] for _, row in listed}) == len(listed) == manifest["captions"]
    assert len(list(folder.rglob("*.png"))) == len(listed)
    assert manifest["characters"] == len(TEXT)


def test_every_caption_names_a_meaning_of_its_character(pairs):
    known = meanings()
    for _, row in rows(pairs[0]):
        assert row["meaning"] in row["text"]
        assert set(row["meaning"].split(", ")) <= set(known[row["character"]].glosses)
    by_character: dict[str, list[str]] = {}
    for _, row in rows(pairs[0]):
        by_character.setdefault(row["character"], []).append(row["text"])
    assert all(2 <= len(texts) == len(set(texts)) <= 4 for texts in by_character.values())


def test_both_kinds_of_faces_draw_a_character_that_both_have(pairs):
    kinds = {
        row["face"].partition("-")[0] == "strokes" for _, row in rows(pairs[0]) if row["character"] == "水"
    }
    assert kinds == {True, False}


def test_the_card_names_every_licence(pairs):
    card = (pairs[0] / "README.md").read_text(encoding="utf-8")
    assert card.startswith("---\nlicense: cc-by-sa-4.0\n")
    for name in ("KANJIDIC2", "Unihan", "OFL-1.1", "Adobe", "CC-BY-SA-3.0", "Ulrich Apel"):
        assert name in card


def test_the_same_call_again_finds_it_done(pairs):
    before = {path: path.stat().st_mtime_ns for path in pairs[0].rglob("*")}
    assert built(pairs[0]) == pairs[1]
    assert before == {path: path.stat().st_mtime_ns for path in pairs[0].rglob("*")}


def test_a_stopped_build_goes_on_and_ends_in_the_same_bytes(pairs, tmp_path):
    folder, _ = pairs
    partial = tmp_path / "set.partial"

    class PowerCut(Exception):
        pass

    def cut(done, total):
        raise PowerCut

    with pytest.raises(PowerCut):
        built(tmp_path / "set", progress=cut)
    assert not (tmp_path / "set").exists()
    pictures = sorted(partial.rglob("*.png"))
    kept, torn, lost = pictures[0], pictures[1], pictures[2]
    untouched = kept.stat().st_mtime_ns
    torn.write_bytes(torn.read_bytes()[:-20])
    lost.unlink()
    built(tmp_path / "set")
    assert contents(tmp_path / "set") == contents(folder)
    assert (tmp_path / "set" / kept.relative_to(partial)).stat().st_mtime_ns == untouched
    assert not partial.exists()


@pytest.mark.slow
def test_two_processes_write_the_same_bytes(pairs, tmp_path):
    built(tmp_path / "set", processes=2)
    assert contents(tmp_path / "set") == contents(pairs[0])


def test_another_recipe_replaces_the_set_and_other_files_stay(pairs, tmp_path):
    shutil.copytree(pairs[0], tmp_path / "set")
    manifest = built(tmp_path / "set", origin="strokes", characters="水")
    assert {row["face"] for _, row in rows(tmp_path / "set")} <= set(PENS)
    assert (manifest["characters"], len(list((tmp_path / "set").rglob("*.png")))) == (1, manifest["captions"])
    for name, message in (("mine", "other files"), ("new.partial", "in the way")):
        novel = tmp_path / name / "novel.txt"
        novel.parent.mkdir()
        novel.write_text("chapter one")
        with pytest.raises(TenshoError, match=message):
            built(tmp_path / name.removesuffix(".partial"), characters="水")
        assert novel.exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": 60}, "60 pixels"),
        ({"size": 4096}, "4096 pixels"),
        ({"processes": 0}, "--processes is 0"),
        ({"origin": "scans"}, "faces, strokes or both"),
        ({"characters": "abc"}, "none of these characters"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(tmp_path, options, message):
    with pytest.raises(TenshoError, match=message):
        built(tmp_path / "set", **options)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_one_line():
    with pytest.raises(TenshoError, match="cannot write"):
        built(Path("/dev/null/set"), characters="水", origin="strokes")


def test_the_command_reports(tmp_path):
    command = ["pairs", "--size", "64", "--source", "strokes", "--characters", "水火", "--processes", "1"]
    command += ["--out", str(tmp_path / "set")]
    report = json.loads(CliRunner().invoke(app, [*command, "--json"]).stdout)
    assert (report["characters"], report["rebuilt"], report["size"]) == (2, True, 64)
    assert CliRunner().invoke(app, command).stdout.startswith("up to date: 2 characters")


def test_what_was_asked_for_and_is_not_there_is_named(tmp_path):
    test, validation = (
        next(c for c in "永龍愛語医谷丐一三石木林森本村校" if split_of(c) == split)
        for split in ("test", "validation")
    )
    asked = f"水火 丂a\n{test}{validation}𠀀"
    command = ["pairs", "--size", "64", "--source", "strokes", "--characters", asked, "--processes", "1"]
    command += ["--out", str(tmp_path / "set")]
    for _ in range(2):  # made, and found made
        told = CliRunner().invoke(app, command).stdout.splitlines()
        assert told[1:] == [
            "left out: a (no Chinese character), 丂 (no English meaning known), 𠀀 (no face has it)",
            f"never trained on: {validation} for validation, {test} for test",
        ]
    report = json.loads(CliRunner().invoke(app, [*command, "--json"]).stdout)
    assert report["left_out"]["no English meaning known"] == "丂"
    assert report["held_out"] == {"validation": validation, "test": test}


def test_of_all_characters_those_without_a_face_are_named(pairs):
    missing = left_out(pairs[0], None)
    assert list(missing.reasons) == ["no face has it"]
    assert missing.held_out == {}
    assert "and" in str(missing)
    assert len(str(missing)) < 100
    assert str(left_out(pairs[0], "水心")) == ""


def test_datasets_reads_it_as_it_is(pairs, tmp_path):
    datasets = pytest.importorskip("datasets")
    folder, manifest = pairs
    loaded = datasets.load_dataset("imagefolder", data_dir=str(folder), cache_dir=str(tmp_path / "cache"))
    assert {split: len(part) for split, part in loaded.items()} == manifest["splits"]
    # Trainers take the first column for the picture and the second for the caption unless told otherwise.
    assert loaded["train"].column_names[:2] == ["image", "text"]
    pictures = {row["file_name"]: row["text"] for place, row in rows(folder) if place.name == "train"}
    first = loaded["train"][0]
    assert first["text"] == next(iter(pictures.values()))
    with Image.open(folder / "train" / next(iter(pictures))) as picture:
        assert np.array_equal(np.asarray(first["image"].convert("RGB")), np.asarray(picture.convert("RGB")))


glosses = st.lists(st.from_regex(r"[a-z]{2,12}", fullmatch=True), min_size=1, max_size=12, unique=True)


@given(glosses, st.integers(2, 4), st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF))
def test_captions_are_different_and_name_what_they_should(words, count, character):
    meaning = Meaning(character, tuple(words), 1.0)
    said = [captioned_meaning(meaning, row, count) for row in range(count)]
    texts = [caption(character, row, what, "in Japanese serif type") for row, what in enumerate(said)]
    assert len(set(texts)) == count
    assert all(what in text for what, text in zip(said, texts, strict=True))
    assert said[0].split(", ")[0] == words[0]
    assert set(", ".join(said).split(", ")) >= set(words[:count])


def test_styles_are_named_in_words():
    named = [style_phrase(face.name) for face in all_faces()]
    assert len(set(named)) == 9
    assert "in Taiwanese sans-serif type" in named
    assert any("{style}" not in template for template in TEMPLATES)


def test_a_stroke_has_the_area_of_its_length_and_round_ends():
    from importlib.resources import files

    from fontTools.misc.bezierTools import calcCubicArcLength
    from fontTools.pens.recordingPen import RecordingPen
    from fontTools.svgLib.path import parse_path

    svg = (files("kanji") / "04e00.svg").read_text(encoding="utf-8")
    pen = RecordingPen()
    parse_path(svg.split(' d="')[1].split('"')[0], pen)
    length, at = 0.0, (0.0, 0.0)
    for name, points in pen.value:
        if name == "curveTo":
            length += calcCubicArcLength(at, *points)
        at = points[-1] if points else at
    size, width = 512, 4.5
    painted = StrokeFace("pen", width).renderer(size).render("一")
    assert painted is not None
    scale = size * EM_FRACTION / 109
    area = (length * width + np.pi * width**2 / 4) * scale**2
    assert abs(painted.sum() / 255 - area) < 0.05 * area


def test_every_stroke_of_kanjivg_can_be_drawn():
    pen = stroke_faces()[0]
    renderer = pen.renderer(64)
    characters = [drawable.key for drawable in pen.drawables()]
    assert len(characters) > 6000
    for character in characters[::97]:
        glyph = renderer.render(character)
        assert glyph is not None
        assert glyph.max() == 255
        assert not glyph[[0, -1]].any()
        assert not glyph[:, [0, -1]].any()
    assert renderer.render("㐀") is None
