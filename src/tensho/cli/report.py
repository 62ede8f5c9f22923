"""How commands speak: results on stdout, progress on stderr and only to a person."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tensho.sheet import Sheet

__all__ = ["print_json", "print_markdown", "print_table", "progress_bar", "show"]

MOST_SHOWN = 64
"""Glyphs that the terminal shows; the file holds them all."""


def print_json(value: Any) -> None:
    """Print JSON for a program to read."""
    print(json.dumps(value, ensure_ascii=False, indent=2))


def print_markdown(text: str) -> None:
    """Print Markdown, rendered where stdout is a terminal."""
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.markdown import Markdown

        Console().print(Markdown(text))
    else:
        print(text)


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table; numbers are set to the right."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    rows = list(rows)
    for k, column in enumerate(columns):
        numeric = all(row[k][:1].isdigit() for row in rows)
        table.add_column(column, justify="right" if numeric else "left")
    for row in rows:
        table.add_row(*row)
    Console().print(table)


@contextmanager
def progress_bar(title: str, *, total: int, quiet: bool = False) -> Iterator[Callable[[int], None]]:
    """A progress bar with an estimate of the time left; yields the function that advances it."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=quiet or not console.is_terminal) as progress:
        task = progress.add_task(title, total=total)
        yield lambda count: progress.advance(task, count)


def show(sheet: Sheet) -> None:
    """Draw the sheet in the terminal, if stdout is one that can show it."""
    if not sys.stdout.isatty() or "utf" not in (sys.stdout.encoding or "").lower():
        return
    from rich.console import Console

    from tensho.terminal import braille

    print(braille(sheet[:MOST_SHOWN], width=Console().width))
