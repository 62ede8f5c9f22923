"""Compatibility ideographs, which Unicode has beside the unified ones for the sake of older sets."""

from __future__ import annotations

import unicodedata

__all__ = ["folded", "is_compatibility"]


def is_compatibility(char: str) -> bool:
    """Whether a character is another code point's double: U+F900 is 豈, but 﨎 (U+FA0E) is a character of its own."""
    return ("\uf900" <= char <= "\ufaff" or "\U0002f800" <= char <= "\U0002fa1f") and folded(char) != char


def folded(char: str) -> str:
    """The unified ideograph of a compatibility ideograph; any other character as it is."""
    if "\uf900" <= char <= "\ufaff" or "\U0002f800" <= char <= "\U0002fa1f":
        return unicodedata.normalize("NFC", char)  # their decompositions are canonical
    return char
