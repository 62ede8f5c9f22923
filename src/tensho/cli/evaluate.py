"""``tensho evaluate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["evaluate"]


def evaluate(
    families: Annotated[
        list[str], typer.Argument(help="Weights by name or file, training runs, or folders of images.")
    ],
    n: Annotated[int, typer.Option("-n", help="Samples per seed.")] = 2000,
    seeds: Annotated[int, typer.Option(help="Draws per family; the sheet gives mean and sd over them.")] = 5,
    glyphs: Annotated[
        Path | None, typer.Option(help="Folder of the glyph set; default: the one of tensho data build.")
    ] = None,
    size: Annotated[int, typer.Option(help="Side of the glyphs in pixels.")] = 64,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", help="Folder for pictures of the samples closest to training glyphs."),
    ] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write the sheet as Markdown to this file.")] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the sheet as JSON to this file.")
    ] = None,
) -> None:
    """Score families against held-out characters, beside controls."""
    import json

    from rich.console import Console

    from tensho.api.data import glyphs_folder, open_glyphs
    from tensho.api.evaluate import evaluate as score_families
    from tensho.atomic import replaced_file

    errors = Console(stderr=True)
    with errors.status("reading the glyph set") as status:
        glyph_set = open_glyphs(glyphs or glyphs_folder(size))
        sheet = score_families(
            families,
            glyph_set,
            n=n,
            seeds=seeds,
            pictures=out,
            progress=lambda what: status.update(f"measuring {what}"),
        )
    files = (
        (markdown, sheet.markdown()),
        (json_file, json.dumps(sheet.to_json(), ensure_ascii=False, indent=2)),
    )
    for path, text in files:
        if path is not None:
            with replaced_file(path) as temporary:
                temporary.write_text(text, encoding="utf-8")
    Console().print(sheet.table())
