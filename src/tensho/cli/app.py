"""All commands in one tree. Nothing here or in the modules it imports may import torch."""

from __future__ import annotations

from typing import Annotated

import typer

from tensho.cli import data, export, finetune, train
from tensho.cli.adapt import adapt
from tensho.cli.ascii import ascii
from tensho.cli.complete import complete
from tensho.cli.compose import compose
from tensho.cli.dream import dream
from tensho.cli.evaluate import evaluate, nearest
from tensho.cli.models import models
from tensho.cli.studio import studio
from tensho.cli.styles import styles
from tensho.cli.write import write
from tensho.version import __version__

__all__ = ["app"]

app = typer.Typer(
    name="tensho",
    help="Chinese characters that do not exist: dreamt up, drawn, checked and handed over.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"tensho {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and leave."
        ),
    ] = False,
) -> None:
    del version  # its callback has done the work


app.command()(dream)
app.command()(write)
app.command()(compose)
app.command()(complete)
app.command()(adapt)
app.command()(ascii)
app.command()(nearest)
app.command()(evaluate)
app.command()(models)
app.command()(styles)
app.command()(studio)
app.add_typer(data.app, name="data")
app.add_typer(train.app, name="train")
app.add_typer(finetune.app, name="finetune")
app.add_typer(export.app, name="export")
