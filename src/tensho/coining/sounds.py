"""What somebody who types a sound may mean: yuè, yue4, yue, つき, ゲツ, jyut6, 월 or nguyệt."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from tensho.coining.known_readings import inventory
from tensho.errors import TenshoError
from tensho.text.syllables import LANGUAGES, NAMES, Language, romanised, toneless

__all__ = ["Sound", "sound_of", "sounds_of"]

LONGEST = 24
"""Characters; the longest reading of a character is shorter."""

_KANA = re.compile(r"[ぁ-ゖァ-ヺー]+")
_LATIN = r"[a-zà-ɏḀ-ỿ\u0300-\u036f]+"
_SCRIPTS: dict[Language, re.Pattern[str]] = {
    "mandarin": re.compile(f"{_LATIN}[1-5]?"),
    "cantonese": re.compile("[a-z]+[1-6]?"),
    "on": re.compile(f"{_KANA.pattern}|[a-z]+"),
    "kun": re.compile(f"{_KANA.pattern}|[a-z]+"),
    "korean": re.compile("[가-힣]|[a-z]+"),
    "vietnamese": re.compile(_LATIN),
}
"""How a sound of each language may be written; the readings of the others need not be looked through."""

_SHIFT = 0x60  # from hiragana to katakana


@dataclass(frozen=True)
class Sound:
    """A sound that is asked for.

    Attributes:
        language: in which it is a reading.
        readings: those that are meant: one, or one in each tone where none was given.
    """

    language: Language
    readings: tuple[str, ...]

    @property
    def text(self) -> str:
        """The readings in words."""
        return " ".join(self.readings)


def sound_of(text: str, language: Language | None = None) -> Sound:
    """The likeliest of `sounds_of`.

    Raises:
        TenshoError: as `sounds_of`.
    """
    return next(sounds_of(text, language))


def sounds_of(text: str, language: Language | None = None) -> Iterator[Sound]:
    """All that a text can mean, the likeliest first.

    Args:
        text: a reading as it is written in its language, with or without its tone, or in Latin letters.
        language: the only one to look in; None: all of them.

    Raises:
        TenshoError: it is empty, more than one syllable, or no character is read so.
    """
    if language is not None and language not in LANGUAGES:
        raise TenshoError(f"{language} is no language that is known here; give one of {', '.join(LANGUAGES)}")
    asked = unicodedata.normalize("NFC", text.strip().lower().replace("u:", "ü").replace("v", "ü"))
    plain = unicodedata.normalize("NFC", text.strip().lower().replace("u:", "ü"))
    if not plain:
        raise TenshoError("the sound is empty; give one such as yuè, つき, ゲツ, jyut6, 월 or nguyệt")
    if len(plain.split()) > 1 or len(plain) > LONGEST:
        raise TenshoError(f"{_shown(text)} is more than one syllable; a character has one, such as yuè")
    languages = LANGUAGES if language is None else (language,)
    found = (
        Sound(spoken, tuple(readings))
        for match in _MATCHES
        for spoken in languages
        if _SCRIPTS[spoken].fullmatch(plain)
        and (readings := match(spoken, asked if spoken == "mandarin" else plain))
    )
    told: set[Language] = set()
    for sound in found:
        if sound.language not in told:
            told.add(sound.language)
            yield sound
    if not told:
        within = "" if language is None else f" in {NAMES[language]}"
        raise TenshoError(
            f"no character is read {_shown(text)}{within}; write a sound as yuè, yue4, つき, ゲツ, jyut6, 월 or nguyệt"
        )


def _shown(text: str) -> str:
    clean = " ".join("".join(char for char in text if char.isprintable()).split())
    return clean if len(clean) <= LONGEST else f"{clean[: LONGEST - 1]}…"


def _as_written(language: Language, text: str) -> list[str]:
    """A reading exactly; kana of either kind, of which hiragana is kun if there is such a reading."""
    marked = language in ("mandarin", "vietnamese") and text.isascii()
    return [text] if text in inventory(language) and not marked else []


def _in_other_kana(language: Language, text: str) -> list[str]:
    if language not in ("on", "kun") or not _KANA.fullmatch(text):
        return []
    if language == "on":
        other = "".join(chr(ord(char) + _SHIFT) if "ぁ" <= char <= "ゖ" else char for char in text)
    else:
        other = "".join(chr(ord(char) - _SHIFT) if "ァ" <= char <= "ヶ" else char for char in text)
    return [other] if other in inventory(language) else []


def _numbered(language: Language, text: str) -> list[str]:
    """Pinyin with the tone's number behind it; 5 is the neutral tone."""
    if language != "mandarin" or not text[-1:].isdigit():
        return []
    return [
        reading
        for reading in _toneless(language).get(text[:-1], [])
        if (toneless(language, reading)[1] or "5") == text[-1]
    ]


def _without_tone(language: Language, text: str) -> list[str]:
    return _toneless(language).get(text, []) if language in ("mandarin", "cantonese", "vietnamese") else []


def _in_latin(language: Language, text: str) -> list[str]:
    return _latin(language).get(text, []) if language in ("on", "kun", "korean", "vietnamese") else []


_MATCHES: tuple[Callable[[Language, str], list[str]], ...] = (
    _as_written, _numbered, _in_other_kana, _without_tone, _in_latin,
)  # fmt: skip


@cache
def _toneless(language: Language) -> dict[str, list[str]]:
    return _by(language, lambda reading: toneless(language, reading)[0])


@cache
def _latin(language: Language) -> dict[str, list[str]]:
    def without_marks(reading: str) -> str:
        spread = unicodedata.normalize("NFD", romanised(language, reading)).replace("đ", "d")
        return "".join(char for char in spread if unicodedata.category(char) != "Mn")

    return _by(language, without_marks)


def _by(language: Language, key: Callable[[str], str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for reading in sorted(inventory(language)):
        found.setdefault(key(reading), []).append(reading)
    return found
