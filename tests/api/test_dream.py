import numpy as np
import pytest

import tensho
from tensho.lookup.verdict import is_new, look_up_glyphs


def test_a_dream_is_a_sheet_that_can_be_drawn_again(small_weights):
    model = str(small_weights)
    sheet = tensho.dream(5, model=model, seed=9)
    again = tensho.dream(2, model=model, seed=9)
    assert len(sheet) == 5
    assert sheet[1].seed == 9
    assert sheet[1].model == model
    assert all(np.array_equal(a.array, b.array) for a, b in zip(again, sheet, strict=False))
    assert not np.array_equal(sheet[0].array, sheet[1].array)


def test_shares_of_a_dream_are_those_of_the_whole(small_weights):
    whole = tensho.dream(20, model=str(small_weights), seed=3)
    shares = [
        glyph
        for first in range(0, 20, 7)
        for glyph in tensho.dream(min(7, 20 - first), first=first, model=str(small_weights), seed=3)
    ]
    assert [glyph.index for glyph in shares] == [glyph.index for glyph in whole] == list(range(20))
    assert all(np.array_equal(a.array, b.array) for a, b in zip(shares, whole, strict=True))


@pytest.mark.slow
def test_shares_of_composed_dreams_are_those_of_the_whole():
    whole = tensho.dream(6, seed=3, size=32)
    shares = [glyph for first in (0, 3) for glyph in tensho.dream(3, first=first, seed=3, size=32)]
    assert [(glyph.index, glyph.ids) for glyph in shares] == [(glyph.index, glyph.ids) for glyph in whole]
    assert all(np.array_equal(a.array, b.array) for a, b in zip(shares, whole, strict=True))


@pytest.mark.parametrize("n", [0, -3, 10**9])
def test_impossible_numbers_are_refused(n):
    with pytest.raises(tensho.TenshoError, match=r"1 to 100,000"):
        tensho.dream(n)


def test_the_public_names_are_there_and_no_others():
    for name in tensho.__all__:
        assert getattr(tensho, name)
    with pytest.raises(AttributeError):
        tensho.nothing  # noqa: B018


@pytest.mark.slow
def test_no_dream_of_the_shipped_composer_is_an_encoded_character():
    """Not even one that no table describes: ⿰忄宅 is 㤞, ⿰禾勺 is 䄪, ⿰口尉 is U+32597. What is new by its rough draft nearly always is as it is drawn."""
    assert not is_new("⿰禾勺")
    assert not is_new("⿰日月")
    assert not is_new("⿰口尉")
    assert is_new("⿰月猫")
    dreams = tensho.dream(32, size=64)
    verdicts = [answer.verdict for answer in look_up_glyphs(dreams)]
    assert "exists" not in verdicts
    assert verdicts.count("new") >= 28
