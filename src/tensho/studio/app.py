"""The studio's addresses: the page, its jobs as streams of JSON lines, downloads and the gallery."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from tensho.api.export import LONGEST_FAMILY, export_font
from tensho.api.lookup import landscape
from tensho.api.preview import operators, palette, preview
from tensho.errors import TenshoError
from tensho.sheet import Glyph
from tensho.studio.drawing import ASCII_NEEDS, DrawingService
from tensho.studio.fields import Refusal, Text, described, read
from tensho.studio.gallery import Gallery
from tensho.studio.job_queue import Job, JobQueue, QueuedJob, Send
from tensho.studio.origins import OwnOrigin
from tensho.studio.pictures import Recent, png
from tensho.studio.responses import SafeHeaders, answering, json_body, lines, refused_http
from tensho.user_folder import data_home

__all__ = ["create_app"]

PAGE = Path(__file__).parent / "page"
_CLIENT = re.compile(r"[0-9A-Za-z-]{1,64}")
_MEDIA = {".svg": "image/svg+xml", ".png": "image/png", ".ttf": "font/ttf", ".otf": "font/otf"}


class _Studio:
    """The handlers, and what they share."""

    def __init__(self, home: Path) -> None:
        self.recent = Recent()
        self.drawing_service = DrawingService(self.recent)
        self.gallery = Gallery(home / "gallery")
        self.queue = JobQueue()

    @asynccontextmanager
    async def open(self, app: Starlette) -> AsyncIterator[None]:  # noqa: ARG002
        self.queue.prepare(self._warm)
        worker = asyncio.create_task(self.queue.work())
        yield
        self.queue.close()
        worker.cancel()
        with suppress(asyncio.CancelledError):
            await worker

    def _warm(self) -> None:
        with suppress(TenshoError):  # whoever asks for what is missing is told so
            self.drawing_service.warm()
            landscape()

    def routes(self) -> list[Route | Mount]:
        """All addresses."""
        handlers = [
            ("/api/studio", self.facts, "GET"),
            ("/api/draw/{tab}", self.draw, "POST"),
            ("/api/plan", self.plan, "POST"),
            ("/api/parts", self.parts, "GET"),
            ("/api/landscape", self.land, "GET"),
            ("/api/glyph/{name}.{ending}", self.download, "GET"),
            ("/api/gallery", self.kept, "GET"),
            ("/api/gallery", self.keep, "POST"),
            ("/api/gallery/font.{ending}", self.font, "POST"),
            ("/api/gallery/{name}", self.remove, "DELETE"),
            ("/api/gallery/{name}.{ending}", self.download_kept, "GET"),
        ]
        return [
            *(Route(path, answering(handler), methods=[method]) for path, handler, method in handlers),
            Mount("/", StaticFiles(directory=PAGE, html=True)),
        ]

    async def facts(self, request: Request) -> Response:  # noqa: ARG002
        tabs = {name: described(tab.fields) for name, tab in self.drawing_service.tabs.items()}
        ascii_needs = "" if self.drawing_service.can_letter else ASCII_NEEDS
        return JSONResponse({"tabs": tabs, "styled": self.drawing_service.styled, "ascii": ascii_needs})

    async def draw(self, request: Request) -> Response:
        tab = self.drawing_service.tabs.get(request.path_params["tab"])
        if tab is None:
            raise Refusal("There is no such tab.", status=404)
        settings = read(tab.fields, await json_body(request))
        job = await run_in_threadpool(self.drawing_service.job, request.path_params["tab"], settings)
        queued = self._enter(request, job)
        return StreamingResponse(lines(self.queue.follow(queued)), media_type="application/x-ndjson")

    async def plan(self, request: Request) -> Response:
        asked = read({"ids": self.drawing_service.tabs["compose"].fields["ids"]}, await json_body(request))
        return JSONResponse(await run_in_threadpool(self._planned, asked["ids"]))

    async def parts(self, request: Request) -> Response:  # noqa: ARG002
        return JSONResponse({"operators": operators(), "parts": await run_in_threadpool(self._palette)})

    async def land(self, request: Request) -> Response:  # noqa: ARG002
        return JSONResponse((await run_in_threadpool(landscape)).report())

    async def download(self, request: Request) -> Response:
        glyph = self.recent.get(request.path_params["name"])
        if glyph is None:
            raise Refusal("This drawing is forgotten by now; draw it again.", status=404)
        return await run_in_threadpool(_file, glyph, request.path_params["ending"])

    async def kept(self, request: Request) -> Response:  # noqa: ARG002
        return JSONResponse(await run_in_threadpool(self.gallery.entries))

    async def keep(self, request: Request) -> Response:
        asked = read({"glyph": Text(64, "")}, await json_body(request))
        glyph = self.recent.get(asked["glyph"])
        if glyph is None:
            raise Refusal("This drawing is forgotten by now; draw it again.", status=404)
        return JSONResponse({"id": await run_in_threadpool(self.gallery.keep, glyph)}, 201)

    async def remove(self, request: Request) -> Response:
        await run_in_threadpool(self.gallery.remove, request.path_params["name"])
        return Response(status_code=204)

    async def download_kept(self, request: Request) -> Response:
        glyph = await run_in_threadpool(self.gallery.glyph, request.path_params["name"])
        return await run_in_threadpool(_file, glyph, request.path_params["ending"])

    async def font(self, request: Request) -> Response:
        ending = f".{request.path_params['ending']}"
        if ending not in (".ttf", ".otf"):
            raise Refusal("A font ends in .ttf or .otf.", status=404)
        asked = read({"family": Text(LONGEST_FAMILY, "")}, await json_body(request))
        names = await run_in_threadpool(self.gallery.names)
        if not names:
            raise Refusal("The gallery is empty; keep some characters first.", status=409)
        made: list[bytes] = []

        def job(send: Send) -> None:
            send({"event": "tracing"})
            made.append(
                _font([self.gallery.glyph(name) for name in reversed(names)], asked["family"], ending)
            )

        async for event in self.queue.follow(self._enter(request, job)):
            if event["event"] == "error":
                raise Refusal(event["message"], field=event["field"] or "family")
        return _attachment(made[0], f"tensho{ending}")

    def _enter(self, request: Request, job: Job) -> QueuedJob:
        named = request.headers.get("x-client", "")
        address = request.client.host if request.client else ""
        return self.queue.enter(named if _CLIENT.fullmatch(named) else "", job, address=address)

    def _planned(self, ids: str) -> dict[str, Any]:
        return preview(ids)

    def _palette(self) -> list[dict[str, str]]:
        return palette()


def create_app(*, home: Path | None = None, hosts: Sequence[str] = ()) -> Starlette:
    """The studio as an ASGI application.

    Args:
        home: the folder in which the gallery is kept; None: `tensho.user_folder.data_home`.
        hosts: names that it answers to, beside localhost and addresses in numbers.
    """
    studio = _Studio(home or data_home())
    return Starlette(
        routes=studio.routes(),
        middleware=[
            Middleware(SafeHeaders),
            Middleware(OwnOrigin, allowed=hosts),
        ],
        exception_handlers={HTTPException: refused_http},
        lifespan=studio.open,
    )


def _file(glyph: Glyph, ending: str) -> Response:
    if ending == "svg":
        return _attachment(glyph.svg().encode(), f"{_title(glyph)}.svg")
    if ending == "png":
        return _attachment(png(glyph), f"{_title(glyph)}.png")
    raise Refusal("A picture ends in .png or .svg.", status=404)


def _font(glyphs: Sequence[Glyph], family: str, ending: str) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"font{ending}"
        description = f"{len(glyphs)} characters drawn with tensho"
        export_font(glyphs, path, family=family, description=description)
        return path.read_bytes()


def _title(glyph: Glyph) -> str:
    return f"tensho-{glyph.model}-{glyph.seed}-{glyph.index}"


def _attachment(content: bytes, name: str) -> Response:
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=_MEDIA[Path(name).suffix], headers=disposition)
