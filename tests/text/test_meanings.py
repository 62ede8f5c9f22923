from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tensho.errors import TenshoError
from tensho.text.embedding import (
    DIMENSIONS,
    LONGEST_PROMPT,
    clean_prompt,
    content_words,
    embed,
    embed_cached,
)
from tensho.text.meanings import LONGEST_PHRASE, meanings, phrases, sense_of_part


def test_there_are_thousands_and_all_are_clean():
    table = meanings()
    assert len(table) > 20_000
    for character, meaning in table.items():
        assert meaning.character == character
        assert meaning.glosses
        assert len(set(meaning.glosses)) == len(meaning.glosses)
        assert 0 < meaning.commonness <= 1
        for gloss in meaning.glosses:
            assert 1 < len(gloss) <= LONGEST_PHRASE
            assert not set("();,[]") & set(gloss)
            assert all(unicodedata.name(c).startswith("LATIN") for c in gloss if c.isalpha())


@pytest.mark.parametrize(
    ("character", "word"),
    [
        ("水", "water"),
        ("火", "fire"),
        ("山", "mountain"),
        ("木", "tree"),
        ("犬", "dog"),
        ("鳥", "bird"),
        ("雪", "snow"),
    ],
)
def test_the_primary_sense_comes_first(character, word):
    assert meanings()[character].glosses[0] == word


def test_everyday_characters_outrank_rare_ones_of_the_same_sense():
    named_moon = [m for m in meanings().values() if "moon" in m.glosses]
    assert max(named_moon, key=lambda m: m.commonness).character == "月"
    assert meanings()["馬"].commonness > meanings()["駿"].commonness > meanings()["𬴁"].commonness


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ("(same as 穀) grains; corns; cereals", ["grains", "corns", "cereals"]),
        ("variant of U+4E00 一", []),
        ("surname; name of a river", []),
        ("water; Kangxi radical number 85", ["water"]),
        ("grass radical (no. 140)", ["grass"]),
        ("to survey; to measure", ["survey", "measure"]),
        ("roe or spawn, a fish", ["roe", "spawn", "fish"]),
        ("(a (nested) note) oyster", ["oyster"]),
        ("㐖毒, an old city", ["old city"]),
        ("", []),
        ("((( unbalanced", []),
    ],
)
def test_phrases_keep_senses_and_drop_notes(definition, expected):
    assert phrases(definition) == expected


@given(st.text(max_size=200))
def test_any_text_gives_short_phrases_that_are_stable(definition):
    found = phrases(definition)
    assert all(1 < len(phrase) <= LONGEST_PHRASE for phrase in found)


def test_parts_have_the_sense_of_the_character_they_stand_for():
    assert [sense_of_part(part) for part in "氵亻讠馬"] == ["water", "person", "say", "horse"]
    assert sense_of_part("⺶") is None


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("full moon", "full moon"),
        ("  full\t\nmoon\x00\x1b ", "full moon"),
        ("満月", "満月"),
        ("狗", "狗"),
        ("e\u0301te\u0301", "été"),
        ("🐕", "🐕"),
    ],
)
def test_prompts_are_cleaned(text, clean):
    assert clean_prompt(text) == clean


@pytest.mark.parametrize(
    "text",
    ["", " \n", "\x00\x01\x02", "…!?", "\u200b", "x" * (LONGEST_PROMPT + 1), "moon " * 200_000, "\ud800"],
)
def test_prompts_that_say_nothing_or_too_much_are_refused_in_one_line(text):
    with pytest.raises(TenshoError) as error:
        clean_prompt(text)
    assert "\n" not in str(error.value)


@given(st.text(max_size=100))
@settings(max_examples=200)
def test_a_cleaned_prompt_stays_as_it_is(text):
    try:
        clean = clean_prompt(text)
    except TenshoError:
        return
    assert clean_prompt(clean) == clean
    assert len(set(content_words(clean))) == len(content_words(clean))


def test_content_words_leave_out_what_means_nothing_alone():
    assert content_words("a small dog with a huge head") == ["small", "dog", "huge", "head"]
    assert content_words("Gauss's law") == ["Gauss", "law"]
    assert content_words("of the") == []


def test_embeddings_are_unit_vectors_and_see_through_languages():
    rows = embed(["dog", "犬", "狗", "chien", "law"])
    assert rows.shape == (5, DIMENSIONS)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    likeness = rows @ rows[0]
    assert likeness[1:4].min() > 0.8 > likeness[4]


def test_an_embedding_depends_on_its_text_alone():
    long = "a very long road that leads to the end of the world"
    np.testing.assert_allclose(embed(["moon", long])[0], embed(["moon"])[0], atol=1e-5)


def test_the_cache_returns_what_was_computed_and_mends_itself(tmp_path: Path):
    texts = ["moon", "water"]
    first = embed_cached(texts, tmp_path)
    (file,) = tmp_path.iterdir()
    np.testing.assert_array_equal(embed_cached(texts, tmp_path), first)
    file.write_bytes(file.read_bytes()[:-100])
    np.testing.assert_array_equal(embed_cached(texts, tmp_path), first)
    assert embed_cached(["fire"], tmp_path).shape == (1, DIMENSIONS)
    assert len(list(tmp_path.iterdir())) == 2
