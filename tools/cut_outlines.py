"""Make the shipped inventories of outlines, one for each default face: ``python -m tools.cut_outlines [STYLE …]``.

They hold which contours of which characters make each form of each part, and where parts go; the outlines stay in the fonts.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import tensho.composition.outlines
from tensho.composition.outlines.store import cut_face, write_inventory
from tensho.fonts.faces import default_faces

FOLDER = Path(tensho.composition.outlines.__file__).parent / "forms"


def main(styles: list[str]) -> None:
    """Cut the faces that are named, or all default ones."""
    for face in default_faces():
        if styles and face.name not in styles:
            continue
        began = time.perf_counter()
        inventory = cut_face(face)
        path = FOLDER / f"{face.name}.npz"
        facts = {
            "font": face.sha256, "index": face.index, "name": face.name, "family": face.family,
            "version": face.version, "licence": face.licence, "attribution": face.attribution,
        }  # fmt: skip
        write_inventory(inventory, path, facts)
        forms = sum(len(table) for table in inventory.forms.values())
        seconds = time.perf_counter() - began
        print(
            f"{path}: {forms:,} forms of {len(inventory.forms):,} parts, {path.stat().st_size:,} bytes, {seconds:.0f} s"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
