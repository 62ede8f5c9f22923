"""``tensho dream``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tensho.cli.options import Json

__all__ = ["dream"]


def dream(
    n: Annotated[int, typer.Option("-n", "--number", help="How many characters.")] = 16,
    model: Annotated[
        str,
        typer.Option(help="Shipped weights (see `tensho models`), a .safetensors file, or a run's folder."),
    ] = "walkback",
    style: Annotated[
        str | None, typer.Option(help="Named style, for models that have styles.", show_default=False)
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed draws the same characters.")] = 0,
    steps: Annotated[
        int | None,
        typer.Option(help="How long to sample, in the model's own unit.", show_default="the model's"),
    ] = None,
    out: Annotated[Path, typer.Option("-o", "--out", help="Where the picture goes.")] = Path("dream.png"),
    walk: Annotated[
        Path | None,
        typer.Option(
            help="Also draw how the first character came to be: inputs above outputs, step by step."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Dream up characters that do not exist, as a picture and in the terminal."""
    from tensho.cli.report import print_json, progress_bar, show
    from tensho.dreaming import draw_walk
    from tensho.dreaming import dream as draw
    from tensho.sheet import check_picture_name, save_picture

    for path in filter(None, (out, walk)):
        check_picture_name(path)
    with progress_bar("dreaming", total=n, quiet=as_json) as advance:
        sheet = draw(n, model=model, style=style, seed=seed, steps=steps, progress=advance)
    sheet.save(out)
    if walk:
        save_picture(draw_walk(model, seed=seed, steps=steps), walk)
    if as_json:
        glyphs = [{"index": glyph.index, "ids": glyph.ids} for glyph in sheet]
        print_json({"out": str(out), "model": model, "seed": seed, "steps": steps, "glyphs": glyphs})
    else:
        show(sheet)
        parts = [glyph.ids for glyph in sheet if glyph.ids]
        if parts:
            print(" ".join(parts))
        print(f"{len(sheet)} characters from {model}, seed {seed} → {out}")
