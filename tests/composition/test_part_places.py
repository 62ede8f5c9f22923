import numpy as np
import pytest

from tensho.composition.part_places import part_places
from tensho.errors import TenshoError
from tensho.ids.syntax import parse

SIDE = 100


def blocks(*boxes):
    """Rectangles of ink, given in hundredths."""
    glyph = np.zeros((SIDE, SIDE), np.uint8)
    for x0, y0, x1, y1 in boxes:
        glyph[y0:y1, x0:x1] = 255
    return glyph


def placed(ids, *boxes):
    return [
        (place.part, tuple(round(SIDE * side) for side in place.box))
        for place in part_places(parse(ids), blocks(*boxes))
    ]


@pytest.mark.parametrize("middle", [36, 44, 50])
def test_a_row_is_parted_where_there_is_no_ink(middle):
    left, right = (10, 10, middle, 90), (middle + 4, 20, 92, 80)
    assert placed("⿰木木", left, right) == [("木", left), ("木", right)]


def test_parts_of_parts():
    left, above, below = (10, 10, 40, 90), (46, 12, 90, 45), (50, 52, 88, 88)
    assert placed("⿰氵⿱日口", left, above, below) == [("氵", left), ("日", above), ("口", below)]
    three = [(10, 20, 30, 90), (36, 10, 60, 80), (66, 15, 90, 90)]
    assert [box for _, box in placed("⿲彳口亍", *three)] == three


def test_what_is_enclosed_stands_within():
    (outer, around), (inner, within) = placed("⿴囗玉", (10, 10, 90, 90))
    assert (outer, inner) == ("囗", "玉")
    assert around == (10, 10, 90, 90)
    assert around[0] < within[0] < within[2] < around[2]
    assert around[1] < within[1] < within[3] < around[3]


def test_a_part_alone_is_all_the_ink():
    assert placed("木", (20, 30, 60, 95)) == [("木", (20, 30, 60, 95))]


def test_strokes_that_are_taken_away_have_no_place():
    with pytest.raises(TenshoError, match="㇯"):
        part_places(parse("㇯木一"), blocks((10, 10, 90, 90)))
