"""Lines of source code, found by what is in them."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable
from typing import Any


def bare_source(of: Callable[..., Any] | type) -> str:
    """The source of a function or class without its docstring."""
    lines = textwrap.dedent(inspect.getsource(of)).splitlines()
    documented = inspect.getdoc(of)
    if not documented:
        return "\n".join(lines)
    first = next(k for k, line in enumerate(lines) if line.lstrip().startswith(('"""', 'r"""')))
    one_line = lines[first].rstrip().endswith('"""') and lines[first].count('"""') == 2
    last = (
        first
        if one_line
        else next(k for k in range(first + 1, len(lines)) if lines[k].rstrip().endswith('"""'))
    )
    return "\n".join(lines[:first] + lines[last + 1 :])


def lines_with(of: Callable[..., Any] | type, piece: str) -> tuple[str, int]:
    """The line of a function or class that holds ``piece``, or the lines in a row that hold its lines, and the first one's number.

    Raises:
        ValueError: there is no such line, or several: then a text about it is no longer true to the code.
    """
    lines, first = inspect.getsourcelines(of)
    wanted = [part.strip() for part in piece.strip().splitlines()]
    found = [
        k
        for k in range(len(lines) - len(wanted) + 1)
        if all(part in lines[k + j] for j, part in enumerate(wanted))
    ]
    if len(found) != 1:
        raise ValueError(f"{getattr(of, '__qualname__', of)} has {len(found)} lines with {piece!r}, not one")
    some = lines[found[0] : found[0] + len(wanted)]
    return textwrap.dedent("".join(some)).rstrip(), first + found[0]
