"""Many visitors at once: does the studio stay up, fair and small, and does it refuse what it should?

    python -m benchmarks.studio_load [--minutes 3] [--clients 32]

Starts a studio of its own on loopback, with an empty gallery, and stops it at the end. Every client draws one thing
after another as the page does; one in four is greedy and always has a second drawing waiting. In between they send bodies
that are too long, no JSON, out of limits, or names that climb out of the gallery. Printed at the end:

- drawings that failed, and answers to bad requests that were not 4xx: both must be 0;
- fairness: drawings finished by the least and the most served client that is not greedy, how long they
  waited, and the farthest place in the line that was shown;
- the studio's memory (RSS), when all kinds of work have been done once and at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx
import numpy as np
import psutil

from benchmarks.running_studio import running_studio

WORK: list[tuple[str, dict[str, Any]]] = [
    ("dream", {"n": 2}),
    ("write", {"meaning": "rain in spring", "n": 2}),
    ("compose", {"ids": "⿰氵龍"}),
    ("ascii", {"text": "load", "style": "blocks"}),
    ("walk", {"cycles": 1}),
]
BAD: list[tuple[str, str, bytes | None]] = [
    ("POST", "/api/draw/dream", b" " * 100_000),
    ("POST", "/api/draw/dream", b'{"n": 1'),
    ("POST", "/api/draw/dream", b'{"n": 1000}'),
    ("POST", "/api/draw/compose", '{"ids": "⿰氵"}'.encode()),
    ("POST", "/api/gallery", b'{"glyph": "../../etc/passwd"}'),
    ("GET", "/api/gallery/..%2f..%2fetc%2fpasswd.png", None),
    ("DELETE", "/api/gallery/..%2fnotes", None),
    ("GET", "/api/glyph/0000000000000000.svg", None),
]
GREEDY = 4


@dataclass
class Tally:
    """What the clients saw."""

    finished: Counter[int] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    refused: int = 0
    farthest: int = 0


async def drawing(client: httpx.AsyncClient, number: int, tally: Tally) -> None:
    """Draw something, and note how it went."""
    tab, settings = random.choice(WORK)
    asked, last, places = time.monotonic(), {"event": "nothing"}, []
    body = {**settings, "seed": random.randrange(1000)} if tab != "ascii" else settings
    async with client.stream("POST", f"/api/draw/{tab}", json=body) as answer:
        if answer.status_code != 200:
            tally.faults.append(f"{tab}: {answer.status_code}")
            return
        async for line in answer.aiter_lines():
            last = json.loads(line)
            if last["event"] == "position":
                places.append(last["position"])
            if last["event"] == "begin":
                tally.waits.append(time.monotonic() - asked)
    tally.finished[number] += 1
    tally.farthest = max([tally.farthest, *places])
    if last["event"] != "done":
        tally.faults.append(f"{tab}: {last}")


async def visit(address: str, number: int, until: float, tally: Tally) -> None:
    """One client's visit."""
    limits = httpx.Limits(max_connections=4)
    headers = {"X-Client": f"client-{number}"}
    # Every client at an address of its own, as the whole of 127.0.0.0/8 is this machine.
    transport = httpx.AsyncHTTPTransport(local_address=f"127.0.1.{number + 1}", limits=limits)
    async with httpx.AsyncClient(
        base_url=address, headers=headers, timeout=600, transport=transport
    ) as client:
        while time.monotonic() < until:
            at_once = 2 if number % GREEDY == 0 else 1
            await asyncio.gather(*(drawing(client, number, tally) for _ in range(at_once)))
            method, path, content = random.choice(BAD)
            kind = {"Content-Type": "application/json"} if content else {}
            answer = await client.request(method, path, content=content, headers=kind)
            tally.refused += 1
            if not 400 <= answer.status_code < 500:
                tally.faults.append(f"{method} {path}: {answer.status_code}")


async def load(address: str, clients: int, seconds: float) -> Tally:
    """Let all clients visit at once."""
    tally, until = Tally(), time.monotonic() + seconds
    await asyncio.gather(*(visit(address, number, until, tally) for number in range(clients)))
    return tally


async def once(address: str) -> None:
    """Do all kinds of work once, so that what is opened and cached is."""
    async with httpx.AsyncClient(base_url=address, timeout=600) as client:
        for tab, settings in WORK:
            answer = await client.post(f"/api/draw/{tab}", json=settings)
            answer.raise_for_status()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--clients", type=int, default=32)
    options = parser.parse_args()
    with running_studio() as (address, process):
        asyncio.run(once(address))
        memory = psutil.Process(process).memory_info
        before = memory().rss
        tally = asyncio.run(load(address, options.clients, 60 * options.minutes))
        after = memory().rss
    served = [tally.finished[number] for number in range(options.clients) if number % GREEDY]
    print(f"{options.clients} clients, {options.minutes:g} minutes, {tally.finished.total()} drawings")
    print(f"faults: {len(tally.faults)} {Counter(tally.faults).most_common(5)}")
    print(f"bad requests: {tally.refused}, all answered 4xx unless counted above")
    print(
        f"finished by a client: {min(served)} to {max(served)}; farthest place in the line: {tally.farthest}"
    )
    waits = np.array(tally.waits)
    print(
        f"waited for a turn: median {np.median(waits):.1f} s, 95 % {np.quantile(waits, 0.95):.1f} s, longest {waits.max():.1f} s"
    )
    print(f"memory: {before / 1e6:.0f} MB → {after / 1e6:.0f} MB ({after / before - 1:+.1%})")


if __name__ == "__main__":
    main()
