"""A folder of pictures with a manifest, as game engines and this package's own commands read it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from tensho.atomic import replaced_folder
from tensho.errors import TenshoError
from tensho.sheet import Glyph, Sheet

__all__ = ["MANIFEST", "read_images", "write_images"]

MANIFEST = "manifest.json"
FORMAT = "tensho images 1"


def write_images(glyphs: Sequence[Glyph], folder: Path) -> None:
    """Write ``0000.png``, ``0001.png``… and ``manifest.json``.

    The pictures are white with the ink in the alpha channel, so that an engine can tint them. The folder
    appears whole or not at all; an earlier one made here is replaced.

    Args:
        glyphs: arrays ``(H, W)`` in [0, 1], ink = 1.
        folder: where to put them.

    Raises:
        TenshoError: a glyph is a colour picture or has no ink, something else is in the folder's place, or it
            cannot be written.
    """
    if folder.exists() and not (folder / MANIFEST).is_file():
        raise TenshoError(f"{folder} is there and holds no {MANIFEST}; choose another folder")
    images = [_image(glyph, place) for place, glyph in enumerate(glyphs)]
    digits = max(4, len(str(len(glyphs))))
    with replaced_folder(folder) as temporary:
        entries = []
        for place, (glyph, image) in enumerate(zip(glyphs, images, strict=True)):
            name = f"{place:0{digits}}.png"
            image.save(temporary / name)
            size = {"width": image.width, "height": image.height}
            entries.append({"file": name, **size, **glyph.facts(), "provenance": glyph.provenance})
        manifest = {"format": FORMAT, "ink": "alpha", "glyphs": entries}
        text = json.dumps(manifest, ensure_ascii=False, indent=1)
        (temporary / MANIFEST).write_text(text + "\n", encoding="utf-8")


def read_images(folder: Path) -> Sheet:
    """Read what `write_images` wrote.

    Raises:
        TenshoError: the folder has no manifest of this kind, or a picture that it lists is missing or damaged.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TenshoError(
            f"{folder} has no readable {MANIFEST}; make it with `tensho export images`"
        ) from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise TenshoError(
            f"{folder / MANIFEST} is not of the kind {FORMAT!r}; make it with `tensho export images`"
        )
    return Sheet(tuple(_glyph(folder, entry) for entry in manifest["glyphs"]))


def _image(glyph: Glyph, place: int) -> Image.Image:
    if glyph.array.ndim != 2 or glyph.array.max() < 0.5:
        raise TenshoError(f"glyph {place} is a colour picture or has no ink; leave it out")
    alpha = np.rint(np.clip(glyph.array, 0, 1) * 255).astype(np.uint8)
    return Image.fromarray(np.stack([np.full_like(alpha, 255), alpha], axis=-1), "LA")


def _glyph(folder: Path, entry: dict[str, Any]) -> Glyph:
    try:
        path = folder / Path(entry["file"]).name
        with Image.open(path) as image:
            alpha = np.asarray(image.getchannel("A"), np.float32)
        return Glyph.of_facts(alpha / np.float32(255), entry)
    except (OSError, ValueError, KeyError, TypeError, UnidentifiedImageError) as error:
        raise TenshoError(
            f"{folder} lists a picture that cannot be read ({error}); export it again"
        ) from error
