import pytest

from tensho.text.readings import read_unihan
from tensho.text.syllables import Syllable, romanised, syllable, toneless


@pytest.mark.parametrize(
    ("language", "reading", "parts"),
    [
        ("mandarin", "yuè", ("", "üe", "4")),
        ("mandarin", "xū", ("x", "ü", "1")),
        ("mandarin", "wèi", ("", "uei", "4")),
        ("mandarin", "duì", ("d", "uei", "4")),
        ("mandarin", "yóu", ("", "iou", "2")),
        ("mandarin", "liú", ("l", "iou", "2")),
        ("mandarin", "bo", ("b", "uo", "5")),
        ("cantonese", "ngo5", ("ng", "o", "5")),
        ("cantonese", "gwok3", ("gw", "ok", "3")),
        ("cantonese", "m4", ("", "m", "4")),
        ("on", "ゲツ", ("g", "etu", "")),
        ("on", "キュウ", ("ky", "uu", "")),
        ("on", "シャク", ("sy", "aku", "")),
        ("korean", "월", ("11", "14 8", "")),
        ("vietnamese", "nguyệt", ("ng", "uyêt", "5")),
        ("vietnamese", "gì", ("g", "i", "1")),
    ],
)
def test_a_syllable_is_taken_into_initial_final_and_tone(language, reading, parts):
    assert syllable(language, reading) == Syllable(*parts)


@pytest.mark.parametrize(
    ("language", "reading"),
    [
        ("mandarin", "3"),
        ("on", "メートル"),
        ("on", "つき"),
        ("korean", "w"),
        ("kun", "ツキ"),
        ("cantonese", "月"),
    ],
)
def test_what_is_no_syllable_of_the_language_has_no_parts(language, reading):
    assert syllable(language, reading) is None


@pytest.mark.parametrize(
    ("language", "reading", "latin"),
    [
        ("kun", "つき", "tsuki"),
        ("on", "ジャク", "jaku"),
        ("kun", "いっき", "ikki"),
        ("korean", "월", "wol"),
        ("mandarin", "lǜ", "lü"),
    ],
)
def test_readings_in_latin_letters(language, reading, latin):
    assert romanised(language, reading) == latin


def test_tones_are_numbered():
    assert toneless("mandarin", "lǚ") == ("lü", "3")
    assert toneless("cantonese", "jyut6") == ("jyut", "6")


def test_unihan_has_the_principal_reading_first():
    assert read_unihan("cantonese")["月"][0] == "jyut6"
    assert read_unihan("korean")["越"] == ["월"]
    assert "việt" in read_unihan("vietnamese")["越"]
