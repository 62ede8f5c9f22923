"""Does it exist? What is said of pictures in faces that neither the reader nor the index has seen.

    python -m benchmarks.looks --face [NAME=]FONT … --known TABLE … [-n 200] [--new 200]          the record's table
    python -m benchmarks.looks --face [NAME=]FONT … --known TABLE … --fit                         the odds of `likelihood`

Of each face, characters of the test split are shown as they are drawn and photographed (`benchmarks.pictures_of_glyphs`);
right is *first*, and *exists*. Then characters that nobody has written are composed of the face's own outlines, cut from a quarter
of its characters, by structures that none of the tables ``--known`` has in whatever forms of parts, nor the tables at hand: *exists*
is wrong for them. With ``--fit``, characters of the validation split and other structures give the odds by maximum
likelihood, of which `tensho.lookup.likelihood` holds the numbers: of pictures, and of drafts of the validation characters that
the installed table describes, without parts cut from themselves, against drafts of what is in no table.
"""

from __future__ import annotations

import argparse
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from benchmarks.pictures_of_glyphs import SIZE, drawn, photographed
from benchmarks.verdict import generated, plain
from tensho.composition.bitmaps.draft import drafter
from tensho.composition.outlines.composer import OutlineComposer
from tensho.composition.outlines.store import cut_face, nearest_style
from tensho.errors import TenshoError
from tensho.fonts.faces import Face, load_face
from tensho.fonts.ink_picture import ink_of
from tensho.fonts.outline_raster import raster
from tensho.fonts.outlines import Outline
from tensho.ids.as_found.tables import read_table
from tensho.ids.canonical import exists, variants
from tensho.ids.decomposition import decompositions, expand
from tensho.ids.sources import descriptions
from tensho.ids.syntax import Tree, to_string
from tensho.lookup.index import Match, shipped_index
from tensho.lookup.likelihood import evidence
from tensho.lookup.verdict import look_up
from tensho.split import Split, split_of

VERDICTS = ("exists", "near copy", "unknown", "new")
OF_THE_FIT, OF_THE_TEST = 0, 5000
"""Where structures begin in the list of those that are generated."""

Glyph = NDArray[np.uint8]


def held_out(face: Face, split: Split, n: int) -> tuple[list[str], list[Glyph]]:
    """n characters of a split by lot, and their glyphs."""
    own = [drawable.key for drawable in face.drawables() if split_of(drawable.key) == split]
    return drawn(face, [own[k] for k in np.random.default_rng(1).permutation(len(own))], n)


def unwritten(tables: Iterable[Path], first: int) -> Iterator[Tree]:
    """Structures that are in no table, from the ``first`` that is generated on."""
    known = {plain(ids) for texts in descriptions().values() for ids in texts.split("\t")}
    for table in tables:
        known |= {plain(found.ids) for line in read_table(table) for found in line.descriptions}
    for tree in islice(generated(first + 5000, known), first, None):
        if not exists(tree) and not variants(tree):
            yield tree


def composed(face: Face, trees: Iterable[Tree], n: int) -> list[Glyph]:
    """The first n of the trees that can be composed of a face's outlines, cut from one in four of its characters."""
    composer = OutlineComposer(cut_face(face, allowed=_one_in_four, like=nearest_style(face.outlines())))
    found: list[Glyph] = []
    for tree in trees:
        try:
            found.append(_picture(composer.compose(to_string(tree)).outline))
        except TenshoError:  # a part that the face does not show
            continue
        if len(found) == n:
            break
    return found


def _one_in_four(char: str) -> bool:
    return hashlib.md5(char.encode(), usedforsecurity=False).digest()[0] % 4 == 0 and ord(char) < 0x10000


def _picture(outline: Outline) -> Glyph:
    low, high = outline.points.min(axis=0), outline.points.max(axis=0)
    scale = 0.88 * SIZE / max(float((high - low).max()), 1.0)
    left, bottom = ((low + high) / 2 - SIZE / scale / 2).tolist()
    return raster(outline, SIZE, scale=scale, left=left, bottom=bottom)


def fit(genuine: Sequence[Sequence[Match]], impostors: Sequence[Sequence[Match]]) -> NDArray[np.float64]:
    """The weights of `evidence` by maximum likelihood (Newton's method), both kinds counting the same in all."""
    x = np.array([evidence(matches) for matches in (*genuine, *impostors)])
    y = np.arange(len(x)) < len(genuine)
    share = np.where(y, 0.5 / len(genuine), 0.5 / len(impostors))
    weights = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ weights))
        gradient = x.T @ (share * (y - p)) - 1e-5 * weights
        curvature = (x.T * (share * p * (1 - p))) @ x + 1e-5 * np.eye(len(weights))
        weights += np.linalg.solve(curvature, gradient)
    return weights


def fit_all(faces: Sequence[Face], known: Sequence[Path], n: int, new: int) -> None:
    index = shipped_index()
    trees = list(islice(unwritten(known, OF_THE_FIT), 4 * new))
    genuine: list[list[Match]] = []
    impostors: list[list[Match]] = []
    for face in faces:
        characters, glyphs = held_out(face, "validation", n)
        every = [*glyphs, *(ink_of(photographed(glyph, k)) for k, glyph in enumerate(glyphs[: n // 2]))]
        named = [*characters, *characters[: n // 2]]
        found = [index.search(glyph[None], 10)[0] for glyph in every]
        right = [matches for char, matches in zip(named, found, strict=True) if matches[0].character == char]
        others = [index.search(glyph[None], 10)[0] for glyph in composed(face, trees, new)]
        print(f"{face.name}: {len(right)} of {len(found)} first, {len(others)} new", flush=True)
        genuine += right
        impostors += others
    print(f"PICTURE = {fit(genuine, impostors).round(2).tolist()}")
    pen = drafter()
    known_ones = [char for char in sorted(decompositions()) if split_of(char) == "validation"]
    known_ones = [known_ones[k] for k in np.random.default_rng(1).permutation(len(known_ones))]
    own, other = [], []
    for char in known_ones[:600]:
        matches = index.search(pen.draft(expand(char), SIZE, without=char)[None], 10)[0]
        own += [matches] if matches[0].character == char else []
    for tree in trees:
        try:
            other.append(index.search(pen.draft(tree, SIZE)[None], 10)[0])
        except TenshoError:
            continue
    print(f"drafts: {len(own)} of 600 first, {len(other)} new")
    print(f"DRAFT = {fit(own, other).round(2).tolist()}")


def row(name: str, glyphs: Sequence[Glyph], characters: Sequence[str] | None) -> str:
    """A row of the table: how many, how many are named rightly, and what is said."""
    answers = [look_up(glyph, 1) for glyph in glyphs]
    counts = Counter(answer.verdict for answer in answers)
    first = "–"
    if characters is not None:
        right = [a.matches[0].character == char for a, char in zip(answers, characters, strict=True)]
        first = f"{np.mean(right):.1%}"
    said = " | ".join(f"{counts[verdict] / len(answers):.1%}" for verdict in VERDICTS)
    return f"| {name} | {len(answers)} | {first} | {said} |"


def main() -> None:
    """Print the table, or fit the odds."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--face", nargs="+", required=True, metavar="[NAME=]FONT")
    parser.add_argument("--known", nargs="*", type=Path, default=[], metavar="TABLE")
    parser.add_argument("-n", type=int, default=200, help="characters of each face")
    parser.add_argument(
        "--new", type=int, default=200, help="characters of each face that nobody has written"
    )
    parser.add_argument("--fit", action="store_true")
    arguments = parser.parse_args()
    named = [font.rpartition("=") for font in arguments.face]
    faces = [load_face(file, name=name or None) for name, _, file in named]
    if arguments.fit:
        fit_all(faces, arguments.known, arguments.n, arguments.new)
        return
    index = shipped_index()
    print(f"{len(index.vectors):,} vectors of {len(index.known):,} characters\n")
    print("| face | n | first | " + " | ".join(VERDICTS) + " |")
    print("|---|---:|" + "---:|" * (len(VERDICTS) + 1))
    trees = list(islice(unwritten(arguments.known, OF_THE_TEST), 8 * arguments.new))
    for face in faces:
        characters, glyphs = held_out(face, "test", arguments.n)
        print(row(face.name, glyphs, characters), flush=True)
        photographs = [ink_of(photographed(glyph, k)) for k, glyph in enumerate(glyphs)]
        print(
            row(f"{face.name}, photographed", [_square(glyph) for glyph in photographs], characters),
            flush=True,
        )
        print(row(f"{face.name}, new", composed(face, trees, arguments.new), None), flush=True)
    started = perf_counter()
    for glyph in glyphs[:50]:
        index.embed(glyph[None])
    embedded = perf_counter()
    for glyph in glyphs[:50]:
        index.search(glyph[None])
    searched = perf_counter() - embedded
    print(
        f"\na query, warm: {searched / 50 * 1e3:.1f} ms, "
        f"{(embedded - started) / 50 * 1e3:.1f} of them for the vector of the picture"
    )


def _square(glyph: Glyph) -> Glyph:
    """A glyph of any shape in a square."""
    side = max(glyph.shape)
    square = np.zeros((side, side), np.uint8)
    square[: glyph.shape[0], : glyph.shape[1]] = glyph
    return square


if __name__ == "__main__":
    main()
