"""Who may talk to the studio: those who call it by a name that is its own, from its own page or from no page at all.

A page from elsewhere that is open in a visitor's browser can send requests to this machine. It cannot read the answers, but
it could make the studio work, and by letting its own name resolve to this machine (DNS rebinding) it could read them too. So

- the ``Host`` of a request has to be an address in numbers, which nobody can let resolve to something else, ``localhost``,
  or a name that was allowed;
- under ``/api`` the browser must not say that the request comes from elsewhere (``Sec-Fetch-Site``, ``Origin``);
- what computes is asked for by POST with JSON, which browsers send to another origin only where that agrees; none is sent
  such an agreement here.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["OwnOrigin", "is_own_host"]

_ALWAYS = frozenset({"localhost"})
_NOT_FROM_ELSEWHERE = frozenset({"same-origin", "none"})


def is_own_host(host: str, allowed: Sequence[str]) -> bool:
    """Whether a ``Host`` header names this studio: by numbers, as localhost, or by one of the ``allowed`` names."""
    try:
        parts = urlsplit(f"//{host}")
        name = "" if "@" in host else parts.hostname or ""
    except ValueError:
        return False
    if name in _ALWAYS or name in {other.lower() for other in allowed}:
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class OwnOrigin:
    """Refuses requests by a strange name, and those under ``/api`` that a page from elsewhere sends."""

    def __init__(self, app: ASGIApp, allowed: Sequence[str] = ()) -> None:
        self._app, self._allowed = app, tuple(allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, or with 400 or 403."""
        if scope["type"] == "http" and (refusal := self._refusal(Headers(scope=scope), scope["path"])):
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _refusal(self, headers: Headers, path: str) -> JSONResponse | None:
        host = headers.get("host", "")
        if not is_own_host(host, self._allowed):
            name = host if host.isprintable() else repr(host)
            message = f"This studio does not answer to {name}; start it with --allow-host {name}"
            return _refused(400, message)
        if path.startswith("/api") and not _comes_from_here(headers, host):
            return _refused(403, "A page from elsewhere asks for this; open the studio's own page.")
        return None


def _comes_from_here(headers: Headers, host: str) -> bool:
    if headers.get("sec-fetch-site", "none") not in _NOT_FROM_ELSEWHERE:
        return False
    origin = headers.get("origin")
    # Without a word of the scheme, which a proxy in front of the studio may change.
    return origin is None or origin.partition("://")[2].lower() == host.lower()


def _refused(status: int, message: str) -> JSONResponse:
    return JSONResponse({"field": "", "message": message}, status)
