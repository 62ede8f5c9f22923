import pytest

from tensho.composition.positions import has_attested_positions
from tensho.ids.syntax import parse


@pytest.mark.parametrize("ids", ["⿰氵龍", "⿱艹龍", "⿺辶龍", "⿴囗龍", "⿸广⿰氵羊", "⿱⿰木木灬"])
def test_parts_stand_where_characters_have_them(ids):
    assert has_attested_positions(parse(ids))


@pytest.mark.parametrize("ids", ["⿰龍氵", "⿱灬龍", "⿰刂龍", "⿱龍艹", "⿺龍辶", "⿱口⿰龍亻"])
def test_and_nowhere_else(ids):
    assert not has_attested_positions(parse(ids))
