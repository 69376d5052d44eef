"""The outbox: messages written in the transaction of what they tell, and sent to the bus afterwards by a relay.

A service writes `await outbox.put(connection, envelopes)` in the transaction that changes its tables; the task
`relay(…)` sends what is unsent, in the order of writing, and marks it as sent. A relay that dies between the two sends
again: receivers know a repeat by its `ce_id`. Of several replicas one relays at a time, so that the order per key holds;
where two transactions write messages of the same key, they must have taken the same lock before, as for their rows.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import sqlalchemy as sa
from prometheus_client import Counter, Gauge, Histogram
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.envelope import Envelope
from schemas.vocabulary import DeadLetterReason
from services.runtime.bus import Bus, BusUnavailable, MessageTooLarge, Outgoing, Sender
from services.runtime.deadletters import headers_of_unsent
from services.runtime.patience import Patience, either
from services.runtime.postgres import DatabaseUnavailable, sort_fault, transaction, try_lock
from services.runtime.telemetry import get_logger

if TYPE_CHECKING:
    from asyncpg import Connection

POLL_SECONDS = 0.25
BATCH = 500
KEEP_SENT = timedelta(days=1)
_PURGE_SECONDS = 600.0
_PURGE_BATCH = 5000

SENT = Counter("caucasus_watch_outbox_sent_total", "Messages that the bus has stored", ["outbox"])
TOO_LARGE = Counter("caucasus_watch_outbox_put_aside_total", "Messages that the bus does not take", ["outbox", "reason"])
WAITED = Histogram(
    "caucasus_watch_outbox_seconds",
    "Seconds from the writing of a message to its storing by the bus",
    ["outbox"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800),
)
OWED = Gauge("caucasus_watch_outbox_owed", "Messages found unsent at the last look; never more than one batch", ["outbox"])

log = get_logger("outbox")


class Outbox:
    """The writing end of an outbox table."""

    def __init__(self, table: sa.Table) -> None:
        """`table`: one of `schemas.tables.outbox_table`."""
        self.table = table
        self._put = sa.text(
            f"INSERT INTO {table.name} (topic, key, value, headers) SELECT topic, key, value, CAST(headers AS jsonb) "  # noqa: S608 - our own name
            "FROM unnest(CAST(:topic AS text[]), CAST(:key AS text[]), CAST(:value AS bytea[]), CAST(:headers AS text[])) "
            "WITH ORDINALITY AS given(topic, key, value, headers, place) ORDER BY place"
        )

    async def put(self, connection: AsyncConnection, envelopes: Iterable[Envelope]) -> None:
        """Owe these messages, in this order, if the transaction commits; relays anywhere are woken then."""
        rows = list(envelopes)
        if not rows:
            return
        # One statement for all of them costs a tenth of one each; the order of the numbers is that of the list.
        columns = {
            "topic": [row.topic for row in rows],
            "key": [row.key for row in rows],
            "value": [row.value for row in rows],
            "headers": [json.dumps(dict(row.headers)) for row in rows],
        }
        await connection.execute(self._put, columns)
        # Postgres tells the listeners at the commit, and nobody where there is none.
        await connection.execute(sa.select(sa.func.pg_notify(self.table.name, "")))


async def relay(
    engine: AsyncEngine,
    table: sa.Table,
    bus: Bus,
    *,
    stopping: asyncio.Event,
    poll_seconds: float = POLL_SECONDS,
    batch: int = BATCH,
) -> None:
    """Send what the outbox owes until the process stops; a bus or a database that is away is waited for.

    Raises:
        DatabaseUnfit: the table is missing, or the database refuses us.
    """
    patience = Patience(stopping)
    complained = False
    while not stopping.is_set():
        try:
            async with _Ear(engine, table) as ear, bus.sender() as sender:
                round_ = Round(engine, table, sender, batch=batch)
                next_purge = 0.0
                while not stopping.is_set():
                    ear.listen()
                    sent = await round_.run()
                    if complained:
                        log.info("relay_goes_on", outbox=table.name)
                        complained = False
                    patience.calm()
                    now = asyncio.get_running_loop().time()
                    if sent == 0 and now >= next_purge:
                        next_purge = now + _PURGE_SECONDS
                        await purge(engine, table)
                    if sent < batch:
                        # A listener that went deaf costs no more than that time.
                        await either((stopping, ear.news), poll_seconds)
        except (BusUnavailable, DatabaseUnavailable) as fault:
            if not complained:
                log.warning("relay_waits", outbox=table.name, fault=type(fault).__name__, detail=str(fault))
                complained = True
            await patience.wait()


class Round:
    """One look into an outbox: what is unsent is sent and marked."""

    def __init__(self, engine: AsyncEngine, table: sa.Table, sender: Sender, *, batch: int = BATCH) -> None:
        """Of that table, through that sender."""
        self._engine = engine
        self._table = table
        self._sender = sender
        self._batch = batch

    async def run(self) -> int:
        """How many were sent: none where nothing is owed, or another replica is at it.

        Raises:
            BusUnavailable, DatabaseUnavailable, DatabaseUnfit: see there.
        """
        table = self._table
        async with transaction(self._engine) as connection:
            if not await try_lock(connection, f"relay {table.name}"):
                return 0
            unsent = sa.select(table).where(table.c.sent_at.is_(None)).order_by(table.c.id).limit(self._batch)
            rows = (await connection.execute(unsent)).all()
            OWED.labels(table.name).set(len(rows))
            if not rows:
                return 0
            await self._send([Outgoing(row.topic, row.key, bytes(row.value), row.headers) for row in rows])
            marked = sa.update(table).where(table.c.id.in_([row.id for row in rows])).values(sent_at=sa.func.clock_timestamp())
            result = await connection.execute(marked.returning(sa.func.extract("epoch", table.c.sent_at - table.c.created_at)))
            for seconds in result.scalars():
                WAITED.labels(table.name).observe(max(0.0, float(seconds)))
        SENT.labels(table.name).inc(len(rows))
        return len(rows)

    async def _send(self, messages: list[Outgoing]) -> None:
        while messages:
            try:
                await self._sender.send(messages)
            except MessageTooLarge as fault:
                # One message that can never be sent must not keep back all that come after it.
                await self._put_aside(fault)
                messages = [message for message in messages if message is not fault.message]
            else:
                return

    async def _put_aside(self, fault: MessageTooLarge) -> None:
        name, message = self._table.name, fault.message
        log.error(
            "message_put_aside", outbox=name, topic=message.topic, key=message.key, reason=DeadLetterReason.TOO_LARGE, detail=str(fault)
        )
        TOO_LARGE.labels(name, DeadLetterReason.TOO_LARGE).inc()
        headers = headers_of_unsent(message, DeadLetterReason.TOO_LARGE, str(fault))
        await self._sender.send([Outgoing(f"{message.topic}.dlq", message.key, b"", headers)])


async def purge(engine: AsyncEngine, table: sa.Table, *, keep: timedelta = KEEP_SENT) -> int:
    """Delete what was sent longer ago than `keep`, in batches; how many rows."""
    total = 0
    while True:
        old = sa.select(table.c.id).where(table.c.sent_at < sa.func.now() - keep).limit(_PURGE_BATCH)
        async with transaction(engine) as connection:
            deleted = (await connection.execute(sa.delete(table).where(table.c.id.in_(old)))).rowcount
        total += deleted
        if deleted < _PURGE_BATCH:
            return total


async def purge_unsent(engine: AsyncEngine, table: sa.Table, *, keep: timedelta = KEEP_SENT) -> None:
    """Delete what was written longer ago than `keep` and sent by nobody: for a database that has no relay."""
    async with transaction(engine) as connection:
        await connection.execute(sa.delete(table).where(table.c.created_at < sa.func.now() - keep))


class _Ear:
    """Hears of each committed transaction that put something into the outbox, wherever it ran."""

    def __init__(self, engine: AsyncEngine, table: sa.Table) -> None:
        self._engine = engine
        self._channel = table.name
        self._connection: AsyncConnection | None = None
        self._driver: Connection[Any] | None = None
        self.news = asyncio.Event()

    async def __aenter__(self) -> Self:
        try:
            self._connection = await self._engine.connect()
            self._driver = (await self._connection.get_raw_connection()).driver_connection
            if self._driver is not None:
                await self._driver.add_listener(self._channel, self._hear)
        except Exception as fault:
            raise sort_fault(fault) from fault
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        # A connection that has died listens no more anyway.
        with suppress(Exception):
            if self._driver is not None:
                await self._driver.remove_listener(self._channel, self._hear)
        with suppress(Exception):
            if self._connection is not None:
                await self._connection.close()

    def listen(self) -> None:
        """Forget what was heard before.

        Raises:
            DatabaseUnavailable: the connection is closed; another one must be made.
        """
        if self._driver is None or self._driver.is_closed():
            raise DatabaseUnavailable("the connection that listens was closed")
        self.news.clear()

    def _hear(self, *_: Any) -> None:
        self.news.set()
