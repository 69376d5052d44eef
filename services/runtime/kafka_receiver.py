"""The receiving end of Kafka: a member of a group whose client is thrown away and made anew when it has failed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError
from aiokafka.structs import ConsumerRecord

from services.runtime.bus import BusUnavailable, Received
from services.runtime.kafka_calls import bounded, close


class KafkaReceiver:
    """A member of a group; its client is made anew when it has failed."""

    def __init__(self, make: Callable[[], AIOKafkaConsumer], topics: Sequence[str], request_seconds: float) -> None:
        """`make` gives a client of the group that is not yet started; `request_seconds` is how long one answer may take."""
        self._make = make
        self._topics = list(topics)
        self._seconds = request_seconds
        self._consumer: AIOKafkaConsumer | None = None
        self._heard = 0.0

    async def __aenter__(self) -> Self:
        """Join the group.

        Raises:
            BusUnavailable: no broker answers, or a topic is not there.
        """
        await self._ready()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Leave it, so that the others have its partitions at once."""
        await self._drop()

    async def receive(self, *, at_most: int, within: float) -> Sequence[Received]:
        """Up to `at_most` messages.

        Raises:
            BusUnavailable: see there; the next call connects again and begins after the last committed message.
        """
        consumer = await self._ready()
        try:
            # The library waits by itself; the bound is for the case that it never comes back.
            found = await bounded(
                consumer.getmany(timeout_ms=round(within * 1000), max_records=at_most), within + self._seconds, "receiving"
            )
            loop = asyncio.get_running_loop()
            if found:
                self._heard = loop.time()
            elif loop.time() - self._heard > self._seconds:
                # Nothing came for long: is the broker there at all? The library would not say.
                await bounded(consumer.topics(), self._seconds, "the list of topics")
                self._heard = loop.time()
        except BusUnavailable:
            await self._drop()
            raise
        return [_received(record) for records in found.values() for record in records]

    async def commit(self, messages: Sequence[Received]) -> None:
        """Commit the offsets behind these messages, on the partitions that are still this member's.

        Raises:
            BusUnavailable: it is not sure that they are committed; the messages may come again.
        """
        offsets: dict[TopicPartition, int] = {}
        consumer = self._consumer
        if consumer is None:
            return  # The client that received them is gone, and its partitions with it.
        mine = consumer.assignment()
        for message in messages:
            place = TopicPartition(message.topic, message.partition)
            if place in mine:
                offsets[place] = max(offsets.get(place, 0), message.offset + 1)
        if not offsets:
            return
        try:
            await bounded(_unless_handed_over(consumer.commit(offsets)), self._seconds, "committing")
        except BusUnavailable:
            await self._drop()
            raise

    async def lag(self) -> int:
        """Messages of this member's partitions that are not yet received.

        Raises:
            BusUnavailable: no broker answers.
        """
        consumer = await self._ready()
        mine = consumer.assignment()
        if not mine:
            return 0
        ends = await bounded(consumer.end_offsets(list(mine)), self._seconds, "the ends of the partitions")
        total = 0
        for place, end in ends.items():
            with suppress(IllegalStateError):  # It was taken away meanwhile.
                total += max(0, end - await bounded(consumer.position(place), self._seconds, "the position"))
        return total

    async def _ready(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            consumer = self._make()
            self._consumer = consumer
            try:
                await bounded(self._join(consumer), self._seconds * 3, f"joining the group on {', '.join(self._topics)}")
            except BaseException:
                await self._drop()
                raise
            self._heard = asyncio.get_running_loop().time()
        return self._consumer

    async def _join(self, consumer: AIOKafkaConsumer) -> None:
        consumer.subscribe(self._topics)
        await consumer.start()

    async def _drop(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            # Where the broker is away the first step may break off before it has closed the connections.
            await close(consumer.stop, consumer._client.close)  # noqa: SLF001 - there is no public way


async def _unless_handed_over(commit: Awaitable[object]) -> None:
    """Commit, or leave it: where the group has shared out anew, whoever has the partitions now gets these messages again."""
    with suppress(CommitFailedError, IllegalStateError):
        await commit


def _received(record: ConsumerRecord[bytes, bytes]) -> Received:
    """Other programs may write what is no UTF-8, or nothing at all: that is for the reader to refuse, not a reason to stop."""
    headers = {name: (value or b"").decode(errors="replace") for name, value in record.headers}
    return Received(
        record.topic, record.partition, record.offset, (record.key or b"").decode(errors="replace"), record.value or b"", headers
    )
