from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader

from tensho.errors import TenshoError
from tensho.export.images import KINDS, ImageKind, read_images, write_images
from tensho.fonts.outlines import ON_CURVE, Bounds, Outline
from tensho.sheet import Glyph


def test_what_is_written_is_read_again(glyphs: list[Glyph], tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    write_images(glyphs, folder)
    write_images(glyphs[:3], folder)  # replaces
    again = read_images(folder)
    assert len(again) == 3
    for read, written in zip(again, glyphs[:3], strict=True):
        assert np.abs(read.array - written.array).max() < 0.003
        assert (read.ids, read.model, read.seed, read.index) == (
            written.ids,
            written.model,
            written.seed,
            written.index,
        )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pictures"]


def test_an_engine_can_tint_them(glyphs: list[Glyph], tmp_path: Path) -> None:
    write_images(glyphs[:1], tmp_path / "pictures")
    manifest = json.loads((tmp_path / "pictures" / "manifest.json").read_text(encoding="utf-8"))
    entry = manifest["glyphs"][0]
    assert (entry["file"], entry["width"], entry["ids"]) == ("⿰氵龍.png", 64, "⿰氵龍")
    with Image.open(tmp_path / "pictures" / entry["file"]) as image:
        light, alpha = image.split()
    assert light.getextrema() == (255, 255)
    assert alpha.getextrema() == (0, 255)


def test_bad_folders_and_glyphs_are_refused(glyphs: list[Glyph], tmp_path: Path) -> None:
    with pytest.raises(TenshoError, match="choose another"):
        write_images(glyphs, tmp_path)
    with pytest.raises(TenshoError, match="glyph 1"):
        write_images([glyphs[0], Glyph(np.zeros((8, 8), np.float32))], tmp_path / "new")
    assert not (tmp_path / "new").exists()
    with pytest.raises(TenshoError, match="no readable"):
        read_images(tmp_path)
    write_images(glyphs[:1], tmp_path / "new", names="number")
    (tmp_path / "new" / "0000.png").write_bytes(b"damaged")
    with pytest.raises(TenshoError, match="cannot be read"):
        read_images(tmp_path / "new")
    for glyphs_entry in (
        "5",
        "[5]",
        "[{}]",
        '[{"file": 5}]',
        '[{"file": "a.svg", "width": 1e9, "outline": {}}]',
    ):
        manifest = f'{{"format": "tensho images 1", "glyphs": {glyphs_entry}}}'
        (tmp_path / "new" / "manifest.json").write_text(manifest)
        with pytest.raises(TenshoError):
            read_images(tmp_path / "new")
    (tmp_path / "new" / "manifest.json").write_text('{"format": "other"}')
    with pytest.raises(TenshoError, match="not of the kind"):
        read_images(tmp_path / "new")


def _square(**facts: object) -> Glyph:
    points = np.array([[100, 0], [100, 800], [900, 800], [900, 0]], np.float32)
    outline = Outline(points, np.full(4, ON_CURVE, np.uint8), np.array([3], np.int32))
    return Glyph.of_outline(outline, Bounds(0, -120, 1000, 880), 64, **facts)


def test_files_are_called_by_code_point_or_description_and_no_two_alike(tmp_path: Path) -> None:
    glyphs = [
        _square(character="瀧", ids="⿰氵龍"),
        _square(character="瀧"),
        _square(ids="⿱艹⿰氵龍"),
        _square(ids="../../up"),
        _square(),
    ]
    write_images(glyphs, tmp_path / "named")
    found = {path.name for path in (tmp_path / "named").iterdir()}
    assert found == {"U+7027.png", "U+7027-2.png", "⿱艹⿰氵龍.png", "0003.png", "0004.png", "manifest.json"}
    write_images(glyphs, tmp_path / "named", names="number")
    assert sorted(path.name for path in (tmp_path / "named").iterdir())[:2] == ["0000.png", "0001.png"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_read_again_by_its_outline(tmp_path: Path, kind: ImageKind) -> None:
    write_images([_square(character="口")], tmp_path / "kind", kind=kind)
    assert (tmp_path / "kind" / f"U+53E3.{kind}").is_file()
    (read,) = read_images(tmp_path / "kind")
    np.testing.assert_allclose(read.array, _square().array, atol=0.003)


def test_drawings_are_squares_of_curves(tmp_path: Path) -> None:
    write_images([_square(character="口")], tmp_path / "svg", kind="svg")
    assert 'd="M100 880H900V80H100Z"' in (tmp_path / "svg" / "U+53E3.svg").read_text()
    write_images([_square(character="口")], tmp_path / "pdf", kind="pdf")
    (page,) = PdfReader(tmp_path / "pdf" / "U+53E3.pdf").pages
    assert (page.mediabox.width, page.mediabox.height) == (64, 64)
    content = page.get_contents()
    assert content is not None
    assert b"6.4 7.68 m" in content.get_data()
    assert page.extract_text() == ""


@pytest.mark.parametrize("change", [{"kind": "bmp"}, {"names": "poetry"}])
def test_unknown_kinds_are_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    with pytest.raises(TenshoError, match="there are"):
        write_images([_square()], tmp_path / "no", **change)
    assert list(tmp_path.iterdir()) == []
