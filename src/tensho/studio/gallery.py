"""Glyphs that are kept: a picture and a JSON file of facts for each, in one folder.

Their names are made here. A name that comes from outside is looked up among those that are there, and only ever
becomes a path if it is one of them.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tensho.atomic import replaced_file
from tensho.errors import TenshoError
from tensho.sheet import Glyph
from tensho.studio.fields import Refusal
from tensho.studio.pictures import new_name, shown

__all__ = ["Gallery"]

MOST_KEPT = 5000
"""Glyphs of the gallery; the page lists them all."""

_NAME = re.compile(r"[0-9a-f]{16}")


class Gallery:
    """The kept glyphs of a folder, which is made when the first one is kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> list[str]:
        """All names, the glyph that was kept last first."""
        kept = {path.stem: path.stat().st_mtime_ns for path in self._folder.glob("*.json")}
        return sorted(filter(_NAME.fullmatch, kept), key=lambda name: -kept[name])

    def keep(self, glyph: Glyph) -> str:
        """Write a glyph down and return its name.

        Raises:
            Refusal: the gallery is full.
            TenshoError: the folder cannot be written.
        """
        if len(self.names()) >= MOST_KEPT:
            raise Refusal(f"The gallery holds {MOST_KEPT:,} characters; remove some first.", status=409)
        name = new_name()
        facts = {
            **shown(glyph),
            "mode": "grey" if glyph.array.ndim == 2 else "colour",
            "outline": glyph.facts()["outline"],
            "kept": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        }
        with replaced_file(self._folder / f"{name}.png") as temporary:
            glyph.image.save(temporary)
        # The facts come last: what has them is whole.
        with replaced_file(self._folder / f"{name}.json") as temporary:
            temporary.write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")
        return name

    def entry(self, name: str) -> dict[str, Any]:
        """What the page shows of a kept glyph.

        Raises:
            Refusal: there is none of that name, or it cannot be read.
        """
        try:
            entry = {**self._facts(name), "id": name}
        except (OSError, ValueError, TypeError) as error:
            raise _damaged(name) from error
        entry.pop("outline", None)  # of which the page has the drawing
        return entry

    def entries(self) -> list[dict[str, Any]]:
        """All that can be read, the one that was kept last first."""
        found = []
        for name in self.names():
            try:
                found.append(self.entry(name))
            except Refusal:
                continue  # removed meanwhile, or damaged: the others are shown all the same
        return found

    def glyph(self, name: str) -> Glyph:
        """A kept glyph.

        Raises:
            Refusal: there is none of that name, or it cannot be read.
        """
        try:
            entry = self._facts(name)
            with Image.open(self._path(name, "png")) as image:
                pixels = image.convert("L" if entry["mode"] == "grey" else "RGB")
            paper = np.asarray(pixels, np.float32) / np.float32(255)
            array = np.float32(1) - paper if paper.ndim == 2 else paper
            return Glyph.of_facts(array, entry)
        except (OSError, ValueError, KeyError, TypeError, TenshoError) as error:
            raise _damaged(name) from error

    def remove(self, name: str) -> None:
        """Forget a glyph.

        Raises:
            Refusal: there is none of that name.
        """
        facts, picture = self._path(name, "json"), self._path(name, "png")
        facts.unlink(missing_ok=True)
        picture.unlink(missing_ok=True)

    def _facts(self, name: str) -> dict[str, Any]:
        return {**json.loads(self._path(name, "json").read_text(encoding="utf-8"))}

    def _path(self, name: str, ending: str) -> Path:
        return self._folder / f"{self._known(name)}.{ending}"

    def _known(self, name: str) -> str:
        for known in self.names():
            if known == name:
                return known
        raise Refusal("This character is not in the gallery any more.", status=404)


def _damaged(name: str) -> Refusal:
    return Refusal(f"The files of {name} in the gallery are damaged; remove them.", status=404)
