import numpy as np
import pytest

from tensho.coining.compounds import Compound, compound_of, radical_of, split_tree
from tensho.coining.phonetic_series import PhoneticSeries, Strengths, phonetic_series
from tensho.ids.syntax import parse
from tensho.split import split_of

READINGS = {
    "龍": ["lóng"], "嚨": ["lóng"], "瓏": ["lóng"], "壟": ["lǒng"], "古": ["gǔ"], "沽": ["gū"], "姑": ["gū"], "固": ["gù"],
}  # fmt: skip
COMPOUNDS = {
    "嚨": Compound("⿰0", "口", "龍"), "瓏": Compound("⿰0", "王", "龍"), "壟": Compound("⿱1", "土", "龍"),
    "沽": Compound("⿰0", "氵", "古"), "姑": Compound("⿰0", "女", "古"), "固": Compound("⿴0", "囗", "古"),
}  # fmt: skip


def series(learns=lambda _: True, **strengths):
    chosen = {"own": 1.0, "prior": 0.1, "same": 0.5, **strengths}
    return PhoneticSeries("mandarin", READINGS, COMPOUNDS, learns, Strengths(**chosen))


def test_probabilities_sum_to_one_and_the_commonest_reading_of_a_series_comes_first():
    known = series()
    chances = known.distribution("龍")
    assert chances.sum() == pytest.approx(1)
    assert (chances > 0).all()
    assert known.syllables[int(chances.argmax())] == "lóng"


def test_the_probability_of_a_sound_is_that_of_the_distribution_of_each_part():
    known = series()
    for reading in ("lóng", "gū"):
        each = [known.distribution(part)[known.syllables.index(reading)] for part in known.parts]
        assert known.likelihood([reading]) == pytest.approx(each, rel=1e-5)


def test_without_kernels_evidence_is_counted_as_it_is():
    known = series(same=1.0, prior=0.0, own=1.0)
    chances = dict(zip(known.syllables, known.distribution("龍").tolist(), strict=True))
    assert chances["lóng"] == pytest.approx(3 / 4)
    assert chances["lǒng"] == pytest.approx(1 / 4)


def test_a_tone_turns_sooner_than_an_initial():
    known = series(same=0.0)
    chances = dict(zip(known.syllables, known.distribution("古").tolist(), strict=True))
    assert chances["gù"] > chances["lǒng"]


def test_characters_that_must_not_argue_do_not():
    known = series(own=0.0)
    assert known.evidence("龍", without={"嚨", "瓏"}) == pytest.approx({"lóng": 0.0, "lǒng": 1.0})
    assert series(learns=lambda char: char != "固").agreeing("古", ["gù"]) == []


def test_the_shipped_series_learn_from_training_characters_alone():
    known = phonetic_series("on")
    assert all(split_of(char) == "train" for members in known.members.values() for char in members)
    assert known.syllables[int(np.argmax(known.distribution("同")))] in ("ドウ", "トウ")


def test_compounds_are_found_by_the_radical_they_are_filed_under():
    assert compound_of("鉞") == Compound("⿰0", "釒", "戉")
    assert compound_of("聞") == Compound("⿵1", "耳", "門")
    city = compound_of("都")
    assert city is not None
    assert city.semantic == "阝"
    assert compound_of("望") is None
    assert Compound("⿱1", "心", "相").ids == "⿱相心"
    assert radical_of("氵") == radical_of("水") == 85
    assert radical_of("讠") == radical_of("言")
    assert [way.phonetic for way in split_tree(parse("⿰氵⿰古月"))] == ["胡"]
