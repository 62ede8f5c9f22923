"""`export`: glyphs as a font, a book, an animation or a folder of pictures; networks as ONNX."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensho.api.compose import compose_all
from tensho.api.draw_options import DEFAULTS, DrawOptions
from tensho.api.dream import between_dreams, dream_all, walk
from tensho.api.tables import Line
from tensho.ascii_art.banner import Spacing
from tensho.atomic import replaced_file
from tensho.bounds import check_whole
from tensho.datasets.letters.fonts import letter_fonts
from tensho.datasets.letters.groups import letter_shapes
from tensho.errors import TenshoError
from tensho.export.animation import morph, write_animation
from tensho.export.book import check_pages, write_book
from tensho.export.dictionary import DictionaryEntry
from tensho.export.figlet_font import figlet_font
from tensho.export.font import write_font
from tensho.export.images import KINDS, NAMINGS, ImageKind, Naming, read_images, write_images
from tensho.export.typeface import LONGEST_FAMILY, FontInfo, Typeface, private_code_points, typeface
from tensho.export.ufo import write_ufo
from tensho.fonts.embedding_rights import check_family
from tensho.fonts.faces import load_face
from tensho.models.catalogue import Weights, locate
from tensho.sheet import Glyph, Sheet
from tensho.text.figlet_font import REQUIRED, RULES, FigletFont, Layout, open_figlet_font
from tensho.version import __version__

__all__ = [
    "KINDS",
    "LONGEST_FAMILY",
    "NAMINGS",
    "ImageKind",
    "Naming",
    "check_animated",
    "check_pages",
    "export_book",
    "export_figlet_font",
    "export_font",
    "export_images",
    "export_interpolation",
    "export_morph",
    "export_onnx",
    "export_walk",
    "glyphs_to_export",
]

FIGLET_RULES = RULES & ~Layout.HARDBLANK
"""What letters become that are smushed; spaces between words stay as wide as they are."""

FIGLET_SPACINGS: dict[Spacing, Layout] = {
    "apart": FIGLET_RULES,
    "kern": FIGLET_RULES | Layout.KERN,
    "smush": FIGLET_RULES | Layout.SMUSH,
}

HELD = 6
"""Frames for which each character of an animation stands still."""

MOST_ANIMATED = 256
"""Characters of an animation."""

INTERPOLATED = 16
"""Frames from one dream to the next through a model's noise."""


def glyphs_to_export(
    n: int,
    options: DrawOptions = DEFAULTS,
    *,
    first: int = 0,
    ids: Sequence[str] = (),
    folder: Path | None = None,
    lines: Sequence[Line] = (),
) -> Sheet:
    """Composed glyphs first, then a table's, then those of a folder that `export_images` wrote, or else ``n`` dreamt ones.

    The dreamt ones are those from place ``first`` of the seed on.

    Args:
        n: how many are dreamt if nothing else is given.
        options: what to draw with.
        ids: descriptions to compose.
        folder: that `export_images` wrote.
        lines: of a table, as `tensho.api.tables.compose_table` drew them.

    Raises:
        TenshoError: what `tensho.compose`, `tensho.dream` or `tensho.export.images.read_images` raises.
    """
    glyphs: list[Glyph] = list(compose_all(ids, options)) if ids else []
    glyphs += [line.glyph for line in lines if line.glyph is not None]
    if folder is not None:
        glyphs += read_images(folder)
    elif n or not glyphs:
        glyphs += dream_all(n, options, first=first)
    return Sheet(tuple(glyphs))


def export_font(
    glyphs: Sequence[Glyph],
    path: Path,
    *,
    family: str = "Tensho Dreams",
    licence: str | None = None,
    parts_face: Path | None = None,
    face: Path | str | None = None,
    code_points: Sequence[int] | None = None,
    private: bool = False,
    description: str | None = None,
) -> Typeface:
    """Write an installable font (.ttf, .otf) or its sources (.ufo); see `tensho.export.typeface.typeface`.

    What is encoded stands at its own code point, unless ``code_points`` are given or all shall be ``private``.
    ``face`` is the font whose outlines the glyphs are made of, if they are: its licence goes with them.

    Raises:
        TenshoError: glyphs or names that a font cannot have, a face whose licence forbids it or reserves the family's
            name, or a place that cannot be written.
    """
    if face is not None:
        source = load_face(face)
        rights = source.rights()
        if rights.refusal is not None:
            raise TenshoError(f"{face} must not be made into another font: {rights.refusal}; ask its owner")
        check_family(family, rights.reserved)
        licence = licence or f"Made of outlines of {source.family}, whose licence holds: {rights.licence}."
    if private and code_points is None:
        code_points = list(islice(private_code_points(), len(glyphs)))
    made = _typeface(glyphs, family, licence, parts_face, code_points, description)
    if path.suffix.lower() == ".ufo":
        write_ufo(made, path)
    else:
        write_font(made, path)
    return made


def export_book(
    glyphs: Sequence[Glyph],
    path: Path,
    *,
    pages: int = 12,
    seed: int = 0,
    family: str = "Tensho Dreams",
    dictionary: Sequence[DictionaryEntry] = (),
) -> None:
    """Typeset a book in these characters; see `tensho.export.book.write_book`."""
    write_book(_typeface(glyphs, family), path, pages=pages, seed=seed, dictionary=dictionary)


def export_morph(glyphs: Sequence[Glyph], path: Path, *, size: int = 256) -> None:
    """Animate in ``path`` how each character turns into the next, and the last into the first, ``size`` pixels wide.

    Raises:
        TenshoError: fewer than two glyphs, or a place that cannot be written.
    """
    if len(glyphs) < 2:
        raise TenshoError("one character cannot turn into another; give two or more, or --walk")
    check_animated(len(glyphs))
    if any(glyph.outline is not None for glyph in glyphs):
        glyphs = [glyph.resized(size) for glyph in glyphs]
    pairs = zip(glyphs, [*glyphs[1:], glyphs[0]], strict=True)
    moves = [np.concatenate([[a.array] * HELD, morph(a.array, b.array)]) for a, b in pairs]
    write_animation(np.concatenate(moves), path, size=size, pause_ms=60)


def check_animated(n: int) -> None:
    """Raise `TenshoError` unless ``n`` characters can turn into one another; of more, a file would be too large to be shown."""
    check_whole("the number of characters that are animated", n, 2, MOST_ANIMATED)


def export_interpolation(n: int, path: Path, options: DrawOptions = DEFAULTS, *, size: int = 256) -> None:
    """Animate the way between ``n`` dreams through a model's noise; see `tensho.api.dream.between_dreams`.

    Raises:
        TenshoError: fewer than two dreams, a model that does not draw from noise alone, or a place that cannot be written.
    """
    check_animated(n)
    ways = [
        [*[way[0].array] * HELD, *(glyph.array for glyph in way)]
        for way in between_dreams(n, INTERPOLATED, options)
    ]
    write_animation(np.concatenate(ways), path, size=size, pause_ms=60)


def export_walk(path: Path, options: DrawOptions = DEFAULTS, *, size: int = 256) -> None:
    """Animate in ``path`` how the first character of the seed of ``options`` comes out of noise, ``size`` pixels wide.

    Raises:
        TenshoError: the model is unknown or does not draw step by step, or the place cannot be written.
    """
    write_animation(_walk(options), path, size=size)


def export_images(
    glyphs: Sequence[Glyph], folder: Path, *, kind: ImageKind = "png", names: Naming = "character"
) -> None:
    """Write one file for each glyph and a manifest; see `tensho.export.images.write_images`."""
    write_images(glyphs, folder, kind=kind, names=names)


def export_figlet_font(
    path: Path,
    *,
    style: str | int | None = None,
    like: str | None = None,
    reference: str | Path | None = None,
    also: str = "",
    layout: Spacing = "apart",
    steps: int | None = None,
    seed: int = 0,
    model: str = "letterer",
    progress: Callable[[int, int], None] | None = None,
) -> FigletFont:
    """Write a font of FIGlet with all of ASCII, ÄÖÜäöüß and any other characters, in one style of `tensho.ascii`.

    Args:
        path: a .flf name.
        style, like, reference, steps, seed, model, progress: see `tensho.api.ascii.ascii`. Of a font that lends its letters,
            none is in what is written.
        also: more characters that the font shall have.
        layout: how FIGlet brings the letters together where it is not told otherwise.

    Returns:
        The font, as it is read from the file.

    Raises:
        TenshoError: what `tensho.ascii` raises, or the file cannot be written.
    """
    from tensho.api.ascii import chosen_style, is_number, letterer, space_of  # torch takes seconds to import
    from tensho.ascii_art.alphabet import draw_alphabet

    if sum(choice is not None for choice in (style, like, reference)) > 1:
        raise TenshoError("--style, --like and --reference are ways to choose a style; give one of them")
    if layout not in FIGLET_SPACINGS:
        raise TenshoError(f"unknown layout {layout!r}; there are {', '.join(FIGLET_SPACINGS)}")
    letters = list(dict.fromkeys(REQUIRED[1:] + "".join(also.split())))
    letter_shapes(letters)  # refuses what cannot be drawn before anything is computed
    network, fonts = letterer(model), letter_fonts(progress)
    name, chosen = chosen_style(letters, fonts, style=style, like=like, reference=reference, seed=seed)
    lent = like is not None or (reference is None and is_number(name))
    drawn = draw_alphabet(network, fonts, chosen, letters, lent=lent, seed=seed, steps=steps)
    content = figlet_font(
        drawn,
        baseline=min(max(1, round(chosen.metric.baseline)), chosen.height),
        space=space_of(chosen),
        layout=FIGLET_SPACINGS[layout],
        comment=[
            f"{path.stem}: {len(letters) + 1} characters in the style {name}, drawn with tensho {__version__}"
        ],
    )
    with replaced_file(path) as temporary:
        temporary.write_text(content, encoding="utf-8", newline="\n")
    return open_figlet_font(path)


def export_onnx(name: str, path: Path | None = None, *, graph_only: bool = False) -> list[Path]:
    """Write a brush or a composer as ONNX, by default to NAME.onnx; see `tensho.export.onnx`.

    Returns:
        The files: one, or two for a composer, whose memory is a graph of its own.

    Raises:
        TenshoError: no such weights, or of another family; ``path`` cannot be written.
    """
    from tensho.export.onnx import write_graphs, write_onnx  # torch takes seconds to import

    weights = Weights.read(locate(name))
    return (write_graphs if graph_only else write_onnx)(weights, path or Path(f"{weights.name}.onnx"))


def _typeface(
    glyphs: Sequence[Glyph],
    family: str,
    licence: str | None = None,
    parts_face: Path | None = None,
    code_points: Sequence[int] | None = None,
    description: str | None = None,
) -> Typeface:
    if description is None:
        drawn = sorted({f"{glyph.model} (seed {glyph.seed})" for glyph in glyphs if glyph.model is not None})
        by = f" by {', '.join(drawn)}" if drawn else ""
        description = f"{len(glyphs)} characters drawn with tensho{by}"
    facts: dict[str, Any] = {"family": family, "description": description}
    info = FontInfo(**facts) if licence is None else FontInfo(**facts, licence=licence)
    return typeface(glyphs, info=info, code_points=code_points, parts_face=parts_face)


def _walk(options: DrawOptions) -> NDArray[np.float32]:
    """float32 (T, H, W): what the network was given step by step, and at last what it made of it."""
    import torch  # takes seconds to import

    trajectory = walk(options)
    frames = torch.cat([trajectory.inputs, trajectory.outputs[-1:]])[:, 0].mean(dim=1)
    return np.asarray(frames.float().cpu().numpy())
