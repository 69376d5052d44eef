"""What is seen of the service itself: in the tables of its parts, in the bus, and by the clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.tables import channel_states, entries, feeds, outlets, watches
from schemas.vocabulary import FeedState
from services.alerter.core.watches import Failure, Outlets, Silent, Watch


async def outlets_heard(connection: AsyncConnection, rules: Sequence[Silent]) -> Mapping[str, Outlets]:
    """By the name of each rule: when an entry of its outlets last came, and since when they are polled."""
    heard: dict[str, Outlets] = {}
    for rule in rules:
        whose = sa.or_(outlets.c.country.in_(rule.countries), outlets.c.id.in_(rule.outlets))
        asked = (
            sa.select(sa.func.max(feeds.c.last_fresh_at).label("fresh"), sa.func.min(feeds.c.state_since).label("since"))
            .join(outlets, outlets.c.id == feeds.c.outlet_id)
            .where(whose, feeds.c.enabled, feeds.c.retired_at.is_(None))
        )
        # Inside a feed that gathers others the outlet of an entry is its own.
        latest = (
            sa.select(entries.c.first_seen_at)
            .join(outlets, outlets.c.id == entries.c.outlet_id)
            .where(whose)
            .order_by(entries.c.first_seen_at.desc())
            .limit(1)
        )
        row = (await connection.execute(asked)).one()
        last = await connection.scalar(latest)
        moments = [moment for moment in (row.fresh, last) if moment is not None]
        heard[rule.name] = Outlets(max(moments, default=None), row.since)
    return heard


async def feeds_by_state(connection: AsyncConnection) -> Mapping[FeedState, int]:
    """How many of the polled feeds are in each state."""
    asked = sa.select(feeds.c.state, sa.func.count().label("how_many")).where(feeds.c.enabled, feeds.c.retired_at.is_(None))
    return {FeedState(row.state): int(row.how_many) for row in await connection.execute(asked.group_by(feeds.c.state))}


async def failures(connection: AsyncConnection) -> Sequence[Failure]:
    """The receivers that count as failing."""
    asked = sa.select(channel_states).where(channel_states.c.opened_at.is_not(None)).order_by(channel_states.c.target)
    return [Failure(f"{row.channel} {row.target}", row.opened_at, (row.last_error or "")[:200]) for row in await connection.execute(asked)]


async def skew(connection: AsyncConnection, now: datetime) -> float:
    """Seconds by which `now` is ahead of the database's clock."""
    theirs: datetime = (await connection.execute(sa.select(sa.func.clock_timestamp()))).scalar_one()
    return (now - theirs).total_seconds()


async def standing(connection: AsyncConnection) -> dict[tuple[str, str], Watch]:
    """Every watch, by rule and subject."""
    found = await connection.execute(sa.select(watches))
    return {
        (row.name, row.subject): Watch(row.name, row.subject, row.firing, row.since, row.value or 0.0, row.detail, row.alert_id)
        for row in found
    }


async def keep(connection: AsyncConnection, watch: Watch, now: datetime) -> None:
    """Write where a watch stands."""
    values: dict[str, Any] = {
        "firing": watch.firing, "since": watch.since, "value": watch.value, "detail": watch.detail, "alert_id": watch.alert_id,
        "checked_at": now,
    }  # fmt: skip
    row = insert(watches).values(name=watch.name, subject=watch.subject, **values)
    await connection.execute(row.on_conflict_do_update(index_elements=[watches.c.name, watches.c.subject], set_=values))
