import io

import numpy as np
import pytest
import torch
from PIL import Image

from tensho.cli.terminal import braille
from tensho.errors import TenshoError
from tensho.sheet import CELL, MARGIN, Glyph, Sheet


def glyph(ink: float = 0.0, side: int = 8) -> Glyph:
    return Glyph(np.full((side, side), ink, np.float32))


def test_ink_is_black_on_white():
    array = np.zeros((4, 4), np.float32)
    array[1, 2] = 1
    picture = np.asarray(Glyph(array).image)
    assert picture.dtype == np.uint8
    assert picture[1, 2] == 0
    assert (np.delete(picture.reshape(-1), 6) == 255).all()


def test_sixteen_glyphs_stand_in_four_rows_of_four_in_reading_order():
    sheet = Sheet(tuple(glyph(k / 15) for k in range(16)))
    page = np.asarray(sheet.grid())
    pitch = CELL + MARGIN
    assert page.shape == (4 * pitch + MARGIN, 4 * pitch + MARGIN)
    centres = page[MARGIN + CELL // 2 :: pitch, MARGIN + CELL // 2 :: pitch]
    assert (centres.reshape(-1) == np.rint(255 * (1 - np.arange(16) / 15))).all()


def test_cells_are_as_large_as_was_asked():
    lines = np.tile(np.array([0, 1], np.float32), (512, 256))
    sheet = Sheet((Glyph(lines),) * 4, cell=512)
    page = np.asarray(sheet[1:3].grid(columns=1))
    assert page.shape == (2 * (512 + 64) + 64, 512 + 2 * 64)
    assert (page[64:576, 64:576] == np.where(lines, 0, 255)).all()


def test_a_sheet_of_a_tensor_keeps_order_and_facts():
    sheet = Sheet.from_tensor(torch.rand(5, 1, 8, 8), model="walkback", seed=3)
    assert [g.index for g in sheet] == list(range(5))
    assert sheet[-1].model == "walkback"
    assert [g.index for g in sheet[1:3]] == [1, 2]
    assert sheet[0].array.shape == (8, 8)


def test_colour_stays_as_it_is():
    colours = torch.zeros(1, 3, 8, 8)
    colours[:, 0] = 1
    sheet = Sheet.from_tensor(colours)
    assert sheet[0].image.getpixel((0, 0)) == (255, 0, 0)
    assert sheet.grid().mode == "RGB"


@pytest.mark.parametrize("thing", [glyph(), Sheet((glyph(), glyph(1.0)))])
def test_a_notebook_gets_a_png(thing):
    assert Image.open(io.BytesIO(thing._repr_png_())).format == "PNG"


def test_saving_opens_again(tmp_path):
    Sheet((glyph(),)).save(tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.size == (CELL + 2 * MARGIN,) * 2


@pytest.mark.parametrize("name", ["a.txt", "noending", "a.safetensors"])
def test_a_format_that_cannot_be_written_leaves_nothing(tmp_path, name):
    with pytest.raises(TenshoError, match="picture format"):
        glyph().save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "array", [np.zeros((2, 2, 2)), np.zeros(4), np.zeros((0, 4)), np.full((2, 2), np.nan)]
)
def test_what_is_no_glyph_is_refused(array):
    with pytest.raises(TenshoError):
        Glyph(array.astype(np.float32))


def test_braille_shows_ink_and_keeps_to_the_width():
    sheet = Sheet((glyph(1.0), glyph(0.0), glyph(1.0)))
    text = braille(sheet, width=40, columns=3)
    lines = text.splitlines()
    assert max(map(len, lines)) <= 40
    full, empty = lines[0].split(" ")[:2]
    assert set(full) == {"⣿"}
    assert set(empty) == {"⠀"}


@pytest.mark.parametrize("width", [1, 7, 80, 300])
def test_braille_fits_any_terminal(width):
    assert max(map(len, braille(Sheet((glyph(),) * 5), width=width).splitlines())) <= width
