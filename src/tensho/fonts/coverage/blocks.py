"""Blocks of ideographs in Unicode 17, and the version of Unicode since which each character is encoded.

Facts of ``Blocks.txt`` and ``DerivedAge.txt`` of the Unicode Character Database; assigned code points alone.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

__all__ = ["RANGES", "EncodedRange", "encoded", "is_encoded_ideograph", "short_name"]

_UNIFIED = "CJK Unified Ideographs"
_COMPATIBILITY = "CJK Compatibility Ideographs"


class EncodedRange(NamedTuple):
    """Consecutive code points of one block that were encoded at once."""

    first: int
    last: int
    block: str
    since: str


RANGES = tuple(
    EncodedRange(first, last, block, since)
    for block, parts in {
        "CJK Radicals Supplement": [(0x2E80, 0x2E99, "3.0"), (0x2E9B, 0x2EF3, "3.0")],
        "Kangxi Radicals": [(0x2F00, 0x2FD5, "3.0")],
        "CJK Symbols and Punctuation": [(0x3005, 0x3007, "1.1")],
        f"{_UNIFIED} Extension A": [(0x3400, 0x4DB5, "3.0"), (0x4DB6, 0x4DBF, "13.0")],
        _UNIFIED: [
            (0x4E00, 0x9FA5, "1.1"),
            (0x9FA6, 0x9FBB, "4.1"),
            (0x9FBC, 0x9FC3, "5.1"),
            (0x9FC4, 0x9FCB, "5.2"),
            (0x9FCC, 0x9FCC, "6.1"),
            (0x9FCD, 0x9FD5, "8.0"),
            (0x9FD6, 0x9FEA, "10.0"),
            (0x9FEB, 0x9FEF, "11.0"),
            (0x9FF0, 0x9FFC, "13.0"),
            (0x9FFD, 0x9FFF, "14.0"),
        ],
        _COMPATIBILITY: [
            (0xF900, 0xFA2D, "1.1"),
            (0xFA2E, 0xFA2F, "6.1"),
            (0xFA30, 0xFA6A, "3.2"),
            (0xFA6B, 0xFA6D, "5.2"),
            (0xFA70, 0xFAD9, "4.1"),
        ],
        f"{_UNIFIED} Extension B": [
            (0x20000, 0x2A6D6, "3.1"),
            (0x2A6D7, 0x2A6DD, "13.0"),
            (0x2A6DE, 0x2A6DF, "14.0"),
        ],
        f"{_UNIFIED} Extension C": [
            (0x2A700, 0x2B734, "5.2"),
            (0x2B735, 0x2B738, "14.0"),
            (0x2B739, 0x2B739, "15.0"),
            (0x2B73A, 0x2B73F, "17.0"),
        ],
        f"{_UNIFIED} Extension D": [(0x2B740, 0x2B81D, "6.0")],
        f"{_UNIFIED} Extension E": [(0x2B820, 0x2CEA1, "8.0"), (0x2CEA2, 0x2CEAD, "17.0")],
        f"{_UNIFIED} Extension F": [(0x2CEB0, 0x2EBE0, "10.0")],
        f"{_UNIFIED} Extension I": [(0x2EBF0, 0x2EE5D, "15.1")],
        f"{_COMPATIBILITY} Supplement": [(0x2F800, 0x2FA1D, "3.1")],
        f"{_UNIFIED} Extension G": [(0x30000, 0x3134A, "13.0")],
        f"{_UNIFIED} Extension H": [(0x31350, 0x323AF, "15.0")],
        f"{_UNIFIED} Extension J": [(0x323B0, 0x33479, "17.0")],
    }.items()
    for first, last, since in parts
)
"""In the order of their code points."""

_STARTS = [span.first for span in RANGES]


def encoded(char: str) -> EncodedRange | None:
    """Where an ideograph or a radical is encoded; None for any other character and for code points without one."""
    code = ord(char)
    place = bisect_right(_STARTS, code) - 1
    return RANGES[place] if place >= 0 and code <= RANGES[place].last else None


def is_encoded_ideograph(char: str) -> bool:
    """Whether Unicode 17 has an ideograph at this code point; radicals are none."""
    span = encoded(char)
    return span is not None and span.first >= 0x3005


def short_name(span: EncodedRange) -> str:
    """The block without what all blocks are called: "Extension C", "URO" for the first one."""
    if span.block == _UNIFIED:
        return "URO"
    return span.block.removeprefix("CJK Unified Ideographs ").removeprefix("CJK ")
