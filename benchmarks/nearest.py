"""How often `tensho nearest` is right: held-out characters in the faces of the set, in other faces, and new structures.

    python benchmarks/nearest.py [--face FONT …] [-n 1000]

The faces of the set are drawn at 128 px, twice the size the index was made at. A font given with ``--face`` is one that
the index has never seen. New structures join two random parts that no encoded character joins that way, as drafts; or
are what the composer invents, painted by the brush.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

import tensho
from tensho.composition.bitmaps.draft import draft
from tensho.errors import TenshoError
from tensho.fonts.faces import Face, default_faces, load_face
from tensho.ids.canonical import exists
from tensho.ids.decomposition import decompositions
from tensho.ids.syntax import Arrangement
from tensho.lookup.index import Index, Verdict, shipped_index
from tensho.split import split_of

SIZE = 128
VERDICTS: tuple[Verdict, ...] = ("exists", "near copy", "new")


def drawn(
    face: Face, known: set[str], n: int, *, held_out: bool
) -> tuple[NDArray[np.str_], NDArray[np.uint8]]:
    """n random characters of a face that the index knows, and their glyphs."""
    renderer = face.renderer(SIZE)
    found, glyphs = [], []
    drawables = face.drawables()
    for k in np.random.default_rng(0).permutation(len(drawables)):
        character = chr(drawables[k].code_point)
        if character in known and (not held_out or split_of(character) == "test"):
            glyph = renderer.render(drawables[k].key)
            if glyph is not None:
                found.append(character)
                glyphs.append(glyph.copy())
        if len(found) == n:
            break
    return np.array(found), np.stack(glyphs)


def composed(n: int) -> NDArray[np.uint8]:
    """Drafts of n structures that no encoded character has."""
    parts = sorted({child for tree in decompositions().values() for child in _parts(tree)})
    rng = np.random.default_rng(0)
    glyphs: list[NDArray[np.uint8]] = []
    while len(glyphs) < n:
        operator = "⿰⿱"[rng.integers(2)]
        tree = Arrangement(operator, (parts[rng.integers(len(parts))], parts[rng.integers(len(parts))]))
        if exists(tree):
            continue
        try:
            glyphs.append(draft(tree, SIZE))
        except TenshoError:  # a part that no face at hand has
            continue
    return np.stack(glyphs)


def _parts(tree: object) -> list[str]:
    if isinstance(tree, Arrangement):
        return [child for child in tree.children if isinstance(child, str)]
    return []


def line(name: str, index: Index, glyphs: NDArray[np.uint8], characters: NDArray[np.str_] | None) -> str:
    """One row of the table."""
    found = index.search(glyphs)
    verdicts = [index.verdict(matches) for matches in found]
    shares = "  ".join(f"{verdicts.count(verdict) / len(verdicts):9.1%}" for verdict in VERDICTS)
    median = np.median([matches[0].distance for matches in found])
    if characters is None:
        return f"{name:28} {len(glyphs):6}         –         –  {shares}  {median:.3f}"
    pairs = list(zip(found, characters, strict=True))
    first = np.mean([matches[0].character == character for matches, character in pairs])
    five = np.mean([character in {match.character for match in matches} for matches, character in pairs])
    return f"{name:28} {len(glyphs):6}  {first:8.1%}  {five:8.1%}  {shares}  {median:.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--face", type=Path, nargs="*", default=[], help="fonts that the index has not seen")
    parser.add_argument("-n", type=int, default=1000)
    arguments = parser.parse_args()
    index = shipped_index()
    known = set(index.characters.tolist())
    print(
        f"{'':28}  glyphs     first  in five  "
        + "  ".join(f"{verdict:>9}" for verdict in VERDICTS)
        + "  distance"
    )
    for face in default_faces():
        characters, glyphs = drawn(face, known, arguments.n, held_out=True)
        print(line(f"{face.name}, held out", index, glyphs, characters), flush=True)
    for path in arguments.face:
        face = load_face(path)
        characters, glyphs = drawn(face, known, arguments.n, held_out=False)
        print(line(f"{face.name}, never seen", index, glyphs, characters), flush=True)
    structures = composed(arguments.n)
    print(line("new structures, drafts", index, structures, None), flush=True)
    dreams = np.stack([glyph.array for glyph in tensho.dream(arguments.n, size=SIZE)])
    print(line("new structures, painted", index, np.rint(255 * dreams).astype(np.uint8), None))
    started = perf_counter()
    for glyph in structures[:50]:
        index.search(glyph[None])
    print(f"one query, warm: {(perf_counter() - started) / 50 * 1e3:.1f} ms")


if __name__ == "__main__":
    main()
