"""The fetcher's tables: who polls which feed now, what a poll brought, and the messages owed for it.

What a poll brought and the messages that tell of it are written in one transaction, under the lease of the feed; the
write of an entry says what it believes the store to hold, so that of two writers of one article one is passed over.
Leases run on the database's own clock; due times on the clock of the story.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.envelope import seal
from schemas.tables import entries, feeds, fetcher_outbox, outlets, polls
from schemas.topics import ARTICLES_FETCHED
from schemas.vocabulary import FeedState, FetchReason, PollReason
from services.fetcher.adapters.http import Validators
from services.fetcher.core.entries import WANTED, Candidate, FeedFacts, Known, Verdict, fetched
from services.fetcher.core.feedlist import FeedList
from services.fetcher.core.schedule import Standing, interval
from services.runtime.outbox import Outbox
from services.runtime.postgres import advisory_lock, transaction
from services.runtime.telemetry import traceparent

KEPT_POLLS = 30
SEEN_AGAIN = timedelta(hours=1)
"""An entry that stays in its feed is marked as seen no more often than that."""
SET_BACK = timedelta(days=2)
"""A feed due further ahead than any interval was written by a clock that has been set back: it is due."""


class LeaseLost(RuntimeError):  # noqa: N818 - it names what happened to the lease
    """Another replica has taken the feed over: nothing of this poll is written."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A feed that is ours for a while, and how it stood."""

    feed_id: str
    url: str
    interval: int
    validators: Validators
    body_hash: str | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class PollRecord:
    """One poll as it is kept. `validators` and `body_hash` are None where the known ones stay."""

    reason: PollReason
    standing: Standing
    next_poll_at: datetime
    status: int | None = None
    entries: int = 0
    new_entries: int = 0
    bytes: int = 0
    seconds: float = 0.0
    detail: str = ""
    validators: Validators | None = None
    body_hash: str | None = None
    seen: tuple[str, ...] = field(default=())
    """Ids of articles that are still in the feed, unchanged."""


class FeedStore:
    """The store of one replica."""

    def __init__(self, engine: AsyncEngine, *, replica: str, lease_seconds: float) -> None:
        """`lease_seconds`: real seconds that a feed is ours without a sign of life."""
        self._engine = engine
        self._replica = replica
        self._lease = timedelta(seconds=lease_seconds)
        self._outbox = Outbox(fetcher_outbox)

    async def seed(self, listed: FeedList, *, usual: int, floor: int, now: datetime) -> tuple[int, int]:
        """Make the tables equal to the list: how many feeds there are, and how many were retired now.

        The same list twice changes nothing. A feed that is not in the list any more is retired and keeps its history.
        """
        rows = [
            {
                "id": feed.id,
                "outlet_id": outlet.id,
                "url": feed.url,
                "scope": feed.scope,
                "language": feed.language,
                "interval_seconds": interval(feed.interval, usual, floor),
                "enabled": feed.enabled,
            }
            for outlet, feed in listed.feeds()
        ]
        ids = [row["id"] for row in rows]
        async with transaction(self._engine) as connection:
            await advisory_lock(connection, "fetcher seed")
            await self._write_outlets(connection, listed)
            # An address may have gone from one feed to another: free it first, for the addresses are unique.
            for row in rows:
                await connection.execute(
                    sa.update(feeds)
                    .where(feeds.c.url == row["url"], feeds.c.id != row["id"])
                    .values(url=feeds.c.url + "#was-" + feeds.c.id)
                )
            if rows:
                statement = insert(feeds)
                given = statement.excluded
                changed = sa.or_(feeds.c.url != given.url, feeds.c.scope != given.scope)
                forgotten = {
                    name: sa.case((changed, None), else_=feeds.c[name]) for name in ("etag", "last_modified", "body_hash", "next_poll_at")
                }
                await connection.execute(
                    statement.on_conflict_do_update(
                        index_elements=[feeds.c.id],
                        set_={name: given[name] for name in rows[0] if name != "id"} | forgotten | {"retired_at": None},
                    ),
                    rows,
                )
            gone = (
                sa.update(feeds)
                .where(feeds.c.id.not_in(ids), feeds.c.retired_at.is_(None))
                .values(retired_at=now, leased_by=None, leased_until=None)
            )
            retired = (await connection.execute(gone.returning(feeds.c.id))).all()
        return len(rows), len(retired)

    @staticmethod
    async def _write_outlets(connection: AsyncConnection, listed: FeedList) -> None:
        rows = [
            {
                "id": outlet.id,
                "name": outlet.name,
                "family": outlet.family,
                "country": outlet.country,
                "orientation": outlet.orientation,
                "language": outlet.feeds[0].language,
            }
            for outlet in listed.outlets
        ]
        if rows:
            statement = insert(outlets)
            await connection.execute(
                statement.on_conflict_do_update(
                    index_elements=[outlets.c.id], set_={name: statement.excluded[name] for name in rows[0] if name != "id"}
                ),
                rows,
            )

    async def claim(self, now: datetime, *, at_most: int, of: Collection[str], besides: Collection[str] = ()) -> list[Claim]:
        """Take up to `at_most` feeds that are due and free, the longest due first. `besides` are being polled already."""
        if at_most <= 0:
            return []
        due = sa.or_(feeds.c.next_poll_at.is_(None), feeds.c.next_poll_at <= now, feeds.c.next_poll_at > now + SET_BACK)
        chosen = (
            sa.select(feeds.c.id)
            .where(feeds.c.enabled, feeds.c.retired_at.is_(None), due, self._free(), feeds.c.id.in_(of), feeds.c.id.not_in(besides))
            .order_by(feeds.c.next_poll_at.asc().nulls_first())
            .limit(at_most)
            .with_for_update(skip_locked=True)
        )
        taken = sa.update(feeds).where(feeds.c.id.in_(chosen)).values(leased_by=self._replica, leased_until=sa.func.now() + self._lease)
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(taken.returning(feeds))).all()
        return [
            Claim(
                feed_id=row.id,
                url=row.url,
                interval=row.interval_seconds,
                validators=Validators(row.etag, row.last_modified),
                body_hash=row.body_hash,
                standing=Standing(FeedState(row.state), row.state_since, row.failures, row.last_fresh_at),
            )
            for row in sorted(rows, key=lambda row: (row.next_poll_at is not None, row.next_poll_at))
        ]

    def _free(self) -> sa.ColumnElement[bool]:
        """Nobody's, or ours from a poll that came to nothing."""
        return sa.or_(feeds.c.leased_until.is_(None), feeds.c.leased_until < sa.func.now(), feeds.c.leased_by == self._replica)

    async def next_due(self, *, of: Collection[str], besides: Collection[str] = ()) -> datetime | None:
        """When the next of these feeds that nobody polls is due; None where none waits."""
        async with transaction(self._engine) as connection:
            found = await connection.scalar(
                sa.select(sa.func.min(feeds.c.next_poll_at)).where(
                    feeds.c.enabled, feeds.c.retired_at.is_(None), self._free(), feeds.c.id.in_(of), feeds.c.id.not_in(besides)
                )
            )
        return found if isinstance(found, datetime) else None

    async def renew(self, ids: Collection[str]) -> None:
        """A sign of life: these feeds stay ours."""
        async with transaction(self._engine) as connection:
            await connection.execute(
                sa.update(feeds)
                .where(feeds.c.id.in_(ids), feeds.c.leased_by == self._replica)
                .values(leased_until=sa.func.now() + self._lease)
            )

    async def release(self, ids: Collection[str]) -> None:
        """Give these feeds back unpolled: they are due as they were."""
        async with transaction(self._engine) as connection:
            await connection.execute(
                sa.update(feeds).where(feeds.c.id.in_(ids), feeds.c.leased_by == self._replica).values(leased_by=None, leased_until=None)
            )

    async def known(self, ids: Collection[str]) -> dict[str, Known]:
        """What the store has of these articles."""
        if not ids:
            return {}
        async with transaction(self._engine) as connection:
            rows = await connection.execute(
                sa.select(entries.c.article_id, entries.c.feed_id, entries.c.revision, entries.c.reason).where(
                    entries.c.article_id.in_(ids)
                )
            )
        return {row.article_id: Known(row.feed_id, row.revision, FetchReason(row.reason)) for row in rows}

    async def record(
        self, claim: Claim, feed: FeedFacts, verdicts: Sequence[Verdict], *, now: datetime, poll: PollRecord | None
    ) -> list[Verdict]:
        """Write entries and owe their messages; with `poll`, which ends it, the state of the feed too. All or nothing.

        Returns those that were written: of an article that another feed wrote meanwhile nothing is.

        Raises:
            LeaseLost: see there.
        """
        async with transaction(self._engine) as connection:
            held = await connection.scalar(
                sa.update(feeds)
                .where(feeds.c.id == claim.feed_id, feeds.c.leased_by == self._replica)
                .values(leased_until=sa.func.now() + self._lease)
                .returning(feeds.c.id)
            )
            if held is None:
                raise LeaseLost(f"the feed {claim.feed_id} is another replica's now")
            written = await self._write_entries(connection, feed, verdicts, now)
            messages = [
                seal(
                    ARTICLES_FETCHED,
                    event.article_id,
                    event,
                    event_id=f"{event.article_id}:{event.revision}",
                    now=now,
                    traceparent=traceparent(),
                )
                for event in (
                    fetched(verdict.candidate, feed, now) for verdict in written if verdict.candidate and verdict.reason in WANTED
                )
            ]
            await self._outbox.put(connection, messages)
            if poll is not None:
                await self._write_poll(connection, claim, poll, now)
        return written

    @staticmethod
    async def _write_entries(connection: AsyncConnection, feed: FeedFacts, verdicts: Sequence[Verdict], now: datetime) -> list[Verdict]:
        # The order of ids is the same for every writer: two that meet wait for each other, never in a circle.
        ordered = sorted(
            ((verdict.candidate, verdict) for verdict in verdicts if verdict.candidate is not None), key=lambda one: one[0].article_id
        )
        done: set[str] = set()
        new = [
            _row(feed, candidate, verdict, now) | {"article_id": candidate.article_id, "first_seen_at": now}
            for candidate, verdict in ordered
            if verdict.previous is None
        ]
        if new:
            statement = insert(entries).values(new).on_conflict_do_nothing(index_elements=[entries.c.article_id])
            done.update((await connection.execute(statement.returning(entries.c.article_id))).scalars())
        for candidate, verdict in ordered:
            if verdict.previous is not None:
                same = sa.and_(entries.c.article_id == candidate.article_id, entries.c.revision == verdict.previous)
                update = sa.update(entries).where(same).values(**_row(feed, candidate, verdict, now)).returning(entries.c.article_id)
                done.update((await connection.execute(update)).scalars())
        return [verdict for verdict in verdicts if verdict.candidate is not None and verdict.candidate.article_id in done]

    async def _write_poll(self, connection: AsyncConnection, claim: Claim, poll: PollRecord, now: datetime) -> None:
        await connection.execute(
            sa.insert(polls).values(
                feed_id=claim.feed_id,
                polled_at=now,
                reason=poll.reason,
                status=poll.status,
                entries=poll.entries,
                new_entries=poll.new_entries,
                bytes=poll.bytes,
                seconds=poll.seconds,
                detail=poll.detail or None,
            )
        )
        oldest = sa.select(polls.c.id).where(polls.c.feed_id == claim.feed_id).order_by(polls.c.id.desc()).offset(KEPT_POLLS)
        await connection.execute(sa.delete(polls).where(polls.c.id.in_(oldest)))
        if poll.seen:
            seen = sa.update(entries).where(
                entries.c.article_id.in_(poll.seen), entries.c.feed_id == claim.feed_id, entries.c.last_seen_at < now - SEEN_AGAIN
            )
            await connection.execute(seen.values(last_seen_at=now))
        values: dict[str, object] = {
            "state": poll.standing.state,
            "state_since": poll.standing.since,
            "failures": poll.standing.failures,
            "last_fresh_at": poll.standing.last_fresh_at,
            "next_poll_at": poll.next_poll_at,
            "last_polled_at": now,
            "leased_by": None,
            "leased_until": None,
        }
        if poll.validators is not None:
            values |= {"etag": poll.validators.etag, "last_modified": poll.validators.last_modified}
        if poll.body_hash is not None:
            values["body_hash"] = poll.body_hash
        await connection.execute(sa.update(feeds).where(feeds.c.id == claim.feed_id).values(**values))


def _row(feed: FeedFacts, candidate: Candidate, verdict: Verdict, now: datetime) -> dict[str, object]:
    return {
        "feed_id": feed.id,
        "outlet_id": candidate.outlet.id,
        "url": candidate.url,
        "title": candidate.title,
        "published_at": candidate.published_at,
        "last_seen_at": now,
        "revision": candidate.fingerprint,
        "reason": verdict.reason,
        "detail": " ".join((*candidate.notes, *candidate.keywords)) or None,
    }
