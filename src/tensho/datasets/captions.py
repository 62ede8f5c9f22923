"""English captions for pictures of characters: meaning and style, from a few templates.

People prompt with a bare word ("gold") as well as with a sentence, so both are captions, and the look of the
letters ("in Japanese serif type") is named in some of them only: a prompt may leave it to the model or ask for it.
"""

from __future__ import annotations

import hashlib

from tensho.text.meanings import Meaning

__all__ = ["TEMPLATES", "caption", "captioned_meaning", "character_number", "style_phrase"]

TEMPLATES = (
    "{meaning}",
    "a Chinese character that means {meaning}, {style}",
    "{meaning}, {style}",
    "a Chinese character that means {meaning}",
    "the character for {meaning}, black on white, {style}",
)

MOST_JOINED = 4
"""Glosses that one caption names; the text encoder of Stable Diffusion reads 77 tokens."""

_LETTERS = {"sans": "sans-serif", "serif": "serif"}
_REGIONS = {"jp": "Japanese", "sc": "mainland Chinese", "tc": "Taiwanese"}


def character_number(character: str) -> int:
    """A number that varies from character to character, to choose for each in a way that repeats."""
    return int.from_bytes(hashlib.sha256(f"pairs/{character}".encode()).digest()[:8], "big")


def style_phrase(face: str) -> str:
    """How a default face or a pen looks, as a caption says it.

    >>> style_phrase("serif-jp"), style_phrase("strokes-fine")
    ('in Japanese serif type', 'written with a fine pen')
    """
    kind, _, variety = face.partition("-")
    if kind == "strokes":
        return f"written with a {variety} pen"
    return f"in {_REGIONS[variety]} {_LETTERS[kind]} type"


def captioned_meaning(meaning: Meaning, row: int, rows: int) -> str:
    """What picture ``row`` of the ``rows`` pictures of a character is said to mean.

    Each picture has a gloss of its own, the primary one first; where glosses are left over, the last picture
    names several at once, and where there are too few, the primary one comes again.
    """
    glosses = meaning.glosses
    if row == rows - 1 and rows < len(glosses):
        return ", ".join(glosses[:MOST_JOINED])
    return glosses[row] if row < len(glosses) else glosses[0]


def caption(character: str, row: int, meaning: str, style: str) -> str:
    """One line of text for picture ``row`` of a character; its first five pictures have different templates."""
    template = TEMPLATES[(character_number(character) + row) % len(TEMPLATES)]
    return template.format(meaning=meaning, style=style)
