"""The loop of a service that reads a topic: receive, decode, handle, commit; and what becomes of each thing that goes wrong.

    await consume(
        bus, group="classifier", topics=[ARTICLES_FETCHED.name], stopping=life.stopping,
        decode=lambda message: opened(message.value, message.headers, ArticleFetched),
        handle=runner.handle,
    )

`handle` gets the messages of one batch that could be decoded, in order per key, and returns when all of them are done and
kept: one transaction, or one each, as it likes. Then their offsets are committed. It may see a message again (after a
restart, a rebalance, or because another one of its batch failed) and must then change nothing.

| it raises | what happens |
|---|---|
| `BusUnavailable`, `DatabaseUnavailable` | said once, waited out, and the same batch again: no service need be restarted |
| `UnreadableMessage` (or `decode` does) | the message is put aside on its `.dlq` topic with the reason, counted and logged |
| `DatabaseUnfit`, `TooManyDeadLetters` | it goes through: the process stops and says why; nothing is committed |
| anything else | each message of the batch alone; one that fails three times alone is put aside as `poison` |

More than fifty dead letters, and more than half of all messages, within ten minutes: the fault is hardly theirs, and the
consumer stops before it empties the topic into the `.dlq`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Generic, TypeVar

from prometheus_client import Counter, Gauge

from schemas.envelope import UnreadableMessage
from schemas.vocabulary import DeadLetterReason
from services.runtime.bus import Bus, BusUnavailable, Received, Receiver, Sender
from services.runtime.deadletters import DeadLetterLimit, TooManyDeadLetters, dead_letter, tell
from services.runtime.patience import Patience
from services.runtime.postgres import DatabaseUnavailable, DatabaseUnfit
from services.runtime.telemetry import get_logger

TRIES = 3
"""How often a message may fail alone before it is put aside."""

_LAG_SECONDS = 5.0

MESSAGES = Counter("caucasus_watch_consumer_messages_total", "Messages received", ["group", "topic"])
LAG = Gauge("caucasus_watch_consumer_lag", "Messages of this member's partitions that are not yet received", ["group"])

log = get_logger("consumption")

Event = TypeVar("Event")
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Arrival(Generic[Event]):
    """A message and the event that was read in it."""

    message: Received
    event: Event


class _Stopping(Exception):  # noqa: N818 - no fault; it leaves the loop from wherever it waits
    """The process stops; what is under way is left uncommitted."""


async def consume(
    bus: Bus,
    *,
    group: str,
    topics: Sequence[str],
    decode: Callable[[Received], Event],
    handle: Callable[[Sequence[Arrival[Event]]], Awaitable[None]],
    stopping: asyncio.Event,
    at_most: int = 50,
    within: float = 1.0,
    limit: DeadLetterLimit | None = None,
) -> None:
    """Consume until the process stops; see the module's text.

    Raises:
        TooManyDeadLetters, DatabaseUnfit: see the table above.
    """
    async with AsyncExitStack() as stack:
        consumption = _Consumption(
            bus, group, decode=decode, handle=handle, stopping=stopping, limit=limit or DeadLetterLimit(), stack=stack
        )
        await consumption.run(topics, at_most, within)


class _Consumption(Generic[Event]):
    def __init__(
        self,
        bus: Bus,
        group: str,
        *,
        decode: Callable[[Received], Event],
        handle: Callable[[Sequence[Arrival[Event]]], Awaitable[None]],
        stopping: asyncio.Event,
        limit: DeadLetterLimit,
        stack: AsyncExitStack,
    ) -> None:
        self._bus = bus
        self._group = group
        self._decode = decode
        self._handle = handle
        self._stopping = stopping
        self._limit = limit
        self._stack = stack
        self._patience = Patience(stopping)
        self._aside: Sender | None = None
        self._complained = False
        self._next_lag = 0.0

    async def run(self, topics: Sequence[str], at_most: int, within: float) -> None:
        while not self._stopping.is_set():
            try:
                async with self._bus.receiver(self._group, topics) as receiver:
                    while True:
                        batch = await self._unless_stopping(receiver.receive(at_most=at_most, within=within))
                        if batch:
                            await self._work(batch)
                            await receiver.commit(batch)
                        self._goes_on()
                        await self._measure(receiver)
            except BusUnavailable as fault:
                await self._wait(fault)
            except _Stopping:
                return

    async def _work(self, batch: Sequence[Received]) -> None:
        """Return when every message of the batch is done: handled, or put aside."""
        arrivals: list[Arrival[Event]] = []
        unreadable: list[tuple[Received, UnreadableMessage]] = []
        for message in batch:
            MESSAGES.labels(self._group, message.topic).inc()
            try:
                arrivals.append(Arrival(message, self._decode(message)))
            except UnreadableMessage as fault:
                unreadable.append((message, fault))
            except Exception as fault:
                log.exception("decoding_failed", message=message.name)
                unreadable.append((message, _poison(fault)))
        # The limit is asked before anything is put aside, so that a stop and a restart do not move the topic bit by bit.
        self._note(read=len(arrivals), dead=len(unreadable))
        for message, reason in unreadable:
            await self._put_aside(message, reason)
        if arrivals:
            await self._handle_all(arrivals)

    async def _handle_all(self, arrivals: Sequence[Arrival[Event]]) -> None:
        try:
            await self._patiently(lambda: self._handle(arrivals))
        except (_Stopping, DatabaseUnfit, TooManyDeadLetters):
            raise
        except Exception as fault:  # noqa: BLE001 - whatever it is, the messages that it does not concern must get through
            log.warning("batch_failed", group=self._group, messages=len(arrivals), fault=type(fault).__name__, detail=str(fault))
            for arrival in arrivals:
                await self._handle_alone(arrival)

    async def _handle_alone(self, arrival: Arrival[Event]) -> None:
        patience = Patience(self._stopping, longest=1.0)
        for tried in range(1, TRIES + 1):
            try:
                await self._patiently(lambda: self._handle([arrival]))
            except (_Stopping, DatabaseUnfit, TooManyDeadLetters):
                raise
            except UnreadableMessage as fault:
                await self._give_up(arrival.message, fault)
                return
            except Exception as fault:
                log.exception("message_failed", message=arrival.message.name, tried=tried)
                if tried == TRIES:
                    await self._give_up(arrival.message, _poison(fault))
                    return
                if not await patience.wait():
                    raise _Stopping from fault
            else:
                return

    async def _give_up(self, message: Received, fault: UnreadableMessage) -> None:
        # It was counted as read when it was decoded.
        self._note(read=-1, dead=1)
        await self._put_aside(message, fault)

    async def _put_aside(self, message: Received, fault: UnreadableMessage) -> None:
        await self._patiently(lambda: self._send_aside(message, fault))
        tell(message, fault, self._group)

    async def _send_aside(self, message: Received, fault: UnreadableMessage) -> None:
        if self._aside is None:
            # Most processes never need it.
            self._aside = await self._stack.enter_async_context(self._bus.sender())
        await self._aside.send([dead_letter(message, fault, self._group)])

    async def _patiently(self, call: Callable[[], Awaitable[_Result]]) -> _Result:
        """Call until what it needs is there."""
        while True:
            try:
                result = await call()
            except (BusUnavailable, DatabaseUnavailable) as fault:
                await self._wait(fault)
            else:
                self._goes_on()
                return result

    async def _wait(self, fault: BusUnavailable | DatabaseUnavailable) -> None:
        if not self._complained:
            log.warning("consumer_waits", group=self._group, fault=type(fault).__name__, detail=str(fault))
            self._complained = True
        if not await self._patience.wait():
            raise _Stopping from fault

    def _goes_on(self) -> None:
        self._patience.calm()
        if self._complained:
            log.info("consumer_goes_on", group=self._group)
            self._complained = False

    def _note(self, *, read: int, dead: int) -> None:
        self._limit.note(asyncio.get_running_loop().time(), read=read, dead=dead)

    async def _measure(self, receiver: Receiver) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._next_lag:
            self._next_lag = now + _LAG_SECONDS
            LAG.labels(self._group).set(await receiver.lag())

    async def _unless_stopping(self, call: Awaitable[_Result]) -> _Result:
        """Await the call, but leave at once when the process stops: what it would have brought stays uncommitted."""
        called = asyncio.ensure_future(call)
        stopped = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait([called, stopped], return_when=asyncio.FIRST_COMPLETED)
            if called.done():
                return called.result()
            raise _Stopping
        finally:
            for future in (called, stopped):
                future.cancel()
            await asyncio.gather(called, stopped, return_exceptions=True)


def _poison(fault: BaseException) -> UnreadableMessage:
    return UnreadableMessage(DeadLetterReason.POISON, f"{type(fault).__name__}: {fault}")
