import pytest
from hypothesis import given, settings

from tensho.ids.canonical import canonical, exists, loose, variants
from tensho.ids.likeness import nearly_alike
from tensho.ids.syntax import parse, to_string
from tests.ids.test_syntax import TREES

pytestmark = pytest.mark.usefixtures("nothing_inferred")

given_slowly = settings(deadline=None)


@given_slowly
@given(TREES)
def test_the_loose_form_is_its_own(tree):
    assert loose(loose(tree)) == loose(tree)
    assert loose(canonical(tree)) == loose(tree)


@pytest.mark.parametrize(
    "spellings",
    [
        ["⿰𤣩白", "⿰王白", "⿰⺩白"],
        ["⿱𥫗相", "⿱竹相", "⿱⺮⿰木目"],
        ["⿰⺼昔", "⿰月昔"],
        ["⿰𧾷包", "⿰足包", "⿰⻊包"],
    ],
)
def test_forms_of_parts_that_are_encoded_too_are_one(spellings):
    assert len({to_string(canonical(parse(ids))) for ids in spellings}) == 1


@pytest.mark.parametrize(
    ("structure", "variant"),
    [
        ("⿰亻靑", "倩"),
        ("⿸戸方", "房"),
        ("⿱艸采", "菜"),
    ],
)
def test_variants_differ_in_how_parts_are_written(structure, variant):
    found = variants(parse(structure))
    assert variant in [*found, *exists(parse(structure))]
    assert not set(found) & set(exists(parse(structure)))


def test_what_is_put_together_otherwise_is_no_variant():
    assert "杏" not in variants(parse("⿱口木"))
    assert "呆" in exists(parse("⿱口木"))


def test_places_tell_structures_of_the_same_parts_apart():
    assert nearly_alike(parse("⿸⿱宀八⿰木口"), parse("⿱⿱宀八⿰木口"))
    assert not nearly_alike(parse("⿳一丨一"), parse("⿱一⿱一丨"))
    assert not nearly_alike(parse("⿰木口"), parse("⿰口木"))
    assert not nearly_alike(parse("⿰木口"), parse("⿱木口"))
    assert not nearly_alike(parse("⿰木口"), parse("⿰木日"))


def test_tables_are_taken_apart_to_the_leaves(tables):
    assert exists(parse("⿰口騎")) == []
    tables("U+20D2F\t𠴯\t⿰口⿰馬奇")
    assert exists(parse("⿰口騎")) == ["𠴯"]
    assert exists(parse("⿲口馬⿱大可")) == ["𠴯"]


def test_all_descriptions_of_a_character_count(tables):
    tables("𪫲\t⿰忄安\t⿰⺗⿱宀女\t⿱安心")
    assert exists(parse("⿰忄安")) == ["𪫲"]
    assert exists(parse("⿱安心")) == ["𪫲"]


def test_circles_end(tables):
    tables("𠀀\t⿱一𠀁", "𠀁\t⿰𠀀木", "𤣩\t⿱一⿰王丶", "戶\t⿱一户", "户\t⿱丶戶")
    assert exists(parse("⿱一𠀁")) == ["𠀀"]
    assert to_string(canonical(parse("⿰𠀁木")))
    assert variants(parse("⿰𤣩户")) == variants(parse("⿰王户"))
