import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensho.errors import TenshoError
from tensho.ids.syntax import ARITY, MAX_DEPTH, MAX_LENGTH, Arrangement, leaves, parse, to_string

PARTS = st.sampled_from("木水口⺮釒氵龍𠂉一A\ue000")


def arranged(children):
    return st.sampled_from(sorted(ARITY)).flatmap(
        lambda operator: st.tuples(*[children] * ARITY[operator]).map(
            lambda parts: Arrangement(operator, parts),
        )
    )


TREES = st.recursive(PARTS, arranged, max_leaves=12)


@given(TREES)
def test_a_printed_tree_is_read_back(tree):
    assert parse(to_string(tree)) == tree


@given(TREES)
def test_reading_then_printing_keeps_the_text(tree):
    text = to_string(tree)
    assert str(parse(f" {text}\n")) == text
    assert [char for char in text if char not in ARITY] == list(leaves(tree))


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused_in_one_line(text):
    refusal = ""
    try:
        assert to_string(parse(text)) == text.strip()
    except TenshoError as error:
        refusal = str(error)
    assert refusal.isprintable()


def test_nesting():
    assert parse("⿱艹⿰氵龍") == Arrangement("⿱", ("艹", Arrangement("⿰", ("氵", "龍"))))
    assert parse("⿲亻言川") == Arrangement("⿲", ("亻", "言", "川"))
    assert parse("\u2ffe片") == Arrangement("\u2ffe", ("片",))
    assert parse("龍") == "龍"


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("⿰氵", r"position 3: .*expected 1 more part \(⿰ at position 1"),
        ("⿰⿳木", r"position 4: .*expected 3 more parts \(⿳ at position 2"),
        ("⿰氵龍木", "position 4: 木 .* left over"),
        ("龍⿰木木", "position 2: ⿰ .* left over"),
        ("⿰氵\ufe00", r"position 3: U\+FE00 is a variation selector"),
        ("⿰氵\U000e0100", r"position 3: U\+E0100 is a variation selector"),
        ("⿰？龍", "position 2: ？ .* unknown part"),
        ("⿰氵 龍", "position 3: .*white space"),
        ("⿰\x00龍", r"position 2: U\+0000 is not a visible"),
        ("⿰\u200d龍", r"position 2: U\+200D is not a visible"),
        ("⿰\ud800龍", r"position 2: U\+D800 is not a visible"),
        ("⿰\u0378龍", r"position 2: U\+0378 is not an assigned"),
        ("⿰\uffff龍", r"position 2: U\+FFFF is not an assigned"),
        ("⿰木" * (MAX_DEPTH + 1), f"deeper than {MAX_DEPTH}"),
        ("木" * 10_000, f"10000 characters; at most {MAX_LENGTH}"),
        ("⿰" * 10_000, f"10000 characters; at most {MAX_LENGTH}"),
    ],
)
def test_what_is_wrong_is_said(ids, message):
    with pytest.raises(TenshoError, match=message):
        parse(ids)


def test_the_deepest_description_is_read():
    text = "⿰木" * MAX_DEPTH + "木"
    assert to_string(parse(text)) == text


@pytest.mark.parametrize("part", ["\ue000", "\U00031350", "\U0002ebf0", "㇀", "ア"])
def test_any_visible_character_can_be_a_part(part):
    assert parse(f"⿰氵{part}") == Arrangement("⿰", ("氵", part))
