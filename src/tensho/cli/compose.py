"""``tensho compose``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tensho.api.draw_options import DrawOptions
from tensho.cli.options import Json, draws

__all__ = ["compose"]


@draws
def compose(
    ids: Annotated[
        list[str], typer.Argument(metavar="IDS…", help="Descriptions such as ⿰氵龍, or characters.")
    ],
    options: DrawOptions,
    out: Annotated[Path, typer.Option("-o", "--out", help="Where the picture goes; .svg for one.")] = Path(
        "compose.png"
    ),
    as_json: Json = False,
) -> None:
    """Draw exactly the characters that descriptions of their parts ask for."""
    from tensho.api.compose import compose_all
    from tensho.cli.report import drawn_from, prepare, print_json, show, told_of
    from tensho.errors import TenshoError
    from tensho.sheet import check_picture_name

    drawing = out.suffix.lower() == ".svg"
    if drawing and len(ids) > 1:
        raise TenshoError(
            f"{out} can hold one character, not {len(ids)}; compose them one by one, or as a .png"
        )
    if not drawing:
        check_picture_name(out)
    prepare(options, quiet=as_json)
    sheet = compose_all(ids, options)
    if drawing:
        sheet[0].save(out)
    else:
        sheet.save(out)
    if as_json:
        glyphs = [
            {"ids": glyph.ids, "character": glyph.character, "model": glyph.model, **told_of(glyph)}
            for glyph in sheet
        ]
        facts = {"model": options.model, "style": sheet[0].style, "seed": options.seed}
        print_json({"out": str(out), **facts, "glyphs": glyphs})
        return
    show(sheet)
    for glyph in sheet:
        encoded = (
            f"is {glyph.character} (U+{ord(glyph.character):04X})" if glyph.character else "is in no table"
        )
        print(f"{glyph.ids}  {encoded}; {drawn_from(glyph)}")
    print(f"{len(sheet)} drawn in {sheet[0].style} → {out}")
