"""``tensho export``: glyphs as a font, a book, an animation, a folder of pictures; networks as ONNX."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tensho.api.draw_options import DrawOptions
from tensho.cli.options import Evaluations, First, Json, Letterer, LetterSeed, Like, draws
from tensho.errors import TenshoError

if TYPE_CHECKING:
    from tensho.api.tables import Line
    from tensho.api.word_list import Entry
    from tensho.sheet import Sheet

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Hand glyphs over as a font, a book, an animation, pictures.")

ANIMATION_SIZE = 256
"""Side of an animation in pixels, where no ``--size`` is asked for."""

Number = Annotated[int, typer.Option("-n", "--number", help="How many characters to dream.")]
OutOption = Annotated[
    Path | None, typer.Option("-o", "--out", metavar="OUT", help="OUT, as other commands have it.")
]
Images = Annotated[
    Path | None,
    typer.Option(
        "--from", metavar="FOLDER", help="Take the glyphs that `tensho export images` wrote instead."
    ),
]
Ids = Annotated[
    list[str] | None,
    typer.Option("--ids", metavar="IDS", help="Also compose this description, such as ⿰氵龍."),
]
Family = Annotated[str, typer.Option(help="The font's name.")]
PartsFace = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="A font whose characters stand for the parts of descriptions; without one they are empty frames. "
        "Mind its licence.",
    ),
]


@app.command()
@draws
def font(
    options: DrawOptions,
    out: Annotated[Path | None, typer.Argument(metavar="OUT", help="A .ttf, .otf or .ufo name.")] = None,
    out_option: OutOption = None,
    n: Number = 100,
    ids: Ids = None,
    ids_file: Annotated[
        Path | None,
        typer.Option(
            "--ids-file",
            metavar="FILE",
            help="Compose a table of descriptions, such as those of BabelStone, CHISE, cjkvi and bai, and dream none.",
        ),
    ] = None,
    images: Images = None,
    family: Family = "Tensho Dreams",
    licence: Annotated[str | None, typer.Option(help="Licence text for the font's name table.")] = None,
    parts_face: PartsFace = None,
    code_points: Annotated[
        str | None,
        typer.Option(
            metavar="HEX,…", help="One code point for each glyph, such as E000,E001 (default: private ones)."
        ),
    ] = None,
    private: Annotated[
        bool,
        typer.Option("--private", help="Give private code points to all, to encoded characters too."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Make an installable font; a glyph with a description appears where that is typed.

    What is encoded stands at its own code point, all else at private ones.
    """
    from tensho.api.export import export_font
    from tensho.api.tables import compose_table, counted, lines_of
    from tensho.cli.report import prepare, print_json, print_lines, progress_bar, refused, told_of

    out = _place(out, out_option)
    _check_ending(out, ".ttf", ".otf", ".ufo")
    if private and code_points is not None:
        raise TenshoError("give --private or --code-points, not both")
    codes = None if code_points is None else _parsed(code_points)
    lines: list[Line] = []
    if ids_file is not None:
        prepare(options, quiet=as_json)
        with progress_bar("composing", quiet=as_json) as bar:
            lines = compose_table(ids_file, options, progress=bar.advance)
        if not as_json:
            print_lines(lines_of(lines))
    glyphs = _glyphs(n, options, ids=ids or (), folder=images, lines=lines, table=ids_file is not None)
    made = export_font(
        glyphs,
        out,
        family=family,
        licence=licence,
        parts_face=parts_face,
        face=options.face,
        code_points=codes,
        private=private,
    )
    if as_json:
        entries = [
            {
                "code_point": f"U+{code:04X}",
                "ids": glyph.ids,
                "character": glyph.character,
                "index": glyph.index,
                **told_of(glyph),
            }
            for code, glyph in zip(made.drawn, glyphs, strict=True)
        ]
        table = {} if ids_file is None else {"lines": counted(lines), "refused": refused(lines)}
        print_json({"out": str(out), "family": family, **table, "glyphs": entries})
    else:
        own = [
            glyph.character
            for code, glyph in zip(made.drawn, glyphs, strict=True)
            if glyph.character is not None and code == ord(glyph.character)
        ]
        if own and codes is None:
            shown = " ".join(f"{char} U+{ord(char):04X}" for char in own[:8])
            print(
                f"{len(own)} are encoded and stand at their own code points: {shown}{' …' if len(own) > 8 else ''}"
            )
        if lines:
            print(", ".join(f"{count} {outcome}" for outcome, count in counted(lines).items() if count))
        print(f"{len(glyphs)} characters, from U+{min(made.drawn):04X} to U+{max(made.drawn):04X} → {out}")


@app.command()
@draws
def book(
    options: DrawOptions,
    out: Annotated[Path | None, typer.Argument(metavar="OUT", help="A .pdf name.")] = None,
    out_option: OutOption = None,
    pages: Annotated[int, typer.Option(help="How many pages, 8 or more.")] = 12,
    n: Number = 300,
    images: Images = None,
    words: Annotated[
        Path | None,
        typer.Option(
            "--words",
            metavar="FILE",
            help="Also coin characters for these words, one a line, and add a dictionary of them.",
        ),
    ] = None,
    family: Family = "Tensho Dreams",
) -> None:
    """Typeset a book in characters that nobody can read: vertical columns, framed, with a seal."""
    from tensho.api.export import check_pages, export_book
    from tensho.api.word_list import dictionary_entries
    from tensho.sheet import Sheet

    out = _place(out, out_option)
    _check_ending(out, ".pdf")
    check_pages(pages)
    entries = [] if words is None else _coined(words, options)
    coined = [entry.glyph for entry in entries if entry.glyph is not None]
    glyphs = Sheet((*coined, *_glyphs(n, options, folder=images)))
    behind = dictionary_entries(entries)
    export_book(glyphs, out, pages=pages, seed=options.seed, family=family, dictionary=behind)
    told = f", and a dictionary of {len(behind)}" if behind else ""
    print(f"{pages} pages in {len(glyphs)} characters{told} → {out}")


@app.command()
@draws
def dictionary(
    options: DrawOptions,
    file: Annotated[
        Path,
        typer.Option(
            "--file",
            metavar="FILE",
            help="Words, one a line, each with its sound behind a tab, if it has one.",
        ),
    ],
    out: Annotated[Path | None, typer.Argument(metavar="OUT", help="A .pdf name.")] = None,
    out_option: OutOption = None,
    title: Annotated[str, typer.Option(help="What stands above every page.")] = "Dictionary",
) -> None:
    """Typeset a dictionary of characters that are coined for words: reading, meaning, parts, strokes, and an index."""
    from tensho.api.word_list import save_dictionary

    out = _place(out, out_option)
    _check_ending(out, ".pdf")
    entries = _coined(file, options)
    save_dictionary(entries, out, title=title)
    print(f"{sum(entry.glyph is not None for entry in entries)} of {len(entries)} words → {out}")


@app.command()
@draws
def gif(
    options: DrawOptions,
    out: Annotated[Path | None, typer.Argument(metavar="OUT", help="A .gif or .png (animated) name.")] = None,
    out_option: OutOption = None,
    n: Annotated[int, typer.Option("-n", "--number", help="How many characters turn into one another.")] = 4,
    ids: Annotated[
        list[str] | None,
        typer.Option("--ids", metavar="IDS", help="Turn this into the next; give two or more."),
    ] = None,
    images: Images = None,
    walk: Annotated[
        bool, typer.Option("--walk", help="Show how one character comes out of noise instead.")
    ] = False,
    latent: Annotated[
        bool,
        typer.Option(
            "--latent",
            help="Go from dream to dream through the noise of --model instead: vae, gan, ddpm, walkback.",
        ),
    ] = False,
) -> None:
    """Animate characters: one turns into the next, or one emerges from noise."""
    from tensho.api.export import check_animated, export_interpolation, export_morph, export_walk

    out = _place(out, out_option)
    _check_ending(out, ".gif", ".png", ".apng")
    size = options.size or ANIMATION_SIZE
    if sum((walk, latent, bool(ids or images))) > 1:
        raise TenshoError("give one of --walk, --latent, --ids and --from")
    if not (walk or ids or images):
        check_animated(n)
    if walk:
        export_walk(out, options, size=size)
    elif latent:
        export_interpolation(n, out, dataclasses.replace(options, size=None), size=size)
    else:
        glyphs = _glyphs(0 if ids else n, options, ids=ids or (), folder=images)
        export_morph(glyphs, out, size=size)
    print(f"animation → {out}")


@app.command()
@draws
def images(
    options: DrawOptions,
    out: Annotated[Path | None, typer.Argument(metavar="OUT", help="The folder for the pictures.")] = None,
    out_option: OutOption = None,
    n: Number = 100,
    first: First = 0,
    ids: Ids = None,
    kind: Annotated[
        str,
        typer.Option(
            "--format", help="png, with the ink in the alpha channel, or svg or pdf, with the curves."
        ),
    ] = "png",
    names: Annotated[
        str,
        typer.Option(help="character: by code point, or else by the description; number: by place."),
    ] = "character",
) -> None:
    """Write one picture for each character, with a JSON manifest."""
    from tensho.api.export import KINDS, NAMINGS, export_images

    out = _place(out, out_option)
    _check_choice("--format", kind, KINDS)
    _check_choice("--names", names, NAMINGS)
    glyphs = _glyphs(n, options, first=first, ids=ids or ())
    export_images(glyphs, out, kind=kind, names=names)  # type: ignore[arg-type]  # checked
    print(f"{len(glyphs)} pictures → {out}")


@app.command()
def flf(
    out: Annotated[Path | None, typer.Argument(metavar="OUT", help="A .flf name.")] = None,
    out_option: OutOption = None,
    style: Annotated[
        str | None,
        typer.Option(
            help="A named style of `tensho ascii`, or a number: each is a style of its own.",
            show_default="the number of --seed",
        ),
    ] = None,
    like: Like = None,
    reference: Annotated[
        Path | None, typer.Option(help="A text file with a few drawn letters; see `tensho ascii --help`.")
    ] = None,
    also: Annotated[str, typer.Option(metavar="TEXT", help="More characters that the font shall have.")] = "",
    layout: Annotated[
        str, typer.Option(help="How figlet brings letters together by default: apart, kern or smush.")
    ] = "apart",
    steps: Evaluations = None,
    seed: LetterSeed = 0,
    model: Letterer = "letterer",
    as_json: Json = False,
) -> None:
    """Write a font of FIGlet, all of ASCII and ÄÖÜäöüß, in a style that no font file holds."""
    from tensho.api.export import export_figlet_font
    from tensho.cli.report import print_json, progress_bar

    out = _place(out, out_option)
    _check_ending(out, ".flf")
    with progress_bar("reading FIGlet's fonts", quiet=as_json) as progress:
        font = export_figlet_font(
            out,
            style=style,
            like=like,
            reference=reference,
            also=also,
            layout=layout,  # type: ignore[arg-type]
            steps=steps,
            seed=seed,
            model=model,
            progress=progress,
        )
    if as_json:
        print_json({"out": str(out), "height": font.height, "characters": "".join(font.letters)})
    else:
        print(f"{len(font.letters)} characters, {font.height} lines high → {out}")


@app.command()
def onnx(
    name: Annotated[
        str,
        typer.Argument(metavar="WEIGHTS", help="Shipped weights, a .safetensors file, or a run's folder."),
    ],
    out: Annotated[
        Path | None, typer.Argument(metavar="OUT", help="An .onnx name.", show_default="NAME.onnx")
    ] = None,
    out_option: OutOption = None,
    graph_only: Annotated[
        bool,
        typer.Option(
            "--graph-only",
            help="Leave the weights out: the runtime takes them from the weight file beside it.",
        ),
    ] = False,
) -> None:
    """Write a brush or a composer as ONNX, to be run without torch; a composer's memory is a second file."""
    from tensho.api.export import export_onnx

    if out is not None or out_option is not None:
        out = _place(out, out_option)
        _check_ending(out, ".onnx")
    written = export_onnx(name, out, graph_only=graph_only)
    sizes = (f"{path} ({path.stat().st_size / 1e6:.1f} MB)" for path in written)
    print(f"{name} → {', '.join(sizes)}")


def _glyphs(
    n: int,
    options: DrawOptions,
    *,
    first: int = 0,
    ids: Sequence[str] = (),
    folder: Path | None = None,
    lines: Sequence[Line] = (),
    table: bool = False,
) -> Sheet:
    from tensho.api.export import glyphs_to_export
    from tensho.api.tables import sheet_of
    from tensho.cli.report import prepare

    if table and not ids and folder is None:
        return sheet_of(lines)
    if ids or (folder is None and not table):
        prepare(options)
    return glyphs_to_export(0 if table else n, options, first=first, ids=ids, folder=folder, lines=lines)


def _place(out: Path | None, option: Path | None) -> Path:
    """Where the result goes, which is said behind the command or with -o."""
    if (out is None) == (option is None):
        raise TenshoError("say where it goes: give OUT, or -o OUT")
    return out or option  # type: ignore[return-value]  # one of them is given


def _check_choice(flag: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        raise TenshoError(f"{flag} is {value!r}; there are {', '.join(choices)}")


def _coined(file: Path, options: DrawOptions) -> list[Entry]:
    from tensho.api.word_list import coin_words, read_words
    from tensho.cli.report import prepare, progress_bar

    words = read_words(file)
    prepare(options)
    with progress_bar("coining", total=len(words)) as bar:
        return coin_words(words, options, progress=bar.advance)


def _check_ending(out: Path, *endings: str) -> None:
    """Before anything is drawn, since drawing takes a while."""
    if out.suffix.lower() not in endings:
        raise TenshoError(f"{out.name} does not end in {' or '.join(endings)}; rename it")


def _parsed(code_points: str) -> list[int]:
    try:
        return [int(code.strip().upper().removeprefix("U+"), 16) for code in code_points.split(",")]
    except ValueError as error:
        raise TenshoError(f"{code_points!r} is no list of code points; write it like E000,E001") from error
