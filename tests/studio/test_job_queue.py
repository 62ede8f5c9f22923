import asyncio
import threading

import pytest

from tensho.errors import TenshoError
from tensho.studio.fields import Refusal
from tensho.studio.job_queue import MOST_EACH, MOST_OF_ADDRESS, MOST_WAITING, JobQueue


def worked(scenario):
    """Run a scenario, an async function of a line that is being worked off."""

    async def run():
        queue = JobQueue()
        work = asyncio.create_task(queue.work())
        try:
            return await asyncio.wait_for(scenario(queue), 30)
        finally:
            queue.close()
            work.cancel()

    return asyncio.run(run())


async def heard(queue, queued):
    return [event async for event in queue.follow(queued)]


def test_visitors_take_turns_whatever_one_of_them_asks_for():
    order, gate = [], threading.Event()

    def job(name):
        return lambda send: order.append(name)

    async def scenario(queue):
        first = queue.enter("door", lambda send: gate.wait(10))
        while first.events.qsize() < 2:  # its position, and that it has begun
            await asyncio.sleep(0.001)
        # Greedy gives itself a new name each time.
        all_queued = [queue.enter(f"greedy {k}", job(f"greedy {k}"), address="greedy") for k in (1, 2)]
        all_queued += [queue.enter("me", job(name), address=name) for name in ("b", "c")]
        gate.set()
        return await asyncio.gather(*(heard(queue, queued) for queued in all_queued))

    events = worked(scenario)
    assert order == ["greedy 1", "b", "c", "greedy 2"]
    positions = [[e["position"] for e in of_one if e["event"] == "position"] for of_one in events]
    assert [p[-1] for p in positions] == [0, 0, 0, 0] or all(
        p == sorted(p, reverse=True)[: len(p)] for p in positions[2:]
    )
    assert max(positions[1]) == 4  # behind the one at work, its own first, and both others


def test_visitors_of_one_address_take_turns_too():
    order, gate = [], threading.Event()

    def job(name):
        return lambda send: order.append(name)

    async def scenario(queue):
        first = queue.enter("door", lambda send: gate.wait(10))
        while first.events.qsize() < 2:
            await asyncio.sleep(0.001)
        names = ("a 1", "a 2", "b 1", "b 2")
        all_queued = [queue.enter(name[0], job(name), address="house") for name in names]
        all_queued.append(queue.enter("me", job("far"), address="far"))
        gate.set()
        await asyncio.gather(*(heard(queue, queued) for queued in all_queued))

    worked(scenario)
    assert order == ["a 1", "far", "b 1", "a 2", "b 2"]


def test_a_visitor_who_leaves_makes_room_and_stops_the_work():
    stopped, gate = [], threading.Event()

    def endless(send):
        try:
            while True:
                gate.wait(0.005)
                send({"event": "more"})
        finally:
            stopped.append(True)

    async def scenario(queue):
        queued = queue.enter("a", endless)
        waiting = queue.enter("b", lambda send: pytest.fail("nobody waits for this"))
        async for event in queue.follow(queued):
            if event["event"] == "more":
                break
        follower = queue.follow(waiting)
        await anext(follower)
        await follower.aclose()
        last = queue.enter("c", lambda send: send({"event": "reached"}))
        await asyncio.sleep(0)
        queued.left = True
        return await heard(queue, last)

    assert {"event": "reached"} in worked(scenario)
    assert stopped == [True]


def test_the_line_is_bounded():
    gate = threading.Event()

    async def scenario(queue):
        queue.enter("first", lambda send: gate.wait(10))
        await asyncio.sleep(0.05)
        for _ in range(MOST_EACH):
            queue.enter("greedy", lambda send: None)
        with pytest.raises(Refusal) as refused:
            queue.enter("greedy", lambda send: None)
        assert refused.value.status == 429
        for k in range(MOST_OF_ADDRESS - MOST_EACH):
            queue.enter(f"another name {k}", lambda send: None)
        with pytest.raises(Refusal) as refused:
            queue.enter("yet another name", lambda send: None)
        assert refused.value.status == 429
        for k in range(MOST_WAITING - MOST_OF_ADDRESS):
            queue.enter("me", lambda send: None, address=f"address {k}")
        with pytest.raises(Refusal) as refused:
            queue.enter("one more", lambda send: None, address="one more")
        assert refused.value.status == 503
        gate.set()

    worked(scenario)


def failing(error):
    def job(send):
        raise error

    return job


@pytest.mark.parametrize(
    ("error", "field", "message"),
    [
        (Refusal("too much", field="n"), "n", "too much"),
        (TenshoError("no such part"), "", "no such part"),
        (ZeroDivisionError(), "", "terminal"),
    ],
)
def test_a_failure_is_told_and_the_line_goes_on(error, field, message):
    async def scenario(queue):
        first, second = queue.enter("a", failing(error)), queue.enter("b", lambda send: None)
        return await heard(queue, first), await heard(queue, second)

    failed, fine = worked(scenario)
    assert failed[-1]["event"] == "error"
    assert failed[-1]["field"] == field
    assert message in failed[-1]["message"]
    assert fine[-1] == {"event": "done"}
