"""The consumer's loop: what becomes of good messages, bad ones, and of each thing that can be away."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, MutableMapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from structlog.testing import capture_logs

from schemas.envelope import UnreadableMessage
from schemas.vocabulary import DeadLetterReason
from services.runtime import consumption, patience
from services.runtime.bus import BusUnavailable, Outgoing, Received, TopicSpec
from services.runtime.consumption import Arrival, consume
from services.runtime.deadletters import DeadLetterLimit, TooManyDeadLetters
from services.runtime.memory import MemoryBus, MemoryReceiver
from services.runtime.postgres import DatabaseUnavailable, DatabaseUnfit

TOPIC = "notes"
PATIENCE = 10.0
Handle = Callable[[Sequence[Arrival[int]]], Awaitable[None]]


@pytest.fixture(autouse=True)
def logs() -> Iterator[list[MutableMapping[str, Any]]]:
    with capture_logs() as lines:
        yield lines


@pytest.fixture(autouse=True)
def _no_long_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "random", type("Quick", (), {"uniform": staticmethod(lambda _low, _high: 0.0)}))


def number_in(message: Received) -> int:
    try:
        return int(message.value)
    except ValueError as fault:
        raise UnreadableMessage(DeadLetterReason.NOT_JSON, str(fault)) from fault


class Desk:
    """Keeps what it handles, and waits until it has seen what a test is about."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.changed = asyncio.Condition()

    async def keep(self, arrivals: Sequence[Arrival[int]]) -> None:
        async with self.changed:
            self.seen += [arrival.event for arrival in arrivals]
            self.changed.notify_all()

    async def has(self, *numbers: int) -> None:
        async with asyncio.timeout(PATIENCE), self.changed:
            await self.changed.wait_for(lambda: set(numbers) <= set(self.seen))


@pytest.fixture
async def bus() -> MemoryBus:
    bus = MemoryBus()
    await bus.create_topics({TOPIC: TopicSpec(2, 1000), f"{TOPIC}.dlq": TopicSpec(1, 1000)})
    return bus


async def send(bus: MemoryBus, *values: object, key: str = "k") -> None:
    async with bus.sender() as sender:
        await sender.send([Outgoing(TOPIC, key, str(value).encode(), {"ce_id": str(value)}) for value in values])


@asynccontextmanager
async def consuming(bus: MemoryBus, handle: Handle, limit: DeadLetterLimit | None = None) -> AsyncIterator[asyncio.Task[None]]:
    stopping = asyncio.Event()
    task = asyncio.create_task(
        consume(bus, group="desk", topics=[TOPIC], decode=number_in, handle=handle, stopping=stopping, within=PATIENCE, limit=limit)
    )
    try:
        yield task
    finally:
        stopping.set()
        async with asyncio.timeout(PATIENCE):
            await asyncio.wait([task])


async def dead_letters(bus: MemoryBus, count: int) -> list[Received]:
    found: list[Received] = []
    async with asyncio.timeout(PATIENCE), bus.receiver("inspection", [f"{TOPIC}.dlq"]) as receiver:
        while len(found) < count:
            found += await receiver.receive(at_most=100, within=0.01)
        return [*found, *await receiver.receive(at_most=100, within=0)]


async def left_over(bus: MemoryBus) -> list[bytes]:
    async with bus.receiver("desk", [TOPIC]) as receiver:
        return [message.value for message in await receiver.receive(at_most=1000, within=0)]


async def test_what_was_handled_is_committed(bus: MemoryBus) -> None:
    desk = Desk()
    async with consuming(bus, desk.keep) as task:
        await send(bus, 1, 2, 3)
        await desk.has(1, 2, 3)

    task.result()
    assert desk.seen == [1, 2, 3]
    assert await left_over(bus) == []


async def test_an_unreadable_message_is_put_aside_with_its_reason_and_origin(bus: MemoryBus) -> None:
    desk = Desk()
    await send(bus, 1, "two", 3)
    async with consuming(bus, desk.keep):
        await desk.has(1, 3)
        [letter] = await dead_letters(bus, 1)

    assert desk.seen == [1, 3]
    assert (letter.key, letter.value) == ("k", b"two")
    origin = {name: letter.headers[name] for name in ("ce_id", "dlq-reason", "dlq-topic", "dlq-offset", "dlq-group")}
    assert origin == {"ce_id": "two", "dlq-reason": "not_json", "dlq-topic": TOPIC, "dlq-offset": "1", "dlq-group": "desk"}
    assert "two" in letter.headers["dlq-detail"]
    assert await left_over(bus) == []


@pytest.mark.parametrize("away", [DatabaseUnavailable("restarting"), BusUnavailable("no broker")])
async def test_what_is_away_is_said_once_and_waited_out_and_the_batch_comes_again(
    bus: MemoryBus, away: Exception, logs: list[MutableMapping[str, Any]]
) -> None:
    desk = Desk()
    refusals = iter(range(20))

    async def handle(arrivals: Sequence[Arrival[int]]) -> None:
        if next(refusals, None) is not None:
            raise away
        await desk.keep(arrivals)

    await send(bus, 1, 2)
    async with consuming(bus, handle):
        await desk.has(1, 2)

    assert desk.seen == [1, 2]
    assert next(refusals, None) is None
    assert [line["event"] for line in logs] == ["consumer_waits", "consumer_goes_on"]
    assert await left_over(bus) == []


async def test_a_stop_while_something_is_away_leaves_the_batch_uncommitted(bus: MemoryBus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    asked = asyncio.Event()

    async def handle(_: Sequence[Arrival[int]]) -> None:
        asked.set()
        raise DatabaseUnavailable("gone")

    await send(bus, 1)
    async with consuming(bus, handle) as task:
        await asyncio.wait_for(asked.wait(), PATIENCE)

    task.result()
    assert await left_over(bus) == [b"1"]


async def test_one_poisonous_message_is_put_aside_alone_and_the_others_are_handled(bus: MemoryBus) -> None:
    desk = Desk()
    tried: Counter[int] = Counter()

    async def handle(arrivals: Sequence[Arrival[int]]) -> None:
        if len(arrivals) == 1:
            tried[arrivals[0].event] += 1
        if any(arrival.event == 2 for arrival in arrivals):
            raise ZeroDivisionError("two again")
        await desk.keep(arrivals)

    await send(bus, 1, 2, 3)
    async with consuming(bus, handle):
        await desk.has(1, 3)
        [letter] = await dead_letters(bus, 1)

    assert desk.seen == [1, 3]
    assert tried == {1: 1, 2: consumption.TRIES, 3: 1}
    assert letter.value == b"2"
    assert (letter.headers["dlq-reason"], letter.headers["dlq-detail"]) == ("poison", "ZeroDivisionError: two again")
    assert await left_over(bus) == []


async def test_a_message_that_fails_only_now_and_then_is_not_put_aside(bus: MemoryBus) -> None:
    desk = Desk()
    faults = iter([KeyError("once"), KeyError("twice")])

    async def handle(arrivals: Sequence[Arrival[int]]) -> None:
        fault = next(faults, None)
        if fault is not None:
            raise fault
        await desk.keep(arrivals)

    await send(bus, 1)
    async with consuming(bus, handle):
        await desk.has(1)

    assert await dead_letters(bus, 0) == []


async def test_the_handler_may_call_a_message_unreadable(bus: MemoryBus) -> None:
    desk = Desk()

    async def handle(arrivals: Sequence[Arrival[int]]) -> None:
        if any(arrival.event == 2 for arrival in arrivals):
            raise UnreadableMessage(DeadLetterReason.NOT_OF_SCHEMA, "two is no good")
        await desk.keep(arrivals)

    await send(bus, 1, 2)
    async with consuming(bus, handle):
        await desk.has(1)
        [letter] = await dead_letters(bus, 1)

    assert letter.headers["dlq-reason"] == "not_of_schema"


async def test_a_decoder_that_fails_is_poisoned_by_that_message_only(bus: MemoryBus) -> None:
    desk = Desk()
    stopping = asyncio.Event()

    def decode(message: Received) -> int:
        if message.value == b"2":
            raise ZeroDivisionError
        return int(message.value)

    await send(bus, 1, 2, 3)
    task = asyncio.create_task(consume(bus, group="desk", topics=[TOPIC], decode=decode, handle=desk.keep, stopping=stopping))
    await desk.has(1, 3)
    [letter] = await dead_letters(bus, 1)
    stopping.set()
    await task
    assert letter.headers["dlq-reason"] == "poison"


async def test_too_many_dead_letters_stop_the_consumer_before_any_more_is_put_aside(bus: MemoryBus) -> None:
    desk = Desk()
    await send(bus, *["junk"] * 5)
    async with consuming(bus, desk.keep, DeadLetterLimit(most=3)) as task:
        await asyncio.wait([task], timeout=PATIENCE)
        with pytest.raises(TooManyDeadLetters, match=r"5 of 5 messages .* cannot be used"):
            task.result()

    assert await dead_letters(bus, 0) == []
    assert await left_over(bus) == [b"junk"] * 5


async def test_a_handler_that_fails_for_every_message_stops_the_consumer_too(bus: MemoryBus) -> None:
    async def handle(_: Sequence[Arrival[int]]) -> None:
        raise AttributeError("a fault of ours")

    await send(bus, *range(10))
    async with consuming(bus, handle, DeadLetterLimit(most=6)) as task:
        await asyncio.wait([task], timeout=PATIENCE)
        with pytest.raises(TooManyDeadLetters):
            task.result()

    assert len(await dead_letters(bus, 6)) == 6
    assert len(await left_over(bus)) == 10


async def test_a_database_that_refuses_us_stops_the_consumer(bus: MemoryBus) -> None:
    async def handle(_: Sequence[Arrival[int]]) -> None:
        raise DatabaseUnfit("no such table")

    await send(bus, 1)
    async with consuming(bus, handle) as task:
        await asyncio.wait([task], timeout=PATIENCE)
        with pytest.raises(DatabaseUnfit):
            task.result()

    assert await left_over(bus) == [b"1"]


async def test_a_bus_that_is_away_is_entered_again(bus: MemoryBus, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    faults = iter([BusUnavailable("dead"), BusUnavailable("still dead")])
    receive = MemoryReceiver.receive

    async def flaky(self: MemoryReceiver, *, at_most: int, within: float) -> Sequence[Received]:
        fault = next(faults, None)
        if fault is not None:
            raise fault
        return await receive(self, at_most=at_most, within=within)

    monkeypatch.setattr(MemoryReceiver, "receive", flaky)
    await send(bus, 1)
    async with consuming(bus, desk.keep):
        await desk.has(1)

    assert next(faults, None) is None


def test_a_few_dead_letters_among_many_messages_are_no_reason_to_stop() -> None:
    limit = DeadLetterLimit(most=50, share=0.5, seconds=600)
    for minute in range(8):
        limit.note(minute * 60, read=100, dead=90)

    limit = DeadLetterLimit(most=50, share=0.5, seconds=600)
    for _ in range(50):
        limit.note(0.0, read=0, dead=1)
    limit.note(700.0, read=0, dead=1)
    for _ in range(49):
        limit.note(700.0, read=0, dead=1)
    with pytest.raises(TooManyDeadLetters, match="51 of 51"):
        limit.note(700.0, read=0, dead=1)
