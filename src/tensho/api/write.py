"""`write`: characters for a meaning, and for a sound, put together from parts that tell them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from tensho.api.compose import compose_all, compose_in_chunks, encoded_glyph
from tensho.api.draw_options import DEFAULTS, DrawOptions
from tensho.api.load import DEFAULT_COMPOSER, composer_for
from tensho.coining.answers import Answer, Answers, answer
from tensho.coining.sounds import Sound, sound_of, sounds_of
from tensho.sheet import Glyph, Sheet
from tensho.text.syllables import LANGUAGES, NAMES, Language

__all__ = [
    "LANGUAGES",
    "NAMES",
    "Answer",
    "Answers",
    "Language",
    "Sound",
    "Written",
    "sound_of",
    "sounds_of",
    "write",
    "write_in_chunks",
    "written",
]


@dataclasses.dataclass(frozen=True)
class Written:
    """What was written.

    Attributes:
        answers: the coined characters and the existing ones, and whether to doubt them.
        sheet: their glyphs in that order.
        sound: the sound that was asked for, as it was understood.
    """

    answers: Answers
    sheet: Sheet
    sound: Sound | None = None


def write(
    meaning: str,
    n: int = 4,
    *,
    sound: str | None = None,
    language: Language | None = None,
    new: bool = False,
    style: str | None = DEFAULTS.style,
    face: str | Path | None = DEFAULTS.face,
    seed: int = DEFAULTS.seed,
    steps: int | None = DEFAULTS.steps,
    size: int | None = DEFAULTS.size,
    composer: str = DEFAULT_COMPOSER,
    brush: str | None = DEFAULTS.model,
    runtime: str | None = DEFAULTS.runtime,
) -> Sheet:
    """Draw characters that could mean ``meaning``, coined ones first, and of each kind the most fitting first.

    Each `Glyph` says its parts (``ids``), the encoded character that it is, if it is one (``character``), and why
    (``explanation``). Those that exist stand apart and are drawn as they really look.

    Args:
        meaning: a word or a phrase, in English or another language of the sentence encoder.
        n: how many, 1 to 256; of these at most half exist already.
        sound: how it shall be read: yuè, yue4, つき, ゲツ, jyut6, 월 or nguyệt; None: any way.
        language: that of the sound, one of `LANGUAGES`; None: the likeliest.
        new: coined ones alone, of which none even looks like an encoded character.
        style, face, seed, steps, size, runtime: see `tensho.api.draw_options.DrawOptions`.
        composer: name of the composer's weights, or a ``.safetensors`` file.
        brush: what the options call ``model``.

    Raises:
        TenshoError: the meaning is empty or too long, no character is read as the sound, n is out of range, or weights
            or style are unknown.
    """
    options = DrawOptions(style, face, seed, steps, size, brush, runtime)
    asked = None if sound is None else sound_of(sound, language)
    return written(meaning, n, options, sound=asked, new=new, composer=composer).sheet


def written(
    meaning: str,
    n: int = 4,
    options: DrawOptions = DEFAULTS,
    *,
    sound: Sound | None = None,
    new: bool = False,
    composer: str = DEFAULT_COMPOSER,
) -> Written:
    """As `write`, with all that is known of each character."""
    answers = _answers(meaning, n, options, sound=sound, new=new, composer=composer)
    sheet = compose_all([found.ids for found in answers], options)
    glyphs = tuple(_told(glyph, found, options) for glyph, found in zip(sheet, answers, strict=True))
    apart = len(answers.existing) if answers.coined else 0
    return Written(answers, dataclasses.replace(sheet, glyphs=glyphs, apart=apart), sound)


def write_in_chunks(
    meaning: str,
    n: int = 4,
    options: DrawOptions = DEFAULTS,
) -> Iterator[Glyph]:
    """As `write`, each glyph as soon as the chunk that it is drawn with is done."""
    answers = _answers(meaning, n, options)
    drawn = compose_in_chunks([found.ids for found in answers], options)
    for glyph, found in zip(drawn, answers, strict=True):
        yield _told(glyph, found, options)


def _answers(
    meaning: str,
    n: int,
    options: DrawOptions,
    *,
    sound: Sound | None = None,
    new: bool = False,
    composer: str = DEFAULT_COMPOSER,
) -> Answers:
    network = composer_for(options, composer)
    if not new:
        return answer(network, meaning, n, sound=sound, seed=options.seed)
    from tensho.lookup.verdict import is_new  # looks are compared where new ones alone are asked for

    return answer(network, meaning, n, sound=sound, new=True, seed=options.seed, is_new=is_new)


def _told(glyph: Glyph, found: Answer, options: DrawOptions) -> Glyph:
    """A glyph with what was answered; of a character that exists, the glyph that the face has for it."""
    if found.characters:
        character = found.characters[0]
        own = encoded_glyph(character, options) or glyph
        glyph = dataclasses.replace(
            own, seed=glyph.seed, index=glyph.index, style=glyph.style, ids=glyph.ids, character=character
        )
    return dataclasses.replace(glyph, explanation=found.explanation)
