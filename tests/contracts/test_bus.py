"""What the services may rely on in a bus, whichever it is: each promise of `services/runtime/bus.py`, on both buses."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence

import pytest

from services.runtime.bus import LARGEST, Bus, BusUnavailable, MessageTooLarge, Outgoing, Received, Receiver, TopicSpec
from services.runtime.kafka import KafkaBus
from services.runtime.memory import MemoryBus

HOUR_MS = 3_600_000
PATIENCE = 30.0
"""Seconds after which a promise counts as broken; nothing waits that long when it is kept."""


@pytest.fixture(params=["memory", pytest.param("kafka", marks=pytest.mark.stack)])
def bus(request: pytest.FixtureRequest) -> Bus:
    if request.param == "memory":
        return MemoryBus()
    return KafkaBus(request.getfixturevalue("kafka_address"), "contract", request_seconds=2.0, heartbeat_seconds=0.2)


@pytest.fixture
async def topic(bus: Bus) -> str:
    name = f"contract.{uuid.uuid4().hex}"
    await bus.create_topics({name: TopicSpec(partitions=3, retention_ms=HOUR_MS)})
    return name


def numbered(topic: str, count: int, *, keys: int = 5) -> list[Outgoing]:
    return [Outgoing(topic, f"key-{number % keys}", str(number).encode()) for number in range(count)]


async def send(bus: Bus, messages: Sequence[Outgoing]) -> None:
    async with bus.sender() as sender:
        await sender.send(messages)


async def received(receiver: Receiver, count: int) -> list[Received]:
    found: list[Received] = []
    async with asyncio.timeout(PATIENCE):
        while len(found) < count:
            found += await receiver.receive(at_most=count - len(found), within=1.0)
    return found


def numbers(messages: Sequence[Received]) -> list[int]:
    return sorted(int(message.value) for message in messages)


async def test_a_message_arrives_as_it_was_sent(bus: Bus, topic: str) -> None:
    sent = Outgoing(topic, "история", b"\x00\xff{}", {"ce_id": "1", "ce_subject": "Ադրբեջան"})
    await send(bus, [sent])

    async with bus.receiver("desk", [topic]) as receiver:
        [got] = await received(receiver, 1)

    assert (got.topic, got.key, got.value, got.headers) == (topic, sent.key, sent.value, sent.headers)
    assert got.name == f"{topic}[{got.partition}]@0"


async def test_what_waits_for_a_group_is_what_it_has_not_marked_as_done(bus: Bus, topic: str) -> None:
    assert await bus.waiting("desk", topic) == 0
    await send(bus, numbered(topic, 10))
    assert await bus.waiting("desk", topic) == 10
    async with bus.receiver("desk", [topic]) as receiver:
        got = await received(receiver, 10)
        assert await bus.waiting("desk", topic) == 10
        await receiver.commit(got)
        assert await bus.waiting("desk", topic) == 0
    assert await bus.waiting("others", topic) == 10
    assert await bus.waiting("desk", "no.such.topic") == 0


async def test_a_message_may_be_empty(bus: Bus, topic: str) -> None:
    await send(bus, [Outgoing(topic, "", b"")])

    async with bus.receiver("desk", [topic]) as receiver:
        [got] = await received(receiver, 1)

    assert (got.key, got.value, got.headers) == ("", b"", {})


async def test_the_messages_of_one_key_arrive_in_order_and_on_one_partition(bus: Bus, topic: str) -> None:
    sent = numbered(topic, 200)
    async with bus.sender() as sender:
        await sender.send(sent[:120])
        await sender.send(sent[120:])

    async with bus.receiver("desk", [topic]) as receiver:
        got = await received(receiver, 200)

    for key in {message.key for message in sent}:
        of_key = [message for message in got if message.key == key]
        assert [message.value for message in of_key] == [message.value for message in sent if message.key == key]
        assert len({message.partition for message in of_key}) == 1
    assert len({message.partition for message in got}) > 1


async def test_a_group_without_an_offset_begins_at_the_oldest_message(bus: Bus, topic: str) -> None:
    await send(bus, numbered(topic, 3))

    for group in ("early", "late"):
        async with bus.receiver(group, [topic]) as receiver:
            assert numbers(await received(receiver, 3)) == [0, 1, 2]


async def test_receiving_ends_empty_when_nothing_comes(bus: Bus, topic: str) -> None:
    async with bus.receiver("desk", [topic]) as receiver:
        assert list(await receiver.receive(at_most=10, within=0.05)) == []


async def test_a_waiting_receiver_is_woken_by_a_message(bus: Bus, topic: str) -> None:
    async with bus.receiver("desk", [topic]) as receiver, bus.sender() as sender:
        waiting = asyncio.create_task(received(receiver, 1))
        assert not (await asyncio.wait([waiting], timeout=0.05))[0]
        await sender.send(numbered(topic, 1))
        assert numbers(await waiting) == [0]


async def test_no_more_than_asked_for_is_received(bus: Bus, topic: str) -> None:
    await send(bus, numbered(topic, 20))

    async with bus.receiver("desk", [topic]) as receiver:
        first = await receiver.receive(at_most=7, within=PATIENCE)
        assert 0 < len(first) <= 7
        assert numbers([*first, *await received(receiver, 20 - len(first))]) == list(range(20))


async def test_what_was_committed_is_not_delivered_again_and_the_rest_is(bus: Bus, topic: str) -> None:
    await send(bus, numbered(topic, 10, keys=1))
    async with bus.receiver("desk", [topic]) as receiver:
        got = await received(receiver, 10)
        await receiver.commit(got[:4])

    async with bus.receiver("desk", [topic]) as receiver:
        assert numbers(await received(receiver, 6)) == [4, 5, 6, 7, 8, 9]


async def test_a_commit_counts_for_all_before_it_whatever_its_order(bus: Bus, topic: str) -> None:
    await send(bus, numbered(topic, 5, keys=1))
    async with bus.receiver("desk", [topic]) as receiver:
        got = await received(receiver, 5)
        await receiver.commit([got[3], got[1]])

    async with bus.receiver("desk", [topic]) as receiver:
        assert numbers(await received(receiver, 1)) == [4]
        assert await receiver.lag() == 0


async def test_within_a_group_each_message_goes_to_one_member(bus: Bus, topic: str) -> None:
    async with bus.receiver("desk", [topic]) as one, bus.receiver("desk", [topic]) as other:
        both = {"one": one, "other": other}
        got: dict[str, list[Received]] = {"one": [], "other": []}
        await send(bus, numbered(topic, 60, keys=30))

        async with asyncio.timeout(PATIENCE):
            while sum(map(len, got.values())) < 60:
                for name, receiver in both.items():
                    batch = await receiver.receive(at_most=60, within=0.1)
                    got[name] += batch
                    await receiver.commit(batch)

    assert numbers([*got["one"], *got["other"]]) == list(range(60))
    assert got["one"]
    assert got["other"]


async def test_what_a_member_left_undone_goes_to_another(bus: Bus, topic: str) -> None:
    await send(bus, numbered(topic, 12, keys=12))
    async with bus.receiver("desk", [topic]) as steady:
        async with bus.receiver("desk", [topic]) as leaving:
            undone: Sequence[Received] = []
            mine: list[Received] = []
            async with asyncio.timeout(PATIENCE):
                while not undone or len({m.value for m in [*mine, *undone]}) < 12:
                    undone = [*undone, *await leaving.receive(at_most=12, within=0.1)]
                    batch = await steady.receive(at_most=12, within=0.1)
                    await steady.commit(batch)
                    mine += batch

        async with asyncio.timeout(PATIENCE):
            while {message.value for message in undone} - {message.value for message in mine}:
                mine += await steady.receive(at_most=12, within=1.0)


async def test_a_commit_for_a_partition_that_went_to_another_is_passed_over(bus: Bus, topic: str) -> None:
    await send(bus, numbered(topic, 30, keys=30))
    async with bus.receiver("desk", [topic]) as first:
        got = await received(first, 30)
        async with bus.receiver("desk", [topic]) as second:
            # The second member has its partitions only when the first one has given them up.
            async with asyncio.timeout(PATIENCE):
                again: list[Received] = []
                while not again:
                    again += await second.receive(at_most=30, within=0.2)
            await first.commit(got)
            handed_over = {message.partition for message in again}
            async with asyncio.timeout(PATIENCE):
                while len(again) < sum(message.partition in handed_over for message in got):
                    again += await second.receive(at_most=30, within=0.2)

    assert numbers(again) == numbers([message for message in got if message.partition in handed_over])


async def test_the_lag_is_what_is_not_yet_received(bus: Bus, topic: str) -> None:
    await send(bus, numbered(topic, 9, keys=1))
    async with bus.receiver("desk", [topic]) as receiver:
        await received(receiver, 4)
        assert await receiver.lag() == 5
        await received(receiver, 5)
        assert await receiver.lag() == 0


async def test_one_receiver_serves_several_topics(bus: Bus, topic: str) -> None:
    other = f"{topic}.other"
    await bus.create_topics({other: TopicSpec(1, HOUR_MS)})
    await send(bus, [Outgoing(topic, "k", b"0"), Outgoing(other, "k", b"1")])

    async with bus.receiver("desk", [topic, other]) as receiver:
        got = await received(receiver, 2)

    assert {(message.topic, message.value) for message in got} == {(topic, b"0"), (other, b"1")}


async def test_to_create_topics_again_leaves_them_as_they_are(bus: Bus, topic: str) -> None:
    await send(bus, numbered(topic, 3))

    await bus.create_topics({topic: TopicSpec(partitions=1, retention_ms=HOUR_MS)})

    async with bus.receiver("desk", [topic]) as receiver:
        assert numbers(await received(receiver, 3)) == [0, 1, 2]


async def test_a_topic_that_is_not_there_is_waited_for(bus: Bus) -> None:
    name = f"contract.{uuid.uuid4().hex}"
    async with bus.sender() as sender:
        with pytest.raises(BusUnavailable, match=name):
            await sender.send([Outgoing(name, "k", b"0")])

        await bus.create_topics({name: TopicSpec(1, HOUR_MS)})
        await sender.send([Outgoing(name, "k", b"0")])

    async with bus.receiver("desk", [name]) as receiver:
        assert numbers(await received(receiver, 1)) == [0]


async def test_a_message_that_is_too_large_is_named_and_none_is_sent(bus: Bus, topic: str) -> None:
    fits, too_large = Outgoing(topic, "k", b"0"), Outgoing(topic, "k", bytes(LARGEST + 1))
    async with bus.sender() as sender:
        with pytest.raises(MessageTooLarge) as fault:
            await sender.send([fits, too_large])
        assert fault.value.message is too_large

        await sender.send([Outgoing(topic, "k", bytes(LARGEST // 2)), fits])

    async with bus.receiver("desk", [topic]) as receiver:
        assert [len(message.value) for message in await received(receiver, 2)] == [LARGEST // 2, 1]


async def test_to_send_nothing_is_nothing(bus: Bus, topic: str) -> None:
    await send(bus, [])
    async with bus.receiver("desk", [topic]) as receiver:
        assert list(await receiver.receive(at_most=1, within=0.05)) == []


async def test_the_bus_tells_its_state_in_one_line(bus: Bus, topic: str) -> None:
    line = await bus.check()
    assert line
    assert "\n" not in line
