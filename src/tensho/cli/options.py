"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["Face", "Json", "Runtime", "Style"]

Style = Annotated[
    str | None, typer.Option(help="Named style, such as mincho or sans-sc.", show_default="the first")
]
Face = Annotated[Path | None, typer.Option(help="A font file: draw the characters as that font would.")]
Runtime = Annotated[
    str | None,
    typer.Option(
        help="What computes the networks: torch, or onnx for brushes and composers.",
        show_default="torch, if it is installed",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Report as JSON.")]
