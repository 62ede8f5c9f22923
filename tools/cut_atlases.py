"""Cut the parts of other faces as the reference's are cut, one atlas a face, for the named styles.

    python tools/cut_atlases.py --face kai=TW-Kai.ttf --licence kai=OGDL-Taiwan-1.0 --face serif-sc …

A default face needs no file, and a licence is named where the font does not state its own. The first two forms of a slot are cut from the same characters of the face as the reference's
are; where neither can be had cleanly, another character is looked for that has the part there.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import islice
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from tensho.composition.atlas import (
    ATLAS_EM,
    REFERENCE_STYLE,
    Drawing,
    Form,
    default_atlas,
    write_atlas,
)
from tensho.composition.bitmaps.face_inventory import FaceInventory
from tensho.composition.bitmaps.inventory import strain
from tensho.composition.bitmaps.segmentation import cropped, ink_box
from tensho.composition.box import Box
from tensho.fonts.faces import Face, default_faces, load_face

RESOURCES = Path(__file__).parent.parent / "src/tensho/composition/atlases"
FORMS_PER_SLOT = 2
DONORS_TRIED = 8


def drawings(face: Face) -> tuple[FaceInventory, list[Drawing]]:
    """For each part, the face's own character and the first forms of each slot that can be cut from it cleanly."""
    parts, found = FaceInventory(face), []
    renderer = face.renderer(ATLAS_EM)
    for part, forms in default_atlas().forms.items():
        if (glyph := renderer.render(part)) is not None:
            left, top, _, _ = ink_box(glyph > 64)
            found.append(Drawing(part, "", part, left, top, cropped(glyph)))
        for slot in dict.fromkeys(form.slot for form in forms if form.slot):
            here = [form for form in forms if form.slot == slot]
            found += list(islice(_same(parts, here), FORMS_PER_SLOT)) or list(islice(_others(parts, here), 1))
    return parts, found


def _same(parts: FaceInventory, here: list[Form]) -> Iterator[Drawing]:
    """Forms of one slot, cut from the reference's characters."""
    for form in here:
        if (ink := parts.form(form)) is not None:
            yield _centred(form, form.donor, parts.frame.fitted(form.box), ink)


def _others(parts: FaceInventory, here: list[Form]) -> Iterator[Drawing]:
    """Forms of one slot, cut from other characters."""
    for donor, there in parts.donors(here[0].part, here[0].slot)[:DONORS_TRIED]:
        nearest = min(here, key=lambda form: strain(form.box, there.box))
        if (ink := parts.gift((donor, there), nearest)) is not None:
            yield _centred(here[0], donor, parts.frame.fitted(there.box), ink)


def _centred(form: Form, donor: str, box: Box, ink: NDArray[np.uint8]) -> Drawing:
    """A form about where its character has it: in the middle of where the reference has it."""
    height, width = ink.shape
    left = min(max(round(ATLAS_EM * (box.x0 + box.x1) / 2 - width / 2), 0), ATLAS_EM - width)
    top = min(max(round(ATLAS_EM * (box.y0 + box.y1) / 2 - height / 2), 0), ATLAS_EM - height)
    return Drawing(form.part, form.slot, donor, left, top, ink)


def licence_facts(face: Face) -> dict[str, object]:
    """What an atlas says of the face that it was cut from."""
    kept = ("name", "family", "style", "version", "licence", "licence_url", "attribution")
    return {key: value for key, value in face.describe().items() if key in kept}


def cut(face: Face, folder: Path) -> str:
    """Write one atlas; return a line about it."""
    start = perf_counter()
    parts, found = drawings(face)
    path = folder / f"{face.name}.zip"
    write_atlas(found, path, frame=parts.frame, facts=licence_facts(face))
    distinct = len({drawing.part for drawing in found})
    size = path.stat().st_size / 1e6
    return (
        f"{face.name}: {len(found)} forms of {distinct} parts, {size:.2f} MB, {perf_counter() - start:.0f} s"
    )


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--face", action="append", required=True, metavar="NAME[=FILE]")
    arguments.add_argument("--licence", action="append", default=[], metavar="NAME=LICENCE")
    arguments.add_argument("--out", type=Path, default=RESOURCES)
    arguments.add_argument("--processes", type=int, default=2)
    options = arguments.parse_args()
    known = {face.name: face for face in default_faces() if face.name != REFERENCE_STYLE}
    faces = []
    for text in options.face:
        name, _, path = text.partition("=")
        faces.append(load_face(path, name=name) if path else known[name])
    licences = dict(text.split("=", 1) for text in options.licence)
    faces = [replace(face, licence=licences.get(face.name, face.licence)) for face in faces]
    with ProcessPoolExecutor(options.processes) as pool:
        for line in pool.map(cut, faces, [options.out] * len(faces)):
            print(line, flush=True)


if __name__ == "__main__":
    main()
