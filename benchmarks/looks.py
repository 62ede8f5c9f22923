"""The reader's descriptor of looks: is a glyph of a face that nobody has seen nearest to its own character?

    python -m benchmarks.looks --index FILE.npz --build [--default NAME …] [--face [NAME=]FONT …]     once
    python -m benchmarks.looks --index FILE.npz --face [NAME=]FONT … [-n 200] [--photographs]

The peer is the descriptor that ships (`tensho.lookup.index`), with its own index of the six default faces. *Genuine* is the
likeness, a cosine, of a glyph to the nearest glyph of its own character in the index, *impostor* that to the nearest of
another character. The threshold lets one impostor in a hundred pass, over all faces together; *exists* are the genuine
ones beyond it.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from benchmarks.pictures_of_glyphs import SIZE, drawn, photographed
from tensho.api.describe import DEFAULT_READER, reader_named
from tensho.fonts.faces import Face, default_faces, load_face
from tensho.fonts.ink_box import ink_in_the_middle
from tensho.fonts.ink_picture import ink_of
from tensho.lookup.index import shipped_index
from tensho.models.reader.network import Reader
from tensho.split import split_of

_CHUNK = 2048


def build(path: Path, faces: list[Face], model: Reader, most: int) -> None:
    """Write the looks of ``most`` glyphs of each character, of the first faces that have it, float16."""
    vectors: list[NDArray[np.float16]] = []
    characters: Counter[int] = Counter()
    owners: list[int] = []
    for face in faces:
        started, renderer, rows = perf_counter(), face.renderer(64), []
        for drawable in face.drawables():
            glyph = renderer.render(drawable.key) if characters[drawable.code_point] < most else None
            if glyph is not None and glyph.max() >= 96:
                rows.append(ink_in_the_middle(glyph))
                owners.append(drawable.code_point)
                characters[drawable.code_point] += 1
        for start in range(0, len(rows), _CHUNK):
            vectors.append(model.embed(np.stack(rows[start : start + _CHUNK])).astype(np.float16))
        print(f"{face.name}: {len(rows):,} glyphs, {perf_counter() - started:.0f} s", flush=True)
    np.savez(path, vectors=np.concatenate(vectors), characters=np.array(owners, np.uint32))


class Likenesses:
    """The vectors of an index, grouped by character."""

    def __init__(self, path: Path) -> None:
        with np.load(path) as file:
            order = np.argsort(file["characters"], kind="stable")
            self.vectors = file["vectors"][order].astype(np.float32)
            codes = file["characters"][order]
        self.vectors /= np.linalg.norm(self.vectors, axis=1, keepdims=True)
        self.characters, self.starts = np.unique(codes, return_index=True)

    def of(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """The likeness of each of N vectors to each of C characters, (N, C)."""
        return np.maximum.reduceat(vectors @ self.vectors.T, self.starts, axis=1)


def main() -> None:
    """Build the index, or print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--build", action="store_true")
    parser.add_argument("--model", default=DEFAULT_READER)
    parser.add_argument(
        "--default", nargs="*", help="those of the default faces in the index; all unless said"
    )
    parser.add_argument("--face", nargs="*", default=[])
    parser.add_argument("-n", type=int, default=200)
    parser.add_argument("--most", type=int, default=2, help="glyphs of each character in the index")
    parser.add_argument("--photographs", action="store_true")
    arguments = parser.parse_args()
    model = reader_named(arguments.model)
    named = [font.rpartition("=") for font in arguments.face]
    faces = [load_face(file, name=name or None) for name, _, file in named]
    if arguments.build:
        wanted = [
            face for face in default_faces() if arguments.default is None or face.name in arguments.default
        ]
        regions = sorted(wanted, key=lambda face: face.name.partition("-")[2], reverse=True)
        build(arguments.index, [*regions, *faces], model, arguments.most)
        return
    index, peer = Likenesses(arguments.index), shipped_index()
    known = [chr(code) for code in index.characters]
    known = [known[k] for k in np.random.default_rng(1).permutation(len(known))]
    print(f"{len(index.vectors):,} vectors of {len(index.characters):,} characters")
    rows = []
    for face in faces:
        characters, glyphs = drawn(face, known, arguments.n)
        kinds = [(face.name, glyphs)]
        if arguments.photographs:
            kinds.append((f"{face.name}, photo", [ink_of(photographed(g, k)) for k, g in enumerate(glyphs)]))
        for name, shown in kinds:
            likeness = index.of(model.embed(np.stack([ink_in_the_middle(glyph) for glyph in shown])))
            place = np.searchsorted(index.characters, [ord(char) for char in characters])
            every = np.arange(len(place))
            genuine = likeness[every, place]
            ranks = (likeness > genuine[:, None]).sum(1)
            likeness[every, place] = -1
            impostor = likeness.max(1)
            matches = peer.search(np.stack([np.asarray(_square(glyph)) for glyph in shown]), 1)
            right = np.mean([m[0].character == char for m, char in zip(matches, characters, strict=True)])
            unseen = np.array([split_of(char) != "train" for char in characters])
            rows.append((name, genuine, impostor, ranks, unseen, float(right)))
    everything = np.sort(np.concatenate([impostor for _, _, impostor, *_ in rows]))
    threshold = everything[int(0.99 * len(everything))]
    print(f"threshold {threshold:.3f}: one impostor in a hundred is nearer")
    print(
        f"{'':34} chars  first  held out  in five  exists  genuine 5 %, median  impostor median, 95 %   peer"
    )
    for name, genuine, impostor, ranks, unseen, peers in rows:
        out = float(np.mean(ranks[unseen] == 0)) if unseen.any() else float("nan")
        print(
            f"{name:34} {len(ranks):5} {np.mean(ranks == 0):6.1%}  {out:8.1%}  {np.mean(ranks < 5):7.1%}  "
            f"{np.mean(genuine > threshold):6.1%}  {np.quantile(genuine, 0.05):11.2f}, {np.median(genuine):6.2f}  "
            f"{np.median(impostor):15.2f}, {np.quantile(impostor, 0.95):4.2f}  {peers:6.1%}"
        )


def _square(glyph: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A glyph of any shape in a square of one size, so that they stack."""
    side = max(SIZE * 2, *glyph.shape)
    square = np.zeros((side, side), np.uint8)
    square[: glyph.shape[0], : glyph.shape[1]] = glyph
    return square


if __name__ == "__main__":
    main()
