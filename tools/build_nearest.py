"""Make the index of encoded characters that tensho ships, from the glyph set of the six default faces.

    python tools/build_nearest.py            (≈ 5 minutes on one core)

The projection is Fisher's linear discriminant of the training characters: it maximises the spread between characters over
that between the faces of one character. The index itself holds all characters, since it has to know them. A form (jp, sc,
tc: the mean of its sans and serif) gets a vector of its own where it is farther than ``TWIN`` from those that
the character has already. The thresholds come from validation characters.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import scipy.linalg
from numpy.typing import NDArray
from safetensors.numpy import save

from tensho.atomic import replaced_file
from tensho.datasets.glyph_set import GlyphSet, glyphs_folder, open_glyphs
from tensho.lookup.descriptor import LENGTH, describe
from tensho.lookup.index import SHIPPED, embed

DIMENSIONS = 128
RIDGE = 0.3
TWIN = 0.02
EXISTS_PERCENTILE, NEAR_PERCENTILE = 1, 10

Vectors = NDArray[np.float32]


def fisher(descriptions: Vectors, characters: NDArray[np.str_]) -> tuple[Vectors, Vectors]:
    """The mean (512,) of the characters' means, and the discriminant directions (512, 128), best first."""
    _, labels, counts = np.unique(characters, return_inverse=True, return_counts=True)
    means = np.zeros((len(counts), LENGTH), np.float64)
    np.add.at(means, labels, descriptions)
    means /= counts[:, None]
    within = np.cov((descriptions - means[labels]).T)
    between = np.cov(means.T)
    # The faces of the set vary less than those of the world: the ridge stands for what they do not show.
    within += RIDGE * np.trace(within) / LENGTH * np.eye(LENGTH)
    _, directions = scipy.linalg.eigh(between, within, subset_by_index=(LENGTH - DIMENSIONS, LENGTH - 1))
    # In row order, which is the only one that safetensors knows.
    return means.mean(axis=0).astype(np.float32), np.ascontiguousarray(directions[:, ::-1], np.float32)


def indexed(glyphs: GlyphSet, vectors: Vectors) -> tuple[Vectors, NDArray[np.uint32]]:
    """The vectors of the index (M, 128), and the code point of each."""
    forms = sorted({face.split("-")[-1] for face in glyphs.faces}, key=["sc", "jp", "tc"].index)
    kept: dict[int, list[Vectors]] = {}
    for form in forms:
        faces = [number for number, face in enumerate(glyphs.faces) if face.endswith(form)]
        mine = np.isin(glyphs.face_index, faces)
        code_points, labels = np.unique(glyphs.code_points[mine], return_inverse=True)
        sums = np.zeros((len(code_points), DIMENSIONS), np.float32)
        np.add.at(sums, labels, vectors[mine])
        sums /= np.linalg.norm(sums, axis=1, keepdims=True)
        for code_point, vector in zip(code_points.tolist(), sums, strict=True):
            known = kept.setdefault(code_point, [])
            if all(1 - vector @ other > TWIN for other in known):
                known.append(vector)
    code_points = np.array([code_point for code_point, own in kept.items() for _ in own], np.uint32)
    return np.stack([vector for own in kept.values() for vector in own]), code_points


def calibrated(
    glyphs: GlyphSet, vectors: Vectors, index: Vectors, code_points: NDArray[np.uint32]
) -> Vectors:
    """How near each validation glyph comes to the characters that are not in the validation split, (N,)."""
    validation = glyphs.split("validation")
    others = index[~np.isin(code_points, glyphs.code_points[validation])]
    parts = np.array_split(vectors[validation], 32)
    return np.concatenate([1 - (part @ others.T).max(axis=1) for part in parts])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--glyphs", type=Path, default=glyphs_folder(64), help="the glyph set, at 64 px")
    parser.add_argument("--out", type=Path, default=SHIPPED)
    arguments = parser.parse_args()
    glyphs = open_glyphs(arguments.glyphs)
    parts = [describe(np.asarray(glyphs.images[i : i + 4096])) for i in range(0, len(glyphs), 4096)]
    descriptions = np.concatenate(parts)
    train = glyphs.split("train")
    mean, projection = fisher(descriptions[train], glyphs.characters[train])
    # What is shipped is what is calibrated.
    projection = projection.astype(np.float16)
    vectors = embed(descriptions, mean, projection.astype(np.float32))
    index, code_points = indexed(glyphs, vectors)
    order = np.argsort(code_points, kind="stable")
    index, code_points = index[order], code_points[order]
    distances = calibrated(glyphs, vectors, index, code_points)
    exists, near = np.percentile(distances, [EXISTS_PERCENTILE, NEAR_PERCENTILE])
    quantised = np.rint(index * (127 / np.abs(index).max(axis=1, keepdims=True))).astype(np.int8)
    tensors = {
        "mean": mean,
        "projection": projection,
        "vectors": quantised,
        "code_points": code_points,
    }
    metadata = {
        "exists": f"{exists:.4f}",
        "near": f"{near:.4f}",
        "glyph_set": glyphs.digest,
        "faces": ", ".join(glyphs.faces),
        "licence": "computed from Noto fonts, SIL Open Font License 1.1",
    }
    with replaced_file(arguments.out) as temporary:
        temporary.write_bytes(save(tensors, metadata))
    print(
        f"{len(np.unique(code_points)):,} characters, {len(index):,} vectors, {arguments.out.stat().st_size / 1e6:.1f} MB"
    )
    print(f"exists below {exists:.4f}, near copy below {near:.4f}")


if __name__ == "__main__":
    main()
