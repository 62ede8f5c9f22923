import json
import re
import xml.etree.ElementTree as ET

import numpy as np
import pypdf
import pytest
from PIL import Image

import tensho
from tensho.api.strokes import export_strokes
from tensho.export.strokes.frames import writing_frames
from tensho.export.strokes.written_glyph import ink, written_glyph
from tensho.sheet import Glyph


@pytest.fixture(scope="module")
def glyphs():
    return [tensho.compose("⿰月越", size=64), tensho.compose("⿴囗龍", size=64, style="mincho")]


@pytest.fixture(scope="module")
def folder(glyphs, tmp_path_factory):
    path = tmp_path_factory.mktemp("strokes")
    told = export_strokes(
        [*glyphs, tensho.compose("门", size=64)], path, titles=["moon", "dragon", "gate"], size=96
    )
    assert [one.strokes for one in told] == [16, 19, 0]
    assert "KanjiVG has no strokes of 门" in told[2].why
    return path


def test_the_animation_writes_one_stroke_after_the_other(glyphs):
    written = written_glyph(glyphs[0])
    frames = writing_frames(written, 96)
    black = (frames > 0.5).sum((1, 2))
    assert (np.diff(black.astype(int)) >= 0).all()
    assert black[0] < 0.05 * black[-1]
    np.testing.assert_array_equal(frames[-1], ink(written.outline, 96))
    # Between the strokes is what the strokes before hold.
    first = np.minimum(ink(written.strokes[0].outline, 96), frames[-1])
    assert any(np.count_nonzero((frame > 0.5) ^ (first > 0.5)) == 0 for frame in frames)


def test_the_animated_drawing_has_a_pen_and_a_clip_for_each_stroke(folder):
    text = (folder / "01-⿰月越.svg").read_text(encoding="utf-8")
    root = ET.fromstring(text)
    names = [element.tag.rpartition("}")[2] for element in root.iter()]
    assert names.count("clipPath") == 16
    assert len(re.findall(r"@keyframes s", text)) == 16
    assert "CC BY-SA 3.0" in text
    assert "prefers-reduced-motion" in text
    assert "http" not in re.sub(r'xmlns="[^"]*"|https://kanjivg.tagaini.net', "", text)


def test_the_diagram_numbers_every_stroke(folder):
    root = ET.fromstring((folder / "02-⿴囗龍-steps.svg").read_text(encoding="utf-8"))
    numbers = [element.text for element in root.iter() if element.tag.endswith("}text")]
    assert sorted(int(number or 0) for number in numbers) == sorted([*range(1, 20), *range(1, 20)])


def test_hanzi_writers_data_has_a_path_and_a_median_for_each_stroke(folder):
    data = json.loads((folder / "01-⿰月越.json").read_text(encoding="utf-8"))
    assert len(data["strokes"]) == len(data["medians"]) == 16
    assert all(path.startswith("M") and path.endswith("Z") for path in data["strokes"])
    points = np.array([point for median in data["medians"] for point in median])
    assert points.min() > -200
    assert points.max() < 1100
    assert "CC BY-SA" in data["attribution"]
    # 月's first stroke runs down: y grows upwards.
    assert data["medians"][0][0][1] > data["medians"][0][-1][1] + 300


def test_the_files_are_a_picture_that_moves_and_a_sheet_to_print(folder):
    with Image.open(folder / "01-⿰月越.gif") as image:
        assert image.size == (96, 96)
        assert image.n_frames > 40
    text = pypdf.PdfReader(folder / "practice.pdf").pages[0].extract_text()
    assert "16 strokes" in text
    assert "19 strokes" in text
    assert "KanjiVG" in text
    assert "by-sa/3.0" in (folder / "LICENCE.txt").read_text()
    assert not list(folder.glob("03*"))


def test_what_has_no_known_parts_or_no_ink_is_refused(tmp_path):
    with pytest.raises(tensho.TenshoError, match="not known"):
        export_strokes([Glyph(np.ones((8, 8), np.float32))], tmp_path)
    with pytest.raises(tensho.TenshoError, match="colour"):
        written_glyph(Glyph(np.ones((8, 8, 3), np.float32), ids="⿰氵龍"))
    assert not list(tmp_path.iterdir())
