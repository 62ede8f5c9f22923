"""Output of the commands: JSON, tables and progress bars; results on stdout, progress on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from rich.progress import Task

    from tensho.api.draw_options import DrawOptions
    from tensho.api.tables import Line
    from tensho.sheet import Glyph, Sheet

__all__ = [
    "Progress",
    "drawn_from",
    "encoded",
    "prepare",
    "print_json",
    "print_lines",
    "print_markdown",
    "print_table",
    "progress_bar",
    "refused",
    "result_place",
    "show",
    "stage_bars",
    "told_of",
    "write_strokes",
]

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


class Progress:
    """Shows how far a task is, which calls it with what is done and all that is to do.

    Attributes:
        done, total: as it was told; 0 if there was nothing to do.
    """

    def __init__(self, show: Callable[[int, int], object], total: int = 0) -> None:
        self.done, self.total = 0, total
        self._show = show

    def __call__(self, done: int, total: int) -> None:
        """``done`` of ``total`` are done."""
        self.done, self.total = done, total
        self._show(done, total)

    def advance(self, count: int) -> None:
        """So many more are done."""
        self(self.done + count, self.total)


@contextmanager
def progress_bar(title: str, *, total: int | None = None, quiet: bool = False) -> Iterator[Progress]:
    """A progress bar with the speed and an estimate of the time left.

    Args:
        title: what is being done.
        total: how much there is to do; None: the task says so.
        quiet: show nothing.
    """
    if quiet or not sys.stderr.isatty():  # rich takes a tenth of a second to import
        yield Progress(lambda *_: None, total or 0)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar
    from rich.text import Text

    class Speed(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.finished_speed or task.speed or 0:,.0f}/s", style="progress.data.speed")

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Speed(), TimeRemainingColumn()
    )  # fmt: skip
    with Bar(*columns, console=console, transient=True) as bar:
        # Unseen until it is known how much there is to do, which may be nothing.
        task = bar.add_task(title, total=total, visible=total is not None)
        yield Progress(
            lambda done, total: bar.update(task, completed=done, total=total, visible=True), total or 0
        )


@contextmanager
def stage_bars(*, quiet: bool = False) -> Iterator[Callable[[str, int, int], None]]:
    """Progress bars for a task that goes through stages, one at a time: a function of the stage, what is done and all to do."""
    with ExitStack() as stack:
        bars: dict[str, Progress] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in bars:
                stack.close()
                bars[stage] = stack.enter_context(progress_bar(stage, total=total, quiet=quiet))
            bars[stage](done, total)

        yield show


@contextmanager
def result_place(out: Path, ending: str = ".png") -> Iterator[Path]:
    """Where a result is to be written: ``out``, or for "-" a file that goes to stdout when the block ends well.

    What is printed in the block goes to stderr then.
    """
    if str(out) != "-":
        yield out
        return
    from tempfile import TemporaryDirectory

    stdout = sys.stdout
    with TemporaryDirectory(prefix="tensho-") as folder:
        place = Path(folder) / f"out{ending}"
        with redirect_stdout(sys.stderr):
            yield place
        stdout.flush()
        stdout.buffer.write(place.read_bytes())


def prepare(options: DrawOptions, *, quiet: bool = False) -> None:
    """Cut a font that is drawn with for the first time, while a progress bar shows how far that is."""
    if not options.outlines or options.face is None:
        return
    from tensho.api.compose import source_of
    from tensho.api.drawing.outlines import prepare as cut

    with progress_bar("cutting the font", quiet=quiet) as bar:
        cut(source_of(options), bar)


def told_of(glyph: Glyph) -> dict[str, Any]:
    """What JSON says of how a glyph was drawn."""
    return {"rung": glyph.rung, "confidence": glyph.confidence, "donors": list(glyph.donors)}


def drawn_from(glyph: Glyph) -> str:
    """The same in words: "same slot of 濵 瀧, sure 0.82"."""
    if glyph.confidence is None:
        return f"painted by {glyph.model}"
    return f"{glyph.rung} of {' '.join(glyph.donors)}, sure {glyph.confidence:.2f}"


def encoded(glyph: Glyph) -> str:
    """Which character a glyph stands for, in words."""
    return f"is {glyph.character} (U+{ord(glyph.character):04X})" if glyph.character else "is in no table"


def print_lines(lines: Iterable[Line]) -> None:
    """Print what became of each line of a table."""
    for line in lines:
        told = line.why
        if line.glyph is not None:
            told = f"{line.glyph.ids} {encoded(line.glyph)}" + (f"; {told}" if told else "")
        print(f"line {line.number}: {line.outcome}: {told}")


def refused(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """What JSON says of the lines that could not be drawn."""
    return [
        {"line": line.number, "text": line.text, "why": line.why}
        for line in lines
        if line.outcome == "refused"
    ]


def write_strokes(
    sheet: Sheet,
    folder: Path | None,
    options: DrawOptions,
    titles: Sequence[str] = (),
    *,
    quiet: bool = False,
) -> dict[str, Any]:
    """Write how the glyphs of a sheet are written, if a folder is named, and say so; what JSON says of it, if anything."""
    if folder is None:
        return {}
    from tensho.api.strokes import ANIMATION_SIZE, ATTRIBUTION, export_strokes

    told = export_strokes(list(sheet), folder, titles=titles, size=options.size or ANIMATION_SIZE)
    if not quiet:
        for one in told:
            print(
                f"{one.text}  {one.strokes} strokes: {' '.join(one.kinds)}"
                if one.strokes
                else f"{one.text}  {one.why}"
            )
        print(f"strokes → {folder}. {ATTRIBUTION}")
    files = [
        {
            "text": one.text,
            "strokes": one.strokes,
            "kinds": list(one.kinds),
            "files": [str(path) for path in one.files],
            "why": one.why,
        }
        for one in told
    ]
    return {"strokes": files}


def show(sheet: Sheet) -> None:
    """Draw the sheet in the terminal, if stdout is one that can show it."""
    if not sys.stdout.isatty() or "utf" not in (sys.stdout.encoding or "").lower():
        return
    from rich.console import Console

    from tensho.cli.terminal import braille

    print(braille(sheet[:MOST_SHOWN], width=Console().width))
