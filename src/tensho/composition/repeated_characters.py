"""Characters that are encoded twice and look alike are drawn as the font draws them once.

KS X 1001 has 268 characters again for another reading, Big5 has two by mistake; Unicode keeps them as compatibility
ideographs (U+F900 to U+FA0D). Those that JIS X 0213 took for the old forms of characters, such as 廊, do look
different and are composed like any other one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from tensho.composition.attempts import Composed, GlyphComposer
from tensho.fonts.coverage.repertoires import repertoire
from tensho.fonts.outlines import Outline
from tensho.fonts.placed_part import PlacedPart

__all__ = ["RUNG", "RepeatingComposer", "repeated"]

RUNG = "same character"
_FIRST, _LAST = 0xF900, 0xFA0D


class RepeatingComposer:
    """A composer that composes nothing that the font has under another code point.

    Args:
        composer: for all else.
        outline_of: the font's own outlines, by character.
    """

    def __init__(self, composer: GlyphComposer, outline_of: Callable[[str], Outline | None]) -> None:
        self._composer, self._outline_of = composer, outline_of

    def compose(self, character_or_ids: str, /) -> Composed:
        """Compose a character.

        Raises:
            TenshoError: it cannot be composed, with the reason.
        """
        once = repeated(character_or_ids)
        outline = None if once is None else self._outline_of(once)
        if once is None or outline is None:
            return self._composer.compose(once or character_or_ids)
        return _Repeated(outline, RUNG, 1.0, (once,))


class _Repeated(NamedTuple):
    outline: Outline
    rung: str
    confidence: float
    donors: tuple[str, ...]
    parts: tuple[PlacedPart, ...] = ()


def repeated(text: str) -> str | None:
    """The character that a compatibility ideograph repeats; None if it repeats none, or an older form of one."""
    if len(text) != 1 or not _FIRST <= ord(text) <= _LAST or text in _older_forms():
        return None
    return unicodedata.normalize("NFC", text)


@cache
def _older_forms() -> frozenset[str]:
    return frozenset(char for char in repertoire("jis2004").characters if _FIRST <= ord(char) <= _LAST)
