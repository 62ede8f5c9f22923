"""``tensho write``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tensho.cli.options import Face, Json, Runtime, Size, Style

__all__ = ["write"]


def write(
    meaning: Annotated[str, typer.Argument(help='What the character shall mean, such as "full moon".')],
    n: Annotated[int, typer.Option("-n", "--number", help="How many candidates.")] = 4,
    style: Style = None,
    face: Face = None,
    seed: Annotated[int, typer.Option(help="The same seed writes the same characters.")] = 0,
    size: Size = 128,
    out: Annotated[Path, typer.Option("-o", "--out", help="Where the picture goes.")] = Path("write.png"),
    runtime: Runtime = None,
    as_json: Json = False,
) -> None:
    """Put characters together for a meaning, and say why these parts."""
    from tensho.api.write import write as draw
    from tensho.cli.report import print_json, show
    from tensho.sheet import check_picture_name

    check_picture_name(out)
    sheet = draw(meaning, n, style=style, face=face, seed=seed, size=size, runtime=runtime)
    sheet.save(out)
    if as_json:
        glyphs = [
            {"ids": glyph.ids, "character": glyph.character, "explanation": glyph.explanation}
            for glyph in sheet
        ]
        print_json(
            {"out": str(out), "meaning": meaning, "style": sheet[0].style, "seed": seed, "glyphs": glyphs}
        )
        return
    show(sheet)
    for glyph in sheet:
        print(f"{glyph.ids}  {glyph.explanation}")
    print(f"{len(sheet)} candidates in {sheet[0].style} → {out}")
