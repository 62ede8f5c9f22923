"""What can be drawn in the hand of a few characters, such as scans in a folder: how alike it is, and what would help most."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tensho.composition.outlines.composer import OutlineComposer
from tensho.composition.outlines.next_characters import NextCharacter, next_characters
from tensho.composition.outlines.segmentation import cut_tree
from tensho.composition.outlines.store import cut_face, nearest_style, open_composer
from tensho.errors import TenshoError
from tensho.fonts.coverage.repertoires import repertoire
from tensho.fonts.em_square import in_square
from tensho.fonts.faces import Face
from tensho.fonts.outlines import Outline
from tensho.text.meanings import meanings

__all__ = ["HeldBack", "Survey", "survey"]

_SIZE = 128
_FOLDS, _LARGE = (20, 5), 100
"""Times that the face is cut without some of its characters: each alone while they are few, a fifth of many."""

_MOST, _NEXT = 100, 10  # characters that are held back in all, and that are named as next
_LISTS = {"jp": "joyo", "sc": "gb2312-l1", "tc": "big5-l1"}
"""The characters that are to be had first, by the region of the nearest style."""


@dataclass(frozen=True)
class HeldBack:
    """A character that was drawn without itself.

    Attributes:
        character: which.
        distance: differing ink, as a share of the true character's ink.
        borrowed: the same where all parts are the nearest style's.
        own: whether a part of it is the face's own.
    """

    character: str
    distance: float
    borrowed: float
    own: bool


@dataclass(frozen=True)
class Survey:
    """What is to be expected of a face.

    Attributes:
        characters: how many it has.
        parts: how many parts could be cut out of them.
        like: the shipped style that it is taken to be like, of which comes what it lacks.
        held_back: characters that were drawn without themselves.
        next: characters that would help most.
        wanted: name of the list that these are of.
    """

    characters: int
    parts: int
    like: str
    held_back: tuple[HeldBack, ...]
    next: tuple[NextCharacter, ...]
    wanted: str

    @property
    def distance(self) -> float:
        """The median of the held back characters'; not a number without any."""
        return float(np.median([one.distance for one in self.held_back])) if self.held_back else float("nan")

    @property
    def borrowed(self) -> float:
        """The median where all parts are the nearest style's."""
        return float(np.median([one.borrowed for one in self.held_back])) if self.held_back else float("nan")

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        return {
            "characters": self.characters,
            "parts": self.parts,
            "like": self.like,
            "distance": None if not self.held_back else round(self.distance, 4),
            "borrowed": None if not self.held_back else round(self.borrowed, 4),
            "held_back": [
                {
                    "character": one.character,
                    "distance": round(one.distance, 4),
                    "borrowed": round(one.borrowed, 4),
                    "own": one.own,
                }
                for one in self.held_back
            ],
            "next": [one._asdict() for one in self.next],
            "wanted": self.wanted,
        }


def survey(face: Face, progress: Callable[[int, int], None] | None = None) -> Survey:
    """Draw a face's own characters without themselves, and find what it lacks most.

    Args:
        face: a face of few characters.
        progress: told the characters that are done and all to do.

    Raises:
        TenshoError: the face has no outlines.
    """
    reader = face.outlines()
    style = nearest_style(reader)
    composer = open_composer(face)
    if composer is None:
        raise TenshoError(f"{face.path.name} has no outlines; give scans, or a font with outlines")
    wanted = _LISTS[style.partition("-")[2]]
    known = meanings()
    lacking = [char for char in repertoire(wanted).characters if char not in reader.characters]
    return Survey(
        characters=len(reader.characters),
        parts=len(composer.inventory.forms),
        like=style,
        held_back=_held_back(face, style, progress),
        next=tuple(
            next_characters(
                composer.inventory.forms,
                lacking,
                lambda char: known[char].commonness if char in known else 0.1,
                _NEXT,
            )
        ),
        wanted=wanted,
    )


def _held_back(face: Face, style: str, progress: Callable[[int, int], None] | None) -> tuple[HeldBack, ...]:
    reader = face.outlines()
    with_parts = sorted(char for char in reader.characters if cut_tree(char) is not None)
    count = _FOLDS[len(with_parts) > _LARGE]
    folds = [with_parts[k::count] for k in range(min(count, len(with_parts)))]
    each = max(1, _MOST // max(len(folds), 1))
    alone = OutlineComposer(
        cut_face(face, allowed=lambda _: False, like=style), lambda _: True, _opener(style)
    )
    found: list[HeldBack] = []
    for k, fold in enumerate(folds):
        held = frozenset(fold)
        cut = cut_face(face, allowed=lambda char, held=held: char not in held, like=style)  # type: ignore[misc]
        without = OutlineComposer(cut, held.__contains__, _opener(style))
        found += filter(None, (_compared(reader.outline(char), char, without, alone) for char in fold[:each]))
        if progress is not None:
            progress(k + 1, len(folds))
    return tuple(found)


def _opener(style: str) -> Callable[[], OutlineComposer | None]:
    return lambda: open_composer(style)


def _compared(
    truth: Outline | None, char: str, without: OutlineComposer, alone: OutlineComposer
) -> HeldBack | None:
    if truth is None:
        return None
    try:
        drawn, borrowed = without.compose(char), alone.compose(char)
    except TenshoError:  # a part that no face at hand has
        return None
    em = without.inventory.em
    true, *others = (
        in_square(outline, em, _SIZE).astype(float) / 255
        for outline in (truth, drawn.outline, borrowed.outline)
    )
    distance, lent = (float(np.abs(true - other).sum() / true.sum()) for other in others)
    return HeldBack(char, distance, lent, bool(drawn.donors))


def told(found: Survey) -> Sequence[str]:
    """The survey in lines of plain words."""
    lines = [
        f"{found.characters} characters, of which {found.parts} parts could be cut; what is lacking comes of {found.like}"
    ]
    if found.held_back:
        own = sum(one.own for one in found.held_back)
        lines.append(
            f"{len(found.held_back)} characters drawn without themselves, {own} of them with parts of this hand, differ from "
            f"the true ones by {found.distance:.2f} of their ink (median); with parts of {found.like} alone by "
            f"{found.borrowed:.2f}; 0 is the same, 1 and more another character"
        )
    else:
        lines.append(
            "none of its characters can be drawn without itself, so nobody can say how alike others will be"
        )
    if found.next:
        some = ", ".join(
            f"{one.character} ({' '.join(one.parts[:2])}: {one.helps} others)" for one in found.next
        )
        lines.append(f"drawn next, these would help most to have {found.wanted}: {some}")
    return lines
