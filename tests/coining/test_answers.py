import pytest

from tensho.api.draw_options import DEFAULTS
from tensho.api.load import composer_for
from tensho.api.write import write, written
from tensho.coining.answers import answer
from tensho.coining.sounds import sound_of
from tensho.errors import TenshoError
from tensho.ids.canonical import exists
from tensho.ids.syntax import parse


@pytest.fixture(scope="module")
def composer():
    return composer_for(DEFAULTS)


def test_one_part_tells_the_meaning_and_the_other_the_sound(composer):
    found = answer(composer, "full moon", 4, sound=sound_of("yuè"), new=True)
    best = found.coined[0]
    assert "月" in best.ids
    assert "月 for meaning, " in best.explanation
    assert " for the sound; like " in best.explanation
    assert 0 < (best.sure_of_sound or 0) < 1
    assert found.existing == ()
    assert all(not exists(parse(one.ids)) for one in found.coined)


@pytest.mark.parametrize("text", ["つき", "jyut6", "월", "nguyệt"])
def test_any_of_the_languages_will_do(composer, text):
    found = answer(composer, "tree", 2, sound=sound_of(text), new=True)
    assert all("for the sound" in one.explanation and (one.sure_of_sound or 0) > 0 for one in found.coined)


def test_at_most_half_of_what_is_written_exists_already(composer):
    found = answer(composer, "coffee", 6)
    assert len(found.existing) <= 3
    assert len(found.coined) >= 3
    assert len({one.ids for one in found}) == 6
    assert answer(composer, "moon", 1).existing[0].characters == ("月",)


def test_nonsense_is_doubted_and_what_is_known_is_not(composer):
    for nonsense in ("xyzzyqwfp", "🙂", "asdf"):
        found = answer(composer, nonsense, 2)
        assert "unsure" in found.doubt
        assert max(one.sure_of_meaning for one in found) < 0.3
    known = answer(composer, "mother-in-law", 2)
    assert known.doubt == ""
    assert max(one.sure_of_meaning for one in known) > 0.7


def test_the_same_seed_writes_the_same(composer):
    assert answer(composer, "to swim", 3, seed=5) == answer(composer, "to swim", 3, seed=5)


@pytest.mark.parametrize(
    ("meaning", "n"), [("", 4), (" ", 1), ("word " * 10_000, 4), ("moon", 0), ("moon", 1000)]
)
def test_impossible_questions_are_refused(composer, meaning, n):
    with pytest.raises(TenshoError):
        answer(composer, meaning, n)


def test_what_exists_stands_apart_and_is_drawn_as_the_face_has_it():
    found = written("full moon", 4)
    assert found.sheet.apart == len(found.answers.existing) > 0
    real = found.sheet[-1]
    assert real.rung == "whole glyph"
    assert real.character in found.answers.existing[-1].characters
    assert found.sheet.grid().height > found.sheet[:4].grid().height / 2


def test_a_sound_in_python():
    sheet = write("full moon", 2, sound="yuè", new=True, size=64)
    assert len(sheet) == 2
    assert sheet.apart == 0
    assert all(glyph.character is None for glyph in sheet)
    assert "for the sound" in (sheet[0].explanation or "")
