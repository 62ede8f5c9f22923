"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["Face", "Json", "Runtime", "Size", "Style"]

Style = Annotated[
    str | None,
    typer.Option(
        help="Named style, such as mincho, kai or rounded; see `tensho styles`.", show_default="hei"
    ),
]
Size = Annotated[int, typer.Option(help="Side of a glyph in pixels.")]
Face = Annotated[Path | None, typer.Option(help="A font file: draw the characters as that font would.")]
Runtime = Annotated[
    str | None,
    typer.Option(
        help="What computes the networks: torch, or onnx for brushes and composers.",
        show_default="torch, if it is installed",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Report as JSON.")]
