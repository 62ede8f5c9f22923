import numpy as np
import pytest
from PIL import Image

from tensho.errors import TenshoError
from tensho.evaluate.samples import read_folder
from tensho.glyph_arrays import as_glyphs


@pytest.fixture
def images():
    images = np.zeros((3, 8, 8), np.uint8)
    images[:, 2:6, 3:5] = 255
    return images


def test_float_and_uint8_sets_are_the_same_glyphs(images):
    floats = images[:, None].astype(np.float32) / 255
    np.testing.assert_array_equal(as_glyphs(floats), images)
    np.testing.assert_array_equal(as_glyphs(images), images)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (lambda x: x[:0], "empty"),
        (lambda x: np.repeat(x[:, None], 3, axis=1), "colour"),
        (lambda x: x[0], "shape"),
        (lambda x: x[:, :4], "square"),
        (lambda x: x.astype(np.int64), "int64"),
        (lambda x: 255 - x, "dark ink"),
        (lambda x: 1 - x / 255, "dark ink"),
        (lambda x: x / 1.0, "values from 0 to 255"),
        (lambda x: x / 127.5 - 1, "values from -1 to 1"),
        (lambda x: np.where(x > 0, np.nan, 0.0), "not finite"),
    ],
)
def test_what_is_no_glyph_is_refused(images, broken, message):
    with pytest.raises(TenshoError, match=message) as error:
        as_glyphs(broken(images))
    assert "\n" not in str(error.value)


def test_another_size_is_refused(images):
    with pytest.raises(TenshoError, match="resize them to 64×64"):
        as_glyphs(images, size=64)


def test_a_folder_is_read_in_the_order_of_its_names_whatever_the_polarity(tmp_path, images):
    for name, column in (("b", 1), ("a", 5)):
        page = np.full((8, 8), 255, np.uint8)
        page[2:6, column] = 0
        Image.fromarray(page).save(tmp_path / f"{name}.png")
    read = read_folder(tmp_path, 8)
    assert read.shape == (2, 8, 8)
    assert read[0, 3, 5] == read[1, 3, 1] == 255
    assert read[:, 0].max() == 0


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(TenshoError, match="no image"):
        read_folder(tmp_path, 64)
