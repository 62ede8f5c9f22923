"""``tensho data``: build the glyph set, and say what is in it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from tensho.cli.options import Json, Size
from tensho.cli.report import print_json, progress_bar
from tensho.errors import TenshoError

if TYPE_CHECKING:
    from rich.table import Table

    from tensho.api.data import GlyphSet, Source

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Build the glyph set, and say what is in it.")


@app.command()
def build(
    size: Size = 64,
    face: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[NAME=]FILE",
            help="A TTF, OTF or TTC file to add; FILE#1 is a collection's second face.",
        ),
    ] = None,
    images: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FOLDER", help="A folder of images to add, named 永.png, U+6C38.png or 6c38/1.png."
        ),
    ] = None,
    only_given: Annotated[bool, typer.Option("--only-given", help="Leave the default faces out.")] = False,
    characters: Annotated[
        str | None, typer.Option(metavar="TEXT|FILE", help="Only these characters, or those in a text file.")
    ] = None,
    drafts: Annotated[
        bool,
        typer.Option("--drafts", help="Also draft each character from its parts, as training a brush needs."),
    ] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where to put it (default: the user's cache).")
    ] = None,
    processes: Annotated[int | None, typer.Option(help="Drawing processes (default: one a core).")] = None,
    force: Annotated[bool, typer.Option("--force", help="Build even if nothing changed.")] = False,
    as_json: Json = False,
) -> None:
    """Draw every Chinese character of every face into one memory-mapped file."""
    from tensho.api import data

    sources = data.sources(face or (), images or (), only_given=only_given)
    folder = out or data.glyphs_folder(size)
    started = time.monotonic()
    with progress_bar("glyphs") as progress:
        glyphs = data.build_glyphs(
            sources,
            size=size,
            folder=folder,
            characters=_text(characters),
            processes=processes,
            force=force,
            progress=progress,
        )
    seconds = time.monotonic() - started
    rebuilt = progress.total > 0
    drafted = _draft(glyphs, sources, folder, processes) if drafts else {}
    if as_json:
        timing = {**drafted, "rebuilt": rebuilt, "seconds": round(seconds, 2)}
        print_json({**_summary(glyphs.manifest, folder), **timing})
        return
    for note in filter(None, map(_note, glyphs.manifest["faces"])):
        print(note)
    if rebuilt:
        speed = f"{seconds:.1f} s, {len(glyphs) / seconds:,.0f} a second"
        print(f"{len(glyphs):,} glyphs of {len(glyphs.faces)} faces in {folder} ({speed})")
    else:
        print(f"up to date: {len(glyphs):,} glyphs of {len(glyphs.faces)} faces in {folder}")
    if drafted:
        print(f"{drafted['drafts']:,} drafts in {drafted['drafts_folder']}")


def _draft(
    glyphs: GlyphSet, sources: Sequence[Source], folder: Path, processes: int | None
) -> dict[str, Any]:
    from tensho.api.data import build_drafts, drafts_folder

    with progress_bar("drafts") as progress:
        made = build_drafts(glyphs, sources, folder, processes=processes, progress=progress)
    return {"drafts": len(made), "drafts_folder": str(drafts_folder(folder))}


@app.command()
def pairs(
    size: Annotated[int, typer.Option(help="Side of a picture in pixels, usually 128 or 512.")] = 128,
    source: Annotated[
        str, typer.Option(help="What draws the characters: faces, strokes (of KanjiVG) or both.")
    ] = "faces",
    characters: Annotated[
        str | None, typer.Option(metavar="TEXT|FILE", help="Only these characters, or those in a text file.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where to put it (default: the user's cache).")
    ] = None,
    processes: Annotated[int | None, typer.Option(help="Drawing processes (default: one a core).")] = None,
    force: Annotated[bool, typer.Option("--force", help="Draw again even if nothing changed.")] = False,
    as_json: Json = False,
) -> None:
    """Pictures of characters with English captions, for text-to-image models; the same command again goes on."""
    from tensho.api.data import Origin, build_pairs, left_out, pairs_folder

    origin = cast("Origin", source)
    folder = out or pairs_folder(size, origin)
    wanted = _text(characters)
    started = time.monotonic()
    with progress_bar("characters") as progress:
        manifest = build_pairs(
            folder,
            size=size,
            origin=origin,
            characters=wanted,
            processes=processes,
            force=force,
            progress=progress,
        )
    seconds = time.monotonic() - started
    missing = left_out(folder, wanted)
    counts = {key: manifest[key] for key in ("characters", "captions", "splits", "size", "digest")}
    if as_json:
        timing = {"rebuilt": progress.total > 0, "seconds": round(seconds, 2)}
        absent = {"left_out": missing.reasons, "held_out": missing.held_out}
        print_json({"folder": str(folder), **counts, **absent, **timing})
        return
    what = f"{counts['characters']:,} characters, {counts['captions']:,} captions in {folder}"
    if progress.total > 0:
        print(f"{what} ({seconds:.1f} s, {counts['captions'] / seconds:,.0f} pictures a second)")
    else:
        print(f"up to date: {what}")
    if str(missing):
        print(missing)


@app.command()
def info(
    size: Size = 64,
    folder: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The glyph set (default: the user's cache).")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="FILE", help="Write a contact sheet.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Faces, characters in each split, licences; with -o also a picture of every face."""
    from tensho.api.data import glyphs_folder, open_glyphs, write_contact_sheet

    folder = folder or glyphs_folder(size)
    glyphs = open_glyphs(folder)
    if out:
        write_contact_sheet(glyphs, out)
    if as_json:
        print_json(_summary(glyphs.manifest, folder))
    else:
        print(f"{folder}: {glyphs.shape[1]}×{glyphs.shape[2]} pixels")
        from rich.console import Console  # which every other command would wait for

        Console().print(_table(glyphs.manifest))


def _text(characters: str | None) -> str | None:
    if characters is None or not _names_a_file(characters):
        return characters
    try:
        return Path(characters).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TenshoError(f"cannot read {characters}; give a text file in UTF-8") from error


def _names_a_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False  # no name at all: too long, say


def _summary(manifest: dict[str, Any], folder: Path) -> dict[str, Any]:
    count = sum(face["count"] for face in manifest["faces"])
    faces = [{key: value for key, value in face.items() if key != "coverage"} for face in manifest["faces"]]
    head = {key: manifest[key] for key in ("size", "digest", "split")}
    return {"folder": str(folder), "count": count, **head, "faces": faces}


def _note(face: dict[str, Any]) -> str | None:
    if face["kind"] == "images":
        named = "named" if face["named"] else "nameless (not every file name is a character)"
        return f"{face['name']}: {face['ink']}, {named}, {face['ignored']} other files ignored"
    if face["left_out"]:
        return (
            f"{face['name']}: {face['left_out']:,} characters left out, their glyphs being missing or cut off"
        )
    return None


def _table(manifest: dict[str, Any]) -> Table:
    from rich.markup import escape
    from rich.table import Table

    table = Table(show_footer=True)
    numbers = ("count", "train", "validation", "test")
    totals = {key: sum(face[key] for face in manifest["faces"]) for key in numbers}
    table.add_column("face", footer="all")
    for key, heading in zip(numbers, ("characters", *numbers[1:]), strict=True):
        table.add_column(heading, footer=f"{totals[key]:,}", justify="right")
    table.add_column("licence")
    for face in manifest["faces"]:
        table.add_row(escape(face["name"]), *(f"{face[key]:,}" for key in numbers), escape(face["licence"]))
    return table
