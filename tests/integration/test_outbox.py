"""The outbox on a real Postgres: what is owed is sent in order, whatever is away meanwhile, and by one replica at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from types import TracebackType
from typing import Self

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.envelope import Envelope
from schemas.tables import fetcher_outbox
from services.runtime.bus import BusUnavailable, MessageTooLarge, Outgoing, Received, Receiver, TopicSpec
from services.runtime.memory import MemoryBus
from services.runtime.outbox import Outbox, Round, purge, relay
from services.runtime.postgres import DatabaseUnfit, advisory_lock, open_engine, transaction

pytestmark = pytest.mark.stack

TOPIC = "articles.fetched"
PATIENCE = 20.0


class FlakyBus(MemoryBus):
    """A memory bus whose broker can be away."""

    def __init__(self) -> None:
        super().__init__()
        self.away = False
        self.refusals = asyncio.Semaphore(0)

    def sender(self) -> FlakySender:  # type: ignore[override]  # stands where any Sending does
        return FlakySender(self)


class FlakySender:
    def __init__(self, bus: FlakyBus) -> None:
        self._bus = bus
        self._inner = MemoryBus.sender(bus)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        pass

    async def send(self, messages: Sequence[Outgoing]) -> None:
        if self._bus.away:
            self._bus.refusals.release()
            raise BusUnavailable("the broker is away")
        for message in messages:
            if message.value == b"huge":
                raise MessageTooLarge(message, 1)
        await self._inner.send(messages)


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    made = open_engine(database_url, application="test")
    yield made
    await made.dispose()


@pytest.fixture
async def bus() -> FlakyBus:
    bus = FlakyBus()
    await bus.create_topics({name: TopicSpec(2, 3_600_000) for name in (TOPIC, f"{TOPIC}.dlq")})
    return bus


@asynccontextmanager
async def relaying(
    engine: AsyncEngine, bus: MemoryBus, replicas: int = 1, poll_seconds: float = 0.05
) -> AsyncIterator[list[asyncio.Task[None]]]:
    stopping = asyncio.Event()
    tasks = [
        asyncio.create_task(relay(engine, fetcher_outbox, bus, stopping=stopping, poll_seconds=poll_seconds, batch=7))
        for _ in range(replicas)
    ]
    try:
        yield tasks
    finally:
        stopping.set()
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*tasks, return_exceptions=True)


def article(number: int, key: str = "one", value: bytes | None = None) -> Envelope:
    return Envelope(TOPIC, key, str(number).encode() if value is None else value, {"ce_id": f"id-{number}"})


async def put(engine: AsyncEngine, *envelopes: Envelope) -> None:
    async with transaction(engine) as connection:
        await Outbox(fetcher_outbox).put(connection, envelopes)


async def values(receiver: Receiver, count: int) -> list[str]:
    found: list[str] = []
    async with asyncio.timeout(PATIENCE):
        while len(found) < count:
            found += [message.value.decode() for message in await receiver.receive(at_most=100, within=1.0)]
    return found


async def unsent(engine: AsyncEngine) -> int:
    async with transaction(engine) as connection:
        return int(await connection.scalar(sa.select(sa.func.count()).where(fetcher_outbox.c.sent_at.is_(None))) or 0)


async def test_what_was_put_is_sent_in_order_with_its_headers(engine: AsyncEngine, bus: FlakyBus) -> None:
    await put(engine, *[article(number) for number in range(20)])

    async with relaying(engine, bus), bus.receiver("desk", [TOPIC]) as receiver:
        assert await values(receiver, 20) == [str(number) for number in range(20)]
        await put(engine, article(20))
        [message] = await receiver.receive(at_most=1, within=PATIENCE)

    assert (message.key, message.headers) == ("one", {"ce_id": "id-20"})
    assert await unsent(engine) == 0


async def test_what_was_rolled_back_is_never_sent(engine: AsyncEngine, bus: FlakyBus) -> None:
    async def interrupted() -> None:
        async with transaction(engine) as connection:
            await Outbox(fetcher_outbox).put(connection, [article(1)])
            raise KeyError("interrupted")

    async with relaying(engine, bus), bus.receiver("desk", [TOPIC]) as receiver:
        with pytest.raises(KeyError):
            await interrupted()
        await put(engine, article(2))
        assert await values(receiver, 1) == ["2"]


async def test_a_commit_wakes_the_relay_long_before_it_would_look_again(engine: AsyncEngine, bus: FlakyBus) -> None:
    async with relaying(engine, bus, poll_seconds=1000), bus.receiver("desk", [TOPIC]) as receiver:
        for number in range(5):
            await put(engine, article(number))
            assert await values(receiver, 1) == [str(number)]


async def test_while_the_bus_is_away_messages_wait_and_then_leave_in_order(engine: AsyncEngine, bus: FlakyBus) -> None:
    bus.away = True
    async with relaying(engine, bus), bus.receiver("desk", [TOPIC]) as receiver:
        await put(engine, *[article(number) for number in range(10)])
        async with asyncio.timeout(PATIENCE):
            await bus.refusals.acquire()
        assert await unsent(engine) == 10
        bus.away = False
        assert await values(receiver, 10) == [str(number) for number in range(10)]


async def test_a_listener_that_was_cut_off_is_made_anew(engine: AsyncEngine, bus: FlakyBus) -> None:
    async with relaying(engine, bus), bus.receiver("desk", [TOPIC]) as receiver:
        await put(engine, article(1))
        assert await values(receiver, 1) == ["1"]
        async with transaction(engine) as connection:
            cut = sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            assert (await connection.execute(cut)).rowcount >= 1
        await put(engine, article(2))
        assert await values(receiver, 1) == ["2"]


async def test_of_three_replicas_one_sends_at_a_time_and_none_twice(engine: AsyncEngine, bus: FlakyBus) -> None:
    async with relaying(engine, bus, replicas=3), bus.receiver("desk", [TOPIC]) as receiver:
        for start in range(0, 60, 10):
            await put(engine, *[article(number) for number in range(start, start + 10)])
        assert await values(receiver, 60) == [str(number) for number in range(60)]
        await put(engine, article(60, key="last"))
        assert await values(receiver, 1) == ["60"]
        assert list(await receiver.receive(at_most=1, within=0.05)) == []


async def test_a_replica_leaves_the_outbox_to_the_one_that_is_at_it(engine: AsyncEngine, bus: FlakyBus) -> None:
    await put(engine, article(1))
    async with bus.sender() as sender:
        async with transaction(engine) as other:
            await advisory_lock(other, f"relay {fetcher_outbox.name}")
            assert await Round(engine, fetcher_outbox, sender).run() == 0
        assert await Round(engine, fetcher_outbox, sender).run() == 1


async def test_a_message_that_the_bus_never_takes_holds_nothing_up(engine: AsyncEngine, bus: FlakyBus) -> None:
    await put(engine, article(1), article(2, value=b"huge"), article(3))

    async with relaying(engine, bus), bus.receiver("desk", [TOPIC, f"{TOPIC}.dlq"]) as receiver:
        found: list[Received] = []
        async with asyncio.timeout(PATIENCE):
            while len(found) < 3:
                found += await receiver.receive(at_most=10, within=1.0)

    aside = [message for message in found if message.topic.endswith(".dlq")]
    assert [message.value for message in found if message not in aside] == [b"1", b"3"]
    assert [(m.value, m.headers["dlq-reason"], m.headers["ce_id"]) for m in aside] == [(b"", "too_large", "id-2")]


async def test_what_was_sent_long_ago_is_cleared_away(engine: AsyncEngine, bus: FlakyBus) -> None:
    await put(engine, article(1), article(2))
    async with bus.sender() as sender:
        await Round(engine, fetcher_outbox, sender).run()
    await put(engine, article(3))

    assert await purge(engine, fetcher_outbox, keep=timedelta(days=1)) == 0
    assert await purge(engine, fetcher_outbox, keep=timedelta(0)) == 2
    assert await unsent(engine) == 1


async def test_without_its_table_the_relay_stops_and_says_so(engine: AsyncEngine, bus: FlakyBus) -> None:
    missing = sa.Table(
        "other_outbox",
        sa.MetaData(),
        sa.Column("id", sa.BigInteger),
        sa.Column("sent_at", sa.DateTime),
        sa.Column("created_at", sa.DateTime),
    )

    with pytest.raises(DatabaseUnfit, match="other_outbox"):
        async with asyncio.timeout(PATIENCE):
            await relay(engine, missing, bus, stopping=asyncio.Event())
