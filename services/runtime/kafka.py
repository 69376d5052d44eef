"""Kafka through aiokafka, made to outlive the broker.

The library retries for ever: an idempotent producer never gives a batch up, a consumer waits for its coordinator without
end. Here every call has a bound, after which it raises `BusUnavailable` and the client is thrown away; the next call makes
a new one. What was under way may then be stored twice, which receivers bear; nothing is lost, because nothing counts as
sent before all in-sync replicas have it, and no offset is committed before the caller says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import TypeVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.conn import create_conn
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import GroupCoordinatorNotAvailableError, TopicAlreadyExistsError, for_code
from aiokafka.structs import OffsetAndMetadata

from services.runtime.bus import LARGEST, BusUnavailable, TopicSpec
from services.runtime.kafka_access import IN_THE_CLEAR, KafkaAccess, access_of
from services.runtime.kafka_calls import BATCH, OVERHEAD, bounded, close
from services.runtime.kafka_receiver import KafkaReceiver
from services.runtime.kafka_sender import KafkaSender
from services.runtime.settings import WatchSettings

_REPLICAS = 3
_Result = TypeVar("_Result")


class KafkaBus:
    """A Kafka cluster."""

    def __init__(
        self,
        address: str,
        client_id: str,
        *,
        access: KafkaAccess = IN_THE_CLEAR,
        request_seconds: float = 10.0,
        session_seconds: float = 10.0,
        heartbeat_seconds: float = 1.0,
    ) -> None:
        """Nothing is connected yet.

        Args:
            address: bootstrap addresses, host:port with commas between.
            client_id: how the broker's logs name this process.
            access: what its clients show and trust.
            request_seconds: how long a call may take before the broker counts as away.
            session_seconds: how long a member of a group may be silent before its partitions go to others.
            heartbeat_seconds: how often a member says that it lives; at most a third of the session.
        """
        self._servers = address.split(",")
        self._access = access
        self._client_id = client_id
        self._request_seconds = request_seconds
        self._session_ms = round(session_seconds * 1000)
        self._heartbeat_ms = round(heartbeat_seconds * 1000)

    @classmethod
    def of(cls, settings: WatchSettings, client_id: str) -> KafkaBus:
        """The cluster that the settings name, entered as they say.

        Raises:
            SettingsFault: they name none, or what they say of the access is wrong.
        """
        return cls(settings.kafka_address, client_id, access=access_of(settings))

    def sender(self) -> KafkaSender:
        """A sender."""
        return KafkaSender(self._new_producer, self._request_seconds)

    def receiver(self, group: str, topics: Sequence[str]) -> KafkaReceiver:
        """A member of the group."""
        return KafkaReceiver(partial(self._new_consumer, group), topics, self._request_seconds)

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

    async def waiting(self, group: str, topic: str) -> int:
        """How many messages of the topic the group has not committed.

        Raises:
            BusUnavailable: the cluster cannot be reached.
        """
        async with self._admin() as admin:
            offsets = await self._bounded(_offsets(admin, group), "the offsets of a group")
            (described,) = await self._bounded(admin.describe_topics([topic]), "the partitions of a topic")
        places = [TopicPartition(topic, int(one["partition"])) for one in described["partitions"]]
        if not places:
            return 0
        # A member of no group: it reads where the topic ends and disturbs nobody.
        reader = AIOKafkaConsumer(
            bootstrap_servers=self._servers, client_id=self._client_id, enable_auto_commit=False, **self._access.options()
        )
        try:
            await self._bounded(reader.start(), "the connection")
            first = await self._bounded(reader.beginning_offsets(places), "where a topic begins")
            end = await self._bounded(reader.end_offsets(places), "where a topic ends")
        finally:
            await close(reader.stop)
        done = {place: offset.offset for place, offset in offsets.items()}
        return sum(max(0, end[place] - max(first[place], done.get(place, 0))) for place in places)

    def _new_producer(self) -> AIOKafkaProducer:
        """A client that is not yet started."""
        return AIOKafkaProducer(
            bootstrap_servers=self._servers,
            client_id=self._client_id,
            enable_idempotence=True,
            acks="all",
            max_request_size=LARGEST + OVERHEAD,
            max_batch_size=BATCH,
            request_timeout_ms=round(self._request_seconds * 1000),
            metadata_max_age_ms=60_000,
            **self._access.options(),
        )

    def _new_consumer(self, group: str) -> AIOKafkaConsumer:
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
            max_partition_fetch_bytes=LARGEST + OVERHEAD,
            request_timeout_ms=max(round(self._request_seconds * 1000), self._session_ms + 5_000),
            metadata_max_age_ms=30_000,
            **self._access.options(),
        )

    @asynccontextmanager
    async def _admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        admin = AIOKafkaAdminClient(
            bootstrap_servers=self._servers,
            client_id=self._client_id,
            request_timeout_ms=round(self._request_seconds * 1000),
            **self._access.options(),
        )
        try:
            try:
                await self._bounded(admin.start(), "the connection")
            except BusUnavailable as fault:
                raise BusUnavailable(f"{fault}{await self._why()}") from fault
            yield admin
        finally:
            await close(admin.close)

    async def _why(self) -> str:
        """Why the first of the brokers does not let us in, in its own words: the library keeps them to itself."""
        host, _, port = self._servers[0].rpartition(":")
        timeout = round(self._request_seconds * 1000)
        try:
            connection = await self._bounded(
                create_conn(host, int(port), client_id=self._client_id, request_timeout_ms=timeout, **self._access.options()), "it says"
            )
        except BusUnavailable as fault:
            return f"; {fault}"
        connection.close()
        return ""

    async def _bounded(self, call: Awaitable[_Result], what: str) -> _Result:
        return await bounded(call, self._request_seconds * 1.5, what)


async def _offsets(admin: AIOKafkaAdminClient, group: str) -> Mapping[TopicPartition, OffsetAndMetadata]:
    """How far a group is; a young cluster makes the place where groups are kept when it is first asked, and that takes a moment."""
    while True:
        try:
            found: Mapping[TopicPartition, OffsetAndMetadata] = await admin.list_consumer_group_offsets(group)
        except GroupCoordinatorNotAvailableError:
            await asyncio.sleep(0.2)
        else:
            return found


def _new_topic(name: str, spec: TopicSpec, replicas: int) -> NewTopic:
    configuration = {
        "retention.ms": str(spec.retention_ms),
        "max.message.bytes": str(LARGEST + OVERHEAD),
        # With three replicas a message is stored by two at least before it counts; one broker may be away.
        "min.insync.replicas": str(max(1, replicas - 1)),
    }
    return NewTopic(name, spec.partitions, replicas, topic_configs=configuration)
