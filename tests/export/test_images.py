from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tensho.errors import TenshoError
from tensho.export.images import read_images, write_images
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
    assert (entry["file"], entry["width"], entry["ids"]) == ("0000.png", 64, "⿰氵龍")
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
    write_images(glyphs[:1], tmp_path / "new")
    (tmp_path / "new" / "0000.png").write_bytes(b"damaged")
    with pytest.raises(TenshoError, match="cannot be read"):
        read_images(tmp_path / "new")
    (tmp_path / "new" / "manifest.json").write_text('{"format": "other"}')
    with pytest.raises(TenshoError, match="not of the kind"):
        read_images(tmp_path / "new")
