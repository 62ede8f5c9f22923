"""``tensho write``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tensho.api.draw_options import DrawOptions
from tensho.cli.options import Json, draws

__all__ = ["write"]


@draws
def write(
    meaning: Annotated[str, typer.Argument(help='What the character shall mean, such as "full moon".')],
    options: DrawOptions,
    n: Annotated[int, typer.Option("-n", "--number", help="How many candidates.")] = 4,
    out: Annotated[Path, typer.Option("-o", "--out", help="Where the picture goes.")] = Path("write.png"),
    as_json: Json = False,
) -> None:
    """Put characters together for a meaning, and say why these parts."""
    from tensho.api.write import write_all
    from tensho.cli.report import drawn_from, prepare, print_json, show, told_of
    from tensho.sheet import check_picture_name

    check_picture_name(out)
    prepare(options, quiet=as_json)
    sheet = write_all(meaning, n, options)
    sheet.save(out)
    if as_json:
        glyphs = [
            {
                "ids": glyph.ids,
                "character": glyph.character,
                "explanation": glyph.explanation,
                **told_of(glyph),
            }
            for glyph in sheet
        ]
        facts = {"meaning": meaning, "style": sheet[0].style, "seed": options.seed}
        print_json({"out": str(out), **facts, "glyphs": glyphs})
        return
    show(sheet)
    for glyph in sheet:
        print(f"{glyph.ids}  {glyph.explanation}; {drawn_from(glyph)}")
    print(f"{len(sheet)} candidates in {sheet[0].style} → {out}")
