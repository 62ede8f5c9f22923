"""Pages that are made of what is kept elsewhere: records of measurements, cards of weights, the help of the commands.

They are written anew by every build, below `docs/benchmarks`, `docs/models` and `docs/reference`, and are not committed.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from sphinx.application import Sphinx

RECORDS, CARDS, COMMANDS = "benchmarks/records", "models/cards", "reference/commands"
FOUND_AS_IS = "---\nmyst:\n  enable_extensions: []\n---\n\n"
"""Dollars in a record are dollars, not formulas."""

_IMAGE = re.compile(r"(!\[[^\]]*\]\()([^)\s]+)(\))")


def write_pages(app: Sphinx) -> None:
    """Write all of them, and take away those of what is there no more."""
    docs = Path(app.srcdir)
    _write(docs / RECORDS, _records(docs.parent))
    for folder in (docs.parent / RECORDS).iterdir():
        if folder.is_dir():
            shutil.copytree(folder, docs / RECORDS / folder.name, dirs_exist_ok=True)
    _write(docs / CARDS, _cards(docs.parent))
    _write(docs / COMMANDS, _commands())


def _write(folder: Path, pages: Iterator[tuple[str, str]]) -> None:
    made = {}
    for name, text in pages:
        made[folder / f"{name}.md"] = text
    folder.mkdir(parents=True, exist_ok=True)
    for page in folder.glob("*.md"):
        if page not in made:
            page.unlink()
    for page, text in made.items():
        # What did not change is not read again.
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            page.write_text(text, encoding="utf-8")


def _records(root: Path) -> Iterator[tuple[str, str]]:
    """Every record as it is."""
    for record in sorted((root / RECORDS).glob("*.md")):
        text = record.read_text(encoding="utf-8")
        for _, target, _ in _IMAGE.findall(text):
            if not (record.parent / target).exists():
                raise FileNotFoundError(f"{record} shows {target}, which is not there")
        # A picture of the site is one folder nearer to the site's own copy of the record.
        yield record.stem, FOUND_AS_IS + _quoted_markup(text).replace("](../../docs/", "](../../")


def _quoted_markup(text: str) -> str:
    """What looks like a tag of HTML in a record is none."""
    return re.sub(r"<(?=[A-Za-z/])(?![^\n]*`)", "&lt;", text)


def _cards(root: Path) -> Iterator[tuple[str, str]]:
    """The card of all weights that ship."""
    for card in sorted((root / "src/tensho/weights").glob("*.md")):
        yield card.stem, FOUND_AS_IS + card.read_text(encoding="utf-8")


def _commands() -> Iterator[tuple[str, str]]:
    """What `--help` of each command says."""
    os.environ["COLUMNS"] = os.environ["TERMINAL_WIDTH"] = "100"
    from typer.main import get_command

    from tensho.cli.app import COMMANDS as names
    from tensho.cli.app import app_of

    group = get_command(app_of(*names))
    for name in names:
        command = group.commands[name]  # type: ignore[attr-defined]
        below = getattr(command, "commands", {})
        words = [(name,), *((name, each) for each in below)]
        parts = [f"{FOUND_AS_IS}# tensho {name}\n"]
        for each in words:
            heading = "" if len(each) == 1 else f"## tensho {' '.join(each)}\n\n"
            parts.append(f"{heading}```text\n{_help(each)}\n```\n")
        yield name, "\n".join(parts)


def _help(words: tuple[str, ...]) -> str:
    from tensho.cli import main

    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
        main([*words, "--help"])
    return "\n".join(line.rstrip() for line in said.getvalue().strip("\n").splitlines() if line.strip())


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx."""
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
