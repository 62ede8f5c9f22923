"""Does it exist? What is said of pictures in faces that neither the reader nor the index has seen.

    python -m benchmarks.looks --face [NAME=]FONT … --known TABLE … [-n 200] [--new 200]    the record's table
    python -m benchmarks.looks --face [NAME=]FONT … --known TABLE … --fit                   the odds of `likelihood`

Of each face, characters of the test split are shown as they are drawn and photographed (`benchmarks.pictures_of_glyphs`);
right is *first*, and *exists*. Then characters that nobody has written are composed of the face's own outlines, cut from a quarter
of its characters, by structures that none of the tables ``--known`` has in whatever forms of parts, nor the tables at hand: *exists*
is wrong for them. With ``--fit``, characters of the validation split, shown in four ways, and other structures give the odds by maximum
likelihood, of which `tensho.lookup.likelihood` holds the numbers. With ``--kept FOLDER`` what was composed lies there, since to
cut a face takes half a minute.
"""

from __future__ import annotations

import argparse
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from time import process_time

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.optimize import minimize

from benchmarks.pictures_of_glyphs import SIZE, drawn, photographed
from benchmarks.verdict import generated, plain
from tensho.composition.outlines.composer import OutlineComposer
from tensho.composition.outlines.store import cut_face, nearest_style
from tensho.errors import TenshoError
from tensho.fonts.faces import Face, load_face
from tensho.fonts.ink_picture import ink_of
from tensho.fonts.outline_raster import raster
from tensho.fonts.outlines import Outline
from tensho.ids.as_found.tables import read_table
from tensho.ids.canonical import exists, variants
from tensho.ids.sources import descriptions
from tensho.ids.syntax import Tree, to_string
from tensho.lookup.index import shipped_index
from tensho.lookup.recognition import candidates, recognise
from tensho.lookup.verdict import Verdict, look_up
from tensho.split import Split, split_of

VERDICTS: tuple[Verdict, ...] = ("exists", "near copy", "unknown", "new")
GENERATED, OF_THE_FIT, OF_THE_TEST = 4000, 0, 1500
"""Structures that are generated, and where those of each kind begin."""

Glyph = NDArray[np.uint8]
Evidence = NDArray[np.float64]


def held_out(face: Face, split: Split, n: int) -> tuple[list[str], list[Glyph]]:
    """n characters of a split by lot, and their glyphs."""
    own = [drawable.key for drawable in face.drawables() if split_of(drawable.key) == split]
    return drawn(face, [own[k] for k in np.random.default_rng(1).permutation(len(own))], n)


@cache
def unwritten(tables: tuple[Path, ...], first: int) -> list[Tree]:
    """Structures that are in no table, of those that are generated from the ``first`` on."""
    known = {plain(ids) for texts in descriptions().values() for ids in texts.split("\t")}
    for table in tables:
        known |= {plain(found.ids) for line in read_table(table) for found in line.descriptions}
    made = islice(generated(GENERATED, known), first, None)
    return [tree for tree in made if not exists(tree) and not variants(tree)]


def composed(face: Face, known: tuple[Path, ...], first: int, n: int, kept: Path | None) -> list[Glyph]:
    """n unwritten characters, composed of a face's outlines as far as these have their parts."""
    path = None if kept is None else kept / f"{face.name}.npz"
    if path is not None and path.is_file():
        with np.load(path) as file:
            return list(file["glyphs"][:n])
    composer = OutlineComposer(cut_face(face, allowed=_one_in_four, like=nearest_style(face.outlines())))
    found: list[Glyph] = []
    for tree in unwritten(known, first):
        try:
            found.append(_picture(composer.compose(to_string(tree)).outline))
        except TenshoError:  # a part that the face does not show
            continue
        if len(found) == n:
            break
    if path is not None:
        np.savez(path, glyphs=np.stack(found))
    return found


def _one_in_four(char: str) -> bool:
    return hashlib.md5(char.encode(), usedforsecurity=False).digest()[0] % 4 == 0 and ord(char) < 0x10000


def _picture(outline: Outline) -> Glyph:
    low, high = outline.points.min(axis=0), outline.points.max(axis=0)
    scale = 0.88 * SIZE / max(float((high - low).max()), 1.0)
    left, bottom = ((low + high) / 2 - SIZE / scale / 2).tolist()
    return raster(outline, SIZE, scale=scale, left=left, bottom=bottom)


def ways(glyph: Glyph, k: int) -> Iterator[Glyph]:
    """A glyph as it is; photographed; turned by 8 degrees; 32 pixels small."""
    yield glyph
    yield ink_of(photographed(glyph, k))
    paper = Image.fromarray(255 - np.pad(glyph, 40))
    yield ink_of(paper.rotate(8 if k % 2 else -8, Image.Resampling.BICUBIC, fillcolor=255))
    yield ink_of(Image.fromarray(255 - np.pad(glyph, 16)).resize((32, 32), Image.Resampling.LANCZOS))


def fit(genuine: Sequence[tuple[Evidence, int]], impostors: Sequence[Evidence]) -> NDArray[np.float64]:
    """The odds by maximum likelihood, both kinds counting the same in all.

    ``genuine`` are the evidence of the candidates and which of them is right.
    """
    x = np.stack([*(found for found, _ in genuine), *impostors])
    right = np.array([*(place + 1 for _, place in genuine), *([0] * len(impostors))])
    share = np.where(right > 0, 0.5 / len(genuine), 0.5 / len(impostors))
    rows = np.arange(len(x))

    def loss(odds: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        z = np.concatenate([np.zeros((len(x), 1)), x @ odds], 1)
        z -= z.max(1, keepdims=True)
        chances = np.exp(z) / np.exp(z).sum(1, keepdims=True)
        wanted = np.zeros_like(chances)
        wanted[rows, right] = 1
        slope = np.einsum("nk,nkf->f", share[:, None] * (chances - wanted)[:, 1:], x)
        return -float((share * np.log(chances[rows, right])).sum()) + float(
            1e-6 * odds @ odds
        ), slope + 2e-6 * odds

    found: NDArray[np.float64] = minimize(loss, np.zeros(x.shape[-1]), jac=True, method="BFGS").x
    return found


def fit_all(faces: Sequence[Face], known: tuple[Path, ...], n: int, new: int, kept: Path | None) -> None:
    genuine: list[tuple[Evidence, int]] = []
    impostors: list[Evidence] = []
    for face in faces:
        for k, (char, glyph) in enumerate(zip(*held_out(face, "validation", n), strict=True)):
            for shown in ways(glyph, k):
                near, found = candidates(shown)
                names = [match.character for match in near[: len(found)]]
                genuine += [(found, names.index(char))] if char in names else []
        impostors += [candidates(glyph)[1] for glyph in composed(face, known, OF_THE_FIT, new, kept)]
        print(f"{face.name}: {len(genuine)} encoded, {len(impostors)} new so far", flush=True)
    print(f"ODDS = {fit(genuine, impostors).round(2).tolist()}")


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
    parser.add_argument("--kept", type=Path, metavar="FOLDER")
    parser.add_argument("--fit", action="store_true")
    arguments = parser.parse_args()
    named = [font.rpartition("=") for font in arguments.face]
    faces = [load_face(file, name=name or None) for name, _, file in named]
    known = tuple(arguments.known)
    if arguments.fit:
        fit_all(faces, known, arguments.n, arguments.new, arguments.kept)
        return
    index = shipped_index()
    print(f"{len(index.vectors):,} vectors of {len(index.known):,} characters\n")
    print("| face | n | first | " + " | ".join(VERDICTS) + " |")
    print("|---|---:|" + "---:|" * (len(VERDICTS) + 1))
    for face in faces:
        characters, glyphs = held_out(face, "test", arguments.n)
        print(row(face.name, glyphs, characters), flush=True)
        photographs = [_square(ink_of(photographed(glyph, k))) for k, glyph in enumerate(glyphs)]
        print(row(f"{face.name}, photographed", photographs, characters), flush=True)
        if arguments.new:
            invented = composed(face, known, OF_THE_TEST, arguments.new, arguments.kept)
            print(row(f"{face.name}, new", invented, None), flush=True)
    seconds = [
        _timed(work, glyphs) for work in (index.embed, index.search, lambda stack: recognise(stack[0]))
    ]
    embedded, searched, recognised = (1e3 * each for each in seconds)
    print(
        f"\nCPU of a glyph, warm: {embedded:.1f} ms for its vector, {searched - embedded:.1f} for the nearest characters, "
        f"{recognised - searched:.1f} to weigh them by how it is read"
    )


def _timed(work: Callable[[NDArray[np.uint8]], object], glyphs: Sequence[Glyph]) -> float:
    started = process_time()
    for glyph in glyphs[:50]:
        work(glyph[None])
    return (process_time() - started) / len(glyphs[:50])


def _square(glyph: Glyph) -> Glyph:
    """A glyph of any shape in a square."""
    side = max(glyph.shape)
    square = np.zeros((side, side), np.uint8)
    square[: glyph.shape[0], : glyph.shape[1]] = glyph
    return square


if __name__ == "__main__":
    main()
