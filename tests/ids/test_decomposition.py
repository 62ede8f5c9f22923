from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tensho.ids import kanjivg
from tensho.ids.canonical import canonical, exists
from tensho.ids.decomposition import (
    MIN_OCCURRENCES,
    decompose,
    decompositions,
    expand,
    slotted,
    vocabulary,
)
from tensho.ids.sources import descriptions
from tensho.ids.syntax import Arrangement, leaves, parse, to_string
from tests.ids.test_syntax import TREES

# The first example reads the table.
given_slowly = settings(deadline=None)
CHARS = st.sampled_from(sorted(decompositions()))


def test_well_known_characters():
    known = {"海": "⿰氵每", "湖": "⿰氵胡", "霸": "⿱⻗⿰革月", "樂": "⿱⿲幺白幺木"}
    assert {char: str(decompose(char)) for char in known} == known
    assert decompose("一") is None
    assert len(decompositions()) > 19_000


def test_the_free_standing_mainland_glyph_is_chosen():
    assert str(decompose("毒")) == "⿱龶母"  # elsewhere ⿱龶毋
    assert "⼜" not in str(decompose("受"))


@given_slowly
@given(CHARS)
def test_no_part_is_unknown_and_none_holds_itself(char):
    parts = list(leaves(decompositions()[char]))
    assert char not in parts
    assert not set(parts) & set("？?")
    assert parse(to_string(decompositions()[char])) == decompositions()[char]


@given_slowly
@given(CHARS)
def test_expansion_ends_in_the_vocabulary(char):
    parts = set(leaves(expand(char)))
    assert parts <= vocabulary().keys()
    rare = {part for part in parts if vocabulary()[part] < MIN_OCCURRENCES}
    assert all(expand(part) == part or vocabulary()[part] for part in rare)


@given_slowly
@given(TREES)
def test_the_canonical_form_is_its_own(tree):
    assert canonical(canonical(tree)) == canonical(tree)


@given_slowly
@given(CHARS)
def test_a_character_its_parts_and_their_parts_are_one_structure(char):
    tree = decompositions()[char]
    assert canonical(tree) == canonical(expand(tree))
    assert char in exists(tree)


@pytest.mark.parametrize(
    "spellings",
    [
        ["⿲木火水", "⿰⿰木火水", "⿰木⿰火水"],
        ["⿳木火水", "⿱⿱木火水", "⿱木⿱火水"],
        ["⿰氵胡", "⿰⺡胡", "⿰水胡", "⿰氵⿰古月", "⿲氵古月", "⿰⿰水古⽉"],
        ["⿰金十", "⿰釒十"],
        ["⿱竹⿰木目", "⿱⺮相"],
        ["⿸⿸厂日子", "⿸厂⿱日子"],
        ["⿸⿸⿸厂日子木", "⿸厂⿳日子木"],
        ["⿲木木⿰木木", "⿰⿰木木⿰木木", "⿰木⿲木木木"],
    ],
)
def test_spellings_of_one_structure_are_equal(spellings):
    assert len({to_string(canonical(parse(ids))) for ids in spellings}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("⿰木水", "⿰水木"),
        ("⿰木水", "⿰木氵"),
        ("⿱土口", "⿱士口"),
        ("⿰火刀", "⿰火刂"),
        ("⿰木口", "⿱木口"),
    ],
)
def test_different_structures_differ(one, other):
    assert canonical(parse(one)) != canonical(parse(other))


def test_existing_characters_are_found():
    assert exists(parse("⿰氵龍")) == ["瀧"]
    assert exists(parse("⿰水⿰古月")) == ["湖"]
    assert exists("湖") == ["湖"]
    assert exists(parse("⿰氵⿱艹龜")) == []


def test_what_exists_is_what_has_the_same_canonical_form():
    chars_of = defaultdict(set)
    for char, texts in descriptions().items():
        for text in texts.split("\t"):
            chars_of[canonical(parse(text))].add(char)
    forms = list(chars_of)[::10]
    assert {form: set(exists(form)) for form in forms} == {form: chars_of[form] for form in forms}


def test_slot_forms_for_drawing():
    assert str(slotted(parse("⿰金⿱竹金"))) == "⿰釒⿱⺮金"
    assert str(slotted(parse("⿰水金"))) == "⿰水金"
    assert str(slotted(parse("⿷匸矢"))) == "⿷匚矢"
    assert str(slotted(parse("⿰木⿸⿸厂日金"))) == "⿰木⿸厂⿱日金"


@pytest.mark.parametrize(
    ("described", "drawn"),
    [
        ("⿻行圭", "⿲彳圭亍"),
        ("⿻⿰彳⿱一丁氵", "⿲彳氵亍"),
        ("⿰木⿻衣⿻口一", "⿰木⿳亠⿻口一𧘇"),
        ("⿱⿻林爻大", "⿱⿲木爻木大"),
        ("⿻辡讠", "⿲辛讠辛"),
        ("⿻⿰弓弓米", "⿲弓米弓"),
        ("⿻口丨", "⿻口丨"),
    ],
)
def test_what_stands_between_two_halves_is_drawn_there(described, drawn):
    assert str(slotted(parse(described))) == drawn


@pytest.mark.parametrize(
    ("described", "drawn"),
    [
        ("⿺是頁", "⿰是頁"),
        ("⿸虍思", "⿱虍思"),
        ("⿰王⿸鹿禾", "⿰王⿱鹿禾"),
        ("⿵竹犬", "⿱⺮犬"),
        ("⿶木口", "⿱口木"),
        ("\u2ffc弓丨", "⿰丨弓"),
        ("\u2ffd十⺀", "⿰⺀十"),
        ("⿺⿱立里頁", "⿰⿱立里頁"),
        ("⿸麻手", "⿸广⿱林手"),
        ("⿸厭鬼", "⿸厂⿱猒鬼"),
        ("⿸⿳亠丷厂生", "⿳亠丷⿸厂生"),
    ],
)
def test_what_cannot_enclose_is_drawn_next_to_the_other_part(described, drawn):
    assert str(slotted(parse(described))) == drawn


@pytest.mark.parametrize(
    "described", ["⿸广黄", "⿵門⿺走日", "⿶凵乂", "⿷匚王", "⿹气⿺辶金", "⿴井丶", "\u2ffcコ木"]
)
def test_what_opens_encloses(described):
    assert str(slotted(parse(described))) == described


def test_kanjivg():
    known = {"海": "⿰氵毎", "病": "⿸疒丙", "道": "⿺⻌首", "間": "⿵門日", "謝": "⿰言射"}
    assert {char: str(kanjivg.decompose(char)) for char in known} == known
    assert kanjivg.decompose("区") is None  # the enclosure's strokes are written in two goes
    assert kanjivg.decompose("A") is None
    assert kanjivg.decompose("\U00020000") is None
    assert {"海", "一"} <= set(kanjivg.characters())
    assert isinstance(decompose("侃"), Arrangement)  # which only KanjiVG has
