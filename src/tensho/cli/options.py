"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["Face", "Json", "Style"]

Style = Annotated[
    str | None, typer.Option(help="Named style, such as mincho or sans-sc.", show_default="the first")
]
Face = Annotated[Path | None, typer.Option(help="A font file: draw the characters as that font would.")]
Json = Annotated[bool, typer.Option("--json", help="Report as JSON.")]
