"""How often `tensho describe` is right on characters that no reader has learned: the whole, the operator on top, each part.

    python -m benchmarks.describe [--model reader] [--default NAME …] [--face [NAME=]FONT …] [-n 1000] [--photographs]

Characters are those of the test split whose structure is known, the same random ones in all faces. Two
descriptions are one structure if their canonical forms are (⿲abc is ⿰a⿰bc, 胡 is ⿰古月). The limit in the last column is how
many have only parts that the reader's vocabulary holds.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.pictures_of_glyphs import drawn, photographed
from tensho.api.describe import DEFAULT_READER, Description, describe_glyphs, reader_named
from tensho.fonts.faces import default_faces, load_face
from tensho.fonts.ink_picture import ink_of
from tensho.ids.canonical import canonical
from tensho.ids.decomposition import decompositions, same_strokes
from tensho.ids.spelling import spelled
from tensho.ids.syntax import ARITY, Arrangement, Tree, leaves, parse, to_string
from tensho.split import split_of

_CHAIN = {"⿲": "⿰", "⿳": "⿱"}
_K = 5


def held_out() -> list[str]:
    """Characters of known structure that no reader is trained on, in random order."""
    found = [
        char for char in decompositions() if split_of(char) == "test" and len(to_string(spelled(char))) > 1
    ]
    return [found[k] for k in np.random.default_rng(0).permutation(len(found))]


def forms(char: str) -> set[str]:
    """The canonical forms that count as this character's."""
    return {to_string(canonical(tree)) for tree in (char, spelled(char))}


def operator(tree: Tree) -> str:
    """What is on top; a row of three is a row."""
    return _CHAIN.get(tree.operator, tree.operator) if isinstance(tree, Arrangement) else ""


def parts(tree: Tree) -> Counter[str]:
    """The parts as which a tree is spelled; those of the same strokes are one."""
    return Counter(same_strokes(leaf) or leaf for leaf in leaves(spelled(tree)))


def row(
    name: str, characters: Sequence[str], answers: Sequence[Sequence[Description]], symbols: frozenset[str]
) -> str:
    """One row of the table."""
    whole, within, top, share, sure, limit = [], [], [], [], [], []
    for char, answer in zip(characters, answers, strict=True):
        truth, known = spelled(char), forms(char)
        right = [to_string(canonical(parse(one.ids))) in known for one in answer]
        first = parse(answer[0].ids)
        whole.append(right[0])
        within.append(any(right))
        top.append(right[0] or operator(first) in {operator(truth), operator(canonical(char))})
        found, wanted = parts(first), parts(truth)
        share.append(1.0 if right[0] else (found & wanted).total() / wanted.total())
        sure.append(answer[0].probability)
        limit.append(symbols.issuperset(to_string(truth)))
    sure_ones = np.array(sure) > 0.9
    agreed = np.mean(np.array(whole)[sure_ones]) if sure_ones.any() else np.nan
    return (
        f"{name:30} {len(whole):5}  {np.mean(whole):6.1%}  {np.mean(within):6.1%}  {np.mean(top):8.1%}  {np.mean(share):6.1%}  "
        f"{np.mean(sure):9.2f}  {sure_ones.mean():6.1%}  {agreed:6.1%}  {np.mean(limit):6.1%}"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", default=DEFAULT_READER)
    parser.add_argument("--default", nargs="*", help="those of the default faces to measure; all unless said")
    parser.add_argument("--face", nargs="*", default=[], help="fonts that the reader has not seen")
    parser.add_argument("-n", type=int, default=1000)
    parser.add_argument("--photographs", action="store_true")
    arguments = parser.parse_args()
    symbols = frozenset(reader_named(arguments.model).config.symbols)
    named = [font.rpartition("=") for font in arguments.face]
    chosen = [face for face in default_faces() if arguments.default is None or face.name in arguments.default]
    faces = [*chosen, *(load_face(file, name=name or None) for name, _, file in named)]
    characters = held_out()
    print(
        f"{'':30} chars   whole  in five  operator    part  mean prob  p > .9   right   limit  ({len(ARITY)} operators)"
    )
    for face in faces:
        shown_characters, glyphs = drawn(face, characters, arguments.n)
        kinds: list[tuple[str, list[NDArray[np.uint8]]]] = [(face.name, glyphs)]
        if arguments.photographs:
            taken = [ink_of(photographed(glyph, k)) for k, glyph in enumerate(glyphs)]
            kinds.append((f"{face.name}, photographed", taken))
        for name, shown in kinds:
            print(
                row(name, shown_characters, describe_glyphs(shown, _K, model=arguments.model), symbols),
                flush=True,
            )


if __name__ == "__main__":
    main()
