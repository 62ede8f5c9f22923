"""Syllables of six ways to read a character, taken into the parts in which relatives of one sound differ.

Mandarin is written in Pinyin with tone marks, Cantonese in Jyutping, Sino-Japanese (on) in katakana, Japanese (kun) in
hiragana, Sino-Korean in Hangul and Sino-Vietnamese in Quốc ngữ, all as Unihan has them.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, NamedTuple

__all__ = ["LANGUAGES", "NAMES", "Language", "Syllable", "romanised", "syllable", "toneless"]

Language = Literal["mandarin", "cantonese", "on", "kun", "korean", "vietnamese"]

LANGUAGES: tuple[Language, ...] = ("mandarin", "cantonese", "on", "kun", "korean", "vietnamese")

NAMES: dict[Language, str] = {
    "mandarin": "Mandarin",
    "cantonese": "Cantonese",
    "on": "Japanese on",
    "kun": "Japanese kun",
    "korean": "Korean",
    "vietnamese": "Vietnamese",
}


class Syllable(NamedTuple):
    """A syllable's parts; ``tone`` is empty where the language has none."""

    initial: str
    final: str
    tone: str


_TONES = {
    "mandarin": "\u0304\u0301\u030c\u0300",
    "vietnamese": "\u0300\u0301\u0309\u0303\u0323",
}
_MANDARIN = re.compile(r"(zh|ch|sh|[bpmfdtnlgkhjqxrzcs])?(.+)")
_CANTONESE = re.compile(r"(ng(?=[aeiou])|gw|kw|[bpmfdtnlgkhzcsjw](?=.))?([a-z]+)([1-6]?)")
_VIETNAMESE = re.compile(r"(ngh|ng|gh|gi(?=.)|kh|nh|ph|qu|th|tr|ch|[bcdđghklmnprstvx](?=.))?(.+)")

_SAME_FINAL = {"iu": "iou", "ui": "uei", "un": "uen", "o": "uo", "ue": "üe"}
_WITHOUT_INITIAL = {
    "yi": "i", "yu": "ü", "yue": "üe", "yuan": "üan", "yun": "ün", "yin": "in", "ying": "ing", "you": "iou", "wu": "u",
    "wei": "uei", "wen": "uen",
}  # fmt: skip

_ROWS = {
    "": "アイウエオ", "k": "カキクケコ", "s": "サシスセソ", "t": "タチツテト", "n": "ナニヌネノ", "h": "ハヒフヘホ",
    "m": "マミムメモ", "r": "ラリルレロ", "g": "ガギグゲゴ", "z": "ザジズゼゾ", "d": "ダヂヅデド", "b": "バビブベボ",
    "p": "パピプペポ", "w": "ワヰ　ヱヲ",
}  # fmt: skip
_MORAE = {
    kana: (row, vowel) for row, kanas in _ROWS.items() for kana, vowel in zip(kanas, "aiueo", strict=True)
} | {"ヤ": ("y", "a"), "ユ": ("y", "u"), "ヨ": ("y", "o"), "ン": ("", "n"), "ッ": ("", "q"), "ー": ("", "-")}
_ON_FINAL = re.compile("[aiueo](i|u|n|ku|ki|tu|ti|hu)?")
"""What Japanese made of Chinese finals; longer ones are words of other languages (メートル)."""
_GLIDES = {"ャ": "a", "ュ": "u", "ョ": "o"}
_HEPBURN = {
    "si": "shi", "ti": "chi", "tu": "tsu", "hu": "fu", "zi": "ji", "di": "ji", "du": "zu", "sya": "sha", "syu": "shu",
    "syo": "sho", "tya": "cha", "tyu": "chu", "tyo": "cho", "zya": "ja", "zyu": "ju", "zyo": "jo", "wo": "o", "wi": "i",
    "we": "e",
}  # fmt: skip

_HANGUL = 0xAC00
_LEADS = ["g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p", "h"]
_VOWELS = [
    "a",
    "ae",
    "ya",
    "yae",
    "eo",
    "e",
    "yeo",
    "ye",
    "o",
    "wa",
    "wae",
    "oe",
    "yo",
    "u",
    "wo",
    "we",
    "wi",
    "yu",
    "eu",
    "ui",
    "i",
]
_TAILS = [
    "", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l", "p", "l", "m", "p", "p", "t", "t", "ng", "t",
    "t", "k", "t", "p", "t",
]  # fmt: skip


def syllable(language: Language, reading: str) -> Syllable | None:
    """The parts of a reading; None if it is no syllable of the language as it is written here.

    A kun reading has no parts in which relatives differ: it is taken whole.

    >>> syllable("mandarin", "yuè")
    Syllable(initial='', final='üe', tone='4')
    >>> syllable("on", "ゲツ")
    Syllable(initial='g', final='etu', tone='')
    """
    if language == "kun":
        return Syllable("", reading, "") if re.fullmatch(r"[ぁ-ゖー]+", reading) else None
    if language == "on":
        return _japanese(reading)
    if language == "korean":
        return _korean(reading)
    if language == "cantonese":
        found = _CANTONESE.fullmatch(reading)
        return Syllable(found[1] or "", found[2], found[3]) if found else None
    base, tone = toneless(language, reading)
    if not base or not all(char.isalpha() for char in base):
        return None
    if language == "vietnamese":
        found = _VIETNAMESE.fullmatch(base)
        return Syllable(found[1] or "", found[2], tone) if found else None
    return _mandarin(base, tone)


def toneless(language: Language, reading: str) -> tuple[str, str]:
    """A reading without its tone, and the tone's number; "" for a reading that has none.

    >>> toneless("vietnamese", "nguyệt")
    ('nguyêt', '5')
    """
    if language == "cantonese":
        return (reading[:-1], reading[-1]) if reading[-1:].isdigit() else (reading, "")
    marks = _TONES.get(language, "")
    spread = unicodedata.normalize("NFD", reading)
    tone = next((str(marks.index(char) + 1) for char in spread if char in marks), "")
    return unicodedata.normalize("NFC", "".join(char for char in spread if char not in marks)), tone


def romanised(language: Language, reading: str) -> str:
    """A reading in plain Latin letters: Hepburn for kana, Revised Romanisation for Hangul, others without tone marks.

    >>> romanised("kun", "つき"), romanised("korean", "월")
    ('tsuki', 'wol')
    """
    if language in ("on", "kun"):
        return _hepburn(reading)
    if language == "korean":
        lead, vowel, tail = _jamo(reading)
        return _LEADS[lead] + _VOWELS[vowel] + _TAILS[tail]
    base, _ = toneless(language, reading)
    return base


def _mandarin(base: str, tone: str) -> Syllable | None:
    found = _MANDARIN.fullmatch(base)
    if found is None:
        return None
    initial, final = found[1] or "", found[2]
    if not initial:
        final = _WITHOUT_INITIAL.get(final) or re.sub("^w", "u", re.sub("^y", "i", final))
    elif initial in "jqx" and final.startswith("u"):
        final = "ü" + final[1:]
    return Syllable(initial, _SAME_FINAL.get(final, final), tone or "5")


def _morae(kana: str) -> list[tuple[str, str]] | None:
    """Consonant, with a glide if there is one, and vowel of each mora; None if that is not katakana."""
    found: list[tuple[str, str]] = []
    for char in kana:
        if char in _GLIDES and found and found[-1][1] == "i":
            found[-1] = (f"{found[-1][0]}y", _GLIDES[char])
        elif char in _MORAE:
            found.append(_MORAE[char])
        else:
            return None
    return found or None


def _japanese(reading: str) -> Syllable | None:
    morae = _morae(reading)
    if morae is None:
        return None
    (initial, vowel), *rest = morae
    final = vowel + "".join(consonant + end for consonant, end in rest)
    return Syllable(initial, final, "") if _ON_FINAL.fullmatch(final) else None


def _hepburn(kana: str) -> str:
    katakana = "".join(chr(ord(char) + 0x60) if "ぁ" <= char <= "ゖ" else char for char in kana)
    latin = [
        _HEPBURN.get(consonant + vowel, consonant + vowel) for consonant, vowel in _morae(katakana) or []
    ]
    doubled = [
        after[:1] if mora == "q" else mora for mora, after in zip(latin, [*latin[1:], ""], strict=True)
    ]
    return "".join(doubled).replace("-", "")


def _jamo(reading: str) -> tuple[int, int, int]:
    number = ord(reading) - _HANGUL
    return number // 588, number % 588 // 28, number % 28


def _korean(reading: str) -> Syllable | None:
    if len(reading) != 1 or not "가" <= reading <= "힣":
        return None
    lead, vowel, tail = _jamo(reading)
    return Syllable(str(lead), f"{vowel} {tail}", "")
