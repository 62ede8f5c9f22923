"""``tensho complete``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tensho.cli.options import IdsData, Json, use

if TYPE_CHECKING:
    from tensho.api.complete import Completed

__all__ = ["complete"]


def complete(
    font: Annotated[
        str,
        typer.Argument(
            metavar="FONT",
            help="TTF, OTF, TTC, WOFF or WOFF2; FONT#1 is a face of a collection, FONT#wght=700 an instance of a variable font.",
        ),
    ],
    to: Annotated[
        list[str] | None,
        typer.Option(
            "--to",
            metavar="LIST|FILE|TEXT",
            help="What the font shall hold: a list such as joyo, jinmeiyo, jis2004, gb18030-l2, big5, hkscs, tgh or ext-a, a text "
            "file, or the characters themselves, ⿰言森 for one that is not encoded. May be given again.",
            show_default="the next list of the font's language",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            help="The new font: .ttf or .otf as the old one is, .woff, .woff2, or .ufo for sources. OUT.html and OUT.json go beside it.",
            show_default="FONT-completed",
        ),
    ] = None,
    only_sure: Annotated[float, typer.Option(help="Leave out what is less sure than this, 0 to 1.")] = 0.0,
    without: Annotated[
        str, typer.Option(metavar="LIST|FILE|TEXT", help="Leave these out, as the review sheet copies them.")
    ] = "",
    family: Annotated[
        str | None,
        typer.Option(help="The new font's name.", show_default="the old one's, unless it is reserved"),
    ] = None,
    ids_ligatures: Annotated[
        bool, typer.Option("--ids-ligatures", help="Typing ⿰氵龍 gives the character (GSUB).")
    ] = False,
    flavor: Annotated[
        str | None,
        typer.Option(help="woff or woff2: compressed for the web.", show_default="by OUT's ending"),
    ] = None,
    i_have_the_right: Annotated[
        bool,
        typer.Option(
            "--i-have-the-right",
            help="Complete a font that says that it must not be changed, or keep a reserved name: you own it, or were allowed to.",
        ),
    ] = False,
    ocr: Annotated[
        bool,
        typer.Option("--ocr/--no-ocr", help="Let a text recogniser read each glyph, if one is installed."),
    ] = True,
    ids_data: IdsData = None,
    as_json: Json = False,
) -> None:
    """Add the characters that a font lacks, as outlines in its own design; the same command again resumes."""
    from tensho.api.complete import complete as add
    from tensho.cli.report import print_json, stage_bars

    use(ids_data)
    with stage_bars(quiet=as_json) as progress:
        completed = add(
            font,
            out,
            flavor=flavor,
            to=to or (),
            without=without,
            only_sure=only_sure,
            family=family,
            ids_ligatures=ids_ligatures,
            i_have_the_right=i_have_the_right,
            ocr=ocr,
            progress=progress,
        )
    if as_json:
        print_json(completed.as_json())
    else:
        _tell(completed)


def _tell(completed: Completed) -> None:
    facts = completed.facts
    print(
        f"{facts.font} lacks {facts.missing:,} of {facts.wanted:,} characters ({facts.repertoire}); "
        f"{len(completed.glyphs):,} were added to {facts.family}"
    )
    print("  " + " · ".join(f"{rung} {count:,}" for rung, count in completed.rungs.items()))
    if facts.left_out:
        print(f"  left out as not sure enough: {_some(facts.left_out)}")
    if facts.refused:
        print(f"  could not be composed: {_some([text for text, _ in facts.refused])}")
    misread = [glyph.text for glyph in completed.glyphs if glyph.is_misread]
    if misread:
        print(f"  misread by the OCR: {_some(misread)}")
    for note in facts.notes:
        print(f"  {note}")
    *fonts, sheet, record = completed.files
    sizes = (
        f"{path} ({path.stat().st_size / 1e6:.1f} MB)" if path.is_file() else str(path) for path in fonts
    )
    print(f"→ {', '.join(sizes)}; look at {sheet}, the most doubtful come first; {record}")


def _some(texts: tuple[str, ...] | list[str], most: int = 20) -> str:
    more = f" … {len(texts):,} in all" if len(texts) > most else ""
    return " ".join(texts[:most]) + more
