"""Kafka dies and comes back: every call ends, says so, and goes on afterwards with nothing lost."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from services.runtime.bus import BusUnavailable, MessageTooLarge, Outgoing, Received, Receiver, TopicSpec
from services.runtime.kafka import KafkaBus
from services.runtime.patience import Patience
from services.standalone.kafka import EmbeddedKafka

pytestmark = pytest.mark.stack

TOPIC = "notes"
GROUP = "desk"
PATIENCE = 90.0
"""Seconds after which a promise counts as broken; a broker on two busy cores takes some of them to come back."""


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedKafka:
    return EmbeddedKafka(tmp_path_factory.mktemp("kafka"))


@pytest.fixture(scope="module", autouse=True)
def _running(broker: EmbeddedKafka) -> Iterator[None]:
    broker.start()
    yield
    broker.stop()


@pytest.fixture
async def bus(broker: EmbeddedKafka) -> AsyncIterator[KafkaBus]:
    before = asyncio.all_tasks()
    bus = KafkaBus(broker.address, "test", request_seconds=1.5, session_seconds=3.0, heartbeat_seconds=0.2)
    await bus.create_topics({TOPIC: TopicSpec(3, 3_600_000)})
    yield bus
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    if left:
        _, left = await asyncio.wait(left, timeout=10)
    assert not left, "the library's tasks outlive its clients"


async def kill(broker: EmbeddedKafka) -> None:
    """`kill -9` of the broker itself, below its guard."""
    assert broker.child is not None
    guard = broker.child.pid
    children = await asyncio.to_thread(Path(f"/proc/{guard}/task/{guard}/children").read_text)
    for pid in children.split():
        os.kill(int(pid), signal.SIGKILL)
    assert await asyncio.to_thread(broker.child.wait, 20.0)


class Story:
    """Numbers sent one after the other under one key, and received, whatever becomes of the broker meanwhile."""

    def __init__(self, bus: KafkaBus) -> None:
        self._bus = bus
        self._moved = asyncio.Condition()
        self.sent: list[int] = []
        self.seen: list[int] = []
        self.finished = False
        self.sender_knew, self.receiver_knew = asyncio.Event(), asyncio.Event()

    async def until(self, holds: Callable[[], bool]) -> None:
        async with self._moved:
            await self._moved.wait_for(holds)

    async def _tell(self) -> None:
        async with self._moved:
            self._moved.notify_all()

    async def sending(self) -> None:
        async with self._bus.sender() as sender:
            while not self.finished:
                number = len(self.sent)
                await patiently(partial(sender.send, [Outgoing(TOPIC, "one key", str(number).encode())]), self.sender_knew)
                self.sent.append(number)
                await self._tell()

    async def receiving(self) -> None:
        async with self._bus.receiver(GROUP, [TOPIC]) as receiver:
            while not (self.finished and set(self.sent) <= set(self.seen)):
                await patiently(partial(self._receive, receiver), self.receiver_knew)
                await self._tell()

    async def _receive(self, receiver: Receiver) -> None:
        batch = await receiver.receive(at_most=500, within=0.3)
        self.seen += [int(message.value) for message in batch]
        await receiver.commit(batch)


async def patiently(call: Callable[[], Awaitable[object]], unavailable: asyncio.Event) -> object:
    patience = Patience(asyncio.Event(), longest=0.5)
    while True:
        try:
            return await call()
        except BusUnavailable:
            unavailable.set()
            await patience.wait()


async def test_nothing_is_lost_when_the_broker_is_killed_and_started_again(broker: EmbeddedKafka, bus: KafkaBus) -> None:
    story = Story(bus)
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        group.create_task(story.sending())
        group.create_task(story.receiving())
        await story.until(lambda: len(story.seen) >= 200)
        await kill(broker)
        await story.sender_knew.wait()
        await story.receiver_knew.wait()
        await asyncio.to_thread(broker.restart)
        resumed = len(story.sent)
        await story.until(lambda: len(story.sent) >= resumed + 200)
        story.finished = True

    assert set(story.sent) == set(story.seen)
    first_seen = list(dict.fromkeys(story.seen))
    assert first_seen == sorted(first_seen)


async def test_a_broker_that_is_not_there_is_told_by_every_call() -> None:
    with socket.socket() as taken:
        # Bound and never listening: nobody can answer there.
        taken.bind(("127.0.0.1", 0))
        bus = KafkaBus(f"127.0.0.1:{taken.getsockname()[1]}", "test", request_seconds=1.0)

        for call in (
            bus.check,
            lambda: bus.create_topics({TOPIC: TopicSpec(1, 1000)}),
            bus.sender().__aenter__,
            bus.receiver(GROUP, [TOPIC]).__aenter__,
        ):
            with pytest.raises(BusUnavailable):
                async with asyncio.timeout(10):
                    await call()


async def test_to_leave_a_broker_that_has_died_takes_no_more_than_moments(broker: EmbeddedKafka, bus: KafkaBus) -> None:
    async def live_through_it() -> None:
        async with bus.sender() as sender, bus.receiver("leaving", [TOPIC]) as receiver:
            await sender.send([Outgoing(TOPIC, "k", b"1")])
            await receiver.receive(at_most=1, within=PATIENCE)
            await kill(broker)
            with pytest.raises(BusUnavailable):
                await sender.send([Outgoing(TOPIC, "k", b"2")])

    try:
        async with asyncio.timeout(30):
            await live_through_it()
    finally:
        await asyncio.to_thread(broker.restart)


async def test_a_topic_that_a_receiver_wants_may_come_later(bus: KafkaBus) -> None:
    receiver = bus.receiver("early", ["later"])
    with pytest.raises(BusUnavailable, match="later"):
        await receiver.__aenter__()

    await bus.create_topics({"later": TopicSpec(1, 1000)})
    async with receiver:
        assert list(await receiver.receive(at_most=1, within=0.05)) == []


async def test_a_topic_that_takes_less_than_ours_names_the_message_that_is_too_large(bus: KafkaBus, broker: EmbeddedKafka) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.address)
    await admin.start()
    await admin.create_topics([NewTopic("narrow", 1, 1, topic_configs={"max.message.bytes": "300000"})])
    await admin.close()
    too_large = Outgoing("narrow", "k", os.urandom(400_000))
    fits = [Outgoing("narrow", "k", str(number).encode()) for number in range(3)]

    async with bus.sender() as sender:
        with pytest.raises(MessageTooLarge) as fault:
            await sender.send([fits[0], too_large, *fits[1:]])
        assert fault.value.message is too_large
        await sender.send(fits)

    async with bus.receiver("narrow", ["narrow"]) as receiver:
        seen: set[bytes] = set()
        async with asyncio.timeout(PATIENCE):
            while len(seen) < len(fits):
                seen |= {message.value for message in await receiver.receive(at_most=10, within=1.0)}


async def test_what_other_programs_write_is_received_however_odd(bus: KafkaBus, broker: EmbeddedKafka) -> None:
    await bus.create_topics({"odd": TopicSpec(1, 3_600_000)})
    producer = AIOKafkaProducer(bootstrap_servers=broker.address)
    await producer.start()
    await producer.send_and_wait("odd", value=None, key=b"\xff\xfe", headers=[("ce_id", b"\xff"), ("empty", None)])
    await producer.send_and_wait("odd", value=b"{}", key=None)
    await producer.stop()

    async with bus.receiver("odd", ["odd"]) as receiver:
        got: list[Received] = []
        async with asyncio.timeout(PATIENCE):
            while len(got) < 2:
                got += await receiver.receive(at_most=10, within=1.0)

    assert [(message.key, message.value, message.headers) for message in got] == [
        ("\ufffd\ufffd", b"", {"ce_id": "\ufffd", "empty": ""}),
        ("", b"{}", {}),
    ]
