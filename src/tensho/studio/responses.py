"""Requests and responses of the studio: size limits, errors as JSON, streams of JSON lines."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import wraps
from typing import Any, TypeAlias

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tensho.errors import TenshoError
from tensho.studio.fields import Refusal, parsed

__all__ = ["Handler", "SafeHeaders", "answering", "json_body", "lines", "refused_http"]

Handler: TypeAlias = Callable[[Request], Awaitable[Response]]

LONGEST_BODY = 16_384
"""Of a request, in bytes."""

_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' blob:; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


class SafeHeaders:
    """Adds headers to every answer: nothing is loaded from elsewhere, nothing is framed, nothing is stale."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does."""

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await self._app(scope, receive, send_safely if scope["type"] == "http" else send)


def answering(handler: Handler) -> Handler:
    """Turn what a handler refuses into an answer."""

    @wraps(handler)
    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except Refusal as refusal:
            return _refusal(refusal.status, refusal.field, refusal.message)
        except TenshoError as error:
            return _refusal(422, "", str(error))

    return answer


async def refused_http(request: Request, error: Exception) -> Response:  # noqa: ARG001
    """What the framework itself refuses: an address that is not there, a method that is not allowed."""
    assert isinstance(error, HTTPException)
    return _refusal(error.status_code, "", error.detail)


async def json_body(request: Request) -> Any:
    """The parsed body.

    Raises:
        Refusal: it is too long, not JSON, or not said to be JSON, which a foreign page could send unasked.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise Refusal("Send JSON, with Content-Type: application/json.", status=415)
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LONGEST_BODY:
            raise Refusal(f"The request is longer than {LONGEST_BODY:,} bytes.", status=413)
    return parsed(body)


async def lines(events: AsyncIterator[dict[str, Any]]) -> AsyncIterator[bytes]:
    """Events as newline-delimited JSON."""
    async for event in events:
        yield json.dumps(event, ensure_ascii=False).encode() + b"\n"


def _refusal(status: int, field: str, message: str) -> Response:
    return JSONResponse({"field": field, "message": message}, status)
