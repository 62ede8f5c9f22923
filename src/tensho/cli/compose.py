"""``tensho compose``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tensho.api.draw_options import DrawOptions
from tensho.cli.options import Json, Strokes, draws

__all__ = ["compose"]


@draws
def compose(
    options: DrawOptions,
    ids: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="IDS…",
            help="Descriptions such as ⿰氵龍, characters, or the file of a table of them.",
            show_default=False,
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            metavar="FILE",
            help="A table of descriptions, such as those of BabelStone, CHISE, cjkvi and bai; each line is answered.",
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option("-o", "--out", help="Where the picture goes: .png, .svg or another; - for stdout.")
    ] = Path("compose.png"),
    strokes: Strokes = None,
    as_json: Json = False,
) -> None:
    """Draw exactly the characters that descriptions of their parts ask for."""
    from tensho.api.compose import compose_all
    from tensho.api.tables import Line, compose_table, counted, is_table, lines_of, sheet_of
    from tensho.cli.report import (
        drawn_from,
        encoded,
        prepare,
        print_json,
        print_lines,
        progress_bar,
        refused,
        result_place,
        show,
        told_of,
        write_strokes,
    )
    from tensho.errors import TenshoError
    from tensho.sheet import check_drawing_name

    ids = ids or []
    if file is None and len(ids) == 1 and is_table(ids[0]):
        file, ids = Path(ids[0]), []
    if bool(ids) == (file is not None):
        raise TenshoError("give descriptions such as ⿰氵龍, or a file of them with --file")
    with result_place(out) as place:
        check_drawing_name(place)
        prepare(options, quiet=as_json)
        lines: list[Line] = []
        if file is None:
            sheet = compose_all(ids, options)
        else:
            with progress_bar("composing", quiet=as_json) as bar:
                lines = compose_table(file, options, progress=bar.advance)
            if not as_json:
                print_lines(lines_of(lines))
            sheet = sheet_of(lines)
        sheet.save(place)
        if as_json:
            glyphs = [
                {
                    "ids": glyph.ids,
                    "character": glyph.character,
                    "model": glyph.model,
                    "notes": list(glyph.notes),
                    **told_of(glyph),
                }
                for glyph in sheet
            ]
            facts = {"model": options.model, "style": sheet[0].style, "seed": options.seed}
            table = {} if file is None else {"lines": counted(lines), "refused": refused(lines)}
            also = write_strokes(sheet, strokes, options, quiet=True)
            print_json({"out": str(out), **facts, **table, "glyphs": glyphs, **also})
            return
        show(sheet)
        if file is None:
            for glyph in sheet:
                print(f"{glyph.ids}  {encoded(glyph)}; {drawn_from(glyph)}")
                for note in glyph.notes:
                    print(f"  {note}")
        else:
            print(", ".join(f"{count} {outcome}" for outcome, count in counted(lines).items() if count))
        print(f"{len(sheet)} drawn in {sheet[0].style} → {out}")
        write_strokes(sheet, strokes, options)
