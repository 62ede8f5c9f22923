"""``tensho studio``."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

__all__ = ["studio"]


def studio(
    host: Annotated[
        str, typer.Option(help="Address to listen on; the default is reached from this machine alone.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen on; 0: any that is free.")
    ] = 7860,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            "--allow-host",
            metavar="NAME",
            help="A name that the studio is called by, such as draw.example.org, beside localhost and addresses in numbers. "
            "May be given again.",
        ),
    ] = None,
) -> None:
    """Open the studio, a web page that does all of this without a terminal."""
    from tensho.studio.serving import serve

    serve(
        host,
        port,
        lambda address: print(f"tensho studio: {address} (Ctrl-C closes it)", flush=True),
        allowed=allow_host or (),
        warn=lambda line: print(f"tensho studio: {line}", file=sys.stderr),
    )
