"""Smushing: which symbol two that fall on each other become (the FIGfont standard, section "Smushing rules")."""

from __future__ import annotations

from functools import lru_cache

from tensho.text.figlet_font import RULES, Layout

__all__ = ["smushed"]

_UNDER = "|/\\[]{}()<>"
"""Symbols that replace an underscore."""

_HIERARCHY = ("|", "/\\", "[]", "{}", "()", "<>")
"""Classes of symbols; of two classes the later one stays."""

_PAIRS = {"[]": "|", "][": "|", "{}": "|", "}{": "|", "()": "|", ")(": "|"}
_CROSSES = {"/\\": "|", "\\/": "Y", "><": "X"}


@lru_cache(maxsize=1 << 14)
def smushed(
    left: str, right: str, layout: Layout, *, hardblank: str | None = None, right_to_left: bool = False
) -> str | None:
    """The symbol that two become by the rules of a layout, or without any, by universal smushing; None: they stay two.

    Args:
        left, right: no blanks; "" is the second half of a wide character.
        layout: the rules; without `Layout.SMUSH` nothing is smushed.
        hardblank: the symbol that is shown as a blank.
        right_to_left: which of the two is the later one.
    """
    if Layout.SMUSH not in layout or not left or not right:
        return None
    if not layout & RULES:
        if hardblank in (left, right):
            return right if left == hardblank else left
        return left if right_to_left else right
    if hardblank in (left, right):
        return left if left == right and Layout.HARDBLANK in layout else None
    return _by_rules(left, right, layout)


def _by_rules(left: str, right: str, layout: Layout) -> str | None:
    pair = left + right
    if Layout.EQUAL in layout and left == right:
        return left
    if Layout.UNDERSCORE in layout:
        for under, over in ((left, right), (right, left)):
            if under == "_" and over in _UNDER:
                return over
    if Layout.HIERARCHY in layout:
        ranks = [
            next((rank for rank, group in enumerate(_HIERARCHY) if symbol in group), -1)
            for symbol in (left, right)
        ]
        if min(ranks) >= 0 and ranks[0] != ranks[1]:
            return left if ranks[0] > ranks[1] else right
    if Layout.PAIRS in layout and pair in _PAIRS:
        return _PAIRS[pair]
    if Layout.BIG_X in layout and pair in _CROSSES:
        return _CROSSES[pair]
    return None
