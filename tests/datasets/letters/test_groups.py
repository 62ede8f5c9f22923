import numpy as np
import pytest
import torch

from tensho.datasets.letters.fonts import LETTERS, build_letter_fonts
from tensho.datasets.letters.groups import LetterGroups, Metric, letter_shapes, metric_of
from tensho.text.ascii_grid import COLUMNS, PAD, ROWS, empty_grid, grid_of


@pytest.fixture(scope="module")
def groups():
    return LetterGroups(
        build_letter_fonts(fonts=("big", "doom", "slant", "standard", "small"), synthetic=2), "train"
    )


def test_a_group_is_a_function_of_its_index(groups):
    indices = np.array([0, 5, len(groups) - 1])
    first, second = groups.batch(indices), groups.batch(indices[::-1].copy())
    for name, column in first.items():
        assert torch.equal(column, second[name].flip(0))


def test_a_group_is_eight_different_letters_of_one_font(groups):
    batch = groups.batch(np.arange(16))
    fonts = groups.fonts
    for font, letters, grids in zip(groups.font, batch["letters"], batch["grids"], strict=False):
        assert len(set(letters.tolist())) == 8
        assert (fonts.grids[font, letters] == grids.numpy()).all()
        assert ((grids != PAD).any(-1).any(-1)).all()
    assert batch["bitmaps"].shape == (16, 8, 48, 48)
    assert batch["neighbour"].shape == (16, 8, ROWS, COLUMNS)


def test_ink_is_where_the_places_say(groups):
    batch = groups.batch(np.arange(0, len(groups), 40))
    inked = ((batch["grids"] > 0) & (batch["grids"] != PAD)).any(-1)
    rows = torch.arange(ROWS)
    middle = (inked * (rows + 0.5)).sum(-1) / inked.sum(-1)
    expected = batch["places"][..., :2].mean(-1)
    assert (middle - expected).abs().median() < 0.8


def test_a_metric_is_found_again():
    true = Metric(baseline=7.0, em=9.0)
    extents = letter_shapes("HxpbT").extents
    grids = []
    for top, bottom, _ in true.places(extents, 10):
        grid = empty_grid(10, 3)
        grid[round(float(top)) : round(float(bottom)), :3] = 40
        grids.append(grid)
    found = metric_of(np.stack(grids), extents)
    assert found.baseline == pytest.approx(7.0, abs=0.5)
    assert found.em == pytest.approx(9.0, abs=0.9)


@pytest.mark.parametrize("letter", LETTERS)
def test_any_one_letter_gives_a_metric(letter):
    grid = grid_of(["#####"] * 5)[None]
    metric = metric_of(grid, letter_shapes([letter]).extents)
    places = metric.places(letter_shapes("HgÉ漢.").extents, 5)
    assert 2 < metric.em < 15
    assert (places[:, 0] >= 0).all()
    assert (places[:, 1] <= 5).all()
    assert (places[:, 1] > places[:, 0]).all()
