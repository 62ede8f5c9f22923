"""The studio on a port of this machine."""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Callable, Sequence

import uvicorn

from tensho.errors import TenshoError
from tensho.studio.app import create_app

__all__ = ["serve"]

PATIENCE = 2
"""Seconds that open streams get when the studio is closed."""


def serve(
    host: str,
    port: int,
    send: Callable[[str], object],
    *,
    allowed: Sequence[str] = (),
    warn: Callable[[str], object] = lambda _: None,
) -> None:
    """Serve the studio until it is interrupted.

    Args:
        host: the address to listen on; 127.0.0.1 is reached from this machine alone.
        port: its port; 0: any that is free.
        send: called with the page's address when the studio listens.
        allowed: names that it answers to, beside localhost and addresses in numbers.
        warn: called with a line if others than this machine may reach it.

    Raises:
        TenshoError: the port is taken, or the address is not this machine's.
    """
    with _listening(host, port) as listener:
        if not _is_local(listener.getsockname()[0]):
            warn(
                f"whoever reaches {host} can draw here and see, add to and empty the gallery: there is no password and no "
                "encryption; put a proxy that has both in front, or leave --host out"
            )
        app = create_app(hosts=allowed)
        shown = f"[{host}]" if ":" in host else host
        send(f"http://{shown}:{listener.getsockname()[1]}")
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=PATIENCE,
            server_header=False,
        )
        uvicorn.Server(config).run(sockets=[listener])


def _is_local(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            reason = f"port {port} is taken; choose another with --port, or --port 0 for any"
        else:
            reason = (
                f"cannot listen on {host}:{port}: {error.strerror or error}; choose another --host or --port"
            )
        raise TenshoError(reason) from error
