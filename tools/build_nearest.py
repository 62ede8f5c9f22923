"""Make the index of encoded characters that tensho ships: how they look to the reader, in the fonts given and the default faces.

    python -m tools.build_nearest FONT … [--kept FOLDER] [-o src/tensho/lookup/nearest.safetensors]

Each encoded ideograph gets the vector of its glyph in the first FONT that has it. Where the Japanese, the mainland and the
Taiwan form of a character differ in Noto Sans, those that lie farthest from what the index has of it are added,
as many as there is room for. The index that ships was made with Jigmo.ttf, Jigmo2.ttf and Jigmo3.ttf
(https://kamichikoichi.github.io/jigmo/, CC0), which hold all of Unicode 17.

With ``--kept`` the vectors of each font are written there, and what is there is not computed again: about 100 glyphs a second on
one core.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from rich.progress import track
from safetensors.numpy import save

from tensho.atomic import replaced_file
from tensho.errors import TenshoError
from tensho.fonts.coverage.blocks import is_encoded_ideograph
from tensho.fonts.faces import Face, default_faces, load_face
from tensho.fonts.ink_box import ink_in_the_middle
from tensho.fonts.rasterizer import FontRenderer
from tensho.fonts.source import is_ideograph
from tensho.lookup.index import SHIPPED, shipped_reader

SIZE = 128
LEAST_INK = 96
"""Of the darkest pixel; what is lighter everywhere is blank."""

FORMS = ("sans-jp", "sans-sc", "sans-tc")
"""The default faces whose forms are compared."""

MOST_VECTORS = 118_000
"""Of the index, by the size of its file."""

DIFFERENT = 0.3
"""Ink in which two forms differ, of all that one has, from which on they are two."""

TWIN = 0.02
"""Distance within which a form adds nothing to one that the index has."""

Shown: TypeAlias = "tuple[int, NDArray[np.uint8]]"
"""A code point and its glyph, uint8 (H, W), ink 255 on 0."""


class Drawn(NamedTuple):
    """The glyphs of a font.

    Attributes:
        code_points: uint32 (N,), ascending.
        vectors: float32 (N, D), of unit length.
    """

    code_points: NDArray[np.uint32]
    vectors: NDArray[np.float32]


def kept(folder: Path, name: str, glyphs: Callable[[], Iterable[Shown]]) -> Drawn:
    """The vectors of glyphs, those that lie in a folder or new ones."""
    path = folder / f"{name}.npz"
    if not path.is_file():
        reader = shipped_reader()
        rows = [
            (code, reader.embed(ink_in_the_middle(glyph)[None])[0]) for code, glyph in track(glyphs(), name)
        ]
        with replaced_file(path) as temporary, temporary.open("wb") as file:
            np.savez(
                file,
                code_points=np.array([code for code, _ in rows], np.uint32),
                vectors=np.array([vector for _, vector in rows], np.float16).reshape(
                    len(rows), -1 if rows else 1
                ),
            )
    with np.load(path) as file:
        vectors = file["vectors"].astype(np.float32)
        return Drawn(file["code_points"], vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def all_of(face: Face) -> Iterator[Shown]:
    """The encoded ideographs of a face, and their glyphs."""
    renderer = face.renderer(SIZE)
    for drawable in face.drawables():
        if wanted(drawable.code_point) and (glyph := _inked(renderer, drawable.key)) is not None:
            yield drawable.code_point, glyph


def regional(faces: Sequence[Face], codes: Iterable[int], known: set[int]) -> Iterator[Shown]:
    """The glyphs of the characters that some of the faces draw otherwise than others, or that are not known."""
    renderers = [face.renderer(SIZE) for face in faces]
    for code in codes:
        found: list[NDArray[np.uint8]] = []
        for renderer in renderers:
            glyph = _inked(renderer, chr(code))
            if glyph is not None and all(_differ(glyph, other) for other in found):
                found.append(glyph)
        if len(found) > 1 or code not in known:
            yield from ((code, glyph) for glyph in found)


def _differ(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
    away = np.abs(one.astype(np.int64) - other)
    return bool(away.sum() > DIFFERENT * max(int(one.sum(dtype=np.int64)), int(other.sum(dtype=np.int64))))


def _inked(renderer: FontRenderer, key: str) -> NDArray[np.uint8] | None:
    glyph = renderer.render(key)
    return None if glyph is None or glyph.max() < LEAST_INK else glyph.copy()


def wanted(code_point: int) -> bool:
    """Whether a code point is an encoded ideograph, and none that looks like a unified one by its very definition."""
    return is_ideograph(code_point) and is_encoded_ideograph(chr(code_point))


def indexed(fonts: Sequence[Drawn], forms: Sequence[Drawn]) -> tuple[NDArray[np.float32], NDArray[np.uint32]]:
    """The vectors of the index (M, D), by character, and the code point of each."""
    chosen: dict[int, list[NDArray[np.float32]]] = {}
    for font in (*fonts, *forms):
        for code, vector in zip(font.code_points.tolist(), font.vectors, strict=True):
            chosen.setdefault(code, [vector])
    others = [
        (code, vector)
        for form in forms
        for code, vector in zip(form.code_points.tolist(), form.vectors, strict=True)
    ]
    room = MOST_VECTORS - len(chosen)
    away = np.array([1 - float(chosen[code][0] @ vector) for code, vector in others])
    # The farthest first; one that lies by another that was added before is not needed.
    for place in np.argsort(-away, kind="stable").tolist():
        code, vector = others[place]
        if room > 0 and all(1 - float(known @ vector) > TWIN for known in chosen[code]):
            chosen[code].append(vector)
            room -= 1
    code_points = np.array([code for code in sorted(chosen) for _ in chosen[code]], np.uint32)
    return np.stack([vector for code in sorted(chosen) for vector in chosen[code]]), code_points


def all_regional(there: Path, known: set[int]) -> Iterator[Drawn]:
    """The forms of regions, a few thousand code points at a time."""
    faces = [face for face in default_faces() if face.name in FORMS]
    codes = sorted({drawable.code_point for face in faces for drawable in face.drawables()})
    for part, some in groupby(filter(wanted, codes), key=lambda code: code >> 10):
        yield kept(there, f"regional-{part:x}", partial(regional, faces, list(some), known))


def _glyphs_of(font: Path) -> Iterator[Shown]:
    return all_of(load_face(font))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("fonts", nargs="+", type=Path)
    parser.add_argument("--kept", type=Path, help="where the vectors of each font are kept")
    parser.add_argument("-o", "--out", type=Path, default=SHIPPED)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        there = arguments.kept or Path(folder)
        there.mkdir(parents=True, exist_ok=True)
        fonts = [kept(there, font.stem, partial(_glyphs_of, font)) for font in arguments.fonts]
        known = {code for font in fonts for code in font.code_points.tolist()}
        vectors, code_points = indexed(fonts, list(all_regional(there, known)))
    quantised = np.rint(vectors * (127 / np.abs(vectors).max(axis=1, keepdims=True))).astype(np.int8)
    metadata = {
        "fonts": ", ".join(font.name for font in arguments.fonts),
        "licence": "computed from Jigmo (CC0) and Noto CJK (SIL Open Font License 1.1)",
    }
    with replaced_file(arguments.out) as temporary:
        temporary.write_bytes(save({"vectors": quantised, "code_points": code_points}, metadata))
    characters = len(np.unique(code_points))
    print(f"{characters:,} characters, {len(vectors):,} vectors, {arguments.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    try:
        main()
    except TenshoError as error:
        raise SystemExit(f"build_nearest: {error}") from error
