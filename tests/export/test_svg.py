from __future__ import annotations

import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fontTools.pens.recordingPen import RecordingPen
from fontTools.svgLib.path import parse_path
from PIL import Image

from tensho.errors import TenshoError
from tensho.fonts.tracing.outline import trace
from tensho.sheet import Glyph

SPACE = "{http://www.w3.org/2000/svg}"


def test_it_is_xml_with_one_path_and_its_provenance(glyphs: list[Glyph]) -> None:
    root = ElementTree.fromstring(replace(glyphs[0], ids="⿰<&", style='a"\x07').svg())
    assert root.get("viewBox") == "0 0 1000 1000"
    assert root.findtext(f"{SPACE}title") == "⿰<&"
    assert "model walkback, seed 3, glyph 0" in str(root.findtext(f"{SPACE}desc"))
    assert len(root.findall(f"{SPACE}path")) == 1


def test_its_path_is_the_outline(glyphs: list[Glyph]) -> None:
    path = ElementTree.fromstring(glyphs[4].svg()).find(f"{SPACE}path")
    assert path is not None
    read, traced = RecordingPen(), RecordingPen()
    parse_path(path.get("d", ""), read)
    trace(glyphs[4].array).draw(traced)

    def points(pen: RecordingPen) -> list[tuple[float, float]]:
        return [point for _, arguments in pen.value for point in arguments]

    assert {(x, 880 - y) for x, y in points(read)} == set(points(traced))


@pytest.mark.skipif(shutil.which("rsvg-convert") is None, reason="librsvg is not installed")
def test_a_renderer_shows_the_glyph(glyphs: list[Glyph], tmp_path: Path) -> None:
    (tmp_path / "glyph.svg").write_text(glyphs[2].svg(), encoding="utf-8")
    command = ["rsvg-convert", "-w", "960", "-h", "960", "-b", "white", "-o", str(tmp_path / "glyph.png")]
    subprocess.run([*command, str(tmp_path / "glyph.svg")], check=True)
    with Image.open(tmp_path / "glyph.png") as image:
        shown = 1 - np.asarray(image.convert("L"), np.float32).reshape(60, 16, 60, 16).mean(axis=(1, 3)) / 255
    expected = glyphs[2].array[2:62, 2:62]
    assert np.minimum(shown, expected).sum() / np.maximum(shown, expected).sum() > 0.93


def test_a_blank_glyph_has_no_svg() -> None:
    with pytest.raises(TenshoError, match="no ink"):
        Glyph(np.zeros((64, 64), np.float32)).svg()
