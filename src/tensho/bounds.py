"""What is asked for, checked before anything is made: a number that costs memory or time has a largest value, a text is one."""

from __future__ import annotations

import operator
import os

from tensho.errors import TenshoError

__all__ = [
    "MOST_PIXELS",
    "MOST_PROCESSES",
    "MOST_STEPS",
    "check_place",
    "check_text",
    "check_total",
    "check_whole",
]

MOST_STEPS = 1_024
"""Of sampling: as many as the longest noising chain has; more improve nothing."""

MOST_PIXELS = 1 << 31
"""Of all glyphs of one call together: 8 GB as float32."""

MOST_PROCESSES = 1_024
"""Or threads."""


def check_whole(name: str, value: object, least: int, most: int | None = None) -> None:
    """Raise `TenshoError` unless ``value`` is a whole number from ``least`` to ``most``, which None leaves open.

    Args:
        name: what the user calls it, such as ``--steps``.
    """
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError as error:
        raise TenshoError(f"{name} is {value!r}, but must be a whole number") from error
    if number < least or (most is not None and number > most):
        wanted = f"at least {least:,}" if most is None else f"{least:,} to {most:,}"
        raise TenshoError(f"{name} is {number:,}, but must be {wanted}")


def check_total(count: int, side: int) -> None:
    """Raise `TenshoError` if ``count`` glyphs of ``side`` × ``side`` pixels are more than fit into memory."""
    if count * side * side > MOST_PIXELS:
        raise TenshoError(
            f"{count:,} glyphs of {side} pixels take {count * side * side * 4 / 1e9:,.0f} GB; "
            f"ask for {max(MOST_PIXELS // side**2, 1):,} at once, or for smaller ones"
        )


def check_text(what: str, value: object) -> None:
    """Raise `TenshoError` unless ``value`` is a text; ``what`` is what it should say."""
    if not isinstance(value, str):
        raise TenshoError(f"{value!r} is no text; give {what}")


def check_place(what: str, value: object) -> None:
    """Raise `TenshoError` unless ``value`` can be the path of a file."""
    if not isinstance(value, (str, os.PathLike)):
        raise TenshoError(f"{value!r} is no path; give {what}")
