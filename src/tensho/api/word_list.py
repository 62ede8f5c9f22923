"""A list of words, each with a character that is coined for it: as a sheet, a font and a table."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from tensho.api.compose import compose_all
from tensho.api.draw_options import DEFAULTS, DrawOptions
from tensho.api.export import export_font
from tensho.api.load import DEFAULT_COMPOSER, composer_for
from tensho.atomic import replaced_file
from tensho.coining.answers import Answer, answer
from tensho.coining.reading import likely_readings
from tensho.coining.sounds import Sound, sound_of
from tensho.errors import TenshoError
from tensho.export.dictionary import DictionaryEntry, write_dictionary
from tensho.export.strokes.written_glyph import outline_in_em, skeleton_of
from tensho.ids.syntax import parse
from tensho.sheet import Glyph, Sheet
from tensho.text.syllables import Language, romanised

__all__ = [
    "MOST_WORDS",
    "Entry",
    "Word",
    "coin_words",
    "dictionary_entries",
    "read_words",
    "save_dictionary",
    "save_words",
]

MOST_WORDS = 10_000
"""Of one list."""

_FEW = 12
"""Candidates among which one is looked for that no word before has."""

COLUMNS = ("word", "ids", "code_point", "reading", "explanation", "sure_of_meaning", "sure_of_sound", "note")


@dataclasses.dataclass(frozen=True)
class Word:
    """A line of the list: its number from 1, what is meant, and how it shall be read, or ""."""

    number: int
    meaning: str
    sound: str = ""


@dataclasses.dataclass(frozen=True)
class Entry:
    """What was coined for a word.

    Attributes:
        word: the line.
        answer: the character, or None if there is none.
        reading: how it is read: the sound that was asked for, or the likeliest reading of its parts.
        note: why there is no character, or why to doubt it; "".
        glyph: how it looks.
    """

    word: Word
    answer: Answer | None
    reading: str = ""
    note: str = ""
    glyph: Glyph | None = None


def read_words(path: Path) -> list[Word]:
    """The words of the file ``path``: one a line, with its sound behind a tab, if it has one; blank lines and # are passed over.

    Raises:
        TenshoError: the file cannot be read, or holds no words, or too many.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise TenshoError(
            f"{path} cannot be read as text ({error}); give a file of words in UTF-8"
        ) from error
    words = []
    for number, line in enumerate(text.splitlines(), start=1):
        meaning, _, sound = line.partition("\t")
        if meaning.strip() and not meaning.lstrip().startswith("#"):
            words.append(Word(number, meaning.strip(), sound.strip()))
    if not words:
        raise TenshoError(f"{path} holds no words; write one a line")
    if len(words) > MOST_WORDS:
        raise TenshoError(f"{path} holds {len(words):,} words; give at most {MOST_WORDS:,} at once")
    return words


def coin_words(
    words: Sequence[Word],
    options: DrawOptions = DEFAULTS,
    *,
    language: Language | None = None,
    composer: str = DEFAULT_COMPOSER,
    progress: Callable[[int], None] | None = None,
) -> list[Entry]:
    """Coin a character for each word, no two alike; a word for which that fails says why.

    Args:
        words: at most `MOST_WORDS`.
        options: what to draw with.
        language: of the sounds, and of the readings of characters without one; None: the likeliest, and Mandarin.
        composer: weights of the composer.
        progress: called with 1 for each word that is done.

    Raises:
        TenshoError: weights or style are unknown.
    """
    network = composer_for(options, composer)
    taken: set[str] = set()
    entries: list[Entry] = []
    for word in words:
        try:
            sound = sound_of(word.sound, language) if word.sound else None
            found = answer(network, word.meaning, _FEW, sound=sound, new=True, seed=options.seed)
            chosen = next((one for one in found.coined if one.ids not in taken), None)
            if chosen is None:
                entries.append(
                    Entry(word, None, note="all that could be coined stands for other words of the list")
                )
            else:
                taken.add(chosen.ids)
                entries.append(Entry(word, chosen, _reading(chosen, sound, language), found.doubt))
        except TenshoError as error:
            entries.append(Entry(word, None, note=str(error)))
        if progress is not None:
            progress(1)
    return _drawn(entries, options)


def save_words(
    entries: Sequence[Entry], picture: Path, options: DrawOptions = DEFAULTS
) -> tuple[Path, Path, Path]:
    """Write ``entries`` as a sheet, a font and a table, all of the name of the picture: .png, .ttf and .csv.

    ``options`` are those that they were coined with: the sheet has their size, the font their face.

    Raises:
        TenshoError: nothing could be coined, or a place that cannot be written.
    """
    shown = [entry for entry in entries if entry.glyph is not None]
    glyphs = tuple(entry.glyph for entry in shown if entry.glyph is not None)
    if not glyphs:
        raise TenshoError(
            f"no character could be coined: {entries[0].note}" if entries else "there are no words"
        )
    font, table = picture.with_suffix(".ttf"), picture.with_suffix(".csv")
    Sheet(glyphs, cell=options.pixels).save(picture)
    made = export_font(glyphs, font, family=f"Tensho {picture.stem.title()}"[:31], face=options.face)
    codes = dict(zip((entry.word.number for entry in shown), made.drawn, strict=True))
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    rows.writerows(_row(entry, codes.get(entry.word.number)) for entry in entries)
    with replaced_file(table) as temporary:
        temporary.write_text(text.getvalue(), encoding="utf-8")
    return picture, font, table


def save_dictionary(entries: Sequence[Entry], path: Path, *, title: str = "Dictionary") -> None:
    """Typeset what was coined as a dictionary; see `tensho.export.dictionary`.

    Raises:
        TenshoError: nothing was coined, a name that does not end in ``.pdf``, or a place that cannot be written.
    """
    write_dictionary(dictionary_entries(entries), path, title=title)


def dictionary_entries(entries: Sequence[Entry]) -> list[DictionaryEntry]:
    """The entries of a dictionary."""
    return [
        DictionaryEntry(
            outline_in_em(entry.glyph),
            entry.word.meaning,
            _in_latin_if_hangul(entry),
            entry.answer.ids,
            _strokes(entry.glyph),
        )
        for entry in entries
        if entry.glyph is not None and entry.answer is not None
    ]


def _in_latin_if_hangul(entry: Entry) -> str:
    """The reading; Hangul, which the default faces lack, in Latin letters."""
    hangul = "가" <= entry.reading[:1] <= "힣"
    return romanised("korean", entry.reading) if hangul else entry.reading


def _strokes(glyph: Glyph) -> int | None:
    try:
        return len(skeleton_of(glyph).strokes)
    except TenshoError:
        return None


def _row(entry: Entry, code: int | None) -> Iterable[str]:
    found = entry.answer
    if found is None:
        return (entry.word.meaning, "", "", "", "", "", "", entry.note)
    sound = "" if found.sure_of_sound is None else f"{found.sure_of_sound:.2f}"
    place = "" if code is None else f"U+{code:04X}"
    sure = f"{found.sure_of_meaning:.2f}"
    return (entry.word.meaning, found.ids, place, entry.reading, found.explanation, sure, sound, entry.note)


def _reading(found: Answer, sound: Sound | None, language: Language | None) -> str:
    if sound is not None:
        return sound.readings[0]
    return likely_readings(parse(found.ids), language or "mandarin", 1)[0].reading


def _drawn(entries: Sequence[Entry], options: DrawOptions) -> list[Entry]:
    asked = [entry.answer.ids for entry in entries if entry.answer is not None]
    glyphs = iter(compose_all(asked, options) if asked else ())
    return [
        entry if entry.answer is None else dataclasses.replace(entry, glyph=next(glyphs)) for entry in entries
    ]
