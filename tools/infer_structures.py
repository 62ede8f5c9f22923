"""Read the structure of characters that no installed table describes from their glyphs, with the reader.

    python -m tools.infer_structures FONT … [-o src/tensho/ids/inferred.tsv.xz]

Each character is read in the first font that has it. The table that ships was made with HanaMinA.ttf, HanaMinB.ttf and
BabelStoneHan.ttf (Debian: fonts-hanazono, fonts-babelstone-han); nothing of the fonts is in it but what was read.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from tensho.api.describe import DEFAULT_READER, reader_named
from tensho.fonts.coverage.blocks import is_encoded_ideograph
from tensho.fonts.faces import load_face
from tensho.fonts.ink_box import ink_in_the_middle
from tensho.ids.inferred import SHIPPED, Inferred, write_inferred
from tensho.ids.installed_table import installed_descriptions
from tensho.ids.shapes import same_shape
from tensho.ids.syntax import ARITY
from tensho.models.reader.network import Reader

BATCH = 256
LEAST_INK = 96
"""Of the darkest pixel; what is lighter everywhere is blank."""


def glyphs(fonts: list[Path], known: set[str]) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """Ideographs that are not known, each once, and how they look: uint8 (64, 64), ink 255."""
    seen = set(known)
    for font in fonts:
        face = load_face(font)
        renderer = face.renderer(64)
        for drawable in face.drawables():
            char = chr(drawable.code_point)
            # Compatibility ideographs are those that they are compatible with.
            if char in seen or not is_encoded_ideograph(char) or same_shape(char) != char:
                continue
            glyph = renderer.render(drawable.key)
            if glyph is not None and glyph.max() >= LEAST_INK:
                seen.add(char)
                yield char, ink_in_the_middle(glyph)


def infer(fonts: list[Path], reader: Reader) -> dict[str, Inferred]:
    """What the reader says of the characters that the installed table does not describe.

    Left out is what it reads as one part, which says nothing, and what is a part that the installed table leaves whole.
    """
    found = {}
    installed = installed_descriptions()
    parts = {symbol for text in installed.values() for symbol in text if symbol not in ARITY}
    todo = list(glyphs(fonts, parts | set(installed)))
    for start in track(range(0, len(todo), BATCH), "reading"):
        some = todo[start : start + BATCH]
        read = reader.read(np.stack([glyph for _, glyph in some]), most=1, beam=3)
        for (char, _), readings in zip(some, read, strict=True):
            if readings and readings[0].ids[0] in ARITY and char not in readings[0].ids:
                found[char] = Inferred(readings[0].ids, round(readings[0].probability, 2))
    return found


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("fonts", nargs="+", type=Path)
    parser.add_argument("-o", "--out", type=Path, default=SHIPPED)
    arguments = parser.parse_args()
    table = infer(arguments.fonts, reader_named(DEFAULT_READER))
    write_inferred(arguments.out, table, "Read from glyphs: python -m tools.infer_structures")
    print(f"{len(table):,} characters → {arguments.out}")


if __name__ == "__main__":
    main()
