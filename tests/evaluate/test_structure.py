import numpy as np
import pytest

from tensho.errors import TenshoError
from tensho.evaluate.structure import MEASURES, structure, structure_distances


def measured(*boxes, grey=255):
    page = np.zeros((1, 100, 100), np.uint8)
    for top, left, bottom, right in boxes:
        page[0, top:bottom, left:right] = grey
    return dict(zip(MEASURES, structure(page)[0], strict=True))


@pytest.mark.parametrize("width", [3, 5, 8, 11])
def test_a_bar_is_as_wide_as_it_is(width):
    bar = measured((40, 10, 40 + width, 90))
    assert bar["stroke_width"] == pytest.approx(width, abs=0.6)
    assert bar["components"] == 1
    assert bar["end_points"] == 2
    assert bar["junctions"] == 0
    assert bar["binarity"] == 1


def test_a_cross_has_four_ends_and_one_junction():
    cross = measured((48, 10, 51, 90), (10, 48, 90, 51))
    assert (cross["components"], cross["end_points"], cross["junctions"]) == (1, 4, 1)


def test_two_bars_are_two_components():
    assert measured((20, 10, 25, 90), (60, 10, 65, 90))["components"] == 2


def test_a_frame_has_neither_ends_nor_junctions():
    page = np.zeros((1, 100, 100), np.uint8)
    page[0, 20:80, 20:80] = 255
    page[0, 25:75, 25:75] = 0
    found = dict(zip(MEASURES, structure(page)[0], strict=True))
    assert (found["components"], found["end_points"], found["junctions"]) == (1, 0, 0)


def test_binarity_of_half_grey_is_nothing_and_a_blank_page_has_no_strokes():
    assert measured((0, 0, 100, 100), grey=128)["binarity"] == pytest.approx(0, abs=1e-4)
    assert structure(np.zeros((1, 64, 64), np.uint8)).tolist() == [[0, 0, 0, 0, 1]]


def test_the_distance_of_equal_sized_sets_is_that_of_the_sorted_values():
    rng = np.random.default_rng(0)
    x, y = rng.random((2, 30, len(MEASURES)))
    for column, name in enumerate(MEASURES):
        expected = np.abs(np.sort(x[:, column]) - np.sort(y[:, column])).mean()
        assert structure_distances(x, y)[name] == pytest.approx(expected)
    with pytest.raises(TenshoError, match="structure"):
        structure_distances(x, y[:, :2])
