"""The fetcher's tables, read: which feeds are due and free, how they stand, what is known of their articles.

Leases run on the database's own clock; due times on the clock of the story. What a poll brought is written by
`adapters.writing`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.tables import entries, feed_memories, feeds
from schemas.vocabulary import FeedState, FetchReason
from services.fetcher.core.answers import Validators
from services.fetcher.core.entries import Candidate, Known
from services.fetcher.core.moved import Earlier
from services.fetcher.core.schedule import Pace, Rhythm
from services.fetcher.core.standing import Standing
from services.runtime.postgres import advisory_lock, transaction

SET_BACK = timedelta(days=2)
"""A feed due further ahead than any interval was written by a clock that has been set back: it is due."""
PER_HOST = 4
"""Feeds of one host that are taken at a time: they wait for each other, and must not keep the places of other hosts."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A feed that is ours for a while, and how it stood."""

    feed_id: str
    standing: Standing
    pace: Pace
    host: str = ""


@dataclass(frozen=True, slots=True)
class Ours:
    """What one replica may take: `of` these feeds, `besides` those that it polls already, none of the hosts that are `busy`."""

    of: Collection[str]
    besides: Collection[str] = ()
    busy: Collection[str] = ()


class FeedStore:
    """The store of one replica."""

    def __init__(self, engine: AsyncEngine, *, replica: str, lease_seconds: float) -> None:
        """`lease_seconds`: real seconds that a feed is ours without a sign of life."""
        self.engine = engine
        self.replica = replica
        self.lease = timedelta(seconds=lease_seconds)

    async def claim(self, now: datetime, ours: Ours, *, at_most: int, whenever: bool = False) -> list[Claim]:
        """Take up to `at_most` feeds that are due and free, the longest due first; with `whenever` those not due yet, too."""
        if at_most <= 0:
            return []
        due = sa.or_(feeds.c.next_poll_at.is_(None), feeds.c.next_poll_at <= now, feeds.c.next_poll_at > now + SET_BACK)
        place = sa.func.row_number().over(partition_by=feeds.c.host, order_by=feeds.c.next_poll_at.asc().nulls_first()).label("place")
        wanted = [*self._free(ours), sa.true() if whenever else due]
        placed = sa.select(feeds.c.id, place).where(*wanted).subquery()
        chosen = (
            sa.select(feeds.c.id)
            .where(feeds.c.id.in_(sa.select(placed.c.id).where(placed.c.place <= PER_HOST)), *wanted)
            .order_by(feeds.c.next_poll_at.asc().nulls_first())
            .limit(at_most)
            .with_for_update(skip_locked=True)
        )
        taken = sa.update(feeds).where(feeds.c.id.in_(chosen)).values(leased_by=self.replica, leased_until=sa.func.now() + self.lease)
        async with transaction(self.engine) as connection:
            # Two replicas that look at the same moment must not take two feeds of one host.
            await advisory_lock(connection, "fetcher claim")
            rows = (await connection.execute(taken.returning(feeds))).all()
            known = sa.select(feed_memories).where(feed_memories.c.feed_id == _any("ids", [row.id for row in rows]))
            remembered = {row.feed_id: bytes(row.remembered) for row in await connection.execute(known)} if rows else {}
        rows = sorted(rows, key=lambda row: (row.next_poll_at is not None, row.next_poll_at))
        return [_claim(row, remembered.get(row.id, b"")) for row in rows]

    async def next_due(self, ours: Ours) -> datetime | None:
        """When the next of these feeds that nobody polls is due; None where none waits."""
        async with transaction(self.engine) as connection:
            found = await connection.scalar(sa.select(sa.func.min(feeds.c.next_poll_at)).where(*self._free(ours)))
        return found if isinstance(found, datetime) else None

    async def states(self) -> dict[FeedState, int]:
        """How many of the feeds that are polled fare how; none is left out."""
        counted = sa.select(feeds.c.state, sa.func.count()).where(feeds.c.enabled, feeds.c.retired_at.is_(None)).group_by(feeds.c.state)
        async with transaction(self.engine) as connection:
            found = {FeedState(state): count for state, count in await connection.execute(counted)}
        return {state: found.get(state, 0) for state in FeedState}

    async def renew(self, ids: Collection[str]) -> None:
        """A sign of life: these feeds stay ours."""
        async with transaction(self.engine) as connection:
            await connection.execute(
                sa.update(feeds)
                .where(feeds.c.id == _any("ids", ids), feeds.c.leased_by == self.replica)
                .values(leased_until=sa.func.now() + self.lease)
            )

    async def release(self, ids: Collection[str]) -> None:
        """Give these feeds back unpolled: they are due as they were."""
        async with transaction(self.engine) as connection:
            await connection.execute(
                sa.update(feeds)
                .where(feeds.c.id == _any("ids", ids), feeds.c.leased_by == self.replica)
                .values(leased_by=None, leased_until=None)
            )

    async def known(self, ids: Collection[str]) -> dict[str, Known]:
        """What the store has of these articles."""
        if not ids:
            return {}
        async with transaction(self.engine) as connection:
            rows = await connection.execute(
                sa.select(entries.c.article_id, entries.c.feed_id, entries.c.revision, entries.c.reason).where(
                    entries.c.article_id == sa.any_(sa.bindparam("ids", list(ids), sa.ARRAY(sa.Uuid(as_uuid=False))))
                )
            )
        return {row.article_id: Known(row.feed_id, row.revision, FetchReason(row.reason)) for row in rows}

    async def earlier(self, feed_id: str, unknown: Sequence[Candidate], since: datetime) -> list[Earlier]:
        """What this feed has brought since then that may be one of these, and what of any feed has now one of their addresses."""
        moments = {one.published_at for one in unknown if one.published_at is not None}
        alike = sa.or_(
            entries.c.mark == _any("marks", {one.mark for one in unknown if one.mark}),
            entries.c.guid == _any("guids", {one.guid for one in unknown if one.guid}),
            entries.c.published_at == sa.any_(sa.bindparam("moments", list(moments), sa.ARRAY(sa.DateTime(timezone=True)))),
        )
        recent = sa.and_(entries.c.feed_id == feed_id, entries.c.first_seen_at >= since, alike)
        wanted = sa.or_(recent, entries.c.url == _any("urls", {one.url for one in unknown}))
        async with transaction(self.engine) as connection:
            rows = await connection.execute(sa.select(entries).where(wanted))
        return [
            Earlier(
                row.article_id,
                row.url,
                row.title,
                row.published_at,
                row.guid or "",
                row.mark or "",
                Known(row.feed_id, row.revision, FetchReason(row.reason)),
            )
            for row in rows
        ]

    def _free(self, ours: Ours) -> list[sa.ColumnElement[bool]]:
        """Enabled, nobody's (or ours from a poll that came to nothing), and of a host that nobody else asks now."""
        others = feeds.alias("others")
        asked = sa.exists().where(
            others.c.host == feeds.c.host,
            others.c.leased_by.is_not(None),
            others.c.leased_by != self.replica,
            others.c.leased_until >= sa.func.now(),
        )
        free = sa.or_(feeds.c.leased_until.is_(None), feeds.c.leased_until < sa.func.now(), feeds.c.leased_by == self.replica)
        return [
            feeds.c.enabled,
            feeds.c.retired_at.is_(None),
            free,
            sa.not_(asked),
            feeds.c.id == _any("of", ours.of),
            feeds.c.id != sa.all_(_texts("besides", ours.besides)),
            feeds.c.host != sa.all_(_texts("busy", ours.busy)),
        ]


def _texts(name: str, values: Collection[str]) -> sa.BindParameter[Any]:
    """Many values as one parameter: the statement is the same whatever their number."""
    return sa.bindparam(name, list(values), sa.ARRAY(sa.Text), unique=True)


def _any(name: str, values: Collection[str]) -> sa.ColumnElement[Any]:
    return sa.any_(_texts(name, values))


def _claim(row: Any, remembered: bytes) -> Claim:
    standing = Standing(
        url=row.url,
        address=row.address or row.url,
        rhythm=Rhythm(row.interval_seconds, row.entry_rate, row.usual_gap_seconds),
        state=FeedState(row.state),
        since=row.state_since,
        failures=row.failures,
        moved_to=row.moved_to,
        moved_polls=row.moved_polls,
        validators=Validators(row.etag, row.last_modified),
        body_hash=row.body_hash,
        full_at=row.full_at,
        distrusted=row.distrusted,
        ttl=row.ttl_seconds,
        entries=row.entries,
        last_polled_at=row.last_polled_at,
        last_good_at=row.last_good_at,
        last_fresh_at=row.last_fresh_at,
        next_poll_at=row.next_poll_at,
        retired_at=row.retired_at,
        remembered=remembered,
    )
    return Claim(row.id, standing, Pace(row.floor_seconds, row.ceiling_seconds, pinned=row.pinned), row.host)
