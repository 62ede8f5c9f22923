import asyncio
import threading

import pytest

from tensho.errors import TenshoError
from tensho.studio.fields import Refusal
from tensho.studio.line import MOST_EACH, MOST_WAITING, Line


def worked(scenario):
    """Run a scenario, an async function of a line that is being worked off."""

    async def run():
        line = Line()
        work = asyncio.create_task(line.work())
        try:
            return await asyncio.wait_for(scenario(line), 30)
        finally:
            line.close()
            work.cancel()

    return asyncio.run(run())


async def heard(line, ticket):
    return [event async for event in line.follow(ticket)]


def test_visitors_take_turns_whatever_one_of_them_asks_for():
    order, gate = [], threading.Event()

    def job(name):
        return lambda say: order.append(name)

    async def scenario(line):
        first = line.enter("door", lambda say: gate.wait(10))
        while first.events.qsize() < 2:  # its position, and that it has begun
            await asyncio.sleep(0.001)
        tickets = [line.enter("greedy", job("greedy 1")), line.enter("greedy", job("greedy 2"))]
        tickets += [line.enter(name, job(name)) for name in ("b", "c")]
        gate.set()
        return await asyncio.gather(*(heard(line, ticket) for ticket in tickets))

    events = worked(scenario)
    assert order == ["greedy 1", "b", "c", "greedy 2"]
    positions = [[e["position"] for e in of_one if e["event"] == "position"] for of_one in events]
    assert [p[-1] for p in positions] == [0, 0, 0, 0] or all(
        p == sorted(p, reverse=True)[: len(p)] for p in positions[2:]
    )
    assert max(positions[1]) == 4  # behind the one at work, its own first, and both others


def test_a_visitor_who_leaves_makes_room_and_stops_the_work():
    stopped, gate = [], threading.Event()

    def endless(say):
        try:
            while True:
                gate.wait(0.005)
                say({"event": "more"})
        finally:
            stopped.append(True)

    async def scenario(line):
        ticket = line.enter("a", endless)
        waiting = line.enter("b", lambda say: pytest.fail("nobody waits for this"))
        async for event in line.follow(ticket):
            if event["event"] == "more":
                break
        follower = line.follow(waiting)
        await anext(follower)
        await follower.aclose()
        last = line.enter("c", lambda say: say({"event": "reached"}))
        await asyncio.sleep(0)
        ticket.left = True
        return await heard(line, last)

    assert {"event": "reached"} in worked(scenario)
    assert stopped == [True]


def test_the_line_is_bounded():
    gate = threading.Event()

    async def scenario(line):
        line.enter("first", lambda say: gate.wait(10))
        await asyncio.sleep(0.05)
        for _ in range(MOST_EACH):
            line.enter("greedy", lambda say: None)
        with pytest.raises(Refusal) as refused:
            line.enter("greedy", lambda say: None)
        assert refused.value.status == 429
        for k in range(MOST_WAITING - MOST_EACH):
            line.enter(f"visitor {k}", lambda say: None)
        with pytest.raises(Refusal) as refused:
            line.enter("one more", lambda say: None)
        assert refused.value.status == 503
        gate.set()

    worked(scenario)


def failing(error):
    def job(say):
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
    async def scenario(line):
        first, second = line.enter("a", failing(error)), line.enter("b", lambda say: None)
        return await heard(line, first), await heard(line, second)

    failed, fine = worked(scenario)
    assert failed[-1]["event"] == "error"
    assert failed[-1]["field"] == field
    assert message in failed[-1]["message"]
    assert fine[-1] == {"event": "done"}
