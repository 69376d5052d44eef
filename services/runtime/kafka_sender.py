"""The sending end of Kafka: an idempotent producer that is thrown away and made anew when it has failed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError, UnknownTopicOrPartitionError

from services.runtime.bus import LARGEST, BusUnavailable, MessageTooLarge, Outgoing
from services.runtime.kafka_calls import BATCH, OVERHEAD, bounded, close, seen


class KafkaSender:
    """An idempotent producer that is made anew when it has failed."""

    def __init__(self, make: Callable[[], AIOKafkaProducer], request_seconds: float) -> None:
        """`make` gives a client that is not yet started; `request_seconds` is how long it may wait for one answer."""
        self._make = make
        self._seconds = request_seconds
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
                await bounded(self._send(producer, messages), self._seconds * 2, "sending")
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
                future.add_done_callback(seen)

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
            producer = self._make()
            self._producer = producer
            try:
                await bounded(producer.start(), self._seconds * 1.5, "the connection")
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
            await close(producer.stop, producer.client.close)


async def _stored(message: Outgoing, future: asyncio.Future[Any]) -> None:
    """Wait until the broker has it; topics that others have made may take less than ours."""
    try:
        await future
    except (MessageSizeTooLargeError, RecordListTooLargeError) as fault:
        # Only a message that is larger than a batch may be travels alone; so the fault is this one's.
        if len(message.value) + OVERHEAD > BATCH:
            raise MessageTooLarge(message, len(message.value) - 1) from fault
        raise
