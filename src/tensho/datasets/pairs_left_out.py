"""Which of the characters that were asked for are not in a set of pairs, and why; and which are not trained on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from tensho.errors import TenshoError
from tensho.fonts.source import is_ideograph
from tensho.split import split_of
from tensho.text.meanings import meanings

__all__ = ["LeftOut", "left_out"]


_NAMED = 40
"""Characters that a line names; JSON has all."""


class LeftOut(NamedTuple):
    """Characters in the order of their code points.

    reasons: those that have no pictures, by why they have none; held_out: those that have pictures and are never trained on,
    by their split.
    """

    reasons: dict[str, str]
    held_out: dict[str, str]

    def __str__(self) -> str:
        missing = [f"{_few(characters)} ({reason})" for reason, characters in self.reasons.items()]
        held = [f"{_few(characters)} for {split}" for split, characters in self.held_out.items()]
        lines = [f"left out: {', '.join(missing)}"] if missing else []
        return "\n".join([*lines, f"never trained on: {', '.join(held)}"] if held else lines)


def left_out(folder: Path, characters: str | None) -> LeftOut:
    """Compare a finished set with what was asked for; None: every character that has a meaning.

    The split by character is the rule of the whole set, so without ``characters`` it is not repeated here.

    Raises:
        TenshoError: the set is damaged.
    """
    drawn: set[str] = set()
    try:
        for metadata in folder.glob("*/metadata.jsonl"):
            lines = metadata.read_text(encoding="utf-8").splitlines()
            drawn.update(json.loads(line)["character"] for line in lines)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TenshoError(f"{folder} is damaged; make the pairs again with --force") from error
    known = meanings()
    asked = (
        {c for c in known if len(c) == 1 and is_ideograph(ord(c))} if characters is None else set(characters)
    )
    reasons: dict[str, str] = {}
    for character in sorted(asked - drawn):
        if not character.isspace() and character.isprintable():
            reason = _reason(character, character in known)
            reasons[reason] = reasons.get(reason, "") + character
    held_out = {} if characters is None else _held_out(asked & drawn)
    return LeftOut(reasons, held_out)


def _reason(character: str, has_meaning: bool) -> str:
    if not is_ideograph(ord(character)):
        return "no Chinese character"
    return "no face has it" if has_meaning else "no English meaning known"


def _held_out(characters: set[str]) -> dict[str, str]:
    by_split = {
        split: "".join(sorted(c for c in characters if split_of(c) == split))
        for split in ("validation", "test")
    }
    return {split: held for split, held in by_split.items() if held}


def _few(characters: str) -> str:
    more = len(characters) - _NAMED
    return characters if more <= 0 else f"{characters[:_NAMED]} and {more:,} more"
