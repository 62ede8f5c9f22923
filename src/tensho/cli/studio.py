"""``tensho studio``."""

from __future__ import annotations

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
) -> None:
    """Open the studio, a web page that does all of this without a terminal."""
    from tensho.studio.serving import serve

    serve(host, port, lambda address: print(f"tensho studio: {address} (Ctrl-C closes it)", flush=True))
