"""Makes the tables of outlets and feeds equal to the list of feeds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.tables import feed_memories, feeds, outlets
from services.fetcher.core.addresses import host_of
from services.fetcher.core.feedlist import Feed, FeedList, Outlet
from services.fetcher.core.schedule import Pace, bounded, interval
from services.runtime.postgres import advisory_lock, transaction

FORGOTTEN = (
    "etag", "last_modified", "body_hash", "full_at", "next_poll_at", "address", "moved_to", "retired_at",
)  # fmt: skip
"""What was known of another address, or for another use, and is NULL again when the list changes these."""


async def seed(engine: AsyncEngine, listed: FeedList, *, usual: int, floor: int, ceiling: int, now: datetime) -> tuple[int, int]:
    """Make the tables equal to the list: how many feeds there are, and how many were retired now.

    The same list twice changes nothing. A feed that is not in the list any more is retired and keeps its history; one that
    was retired because it was gone comes back only with another address.
    """
    rows = [_row(outlet, feed, usual=usual, floor=floor, ceiling=ceiling) for outlet, feed in listed.feeds()]
    async with transaction(engine) as connection:
        await advisory_lock(connection, "fetcher seed")
        await _write_outlets(connection, listed)
        await _write_feeds(connection, rows)
        return len(rows), await _retire_all_but(connection, [row["id"] for row in rows], now)


async def add(engine: AsyncEngine, listed: FeedList, *, usual: int, floor: int, ceiling: int) -> dict[str, str]:
    """Add the feeds of the list to those that there are; the id of each under its address: one that was there keeps its own."""
    rows = [_row(outlet, feed, usual=usual, floor=floor, ceiling=ceiling) for outlet, feed in listed.feeds()]
    addresses = [row["url"] for row in rows]
    known = sa.select(feeds.c.url, feeds.c.id).where(feeds.c.url == sa.any_(sa.bindparam("urls", addresses, sa.ARRAY(sa.Text))))
    async with transaction(engine) as connection:
        await advisory_lock(connection, "fetcher seed")
        there = {row.url: row.id for row in await connection.execute(known)}
        # Whoever asks for a feed by its address wants it polled, whatever became of it before.
        asked = feeds.c.id == sa.any_(sa.bindparam("ids", list(there.values()), sa.ARRAY(sa.Text)))
        away = sa.or_(feeds.c.retired_at.is_not(None), sa.not_(feeds.c.enabled))
        await connection.execute(sa.update(feeds).where(asked, away).values(retired_at=None, enabled=True))
        new = [row for row in rows if row["url"] not in there]
        wanted = {row["outlet_id"] for row in new}
        await _write_outlets(connection, FeedList(outlets=tuple(outlet for outlet in listed.outlets if outlet.id in wanted)))
        if new:
            await connection.execute(insert(feeds).on_conflict_do_nothing(), new)
    return {row["url"]: there.get(row["url"], row["id"]) for row in rows}


def pace_of(feed: Feed, outlet: Outlet, *, floor: int, ceiling: int) -> Pace:
    """Between what the interval of a feed may lie."""
    lowest = max(floor, outlet.interval_floor or floor)
    return Pace(lowest, max(lowest, outlet.interval_ceiling or ceiling), pinned=feed.interval is not None)


def _row(outlet: Outlet, feed: Feed, *, usual: int, floor: int, ceiling: int) -> dict[str, Any]:
    pace = pace_of(feed, outlet, floor=floor, ceiling=ceiling)
    return {
        "id": feed.id,
        "outlet_id": outlet.id,
        "url": feed.url,
        "host": host_of(feed.url),
        "scope": feed.scope,
        "language": feed.language,
        "interval_seconds": bounded(interval(feed.interval, usual, floor), pace),
        "floor_seconds": pace.floor,
        "ceiling_seconds": pace.ceiling,
        "pinned": pace.pinned,
        "enabled": feed.enabled,
    }


async def _write_feeds(connection: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    # An address may have gone from one feed to another: free it first, for the addresses are unique.
    addresses = sa.select(
        sa.func.unnest(sa.bindparam("ids", [row["id"] for row in rows], sa.ARRAY(sa.Text))).label("id"),
        sa.func.unnest(sa.bindparam("urls", [row["url"] for row in rows], sa.ARRAY(sa.Text))).label("url"),
    ).subquery()
    await connection.execute(
        sa.update(feeds).where(feeds.c.url == addresses.c.url, feeds.c.id != addresses.c.id).values(url=feeds.c.url + "#was-" + feeds.c.id)
    )
    statement = insert(feeds)
    given = statement.excluded
    changed = sa.or_(feeds.c.url != given.url, feeds.c.scope != given.scope)
    forgotten = {name: sa.case((changed, None), else_=feeds.c[name]) for name in FORGOTTEN}
    gone = sa.and_(feeds.c.state == "gone", sa.not_(changed))
    # What has been learnt stays, within the bounds of the list; an interval that the list names is taken as it is.
    learnt = sa.func.least(sa.func.greatest(feeds.c.interval_seconds, given.floor_seconds), given.ceiling_seconds)
    changes: dict[str, Any] = {name: given[name] for name in rows[0] if name not in {"id", "host"}} | forgotten
    changes |= {
        "host": sa.case((changed, given.host), else_=feeds.c.host),
        "distrusted": sa.and_(feeds.c.distrusted, sa.not_(changed)),
        "moved_polls": sa.case((changed, 0), else_=feeds.c.moved_polls),
        "interval_seconds": sa.case((sa.or_(given.pinned, feeds.c.pinned), given.interval_seconds), else_=learnt),
        "retired_at": sa.case((gone, feeds.c.retired_at), else_=None),
    }
    await connection.execute(statement.on_conflict_do_update(index_elements=[feeds.c.id], set_=changes), rows)
    # A feed without the hash of a body is read anew as a whole.
    await connection.execute(
        sa.delete(feed_memories).where(feed_memories.c.feed_id.in_(sa.select(feeds.c.id).where(feeds.c.body_hash.is_(None))))
    )


async def _retire_all_but(connection: AsyncConnection, ids: Collection[str], now: datetime) -> int:
    gone = (
        sa.update(feeds)
        .where(feeds.c.id != sa.all_(sa.bindparam("ids", list(ids), sa.ARRAY(sa.Text))), feeds.c.retired_at.is_(None))
        .values(retired_at=now, leased_by=None, leased_until=None)
    )
    return len((await connection.execute(gone.returning(feeds.c.id))).all())


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
