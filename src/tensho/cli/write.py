"""``tensho write``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tensho.api.draw_options import DrawOptions
from tensho.cli.options import Json, Strokes, draws
from tensho.errors import TenshoError

if TYPE_CHECKING:
    from tensho.api.write import Answer, Sound, Written

__all__ = ["write"]


@draws
def write(
    options: DrawOptions,
    meaning: Annotated[
        str | None,
        typer.Argument(help='What the character shall mean, such as "full moon".', show_default=False),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            metavar="FILE",
            help="A list of words, one a line, each with its sound behind a tab, if it has one: coins a character for each, "
            "as a sheet, a font (.ttf) and a table (.csv).",
            show_default=False,
        ),
    ] = None,
    n: Annotated[int, typer.Option("-n", "--number", help="How many characters.")] = 4,
    sound: Annotated[
        str | None,
        typer.Option(
            help="How it shall be read: yuè, yue4, つき, ゲツ, jyut6, 월 or nguyệt. One part then tells the meaning, the other "
            "the sound.",
            show_default=False,
        ),
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(
            help="That of the sound: mandarin, cantonese, on, kun, korean or vietnamese.",
            show_default="the likeliest",
        ),
    ] = None,
    new: Annotated[bool, typer.Option("--new", help="Coined characters alone.")] = False,
    composer: Annotated[
        str, typer.Option(help="Weights of the composer, a .safetensors file, or a run's folder.")
    ] = "composer",
    out: Annotated[
        Path, typer.Option("-o", "--out", help="Where the picture goes: .png, .svg or another; - for stdout.")
    ] = Path("write.png"),
    strokes: Strokes = None,
    as_json: Json = False,
) -> None:
    """Coin characters for a meaning, and for a sound, and say why these parts."""
    from tensho.api.write import sound_of, written
    from tensho.cli.report import prepare, print_json, result_place, show, write_strokes
    from tensho.sheet import check_drawing_name, check_picture_name

    if language is not None and sound is None and file is None:
        raise TenshoError("--language is that of a sound; add --sound, such as --sound yuè")
    if (meaning is None) == (file is None):
        raise TenshoError("give a meaning such as 'full moon', or a list of words with --file")
    if file is not None:
        if sound is not None:
            raise TenshoError("a list has the sound of each word in it, behind a tab; leave --sound out")
        check_picture_name(out)
        _write_list(file, out, options, language, composer, strokes, as_json=as_json)
        return
    assert meaning is not None
    with result_place(out) as place:
        check_drawing_name(place)
        asked = None if sound is None else sound_of(sound, language)  # type: ignore[arg-type]
        prepare(options, quiet=as_json)
        found = written(meaning, n, options, sound=asked, new=new, composer=composer)
        found.sheet.save(place)
        titles = [meaning] * len(found.sheet)
        if as_json:
            facts = {"meaning": meaning, "style": found.sheet[0].style, "seed": options.seed}
            said = {"doubt": found.answers.doubt, "sound": _heard(asked)}
            also = write_strokes(found.sheet, strokes, options, titles, quiet=True)
            print_json({"out": str(out), **facts, **said, "glyphs": _facts(found), **also})
            return
        show(found.sheet)
        _print(found, out)
        write_strokes(found.sheet, strokes, options, titles)


def _write_list(
    file: Path,
    out: Path,
    options: DrawOptions,
    language: str | None,
    composer: str,
    strokes: Path | None,
    *,
    as_json: bool,
) -> None:
    from tensho.api.word_list import coin_words, read_words, save_words
    from tensho.cli.report import prepare, print_json, progress_bar, write_strokes
    from tensho.sheet import Sheet

    words = read_words(file)
    prepare(options, quiet=as_json)
    with progress_bar("coining", total=len(words), quiet=as_json) as bar:
        entries = coin_words(
            words,
            options,
            language=language,  # type: ignore[arg-type]
            composer=composer,
            progress=bar.advance,
        )
    paths = save_words(entries, out, options)
    made = [entry for entry in entries if entry.glyph is not None]
    glyphs = tuple(entry.glyph for entry in made if entry.glyph is not None)
    if not as_json:
        for entry in entries:
            told = (
                f"{entry.answer.ids} {entry.reading}  {entry.answer.explanation}"
                if entry.answer
                else "nothing"
            )
            print(f"{entry.word.meaning}: {told}{f'; {entry.note}' if entry.note else ''}")
        print(f"{len(made)} of {len(entries)} words → {', '.join(map(str, paths))}")
    titles = [f"{entry.word.meaning}  {entry.reading}" for entry in made]
    also = write_strokes(Sheet(glyphs), strokes, options, titles, quiet=as_json)
    if as_json:
        rows = [
            {
                "word": entry.word.meaning,
                "ids": entry.answer and entry.answer.ids,
                "reading": entry.reading,
                "explanation": entry.answer and entry.answer.explanation,
                "note": entry.note,
            }
            for entry in entries
        ]
        print_json({"out": [str(path) for path in paths], "words": rows, **also})


def _facts(found: Written) -> list[dict[str, Any]]:
    from tensho.cli.report import told_of

    return [
        {
            "ids": one.ids,
            "character": glyph.character,
            "explanation": one.explanation,
            "sure_of_meaning": round(one.sure_of_meaning, 3),
            "sure_of_sound": None if one.sure_of_sound is None else round(one.sure_of_sound, 3),
            **told_of(glyph),
        }
        for one, glyph in zip(found.answers, found.sheet, strict=True)
    ]


def _heard(sound: Sound | None) -> dict[str, Any] | None:
    return None if sound is None else {"language": sound.language, "readings": list(sound.readings)}


def _print(found: Written, out: Path) -> None:
    from tensho.api.write import NAMES

    if found.sound is not None:
        print(f"{found.sound.text}, {NAMES[found.sound.language]}")
    if found.answers.doubt:
        print(found.answers.doubt)
    for one in found.answers.coined:
        print(_line(one))
    if found.answers.existing:
        print("already exist, drawn as they are:" if found.answers.coined else "exists, drawn as it is:")
    for one in found.answers.existing:
        shown = " ".join(f"{char} (U+{ord(char):04X})" for char in one.characters)
        print(f"{shown}  {_line(one)}")
    print(f"{len(found.sheet)} in {found.sheet[0].style} → {out}")


def _line(one: Answer) -> str:
    sound = "" if one.sure_of_sound is None else f", {one.sure_of_sound:.2f} of the sound"
    return f"{one.ids}  {one.explanation}; sure {one.sure_of_meaning:.2f} of the meaning{sound}"
