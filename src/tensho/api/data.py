"""`data`: the glyph set with its drafts, the text–image pairs, and what is in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from tensho.atomic import replaced_file
from tensho.datasets.building import build as build_glyphs
from tensho.datasets.contact_sheet import contact_sheet
from tensho.datasets.drafted_glyphs import build_drafts as build_drafts_of
from tensho.datasets.drafted_glyphs import drafts_folder
from tensho.datasets.glyph_set import GlyphSet, glyphs_folder, open_glyphs
from tensho.datasets.pairs import Origin, build_pairs, pairs_folder
from tensho.datasets.pairs_left_out import LeftOut, left_out
from tensho.errors import TenshoError
from tensho.fonts.faces import Face, default_faces, load_face
from tensho.fonts.image_folder import load_images
from tensho.fonts.source import Source

__all__ = [
    "GlyphSet",
    "LeftOut",
    "Origin",
    "Source",
    "build_drafts",
    "build_glyphs",
    "build_pairs",
    "drafts_folder",
    "glyphs_folder",
    "left_out",
    "open_glyphs",
    "pairs_folder",
    "sources",
    "write_contact_sheet",
]


def sources(
    fonts: Sequence[str] = (), folders: Sequence[Path] = (), *, only_given: bool = False
) -> list[Source]:
    """What draws the glyphs of a set: the default faces, fonts given as ``[NAME=]FILE``, and folders of images.

    Raises:
        TenshoError: nothing is left, or a font or a folder cannot be read.
    """
    if only_given and not (fonts or folders):
        raise TenshoError("--only-given leaves no face; name one with --face or --images")
    defaults = [] if only_given else default_faces()
    named = [font.rpartition("=") for font in fonts]
    faces = [load_face(file, name=name or None) for name, _, file in named]
    return [*defaults, *faces, *map(load_images, folders)]


def build_drafts(
    glyphs: GlyphSet,
    faces: Sequence[Source],
    folder: Path,
    *,
    processes: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> GlyphSet:
    """Draft the characters of a glyph set in those of its sources that are fonts; a brush learns from both.

    Args:
        glyphs: the set; the drafts have its size.
        faces: its sources; folders of pictures among them have no drafts.
        folder: of the set; the drafts go into its `drafts_folder`.
        processes: that draw; default: one a core.
        progress: called with the drafts that are done and all of them.

    Returns:
        The drafts as a glyph set, one for each glyph of a font.

    Raises:
        TenshoError: the folder cannot be written.
    """
    fonts = [face for face in faces if isinstance(face, Face)]
    return build_drafts_of(glyphs, fonts, drafts_folder(folder), processes=processes, progress=progress)


def write_contact_sheet(glyphs: GlyphSet, path: Path) -> None:
    """Write a picture of every face of the set ``glyphs``.

    Raises:
        TenshoError: ``path`` does not end in .png, or cannot be written.
    """
    if path.suffix.lower() != ".png":
        raise TenshoError(f"the contact sheet is a PNG; call it {path.with_suffix('.png')}")
    with replaced_file(path) as temporary:
        contact_sheet(glyphs).save(temporary)
