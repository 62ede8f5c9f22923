"""All commands in one tree. Nothing here or in the modules that it imports may import torch."""

from __future__ import annotations

import importlib
from typing import Annotated, Any

import typer

from tensho.version import __version__

__all__ = ["COMMANDS", "app_of"]

_MODULES = {
    "dream": "dream",
    "write": "write",
    "compose": "compose",
    "complete": "complete",
    "adapt": "adapt",
    "ascii": "ascii",
    "nearest": "nearest",
    "describe": "describe",
    "read": "read",
    "evaluate": "evaluate",
    "models": "models",
    "styles": "styles",
    "studio": "studio",
}
"""The module in this package that has each command, in the order of ``--help``."""

_GROUPS = ("data", "train", "finetune", "export")
"""Modules with commands of their own."""

COMMANDS = (*_MODULES, *_GROUPS)
"""What the first word after ``tensho`` may be."""


def app_of(*names: str) -> typer.Typer:
    """The command ``tensho`` with some of its sub-commands: to make all of them takes longer than most need to run."""
    app = typer.Typer(
        name="tensho",
        help="Chinese characters that do not exist: dreamt up, drawn, checked and handed over.",
        epilog="TENSHO_HOME names the folder for what is built, kept and configured; without it that goes to the user's "
        "cache and configuration. TENSHO_IDS_DATA names tables of descriptions that are used too.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(_root)
    for name in names:
        if name in _GROUPS:
            app.add_typer(_module(name).app, name=name)
        else:
            app.command(name)(getattr(_module(_MODULES[name]), name))
    return app


def _module(name: str) -> Any:
    return importlib.import_module(f"tensho.cli.{name}")


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"tensho {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and leave."
        ),
    ] = False,
) -> None:
    del version  # its callback has done the work
