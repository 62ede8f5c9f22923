"""``tensho ascii``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from tensho.cli.options import Json

__all__ = ["ascii"]


def ascii(
    text: Annotated[str, typer.Argument(help="What to draw, in any script that a face at hand has.")],
    style: Annotated[
        str | None,
        typer.Option(
            help="A named style (an unknown name lists them), or a number: each is a style of its own.",
            show_default="the number of --seed",
        ),
    ] = None,
    like: Annotated[
        str | None, typer.Option(help="A FIGlet font whose style is followed.", metavar="FIGLET_FONT")
    ] = None,
    reference: Annotated[
        Path | None,
        typer.Option(
            help="A text file with a few drawn letters; the others follow their style. A line '=== A' heads the lines "
            "that draw A."
        ),
    ] = None,
    exact: Annotated[
        str | None, typer.Option(help="The letters themselves, without a style: braille or blocks.")
    ] = None,
    width: Annotated[int, typer.Option(help="Most columns; words are wrapped.")] = 80,
    layout: Annotated[str, typer.Option(help="apart, or closer by FIGlet's rules: kern or smush.")] = "apart",
    steps: Annotated[
        int | None, typer.Option(help="Network evaluations.", show_default="the model's")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed draws the same letters.")] = 0,
    model: Annotated[
        str, typer.Option(help="Weights of a letterer, a .safetensors file, or a run's folder.")
    ] = "letterer",
    watch: Annotated[bool, typer.Option("--watch", help="Show how the letters come to be.")] = False,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Also write the banner to a text file.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Draw text as ASCII art, in the style of a few letters, of a FIGlet font, or of a number."""
    from tensho.api.ascii import ascii as draw
    from tensho.atomic import replaced_file
    from tensho.cli.report import print_json, progress_bar

    with progress_bar("reading FIGlet's fonts", quiet=as_json) as progress:
        art = draw(
            text,
            style=style,
            like=like,
            reference=reference,
            exact=exact,  # type: ignore[arg-type]
            width=width,
            layout=layout,  # type: ignore[arg-type]
            steps=steps,
            seed=seed,
            model=model,
            progress=progress,
        )
    if out is not None:
        with replaced_file(out) as temporary:
            temporary.write_text(art.text + "\n", encoding="utf-8")
    if as_json:
        print_json(
            {"text": text, "style": art.style, "seed": seed, "width": len(art.lines[0]), "art": art.text}
        )
        return
    if watch:
        _play(art.frames())
    print(art.text)


def _play(frames: Iterable[list[str]]) -> None:
    """Show the frames in place, a sixth of a second each, if stdout is a terminal."""
    import time

    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    console = Console()
    if not console.is_terminal:
        return
    with Live(console=console, transient=True, auto_refresh=False) as live:
        for frame in frames:
            live.update(Text("\n".join(frame), no_wrap=True), refresh=True)
            time.sleep(1 / 6)
