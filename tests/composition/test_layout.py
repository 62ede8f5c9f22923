from itertools import pairwise

import pytest
from hypothesis import given, settings

from tensho.composition.layout import Layout, default_proportions, layout, measure
from tensho.errors import TenshoError
from tensho.ids.decomposition import expand
from tensho.ids.syntax import Arrangement, leaves, parse
from tests.ids.test_syntax import TREES

DRAWABLE = TREES.filter(lambda tree: "\u31ef" not in str(tree))
MODEL = Layout(default_proportions(), measure)


def boxes_below(tree, box):
    yield box
    if isinstance(tree, Arrangement) and len(tree.children) > 1:
        for child, inner in zip(tree.children, MODEL.children(tree, box), strict=True):
            assert box.x0 <= inner.x0 < inner.x1 <= box.x1
            assert box.y0 <= inner.y0 < inner.y1 <= box.y1
            yield from boxes_below(child, inner)


@settings(deadline=None)
@given(DRAWABLE)
def test_every_box_lies_in_its_parents(tree):
    if isinstance(tree, Arrangement):
        root = MODEL.root(tree)
        assert all(root.x0 <= box.x0 and box.y1 <= root.y1 for box in boxes_below(tree, root))


@settings(deadline=None)
@given(DRAWABLE)
def test_there_is_a_box_in_the_unit_square_for_every_part(tree):
    placements = layout(tree)
    assert len(placements) == len(list(leaves(tree)))
    for x0, y0, x1, y1 in (placed.box for placed in placements):
        assert 0 <= x0 < x1 <= 1
        assert 0 <= y0 < y1 <= 1


def box_of(ids, index):
    return layout(parse(ids))[index].box


@pytest.mark.parametrize("sibling", "龍木青馬可")
def test_proportions_are_those_of_the_script(sibling):
    assert box_of(f"⿰氵{sibling}", 0).width < 0.33
    assert box_of(f"⿰{sibling}刂", 1).width < 0.36
    assert box_of(f"⿱{sibling}灬", 1).height < 0.33
    assert box_of(f"⿱艹{sibling}", 0).height < 0.33
    inner = box_of(f"⿴囗{sibling}", 1)
    assert 0.1 < inner.x0 < inner.x1 < 0.9
    assert 0.1 < inner.y0 < inner.y1 < 0.9
    assert box_of(f"⿺辶{sibling}", 1).x0 > 0.2


def test_a_crowded_part_gets_more_room():
    assert box_of("⿰木龜", 0).width < box_of("⿰木十", 0).width


def test_rows_run_left_to_right_and_columns_down():
    for ids, edge in (("⿲亻言川", "x0"), ("⿳艹田心", "y0")):
        edges = [getattr(placed.box, edge) for placed in layout(parse(ids))]
        assert all(a < b for a, b in pairwise(edges))


def test_turned_parts_and_mirrored_enclosures():
    (placed,) = layout(parse("\u2ffe片"))
    assert placed.mirrored
    assert not placed.rotated
    (placed,) = layout(parse("\u2fff\u2ffe片"))
    assert placed.mirrored
    assert placed.rotated
    plain, turned = layout(parse("⿰木水")), layout(parse("\u2fff⿰木水"))
    assert turned[0].box.x0 > turned[1].box.x0
    assert turned[0].box.width == pytest.approx(plain[0].box.width)
    left, right = layout(parse("⿷匚木"))[1].box, layout(parse("\u2ffcコ木"))[1].box
    assert left.x0 + left.x1 > right.x0 + right.x1


def test_taking_strokes_away_is_refused():
    with pytest.raises(TenshoError, match="㇯ takes strokes away"):
        layout(parse("\u31ef木一"))


def test_the_layout_of_an_expanded_character_names_its_slots():
    assert [placed.slot for placed in layout(expand("湖"))] == ["⿰0", "⿰1"]
    assert layout("龍")[0].slot == ""
