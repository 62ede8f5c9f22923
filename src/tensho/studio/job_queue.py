"""The studio's job queue: one thread computes, one job of each visitor in turn.

All of the line's state belongs to the thread of the event loop; the computing thread only ever hands events over to it.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from tensho.errors import TenshoError
from tensho.studio.fields import Refusal

__all__ = ["Event", "Job", "JobQueue", "QueuedJob", "Send"]

Event: TypeAlias = "dict[str, Any]"
Send: TypeAlias = Callable[[Event], None]
Job: TypeAlias = Callable[[Send], None]
"""Work that says what it has so far; it ends with an exception when nobody listens any more."""

MOST_WAITING, MOST_OF_ADDRESS, MOST_EACH = 256, 16, 2
"""Jobs that wait: of all, of one address, which many visitors may share, and of one visitor by the name that it gives itself."""


class _NobodyListens(Exception):
    pass


@dataclass(eq=False)
class QueuedJob:
    """A job's place in the line; ``events`` ends with None."""

    address: str
    client: str
    job: Job
    events: asyncio.Queue[Event | None] = field(default_factory=asyncio.Queue)
    left: bool = False


class JobQueue:
    """Jobs in the order in which they are worked off: the first of every address, then the second of every one…

    Of one address, the visitors take turns by the names that they give themselves, by which nobody gets ahead of others.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, dict[str, deque[QueuedJob]]] = {}
        self._running: QueuedJob | None = None
        self._changed = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, "studio")

    def prepare(self, work: Callable[[], None]) -> None:
        """Compute something before the first job."""
        self._thread.submit(work)

    def enter(self, client: str, job: Job, *, address: str = "") -> QueuedJob:
        """Take a place.

        Args:
            client: the name that a visitor gives itself.
            job: what to do.
            address: where the visitor is.

        Raises:
            Refusal: the visitor has two jobs waiting already, its address has many, or the line is full.
        """
        here = self._waiting.get(address, {})
        if len(here.get(client, ())) >= MOST_EACH:
            raise Refusal("Two of your drawings are waiting already; let one of them finish.", status=429)
        if sum(map(len, here.values())) >= MOST_OF_ADDRESS:
            raise Refusal("Many drawings of your address are waiting; let some of them finish.", status=429)
        if len(self._order()) >= MOST_WAITING:
            raise Refusal("The studio is full; try again in a minute.", status=503)
        queued = QueuedJob(address, client, job)
        self._waiting.setdefault(address, {}).setdefault(client, deque()).append(queued)
        self._announce()
        self._changed.set()
        return queued

    async def follow(self, queued: QueuedJob) -> AsyncIterator[Event]:
        """The job's events, and before them its ``position``: how many jobs are in front of it."""
        try:
            while (event := await queued.events.get()) is not None:
                yield event
        finally:
            self._leave(queued)

    async def work(self) -> None:
        """Work the line off, for ever."""
        loop = asyncio.get_running_loop()
        while True:
            await self._changed.wait()
            self._changed.clear()
            while self._waiting:
                self._running = self._next()
                self._announce()
                await loop.run_in_executor(self._thread, _run, self._running, loop)
                self._running = None

    def close(self) -> None:
        """Send everybody away, and wait for the thread."""
        all_queued = [*self._order(), *([self._running] if self._running else [])]
        for queued in all_queued:
            queued.left = True
        self._waiting.clear()
        self._thread.shutdown(cancel_futures=True)

    def _next(self) -> QueuedJob:
        queued = self._order()[0]
        self._take_out(queued)
        # Whoever had a turn goes behind the others.
        if (clients := self._waiting.pop(queued.address, None)) is not None:
            if (jobs := clients.pop(queued.client, None)) is not None:
                clients[queued.client] = jobs
            self._waiting[queued.address] = clients
        return queued

    def _order(self) -> list[QueuedJob]:
        return _in_turns(_in_turns(clients.values()) for clients in self._waiting.values())

    def _take_out(self, queued: QueuedJob) -> bool:
        """Take a job out of the line; says whether it was there."""
        clients = self._waiting.get(queued.address, {})
        jobs = clients.get(queued.client)
        if jobs is None or queued not in jobs:
            return False
        jobs.remove(queued)
        if not jobs:
            del clients[queued.client]
        if not clients:
            del self._waiting[queued.address]
        return True

    def _announce(self) -> None:
        for position, queued in enumerate(self._order(), start=self._running is not None):
            queued.events.put_nowait({"event": "position", "position": position})

    def _leave(self, queued: QueuedJob) -> None:
        queued.left = True
        if self._take_out(queued):
            self._announce()


def _in_turns(lines: Iterable[Iterable[QueuedJob]]) -> list[QueuedJob]:
    """The first of every line, then the second of every one…"""
    return [queued for turn in itertools.zip_longest(*lines) for queued in turn if queued is not None]


def _run(queued: QueuedJob, loop: asyncio.AbstractEventLoop) -> None:
    def tell(event: Event | None) -> None:
        loop.call_soon_threadsafe(queued.events.put_nowait, event)

    def send(event: Event) -> None:
        if queued.left:
            raise _NobodyListens
        tell(event)

    try:
        send({"event": "begin"})
        queued.job(send)
        tell({"event": "done"})
    except _NobodyListens:
        return
    except Refusal as refusal:
        tell({"event": "error", "field": refusal.field, "message": refusal.message})
    except TenshoError as error:
        tell({"event": "error", "field": "", "message": str(error)})
    except Exception:
        logging.getLogger(__name__).exception("a drawing failed")
        tell(
            {
                "event": "error",
                "field": "",
                "message": "This could not be drawn; the studio's terminal says why.",
            }
        )
    finally:
        tell(None)
