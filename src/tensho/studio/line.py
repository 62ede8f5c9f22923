"""Where visitors wait: one thread computes, one job of each visitor in turn.

All of the line's state belongs to the thread of the event loop; the computing thread only ever hands events over to it.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from tensho.errors import TenshoError
from tensho.studio.fields import Refusal

__all__ = ["Event", "Job", "Line", "Say", "Ticket"]

Event: TypeAlias = "dict[str, Any]"
Say: TypeAlias = Callable[[Event], None]
Job: TypeAlias = Callable[[Say], None]
"""Work that says what it has so far; it ends with an exception when nobody listens any more."""

MOST_WAITING, MOST_EACH = 256, 2


class _NobodyListens(Exception):
    pass


@dataclass(eq=False)
class Ticket:
    """A job's place in the line; ``events`` ends with None."""

    client: str
    job: Job
    events: asyncio.Queue[Event | None] = field(default_factory=asyncio.Queue)
    left: bool = False


class Line:
    """Jobs in the order in which they are worked off: the first of every visitor, then the second of every one…"""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[Ticket]] = {}
        self._running: Ticket | None = None
        self._changed = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, "studio")

    def prepare(self, work: Callable[[], None]) -> None:
        """Compute something before the first job."""
        self._thread.submit(work)

    def enter(self, client: str, job: Job) -> Ticket:
        """Take a place.

        Raises:
            Refusal: the visitor has two jobs waiting already, or the line is full.
        """
        if len(self._waiting.get(client, ())) >= MOST_EACH:
            raise Refusal("Two of your drawings are waiting already; let one of them finish.", status=429)
        if sum(map(len, self._waiting.values())) >= MOST_WAITING:
            raise Refusal("The studio is full; try again in a minute.", status=503)
        ticket = Ticket(client, job)
        self._waiting.setdefault(client, deque()).append(ticket)
        self._announce()
        self._changed.set()
        return ticket

    async def follow(self, ticket: Ticket) -> AsyncIterator[Event]:
        """The job's events, and before them its ``position``: how many jobs are in front of it."""
        try:
            while (event := await ticket.events.get()) is not None:
                yield event
        finally:
            self._leave(ticket)

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
        tickets = [*self._order(), *([self._running] if self._running else [])]
        for ticket in tickets:
            ticket.left = True
        self._waiting.clear()
        self._thread.shutdown(cancel_futures=True)

    def _next(self) -> Ticket:
        client = next(iter(self._waiting))
        tickets = self._waiting.pop(client)
        ticket = tickets.popleft()
        if tickets:
            self._waiting[client] = tickets
        return ticket

    def _order(self) -> list[Ticket]:
        rounds = itertools.zip_longest(*self._waiting.values())
        return [ticket for turn in rounds for ticket in turn if ticket is not None]

    def _announce(self) -> None:
        for position, ticket in enumerate(self._order(), start=self._running is not None):
            ticket.events.put_nowait({"event": "position", "position": position})

    def _leave(self, ticket: Ticket) -> None:
        ticket.left = True
        tickets = self._waiting.get(ticket.client)
        if tickets and ticket in tickets:
            tickets.remove(ticket)
            if not tickets:
                del self._waiting[ticket.client]
            self._announce()


def _run(ticket: Ticket, loop: asyncio.AbstractEventLoop) -> None:
    def tell(event: Event | None) -> None:
        loop.call_soon_threadsafe(ticket.events.put_nowait, event)

    def say(event: Event) -> None:
        if ticket.left:
            raise _NobodyListens
        tell(event)

    try:
        say({"event": "begin"})
        ticket.job(say)
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
