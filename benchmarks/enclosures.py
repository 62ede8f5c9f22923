"""Does a part open to take another in? Drafts of training characters with it around the other, and next to it.

    python -m benchmarks.enclosures          (≈ half a minute on one core)

Prints a line for each enclosing part: its characters, the mean L1 of drafts in three faces both ways, as a share of
the true ink, and what `tensho.ids.enclosures` says. Where the two are equal, what is legible counts: 虍 goes above.
"""

from __future__ import annotations

from collections import defaultdict
from unittest.mock import patch

import numpy as np

from tensho.composition.bitmaps.draft import Drafter, drafter
from tensho.errors import TenshoError
from tensho.fonts.faces import default_faces
from tensho.fonts.source import GlyphRenderer
from tensho.ids.decomposition import decompositions, expand
from tensho.ids.enclosures import ENCLOSURES, opens, put_next_to
from tensho.ids.syntax import Arrangement, Tree
from tensho.split import split_of

SIZE, MOST = 64, 24
FACES = ("sans-sc", "serif-sc", "sans-jp")

Pair = tuple[str, str]


def enclosing_pairs(tree: Tree) -> set[Pair]:
    """The operators of a tree that enclose, each with the part that does."""
    if isinstance(tree, str):
        return set()
    found = {pair for child in tree.children for pair in enclosing_pairs(child)}
    first = tree.children[0]
    if tree.operator in ENCLOSURES and isinstance(first, str):
        found.add((tree.operator, first))
    return found


def beside(tree: Tree, pair: Pair) -> Tree:
    """The tree with one enclosing part next to what it encloses."""
    if isinstance(tree, str):
        return tree
    children = tuple(beside(child, pair) for child in tree.children)
    if (tree.operator, children[0]) == pair:
        return put_next_to(tree.operator, *children)
    return Arrangement(tree.operator, children)


def distance(pen: Drafter, renderer: GlyphRenderer, character: str, tree: Tree) -> float | None:
    """L1 of a character's draft as a share of its ink; None if the face lacks it or a part of it."""
    glyph = renderer.render(character)
    if glyph is None:
        return None
    try:
        draft = pen.draft(tree, SIZE, without=character)
    except TenshoError:
        return None
    return float(np.abs(draft.astype(np.float64) - glyph).sum() / glyph.sum())


def main() -> None:
    characters: dict[Pair, list[str]] = defaultdict(list)
    for character in decompositions():
        if split_of(character) == "train":
            for pair in enclosing_pairs(expand(character)):
                characters[pair].append(character)
    pens = [(drafter(face.name), face.renderer(SIZE)) for face in default_faces() if face.name in FACES]
    for (operator, part), all_of_it in sorted(
        characters.items(), key=lambda item: (item[0][0], -len(item[1]))
    ):
        around, near = [], []
        for character in all_of_it[:MOST]:
            tree = expand(character)
            for pen, renderer in pens:
                with patch("tensho.ids.decomposition.opens", return_value=True):
                    one = distance(pen, renderer, character, tree)
                    other = distance(pen, renderer, character, beside(tree, (operator, part)))
                if one is not None and other is not None:
                    around.append(one)
                    near.append(other)
        if around:
            print(
                f"{operator}{part}  {len(all_of_it):4d} characters   around {np.mean(around):.3f}   "
                f"next to {np.mean(near):.3f}   {'opens' if opens(operator, part) else 'goes next to it'}"
            )


if __name__ == "__main__":
    main()
