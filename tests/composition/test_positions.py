import pytest

from tensho.composition.atlas import default_atlas
from tensho.composition.layout import layout
from tensho.composition.positions import has_attested_positions
from tensho.errors import TenshoError
from tensho.ids.decomposition import decompositions, expand
from tensho.ids.syntax import parse


@pytest.mark.parametrize("ids", ["⿰氵龍", "⿱艹龍", "⿺辶龍", "⿴囗龍", "⿸广⿰氵羊", "⿱⿰木木灬"])
def test_parts_stand_where_characters_have_them(ids):
    assert has_attested_positions(parse(ids))


@pytest.mark.parametrize("ids", ["⿰龍氵", "⿱灬龍", "⿰刂龍", "⿱龍艹", "⿺龍辶", "⿱口⿰龍亻"])
def test_and_nowhere_else(ids):
    assert not has_attested_positions(parse(ids))


def test_positions_are_those_that_characters_are_laid_out_in():
    attested = {(form.part, form.slot) for forms in default_atlas().forms.values() for form in forms}
    inside = {f"{operator}1" for operator in "⿴⿵⿶⿷⿸⿹⿺⿲⿳"}
    for ids in (*list(decompositions())[::101], "\u2ffe山", "⿰木\u2fff山", "⿰山木", "⿱木\u2ffe⿰水木"):
        tree = parse(ids)
        placed = {(part.part, part.slot) for part in layout(expand(tree)) if part.slot not in inside}
        assert has_attested_positions(tree) == (placed <= attested), ids


def test_strokes_that_are_taken_away_have_no_position():
    with pytest.raises(TenshoError, match="㇯"):
        has_attested_positions(parse("㇯木一"))
