from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFont
from typer.testing import CliRunner

import tensho
from tensho.api.draw_options import DrawOptions
from tensho.api.dream import between_dreams
from tensho.cli.export import app
from tensho.errors import TenshoError
from tensho.export.images import write_images
from tensho.sheet import Glyph


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Fifty glyphs that `tensho export images` could have written: each a frame of its own proportions."""
    glyphs = []
    for place in range(50):
        array = np.zeros((64, 64), np.float32)
        array[8:56, 6 + place % 7 : 58 - place % 11] = 1
        array[14 : 48 - place % 5, 20:44] = 0
        glyphs.append(Glyph(array, model="little", seed=1, index=place, ids="⿴囗人" if place == 0 else None))
    write_images(glyphs, tmp_path / "glyphs")
    return tmp_path / "glyphs"


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_folder_becomes_a_font(folder: Path, tmp_path: Path) -> None:
    report = json.loads(run("font", tmp_path / "a.ttf", "--from", folder, "--family", "Frames", "--json"))
    known = {"code_point": "U+E000", "ids": "⿴囗人", "character": None, "index": 0}
    assert report["glyphs"][0] == {**known, "rung": None, "confidence": None, "donors": []}
    assert ImageFont.truetype(str(tmp_path / "a.ttf"), 20).getname() == ("Frames", "Regular")
    assert "50 characters" in run("font", "-o", tmp_path / "a.ufo", "--from", folder)
    assert (tmp_path / "a.ufo" / "metainfo.plist").is_file()


def test_a_folder_becomes_a_book_and_an_animation(folder: Path, tmp_path: Path) -> None:
    run("book", tmp_path / "a.pdf", "--from", folder, "--pages", 8)
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")
    write_images(
        [Glyph(np.eye(32, dtype=np.float32)), Glyph(np.eye(32, dtype=np.float32)[::-1])], tmp_path / "two"
    )
    run("gif", tmp_path / "a.gif", "--from", tmp_path / "two", "--size", 64)
    with Image.open(tmp_path / "a.gif") as image:
        assert image.n_frames > 40


def test_dreams_of_given_weights_become_pictures_and_a_walk(small_weights: Path, tmp_path: Path) -> None:
    run("gif", tmp_path / "walk.gif", "--walk", "--model", small_weights, "--size", 64)
    with Image.open(tmp_path / "walk.gif") as image:
        assert image.n_frames > 2


def test_the_way_between_dreams_goes_through_the_noise_of_a_model(
    small_weights: Path, tmp_path: Path
) -> None:
    run("gif", tmp_path / "way.gif", "--latent", "-n", 2, "--model", small_weights, "--size", 64)
    with Image.open(tmp_path / "way.gif") as image:
        assert image.n_frames > 20
    options = DrawOptions(model=str(small_weights), seed=3)
    first, second = between_dreams(2, 5, options)
    dreams = tensho.dream(2, model=str(small_weights), seed=3)
    np.testing.assert_allclose(first[0].array, dreams[0].array, atol=1e-5)
    np.testing.assert_allclose(second[0].array, dreams[1].array, atol=1e-5)
    assert len(first) == len(second) == 5
    with pytest.raises(TenshoError, match="no noise to go through"):
        run("gif", tmp_path / "parts.gif", "--latent")
    assert not (tmp_path / "parts.gif").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["gif", "a.gif", "--latent", "--walk"], "give one of"),
        (["font", "a.woff"], "does not end in"),
        (["font", "a.ttf", "--code-points", "E000,XYZ"], "no list of code points"),
        (["book", "a.docx"], "does not end in"),
        (["gif", "a.mp4"], "does not end in"),
        (["gif"], "say where"),
        (["book", "a.pdf", "-o", "b.pdf"], "say where"),
        (["book", "a.pdf", "--pages", "1000000000"], "--pages"),
        (["gif", "a.gif", "-n", "1000000000"], "2 to 256"),
        (["images", "a", "--format", "bmp"], "there are png"),
        (["images", "a", "--names", "poetry"], "there are character"),
        (["font", "a.ttf", "--from", "nowhere"], "no readable"),
    ],
)
def test_bad_input_is_refused_before_anything_is_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "tensho.api.dream", None)
    with pytest.raises(TenshoError, match=words):
        run(*arguments)
    assert not list(tmp_path.iterdir())
