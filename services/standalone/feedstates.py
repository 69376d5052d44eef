"""`feeds states`: how the feeds fare, since when, and what their last polls came to, as the database has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.tables import feeds, polls
from schemas.vocabulary import FeedState
from services.runtime.postgres import DatabaseUnavailable, DatabaseUnfit, open_engine, transaction
from services.runtime.settings import WatchSettings
from services.standalone.commanding import DONE, FAULTS, print_line, say
from services.standalone.database import database_url

WELL = frozenset({FeedState.NEW, FeedState.HEALTHY, FeedState.UNCHANGED, FeedState.EMPTY})
"""States that nobody needs to look into."""
SHOWN_POLLS = 5
COLUMNS = (
    feeds.c.id, feeds.c.url, feeds.c.address, feeds.c.state, feeds.c.state_since, feeds.c.failures, feeds.c.interval_seconds,
    feeds.c.entry_rate, feeds.c.next_poll_at, feeds.c.last_polled_at, feeds.c.last_fresh_at, feeds.c.retired_at,
)  # fmt: skip


async def feed_states(connection: AsyncConnection) -> list[dict[str, Any]]:
    """Every feed that is on or was retired as gone, with the reasons of its last polls, the latest first."""
    last = (
        sa.select(polls.c.reason, polls.c.detail, polls.c.id)
        .where(polls.c.feed_id == feeds.c.id)
        .order_by(polls.c.id.desc())
        .limit(SHOWN_POLLS)
        .correlate(feeds)
        .subquery()
        .lateral()
    )
    reasons = sa.select(sa.func.array_agg(sa.text("reason ORDER BY id DESC"))).select_from(last).scalar_subquery().label("reasons")
    detail = (
        sa.select(polls.c.detail)
        .where(polls.c.feed_id == feeds.c.id)
        .order_by(polls.c.id.desc())
        .limit(1)
        .scalar_subquery()
        .label("detail")
    )
    wanted = sa.and_(feeds.c.enabled, sa.or_(feeds.c.retired_at.is_(None), feeds.c.state == FeedState.GONE))
    rows = (await connection.execute(sa.select(*COLUMNS, reasons, detail).where(wanted).order_by(feeds.c.id))).mappings()
    return [dict(row) | {"reasons": list(row["reasons"] or ())} for row in rows]


async def show_states(console: Console, *, every: bool, as_json: bool) -> int:
    """Print them; 0, or 1 where the database does not answer.

    Raises:
        SettingsFault: no database is named, or a setting is wrong.
    """
    engine = open_engine(database_url(WatchSettings.load()), application="caucasus-watch feeds states")
    try:
        async with transaction(engine) as connection:
            found = await feed_states(connection)
    except (DatabaseUnavailable, DatabaseUnfit) as fault:
        say(f"the database does not answer: {fault}; `caucasus-watch doctor` tells more")
        return FAULTS
    finally:
        await engine.dispose()
    shown = [row for row in found if every or row["state"] not in WELL]
    if as_json:
        for row in shown:
            print_line({name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()})
        return DONE
    if shown:
        console.print(table_of(shown, datetime.now(UTC)))
    counts = Counter(row["state"] for row in found)
    console.print(
        ", ".join(f"{counts[state]} {state}" for state in FeedState if counts[state]) + ("" if every else "; --all shows them all"),
        highlight=False,
    )
    return DONE


def table_of(rows: Sequence[dict[str, Any]], now: datetime) -> Table:
    """The feeds as a table."""
    table = Table(box=None, header_style="dim", pad_edge=False)
    for name in ("feed", "state", "since", "every", "last new", "last polls", "what the last one said"):
        table.add_column(name, overflow="fold")
    for row in rows:
        retired = " (retired)" if row["retired_at"] is not None else ""
        table.add_row(
            row["id"],
            f"{row['state']}{retired}",
            ago(row["state_since"], now),
            span(timedelta(seconds=row["interval_seconds"])),
            ago(row["last_fresh_at"], now),
            " ".join(row["reasons"]),
            escape((row["detail"] or "")[:80]),
        )
    return table


def ago(moment: datetime | None, now: datetime) -> str:
    """How long ago, in one unit; empty where it never was."""
    return span(now - moment) if moment is not None else ""


def span(time: timedelta) -> str:
    """A time in its largest whole unit: 40 s, 5 min, 3 h, 2 d."""
    seconds = max(0, round(time.total_seconds()))
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
