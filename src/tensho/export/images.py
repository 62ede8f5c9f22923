"""A folder of pictures with a manifest, as game engines and this package's own commands read it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from PIL import Image

from tensho.atomic import replaced_folder
from tensho.errors import TenshoError
from tensho.fonts.ink_picture import UNREADABLE
from tensho.sheet import Glyph, Sheet

__all__ = ["KINDS", "MANIFEST", "NAMINGS", "ImageKind", "Naming", "read_images", "write_images"]

MANIFEST = "manifest.json"
FORMAT = "tensho images 1"

ImageKind = Literal["png", "svg", "pdf"]
KINDS: tuple[ImageKind, ...] = get_args(ImageKind)
"""What a glyph can be written as: pixels, or its curves."""

Naming = Literal["character", "number"]
NAMINGS: tuple[Naming, ...] = get_args(Naming)
"""What files are named by: the code point, or else the description, or else their place; or their place alone."""

_LARGEST = 4096
"""Side of a glyph that is drawn from its outline, in pixels."""

_LONGEST_NAME = 200
"""Bytes of a file's name, without its ending."""


def write_images(
    glyphs: Sequence[Glyph], folder: Path, *, kind: ImageKind = "png", names: Naming = "character"
) -> None:
    """Write one file for each glyph, and ``manifest.json``.

    They are called ``U+7027.png`` where the glyph is encoded, ``⿰氵龍.png`` where its parts are known, and ``0000.png``
    otherwise, or all by their places. PNGs are white with the ink in the alpha channel, so that an engine can tint them;
    SVGs and PDFs hold curves. The folder appears whole or not at all; an earlier one made here is replaced.

    Args:
        glyphs: arrays ``(H, W)`` in [0, 1], ink = 1.
        folder: where to put them.
        kind: one of `KINDS`.
        names: one of `NAMINGS`.

    Raises:
        TenshoError: an unknown kind, a glyph is a colour picture or has no ink, something else is in the folder's place, or
            it cannot be written.
    """
    if kind not in KINDS:
        raise TenshoError(f"cannot write {kind!r}; there are {', '.join(KINDS)}")
    if names not in NAMINGS:
        raise TenshoError(f"cannot name files by {names!r}; there are {', '.join(NAMINGS)}")
    if folder.exists() and not (folder / MANIFEST).is_file():
        raise TenshoError(f"{folder} is there and holds no {MANIFEST}; choose another folder")
    for place, glyph in enumerate(glyphs):
        if glyph.array.ndim != 2 or glyph.is_blank:
            raise TenshoError(f"glyph {place} is a colour picture or has no ink; leave it out")
    stems = _stems(glyphs, names)
    with replaced_folder(folder) as temporary:
        entries = []
        for stem, glyph in zip(stems, glyphs, strict=True):
            name = f"{stem}.{kind}"
            _WRITERS[kind](glyph, temporary / name)
            height, width = glyph.array.shape
            size = {"width": width, "height": height}
            entries.append({"file": name, **size, **glyph.facts(), "provenance": glyph.provenance})
        manifest = {"format": FORMAT, "ink": "alpha" if kind == "png" else "curves", "glyphs": entries}
        text = json.dumps(manifest, ensure_ascii=False, indent=1)
        (temporary / MANIFEST).write_text(text + "\n", encoding="utf-8")


def read_images(folder: Path) -> Sheet:
    """Read what `write_images` wrote; what is no PNG, by the outlines in the manifest.

    Raises:
        TenshoError: the folder has no manifest of this kind, or a picture that it lists is missing or damaged.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise TenshoError(
            f"{folder} has no readable {MANIFEST}; make it with `tensho export images`"
        ) from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise TenshoError(
            f"{folder / MANIFEST} is not of the kind {FORMAT!r}; make it with `tensho export images`"
        )
    entries = manifest.get("glyphs")
    if not isinstance(entries, list):
        raise TenshoError(f"{folder / MANIFEST} lists no glyphs; export them again")
    return Sheet(tuple(_glyph(folder, entry) for entry in entries))


def _stems(glyphs: Sequence[Glyph], names: Naming) -> list[str]:
    """The names of the files, no two alike, without their ending."""
    digits = max(4, len(str(len(glyphs))))
    found: dict[str, int] = {}
    for place, glyph in enumerate(glyphs):
        stem = (names == "character" and _told_by_glyph(glyph)) or f"{place:0{digits}}"
        number = 2
        free = stem
        while free in found:
            free = f"{stem}-{number}"
            number += 1
        found[free] = place
    return list(found)


def _told_by_glyph(glyph: Glyph) -> str:
    """What a glyph says of itself that can name a file; nothing where that is not known, or too long."""
    if glyph.character:
        return f"U+{ord(glyph.character):04X}"
    ids = glyph.ids or ""
    is_name = ids.isprintable() and not set(ids) & set('/\\:*?"<>|.') and len(ids.encode()) <= _LONGEST_NAME
    return ids if is_name else ""


def _write_png(glyph: Glyph, path: Path) -> None:
    alpha = np.rint(np.clip(glyph.array, 0, 1) * 255).astype(np.uint8)
    Image.fromarray(np.stack([np.full_like(alpha, 255), alpha], axis=-1), "LA").save(path)


def _write_svg(glyph: Glyph, path: Path) -> None:
    path.write_text(glyph.svg(), encoding="utf-8")


def _write_pdf(glyph: Glyph, path: Path) -> None:
    from tensho.export.glyph_page import write_page  # reportlab, which pictures do without

    write_page(glyph, path)


_WRITERS: Mapping[str, Callable[[Glyph, Path], None]] = {
    "png": _write_png,
    "svg": _write_svg,
    "pdf": _write_pdf,
}


def _glyph(folder: Path, entry: Any) -> Glyph:
    try:
        path = folder / Path(entry["file"]).name
        if path.suffix != ".png":
            side = int(entry["width"])
            if entry.get("outline") is None or not 1 <= side <= _LARGEST:
                raise TenshoError(f"{folder} lists curves that were traced, which are not read; export PNGs")
            return Glyph.of_facts(np.zeros((1, 1), np.float32), entry).resized(side)
        with Image.open(path) as image:
            alpha = np.asarray(image.getchannel("A"), np.float32)
        return Glyph.of_facts(alpha / np.float32(255), entry)
    except (*UNREADABLE, KeyError, TypeError, AttributeError) as error:
        raise TenshoError(f"{folder} lists a picture that cannot be read; export it again") from error
