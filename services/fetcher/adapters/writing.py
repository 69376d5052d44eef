"""What polls brought, written: the states of many feeds, their new entries and the messages that tell of them, in one transaction.

A poll that brings nothing costs a row in two statements, so the ends of polls are gathered for a moment and written
together. Each is written under the lease of its feed: of a feed that another replica has taken over nothing is. The
write of an entry says what it believes the store to hold, so that of two writers of one article one is passed over.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.envelope import Envelope, seal
from schemas.tables import entries, feeds, fetcher_outbox
from schemas.topics import ARTICLES_FETCHED
from services.fetcher.adapters.statements import (
    ADD_ENTRIES,
    ADD_POLLS,
    END_POLLS,
    REMEMBER,
    REPORT,
    TRIM_POLLS,
    columns,
    entry_row,
    feed_row,
    poll_row,
)  # fmt: skip
from services.fetcher.adapters.store import Claim, FeedStore
from services.fetcher.core.entries import WANTED, FeedFacts, Verdict, fetched
from services.fetcher.core.standing import Outcome, Standing
from services.runtime.outbox import Outbox
from services.runtime.postgres import DatabaseUnavailable, DatabaseUnfit, transaction
from services.runtime.telemetry import traceparent

KEPT_POLLS = 30
GATHER_SECONDS = 0.05
"""Real seconds for which the end of a poll waits for others to be written with it."""
TOGETHER = 200
ENTRIES_TOGETHER = 300
"""Polls, and entries that they bring, that are written in one transaction."""
SEALED_AT_ONCE = 20
ENDED_AT_ONCE = 25
"""Messages that are made, and polls that are told of their end, in one turn of the loop."""


class LeaseLost(RuntimeError):  # noqa: N818 - it names what happened to the lease
    """Another replica has taken the feed over: nothing of this poll is written."""


@dataclass(frozen=True, slots=True)
class Brought:
    """Entries of one feed to be written at `now`; with `end`, what the poll came to and how the feed stands after it."""

    claim: Claim
    feed: FeedFacts
    verdicts: Sequence[Verdict]
    now: datetime
    end: tuple[Outcome, Standing] | None = None
    trace: str = field(default_factory=traceparent)


class Writer:
    """`written = await writer.write(brought)`: gathered with what others write at the same moment."""

    def __init__(self, store: FeedStore, *, reporting: bool = False) -> None:
        """`reporting`: whether the links of new entries are kept for a file, besides."""
        self._store = store
        self._outbox = Outbox(fetcher_outbox)
        self._reporting = reporting
        self._waiting: list[tuple[Brought, asyncio.Future[list[Verdict]]]] = []
        self._flushing: asyncio.Task[None] | None = None

    async def write(self, brought: Brought) -> list[Verdict]:
        """Write it, all or nothing. Returns those that were written: of an article that another feed wrote meanwhile nothing is.

        Raises:
            LeaseLost: see there.
            DatabaseUnavailable, DatabaseUnfit: see there.
        """
        done: asyncio.Future[list[Verdict]] = asyncio.get_running_loop().create_future()
        self._waiting.append((brought, done))
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush(), name="writing")
        return await done

    async def close(self) -> None:
        """Let what is being written come to its end."""
        if self._flushing is not None:
            await asyncio.gather(self._flushing, return_exceptions=True)

    async def _flush(self) -> None:
        while self._waiting:
            if len(self._waiting) < TOGETHER:
                await asyncio.sleep(GATHER_SECONDS)
            batch = self._next()
            try:
                await self._write_all(batch)
            except BaseException as fault:
                # Nobody waits for ever, whatever ends the task.
                _tell(batch, DatabaseUnavailable("the writing was ended") if isinstance(fault, asyncio.CancelledError) else fault)
                raise

    def _next(self) -> list[tuple[Brought, asyncio.Future[list[Verdict]]]]:
        """The next to be written together. Whoever was cancelled while it waited is not: its feed is due as before."""
        polls = verdicts = 0
        for brought, _ in self._waiting[:TOGETHER]:
            verdicts += len(brought.verdicts)
            if polls and verdicts > ENTRIES_TOGETHER:
                break
            polls += 1
        batch, self._waiting = self._waiting[:polls], self._waiting[polls:]
        return [(brought, done) for brought, done in batch if not done.done()]

    async def _write_all(self, batch: Sequence[tuple[Brought, asyncio.Future[list[Verdict]]]]) -> None:
        """Together; where that fails for a reason of one of them, each by itself."""
        try:
            results = await self._together([brought for brought, _ in batch])
        except (DatabaseUnavailable, DatabaseUnfit) as fault:
            _tell(batch, fault)
        except Exception as fault:  # noqa: BLE001 - it goes to whoever waits for it
            if len(batch) == 1:
                _tell(batch, fault)
                return
            for one in batch:
                await self._write_all([one])
        else:
            for number, ((brought, done), result) in enumerate(zip(batch, results, strict=True), 1):
                if number % ENDED_AT_ONCE == 0:
                    await asyncio.sleep(0)
                if done.done():
                    continue
                if result is None:
                    done.set_exception(LeaseLost(f"the feed {brought.claim.feed_id} is another replica's now"))
                else:
                    done.set_result(result)

    async def _together(self, batch: Sequence[Brought]) -> list[list[Verdict] | None]:
        """What of each was written, in one transaction; None where its lease was lost."""
        async with transaction(self._store.engine) as connection:
            held = await self._renewed(connection, [brought.claim.feed_id for brought in batch if brought.end is None])
            held |= await self._ended(connection, [brought for brought in batch if brought.end is not None])
            ours = [brought for brought in batch if brought.claim.feed_id in held]
            written = await _write_entries(connection, ours)
            await self._outbox.put(connection, [message async for message in _messages(ours, written)])
            if self._reporting:
                await _report(connection, ours, written)
        results = dict(zip(map(id, ours), written, strict=True))
        return [results.get(id(brought)) for brought in batch]

    async def _renewed(self, connection: AsyncConnection, ids: Collection[str]) -> set[str]:
        """Which of the feeds that go on being polled are still ours."""
        if not ids:
            return set()
        statement = (
            sa.update(feeds)
            .where(feeds.c.id == sa.any_(sa.bindparam("ids", sorted(ids), sa.ARRAY(sa.Text))), feeds.c.leased_by == self._store.replica)
            .values(leased_until=sa.func.now() + self._store.lease)
        )
        return set((await connection.execute(statement.returning(feeds.c.id))).scalars())

    async def _ended(self, connection: AsyncConnection, batch: Sequence[Brought]) -> set[str]:
        """Write how the feeds stand; which of them were ours."""
        ends = {brought.claim.feed_id: (brought, *brought.end) for brought in batch if brought.end is not None}
        if not ends:
            return set()
        rows = [feed_row(feed_id, standing) for feed_id, (_, _, standing) in sorted(ends.items())]
        given = await connection.execute(END_POLLS, columns(rows) | {"replica": self._store.replica})
        held = set(given.scalars())
        ended = {feed_id: end for feed_id, end in ends.items() if feed_id in held}
        if ended:
            await connection.execute(
                ADD_POLLS, columns([poll_row(feed_id, outcome, brought.now) for feed_id, (brought, outcome, _) in ended.items()])
            )
            await connection.execute(TRIM_POLLS, {"id": sorted(held), "kept": KEPT_POLLS})
        memories = [
            {"feed_id": feed_id, "remembered": standing.remembered}
            for feed_id, (brought, _, standing) in ended.items()
            if standing.remembered is not brought.claim.standing.remembered
        ]
        if memories:
            await connection.execute(REMEMBER, columns(memories))
        return held


async def _write_entries(connection: AsyncConnection, batch: Sequence[Brought]) -> list[list[Verdict]]:
    """Those of each that were written."""
    # The order of ids is the same for every writer: two that meet wait for each other, never in a circle.
    rows = sorted(
        (
            (candidate.article_id, brought, verdict, candidate)
            for brought in batch
            for verdict in brought.verdicts
            if (candidate := verdict.candidate) is not None
        ),
        key=itemgetter(0),
    )
    done: set[tuple[str, str]] = set()
    new = [
        entry_row(brought.feed.id, candidate, verdict.reason, brought.now)
        for _, brought, verdict, candidate in rows
        if verdict.previous is None
    ]
    if new:
        found = await connection.execute(ADD_ENTRIES, columns(new))
        done.update((str(row.article_id), row.feed_id) for row in found)
    for article, brought, verdict, candidate in rows:
        if verdict.previous is not None:
            row = entry_row(brought.feed.id, candidate, verdict.reason, brought.now)
            same = sa.and_(entries.c.article_id == article, entries.c.revision == verdict.previous)
            changed = {name: value for name, value in row.items() if name not in {"article_id", "first_seen_at"}}
            update = sa.update(entries).where(same).values(**changed).returning(entries.c.article_id)
            done.update((str(one), brought.feed.id) for one in (await connection.execute(update)).scalars())
    return [
        [verdict for verdict in brought.verdicts if verdict.candidate and (verdict.candidate.article_id, brought.feed.id) in done]
        for brought in batch
    ]


async def _messages(batch: Sequence[Brought], written: Sequence[Sequence[Verdict]]) -> AsyncIterator[Envelope]:
    """The messages that tell of what was written, each feed's in its order."""
    made = 0
    for brought, verdicts in zip(batch, written, strict=True):
        for verdict in verdicts:
            if verdict.candidate is None or verdict.reason not in WANTED:
                continue
            event = fetched(verdict.candidate, brought.feed, brought.now)
            made += 1
            if made % SEALED_AT_ONCE == 0:
                await asyncio.sleep(0)
            yield seal(
                ARTICLES_FETCHED,
                event.article_id,
                event,
                event_id=f"{event.article_id}:{event.revision}",
                now=brought.now,
                traceparent=brought.trace,
            )


async def _report(connection: AsyncConnection, batch: Sequence[Brought], written: Sequence[Sequence[Verdict]]) -> None:
    links = [
        verdict.candidate.link
        for brought, verdicts in zip(batch, written, strict=True)
        for verdict in verdicts
        if verdict.candidate is not None and verdict.previous is None
    ]
    if links:
        await connection.execute(REPORT, {"link": links})


def _tell(batch: Sequence[tuple[Brought, asyncio.Future[list[Verdict]]]], fault: BaseException) -> None:
    for _, done in batch:
        if not done.done():
            done.set_exception(fault)
