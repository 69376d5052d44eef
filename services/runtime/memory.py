"""A message bus in the memory of one process, under the contract of Kafka's: for `--bus memory` and for quick tests.

It forgets everything when the process ends; what is owed is in the outboxes of the database, and is sent again from there
only where it was not yet marked as sent. So it serves where no Kafka can be had, and says so in `check`.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType

from services.runtime.bus import LARGEST, BusUnavailable, MessageTooLarge, Outgoing, Received, TopicSpec

KEPT = 50_000
"""Messages that a partition keeps at least, done or not; older ones are dropped once every group is done with them."""

_Place = tuple[str, int]
"""A partition of a topic."""


@dataclass(slots=True)
class _Partition:
    messages: list[Received] = field(default_factory=list)
    first: int = 0
    """Offset of the oldest message that is still there."""

    @property
    def end(self) -> int:
        """Offset that the next message gets."""
        return self.first + len(self.messages)


class _Group:
    """The members of a group, who has which partition, and how far each partition is done."""

    def __init__(self) -> None:
        self.members: list[MemoryReceiver] = []
        self.topics: set[str] = set()
        """All that a member has ever wanted."""
        self.done: dict[_Place, int] = {}

    def share_out(self, topics: Mapping[str, list[_Partition]]) -> None:
        """Give each partition to one of the members that want its topic; who keeps one goes on where it was."""
        shares: dict[MemoryReceiver, dict[_Place, int]] = {member: {} for member in self.members}
        for topic, partitions in topics.items():
            wanting = [member for member in self.members if topic in member.topics]
            if not wanting:
                continue
            for number, partition in enumerate(partitions):
                place = (topic, number)
                member = wanting[number % len(wanting)]
                shares[member][place] = max(partition.first, member.positions.get(place, self.done.get(place, 0)))
        for member, share in shares.items():
            member.positions = share
            member.wake.set()


class MemoryBus:
    """A bus of this process: topics, groups and offsets as Kafka has them. Use each within one event loop."""

    def __init__(self, *, kept: int = KEPT) -> None:
        """`kept`: see `KEPT`."""
        self._kept = kept
        self._topics: dict[str, list[_Partition]] = {}
        self._groups: dict[str, _Group] = {}

    async def create_topics(self, topics: Mapping[str, TopicSpec]) -> None:
        """Create those that are missing."""
        for name, spec in topics.items():
            self._topics.setdefault(name, [_Partition() for _ in range(spec.partitions)])
        for group in self._groups.values():
            group.share_out(self._topics)

    async def check(self) -> str:
        """One line on its state."""
        messages = sum(len(partition.messages) for partitions in self._topics.values() for partition in partitions)
        return f"in memory: {len(self._topics)} topics, {messages} messages; nothing outlives the process"

    async def waiting(self, group: str, topic: str) -> int:
        """How many messages of the topic the group has not marked as done."""
        done = self._groups[group].done if group in self._groups else {}
        partitions = self._topics.get(topic, [])
        return sum(one.end - max(one.first, done.get((topic, number), 0)) for number, one in enumerate(partitions))

    def sender(self) -> MemorySender:
        """A sender."""
        return MemorySender(self)

    def receiver(self, group: str, topics: Sequence[str]) -> MemoryReceiver:
        """A member of the group."""
        return MemoryReceiver(self, group, topics)

    # What follows is for the sender and the receiver below.

    def _store(self, message: Outgoing) -> None:
        partitions = self._topics.get(message.topic)
        if partitions is None:
            raise BusUnavailable(f"the topic {message.topic} is not there")
        number = zlib.crc32(message.key.encode()) % len(partitions)
        partition = partitions[number]
        partition.messages.append(Received(message.topic, number, partition.end, message.key, message.value, dict(message.headers)))
        for group in self._groups.values():
            for member in group.members:
                if (message.topic, number) in member.positions:
                    member.wake.set()
        self._forget((message.topic, number))

    def _join(self, member: MemoryReceiver) -> None:
        group = self._groups.setdefault(member.group, _Group())
        group.members.append(member)
        group.topics |= member.topics
        group.share_out(self._topics)

    def _leave(self, member: MemoryReceiver) -> None:
        group = self._groups[member.group]
        group.members.remove(member)
        group.share_out(self._topics)

    def _after(self, place: _Place, offset: int, at_most: int) -> list[Received]:
        partition = self._topics[place[0]][place[1]]
        begin = max(0, offset - partition.first)
        return partition.messages[begin : begin + at_most]

    def _end(self, place: _Place) -> int:
        return self._topics[place[0]][place[1]].end

    def _mark(self, group: str, place: _Place, offset: int) -> None:
        done = self._groups[group].done
        done[place] = max(done.get(place, 0), offset)
        self._forget(place)

    def _forget(self, place: _Place) -> None:
        partition = self._topics[place[0]][place[1]]
        surplus = len(partition.messages) - self._kept
        # In steps: to drop one message of many each time would copy the rest each time.
        if surplus <= self._kept // 10:
            return
        # A group that has left for the moment comes back for the rest.
        done = [group.done.get(place, 0) for group in self._groups.values() if place[0] in group.topics]
        droppable = min(surplus, min(done, default=partition.end) - partition.first)
        if droppable > 0:
            del partition.messages[:droppable]
            partition.first += droppable


class MemorySender:
    """Sends into a MemoryBus."""

    def __init__(self, bus: MemoryBus) -> None:
        """Of that bus."""
        self._bus = bus

    async def __aenter__(self) -> MemorySender:  # noqa: PYI034 - not made to be subclassed
        """Ready at once."""
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Nothing to close."""

    async def send(self, messages: Sequence[Outgoing]) -> None:
        """Store all.

        Raises:
            BusUnavailable: a topic is not there.
            MessageTooLarge: see there.
        """
        for message in messages:
            if len(message.value) > LARGEST:
                raise MessageTooLarge(message, LARGEST)
        for message in messages:
            self._bus._store(message)  # noqa: SLF001 - the two are one thing in two classes


class MemoryReceiver:
    """A member of a group on a MemoryBus."""

    def __init__(self, bus: MemoryBus, group: str, topics: Sequence[str]) -> None:
        """Joins when it is entered."""
        self._bus = bus
        self.group = group
        self.topics = frozenset(topics)
        self.positions: dict[_Place, int] = {}
        """The next offset to receive, of each partition that this member has."""
        self.wake = asyncio.Event()

    async def __aenter__(self) -> MemoryReceiver:  # noqa: PYI034 - not made to be subclassed
        """Join the group."""
        self._bus._join(self)  # noqa: SLF001 - the two are one thing in two classes
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Leave it: what was not committed goes to the others."""
        self.positions = {}
        self._bus._leave(self)  # noqa: SLF001 - the two are one thing in two classes

    async def receive(self, *, at_most: int, within: float) -> Sequence[Received]:
        """Up to `at_most` messages."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within
        while True:
            self.wake.clear()
            found = self._take(at_most)
            # Others run in between even where there is always something to receive.
            await asyncio.sleep(0)
            remaining = deadline - loop.time()
            if found or remaining <= 0:
                return found
            try:
                await asyncio.wait_for(self.wake.wait(), remaining)
            except TimeoutError:
                return []

    def _take(self, at_most: int) -> list[Received]:
        found: list[Received] = []
        for place in list(self.positions):
            new = self._bus._after(place, self.positions[place], at_most - len(found))  # noqa: SLF001 - as above
            if new:
                found += new
                # What was served goes to the end of the line, so that a busy partition does not starve the others.
                del self.positions[place]
                self.positions[place] = new[-1].offset + 1
            if len(found) >= at_most:
                break
        return found

    async def commit(self, messages: Sequence[Received]) -> None:
        """Mark them as done, on the partitions that are still this member's."""
        for message in messages:
            place = (message.topic, message.partition)
            if place in self.positions:
                self._bus._mark(self.group, place, message.offset + 1)  # noqa: SLF001 - as above

    async def lag(self) -> int:
        """Messages not yet received."""
        return sum(self._bus._end(place) - position for place, position in self.positions.items())  # noqa: SLF001 - as above
