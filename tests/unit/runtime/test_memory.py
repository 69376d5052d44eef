"""What the bus in memory has beyond the contract: it forgets what everybody is done with, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from schemas.topics import TOPICS
from services.runtime.bus import BusUnavailable, Outgoing, TopicSpec
from services.runtime.memory import MemoryBus
from services.runtime.topics import SPECS, make_topics


async def filled(bus: MemoryBus, count: int) -> None:
    async with bus.sender() as sender:
        await sender.send([Outgoing("notes", "k", str(number).encode()) for number in range(count)])


async def oldest(bus: MemoryBus, group: str) -> int:
    async with bus.receiver(group, ["notes"]) as receiver:
        [first] = await receiver.receive(at_most=1, within=0)
        return first.offset


async def test_what_every_group_is_done_with_is_forgotten_beyond_what_is_kept() -> None:
    bus = MemoryBus(kept=5)
    await bus.create_topics({"notes": TopicSpec(1, 1000)})
    async with bus.receiver("quick", ["notes"]) as quick, bus.receiver("slow", ["notes"]):
        await filled(bus, 100)
        await quick.commit(await quick.receive(at_most=100, within=0))
    assert "100 messages" in await bus.check()

    async with bus.receiver("slow", ["notes"]) as slow:
        await slow.commit(await slow.receive(at_most=60, within=0))
        assert "40 messages" in await bus.check()
        await slow.commit(await slow.receive(at_most=60, within=0))
        assert "5 messages" in await bus.check()

    assert await oldest(bus, "late") == 95


async def test_a_topic_that_nobody_reads_does_not_grow_without_end() -> None:
    bus = MemoryBus(kept=10)
    await bus.create_topics({"notes": TopicSpec(1, 1000)})

    await filled(bus, 1000)

    assert await oldest(bus, "late") >= 1000 - 10 - 1


async def test_the_topics_of_the_registry_are_made_with_their_dead_letters() -> None:
    bus = MemoryBus()

    assert await make_topics(bus, asyncio.Event())

    async with bus.sender() as sender:
        await sender.send([Outgoing(name, "k", b"") for topic in TOPICS for name in (topic.name, topic.dlq)])
    assert set(SPECS) == {name for topic in TOPICS for name in (topic.name, topic.dlq)}


async def test_topics_are_waited_for_until_the_process_stops() -> None:
    stopping = asyncio.Event()

    class Away(MemoryBus):
        async def create_topics(self, topics: Mapping[str, TopicSpec]) -> None:
            stopping.set()
            raise BusUnavailable(f"no broker for {len(topics)} topics")

    assert not await make_topics(Away(), stopping)


async def test_the_members_of_a_group_share_a_busy_partition_fairly_with_a_quiet_one() -> None:
    bus = MemoryBus()
    await bus.create_topics({"busy": TopicSpec(1, 1000), "quiet": TopicSpec(1, 1000)})
    async with bus.sender() as sender, bus.receiver("desk", ["busy", "quiet"]) as receiver:
        await sender.send([Outgoing("busy", "k", b"")] * 100)
        await sender.send([Outgoing("quiet", "k", b"")])
        topics = [(await receiver.receive(at_most=1, within=0))[0].topic for _ in range(3)]

    assert "quiet" in topics


def test_each_bus_is_a_world_of_its_own() -> None:
    async def count(bus: MemoryBus) -> str:
        await bus.create_topics({"notes": TopicSpec(1, 1000)})
        await filled(bus, 3)
        return await bus.check()

    for _ in range(2):
        assert "3 messages" in asyncio.run(count(MemoryBus()))


async def test_a_topic_that_is_not_there_is_told() -> None:
    with pytest.raises(BusUnavailable, match="notes"):
        await filled(MemoryBus(), 1)
