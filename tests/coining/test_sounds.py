import pytest

from tensho.coining.sounds import sound_of, sounds_of
from tensho.errors import TenshoError


@pytest.mark.parametrize(
    ("text", "language", "reading"),
    [
        ("yuè", "mandarin", "yuè"),
        ("yue4", "mandarin", "yuè"),
        (" YUÈ ", "mandarin", "yuè"),
        ("lv4", "mandarin", "lǜ"),
        ("つき", "kun", "つき"),
        ("げつ", "on", "ゲツ"),
        ("ゲツ", "on", "ゲツ"),
        ("tsuki", "kun", "つき"),
        ("jyut6", "cantonese", "jyut6"),
        ("월", "korean", "월"),
        ("wol", "korean", "월"),
        ("nguyệt", "vietnamese", "nguyệt"),
    ],
)
def test_a_sound_is_understood_in_its_language(text, language, reading):
    sound = sound_of(text)
    assert (sound.language, sound.readings[0]) == (language, reading)


def test_a_syllable_without_a_tone_is_one_in_any_tone():
    assert {"yuè", "yuē"} <= {*sound_of("yue").readings}


def test_what_several_languages_have_is_read_in_the_one_that_is_named():
    assert [sound.language for sound in sounds_of("ma")][:2] == ["mandarin", "vietnamese"]
    assert sound_of("ma", "korean").readings == ("마",)


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("xyzzy", None, "no character is read xyzzy"),
        ("", None, "empty"),
        ("yuè liàng", None, "more than one syllable"),
        ("a" * 500, None, "more than one syllable"),
        ("yuè", "korean", "in Korean"),
        ("yuè", "klingon", "no language"),
    ],
)
def test_an_unknown_sound_is_refused_in_one_line(text, language, words):
    with pytest.raises(TenshoError, match=words) as refusal:
        sound_of(text, language)
    assert len(str(refusal.value)) < 160
