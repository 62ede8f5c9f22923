import numpy as np
import pytest
from PIL import Image

from tensho.errors import TenshoError
from tensho.evaluate.families import evaluate


@pytest.fixture
def folder(tmp_path, glyphs):
    for k, glyph in enumerate(glyphs[:3]):
        Image.fromarray(255 - glyph).save(tmp_path / f"{k}.png")
    return tmp_path


def test_what_cannot_be_evaluated_is_said_before_anything_is_measured(glyph_set, folder):
    measured: list[str] = []
    with pytest.raises(TenshoError, match="at least 500"):
        evaluate([], glyph_set, n=499, progress=measured.append)
    with pytest.raises(TenshoError, match="at least 1"):
        evaluate([], glyph_set, seeds=0, progress=measured.append)
    with pytest.raises(TenshoError, match="unknown model"):
        evaluate(["nobody"], glyph_set, progress=measured.append)
    with pytest.raises(TenshoError, match="has 3 images; lower -n"):
        evaluate([str(folder)], glyph_set, progress=measured.append)
    assert measured == []


def test_an_empty_folder_is_refused(glyph_set, tmp_path):
    with pytest.raises(TenshoError, match="no image"):
        evaluate([str(tmp_path)], glyph_set)


def test_a_folder_with_a_blank_image_is_refused(glyph_set, folder):
    Image.fromarray(np.full((64, 64), 255, np.uint8)).save(folder / "blank.png")
    with pytest.raises(TenshoError, match=r"blank\.png is blank"):
        evaluate([str(folder)], glyph_set)
