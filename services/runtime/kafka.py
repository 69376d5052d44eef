"""Kafka through aiokafka, made to outlive the broker.

The library retries for ever: an idempotent producer never gives a batch up, a consumer waits for its coordinator without
end. Here every call has a bound, after which it raises `BusUnavailable` and the client is thrown away; the next call makes
a new one. What was under way may then be stored twice, which receivers bear; nothing is lost, because nothing counts as
sent before all in-sync replicas have it, and no offset is committed before the caller says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Any, Self, TypeVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import (
    CommitFailedError,
    IllegalStateError,
    KafkaError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    TopicAlreadyExistsError,
    UnknownTopicOrPartitionError,
    for_code,
)
from aiokafka.structs import ConsumerRecord

from services.runtime.bus import BusUnavailable, MessageTooLarge, Outgoing, Received, TopicSpec

LARGEST = 8 * 1024 * 1024
"""Bytes of the largest message; topics are made to take it."""

_OVERHEAD = 64 * 1024
"""Bytes that key, headers and framing may take beside the value."""

_BATCH = 256 * 1024
"""Bytes of messages that travel together to one partition."""

_REPLICAS = 3
_CLOSE_SECONDS = 3.0
_Result = TypeVar("_Result")


class KafkaBus:
    """A Kafka cluster."""

    def __init__(
        self,
        address: str,
        client_id: str,
        *,
        request_seconds: float = 10.0,
        session_seconds: float = 10.0,
        heartbeat_seconds: float = 1.0,
    ) -> None:
        """Nothing is connected yet.

        Args:
            address: bootstrap addresses, host:port with commas between.
            client_id: how the broker's logs name this process.
            request_seconds: how long a call may take before the broker counts as away.
            session_seconds: how long a member of a group may be silent before its partitions go to others.
            heartbeat_seconds: how often a member says that it lives; at most a third of the session.
        """
        self._servers = address.split(",")
        self._client_id = client_id
        self.request_seconds = request_seconds
        self._session_ms = round(session_seconds * 1000)
        self._heartbeat_ms = round(heartbeat_seconds * 1000)

    def sender(self) -> KafkaSender:
        """A sender."""
        return KafkaSender(self)

    def receiver(self, group: str, topics: Sequence[str]) -> KafkaReceiver:
        """A member of the group."""
        return KafkaReceiver(self, group, topics)

    async def create_topics(self, topics: Mapping[str, TopicSpec]) -> None:
        """Create those that are missing, on as many brokers as there are, up to three.

        Raises:
            BusUnavailable: the cluster cannot be reached, or did not make one of them.
        """
        async with self._admin() as admin:
            there = set(await self._bounded(admin.list_topics(), "the list of topics"))
            missing = {name: spec for name, spec in topics.items() if name not in there}
            if not missing:
                return
            brokers = (await self._bounded(admin.describe_cluster(), "the list of brokers"))["brokers"]
            replicas = min(_REPLICAS, len(brokers))
            answer = await self._bounded(
                admin.create_topics([_new_topic(name, spec, replicas) for name, spec in missing.items()]), "the making of topics"
            )
        for name, code, *more in answer.topic_errors:
            fault = for_code(code)
            # Another process may have been quicker.
            if code and fault is not TopicAlreadyExistsError:
                raise BusUnavailable(f"the topic {name} was not made: {fault.__name__} {' '.join(str(m) for m in more if m)}".strip())

    async def check(self) -> str:
        """One line on the cluster's state.

        Raises:
            BusUnavailable: it cannot be reached.
        """
        async with self._admin() as admin:
            cluster = await self._bounded(admin.describe_cluster(), "the list of brokers")
            topics = await self._bounded(admin.list_topics(), "the list of topics")
        visible = [name for name in topics if not name.startswith("__")]
        return f"Kafka cluster {cluster['cluster_id']}: {len(cluster['brokers'])} broker(s), {len(visible)} topics"

    def new_producer(self) -> AIOKafkaProducer:
        """A client that is not yet started."""
        return AIOKafkaProducer(
            bootstrap_servers=self._servers,
            client_id=self._client_id,
            enable_idempotence=True,
            acks="all",
            max_request_size=LARGEST + _OVERHEAD,
            max_batch_size=_BATCH,
            request_timeout_ms=round(self.request_seconds * 1000),
            metadata_max_age_ms=60_000,
        )

    def new_consumer(self, group: str) -> AIOKafkaConsumer:
        """A client that is not yet started."""
        return AIOKafkaConsumer(
            bootstrap_servers=self._servers,
            client_id=self._client_id,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=self._session_ms,
            heartbeat_interval_ms=self._heartbeat_ms,
            # A batch that waits for a database that is away must not cost its member the partitions.
            max_poll_interval_ms=1_800_000,
            rebalance_timeout_ms=max(10_000, self._session_ms),
            partition_assignment_strategy=(StickyPartitionAssignor,),
            max_partition_fetch_bytes=LARGEST + _OVERHEAD,
            request_timeout_ms=max(round(self.request_seconds * 1000), self._session_ms + 5_000),
            metadata_max_age_ms=30_000,
        )

    @asynccontextmanager
    async def _admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        admin = AIOKafkaAdminClient(
            bootstrap_servers=self._servers, client_id=self._client_id, request_timeout_ms=round(self.request_seconds * 1000)
        )
        try:
            await self._bounded(admin.start(), "the connection")
            yield admin
        finally:
            await _close(admin.close)

    async def _bounded(self, call: Awaitable[_Result], what: str) -> _Result:
        return await bounded(call, self.request_seconds * 1.5, what)


async def bounded(call: Awaitable[_Result], seconds: float, what: str) -> _Result:
    """Await the call, in a task of its own: some of the library's calls do not hear that they are cancelled.

    Raises:
        BusUnavailable: it took longer, or Kafka said no.
    """
    task = asyncio.ensure_future(call)
    try:
        await asyncio.wait({task}, timeout=seconds)
        if not task.done():
            raise BusUnavailable(f"Kafka did not answer within {seconds:.1f} s: {what}")
        if task.cancelled():
            raise BusUnavailable(f"{what}: the client was closed")
        return task.result()
    except (KafkaError, OSError) as fault:
        if isinstance(fault, BusUnavailable):
            raise
        raise BusUnavailable(f"{what}: {fault}") from fault
    finally:
        await _end(task)


async def _end(task: asyncio.Future[Any]) -> None:
    """Cancel what still runs, and leave it to itself where it does not hear."""
    task.add_done_callback(_seen)
    if not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=1.0)


async def _close(*steps: Callable[[], Awaitable[object]]) -> None:
    """Each step, however the one before it ended; none of them for longer than some seconds."""
    for step in steps:
        # The library lets the cancellation of its own tasks out, as if it were ours; in a task of its own that is no matter.
        task = asyncio.ensure_future(step())
        try:
            await asyncio.wait({task}, timeout=_CLOSE_SECONDS)
        finally:
            await _end(task)


class KafkaSender:
    """An idempotent producer that is made anew when it has failed."""

    def __init__(self, bus: KafkaBus) -> None:
        """Of that bus."""
        self._bus = bus
        self._producer: AIOKafkaProducer | None = None
        self._lock = asyncio.Lock()

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            BusUnavailable: no broker answers.
        """
        async with self._lock:
            await self._ready()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Disconnect."""
        await self._drop()

    async def send(self, messages: Sequence[Outgoing]) -> None:
        """Send all; returns when all in-sync replicas have them.

        Raises:
            BusUnavailable: not all were surely stored.
            MessageTooLarge: see there.
        """
        for message in messages:
            if len(message.value) > LARGEST:
                raise MessageTooLarge(message, LARGEST)
        # One call at a time: a failed one throws the client away, and with it what another would have under way.
        async with self._lock:
            producer = await self._ready()
            try:
                await bounded(self._send(producer, messages), self._bus.request_seconds * 2, "sending")
            except BaseException:
                await self._drop()
                raise

    async def _send(self, producer: AIOKafkaProducer, messages: Sequence[Outgoing]) -> None:
        pending: list[asyncio.Future[Any]] = []
        try:
            for message in messages:
                pending.append(await self._hand_over(producer, message))  # noqa: PERF401 - those handed over before a fault are needed
            for message, future in zip(messages, pending, strict=True):
                await _stored(message, future)
        finally:
            for future in pending:
                future.add_done_callback(_seen)

    async def _hand_over(self, producer: AIOKafkaProducer, message: Outgoing) -> asyncio.Future[Any]:
        headers = [(name, text.encode()) for name, text in message.headers.items()]
        try:
            future: asyncio.Future[Any] = await producer.send(message.topic, message.value, message.key.encode(), headers=headers)
        except MessageSizeTooLargeError as fault:
            raise MessageTooLarge(message, LARGEST) from fault
        except UnknownTopicOrPartitionError as fault:
            raise BusUnavailable(f"the topic {message.topic} is not there") from fault
        return future

    async def _ready(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = self._bus.new_producer()
            self._producer = producer
            try:
                await bounded(producer.start(), self._bus.request_seconds * 1.5, "the connection")
            except BaseException:
                await self._drop()
                raise
        return self._producer

    async def _drop(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            # What it still holds was told to the caller as not sent; it would retry for ever and wait for that before it closes.
            with suppress(Exception):
                producer._message_accumulator.fail_all(KafkaError("given up"))  # noqa: SLF001 - there is no public way
            await _close(producer.stop, producer.client.close)


class KafkaReceiver:
    """A member of a group; its client is made anew when it has failed."""

    def __init__(self, bus: KafkaBus, group: str, topics: Sequence[str]) -> None:
        """Joins when it is entered."""
        self._bus = bus
        self._group = group
        self._topics = list(topics)
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
                consumer.getmany(timeout_ms=round(within * 1000), max_records=at_most), within + self._bus.request_seconds, "receiving"
            )
            loop = asyncio.get_running_loop()
            if found:
                self._heard = loop.time()
            elif loop.time() - self._heard > self._bus.request_seconds:
                # Nothing came for long: is the broker there at all? The library would not say.
                await bounded(consumer.topics(), self._bus.request_seconds, "the list of topics")
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
            await bounded(_unless_handed_over(consumer.commit(offsets)), self._bus.request_seconds, "committing")
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
        ends = await bounded(consumer.end_offsets(list(mine)), self._bus.request_seconds, "the ends of the partitions")
        total = 0
        for place, end in ends.items():
            with suppress(IllegalStateError):  # It was taken away meanwhile.
                total += max(0, end - await bounded(consumer.position(place), self._bus.request_seconds, "the position"))
        return total

    async def _ready(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            consumer = self._bus.new_consumer(self._group)
            self._consumer = consumer
            try:
                await bounded(self._join(consumer), self._bus.request_seconds * 3, f"joining the group {self._group} on {self._topics}")
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
            await _close(consumer.stop, consumer._client.close)  # noqa: SLF001 - there is no public way


async def _stored(message: Outgoing, future: asyncio.Future[Any]) -> None:
    """Wait until the broker has it; topics that others have made may take less than ours."""
    try:
        await future
    except (MessageSizeTooLargeError, RecordListTooLargeError) as fault:
        # Only a message that is larger than a batch may be travels alone; so the fault is this one's.
        if len(message.value) + _OVERHEAD > _BATCH:
            raise MessageTooLarge(message, len(message.value) - 1) from fault
        raise


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


def _new_topic(name: str, spec: TopicSpec, replicas: int) -> NewTopic:
    configuration = {
        "retention.ms": str(spec.retention_ms),
        "max.message.bytes": str(LARGEST + _OVERHEAD),
        # With three replicas a message is stored by two at least before it counts; one broker may be away.
        "min.insync.replicas": str(max(1, replicas - 1)),
    }
    return NewTopic(name, spec.partitions, replicas, topic_configs=configuration)


def _seen(future: asyncio.Future[Any]) -> None:
    """Take note of a fault that was told already, for the first of its batch."""
    if not future.cancelled():
        future.exception()
