"""Composing many characters, one after the other; what cannot be composed is noted and passed over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from tensho.errors import TenshoError
from tensho.fonts.outlines import Outline
from tensho.fonts.placed_part import PlacedPart

__all__ = ["Attempt", "Composed", "GlyphComposer", "Known", "attempt_all"]


class Composed(Protocol):
    """What a composer makes of a character."""

    @property
    def outline(self) -> Outline:
        """Contours in font units."""

    @property
    def rung(self) -> str:
        """Which rung of the ladder of donors it needed."""

    @property
    def confidence(self) -> float:
        """In [0, 1]."""

    @property
    def donors(self) -> tuple[str, ...]:
        """Characters of the font that it was made from."""

    @property
    def parts(self) -> tuple[PlacedPart, ...]:
        """Those of its parts that were moved and not fitted."""


class GlyphComposer(Protocol):
    """Composes characters of one font's outlines."""

    def compose(self, character_or_ids: str, /) -> Composed:
        """Compose a character.

        Raises:
            TenshoError: it cannot be composed, with the reason.
        """


@dataclass(frozen=True)
class Attempt:
    """What came of composing a character: an outline, or a reason why there is none.

    Attributes:
        text: the character, or the description of one that is not encoded.
        outline: contours in font units; None if it could not be composed.
        rung: which rung of the ladder of donors it needed, "" without an outline.
        confidence: in [0, 1].
        donors: characters of the font that it was made from.
        reason: why it could not be composed, "" with an outline.
        parts: those of its parts that were moved and not fitted.
    """

    text: str
    outline: Outline | None
    rung: str = ""
    confidence: float = 0.0
    donors: tuple[str, ...] = ()
    reason: str = ""
    parts: tuple[PlacedPart, ...] = ()


class Known(Protocol):
    """Attempts that were made before."""

    def __contains__(self, text: str, /) -> bool: ...
    def __getitem__(self, text: str, /) -> Attempt: ...

    def add(self, attempt: Attempt, /) -> None:
        """Keep another one."""


def attempt_all(
    texts: Sequence[str],
    composer: Callable[[], GlyphComposer],
    known: Known | None = None,
    progress: Callable[[int, int], object] = lambda *_: None,
) -> list[Attempt]:
    """Compose characters.

    Args:
        texts: characters and descriptions.
        composer: made only if there is one that is not known yet.
        known: attempts that need not be made again; new ones are added.
        progress: told after each how many are done, of how many.

    Returns:
        An attempt for each text, in their order.
    """
    attempts: list[Attempt] = []
    made: GlyphComposer | None = None
    for text in texts:
        if known is not None and text in known:
            attempt = known[text]
        else:
            made = made or composer()
            attempt = _attempt(made, text)
            if known is not None:
                known.add(attempt)
        attempts.append(attempt)
        progress(len(attempts), len(texts))
    return attempts


def _attempt(composer: GlyphComposer, text: str) -> Attempt:
    try:
        composed = composer.compose(text)
    except TenshoError as error:
        return Attempt(text, None, reason=str(error))
    if not len(composed.outline):
        return Attempt(text, None, reason="nothing of it was drawn")
    return Attempt(
        text, composed.outline, composed.rung, composed.confidence, composed.donors, parts=composed.parts
    )
