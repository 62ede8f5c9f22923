"""``tensho ascii``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

import typer

from tensho.cli.options import Evaluations, Json, Letterer, LetterSeed, Like
from tensho.errors import TenshoError

__all__ = ["ascii"]


def ascii(
    text: Annotated[
        list[str] | None,
        typer.Argument(
            help="What to draw, in any script that a face at hand has; several words are one line.",
            show_default="read from a pipe",
        ),
    ] = None,
    style: Annotated[
        str | None,
        typer.Option(
            help="A named style, see `tensho styles --ascii`, or a number: each is a style of its own.",
            show_default="the number of --seed",
        ),
    ] = None,
    like: Like = None,
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
    font: Annotated[
        str | None,
        typer.Option(
            "-f",
            "--font",
            metavar="FIGLET_FONT",
            help="Set the text in this font itself: a .flf or .tlf file, or a name that pyfiglet has.",
        ),
    ] = None,
    width: Annotated[int, typer.Option("-w", "--width", help="Most columns; words are wrapped.")] = 80,
    layout: Annotated[
        str | None,
        typer.Option(
            help="apart, or closer by FIGlet's rules: kern or smush. With --font: font (as it says), full, kern, smush (by "
            "the font's rules) or overlap.",
            show_default="apart; font",
        ),
    ] = None,
    justify: Annotated[
        str | None,
        typer.Option(help="left, center or right within the width.", show_default="where the text begins"),
    ] = None,
    right_to_left: Annotated[
        bool | None,
        typer.Option(
            "--right-to-left/--left-to-right",
            "-R/-L",
            help="Which way the text is written.",
            show_default="the font's, else to the right",
        ),
    ] = None,
    steps: Evaluations = None,
    seed: LetterSeed = 0,
    model: Letterer = "letterer",
    comment: Annotated[
        str | None,
        typer.Option(
            metavar="LANGUAGE",
            help="As a comment in a source file: python, c, html, sh (an unknown name lists all).",
        ),
    ] = None,
    color: Annotated[
        str | None,
        typer.Option(
            metavar="GRADIENT",
            help="Colours across the banner: fire, forest, gold, ocean, rainbow, sunset, or your own, such as "
            "'#ff8800,purple'. A pipe and NO_COLOR get none.",
        ),
    ] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write a web page.")] = None,
    svg: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write a drawing.")] = None,
    png: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write a picture.")] = None,
    background: Annotated[
        str | None,
        typer.Option(
            metavar="COLOR", help="Of these three.", show_default="white; nearly black under --color"
        ),
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Show how the letters come to be.")] = False,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Also write the banner to a text file.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Draw text as ASCII art, in the style of a few letters, of a FIGlet font, or of a number."""
    from tensho.api.ascii import ascii as draw
    from tensho.api.ascii import check_colours, check_language
    from tensho.atomic import replaced_file
    from tensho.cli.report import print_json, progress_bar

    given = _piped() if text is None else " ".join(text)
    if comment is not None:
        check_language(comment)
    check_colours(color, background)
    pictures = _checked({".html": html, ".svg": svg, ".png": png})
    with progress_bar("reading FIGlet's fonts", quiet=as_json) as progress:
        art = draw(
            given,
            style=style,
            like=like,
            reference=reference,
            exact=exact,  # type: ignore[arg-type]
            font=font,
            width=width,
            layout=layout,  # type: ignore[arg-type]
            justification=justify,  # type: ignore[arg-type]
            right_to_left=right_to_left,
            steps=steps,
            seed=seed,
            model=model,
            progress=progress,
        )
    shown = art.text if comment is None else art.comment(comment)
    if out is not None and str(out) != "-":  # it is printed anyway
        with replaced_file(out) as temporary:
            temporary.write_text(shown + "\n", encoding="utf-8")
    for picture in pictures:
        art.save(picture, gradient=color, background=background)
    if as_json:
        print_json({"text": given, "style": art.style, "seed": seed, "width": art.width, "art": shown})
        return
    if watch:
        _play(art.frames())
    if color is None or comment is not None:
        print(shown)
    else:
        _print_coloured(art.coloured_cells(color))


def _checked(files: Mapping[str, Path | None]) -> list[Path]:
    """The files that were asked for, if each has the ending of its kind."""
    for ending, file in files.items():
        if file is not None and file.suffix.lower() != ending:
            raise TenshoError(f"{file} does not end in {ending}; rename it")
    return [file for file in files.values() if file is not None]


def _print_coloured(lines: Iterable[Iterable[tuple[str, tuple[int, int, int]]]]) -> None:
    """Print in colours, or as many as the terminal has; none where there is no terminal, or NO_COLOR is set."""
    from rich.color import Color
    from rich.console import Console
    from rich.style import Style
    from rich.text import Text

    console = Console(highlight=False)
    for line in lines:
        styled = [(cell, "" if cell == " " else Style(color=Color.from_rgb(*ink))) for cell, ink in line]
        console.print(Text.assemble(*styled), soft_wrap=True)


def _piped() -> str:
    """What is piped in, decoded as UTF-8."""
    if sys.stdin is None or sys.stdin.isatty():
        raise TenshoError("there is nothing to draw; give a text, or pipe one in")
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TenshoError("what is piped in is no text in UTF-8; convert it first") from error


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
