"""The statements by which polls are written, each for many rows at once, and the rows that they take.

The rows go as one array a column, so that a statement is the same whatever their number, and planned once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from schemas.vocabulary import FetchReason
from services.fetcher.core.addresses import host_of
from services.fetcher.core.entries import Candidate
from services.fetcher.core.standing import Outcome, Standing

FEED_TYPES = {
    "id": "text", "address": "text", "host": "text", "moved_to": "text", "moved_polls": "int", "interval_seconds": "int", "entry_rate": "float8",
    "usual_gap_seconds": "float8", "ttl_seconds": "int", "etag": "text", "last_modified": "text", "body_hash": "text",
    "full_at": "timestamptz", "distrusted": "bool", "entries": "int", "state": "text", "state_since": "timestamptz", "failures": "int",
    "next_poll_at": "timestamptz", "last_polled_at": "timestamptz", "last_good_at": "timestamptz", "last_fresh_at": "timestamptz",
    "retired_at": "timestamptz",
}  # fmt: skip
POLL_TYPES = {
    "feed_id": "text", "polled_at": "timestamptz", "reason": "text", "status": "int", "entries": "int", "new_entries": "int",
    "bytes": "bigint", "seconds": "float8", "detail": "text",
}  # fmt: skip
ENTRY_TYPES = {
    "article_id": "uuid", "feed_id": "text", "outlet_id": "text", "url": "text", "title": "text", "published_at": "timestamptz",
    "first_seen_at": "timestamptz", "last_seen_at": "timestamptz", "revision": "text", "guid": "text", "mark": "text", "reason": "text", "detail": "text",
}  # fmt: skip


def _given(types: Mapping[str, str]) -> str:
    """The rows of the parameters, one array a column: one statement whatever their number, and one plan."""
    return "unnest(" + ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in types.items()) + f") AS given({', '.join(types)})"


# The names that go into these statements are the constants above.
END_POLLS = sa.text(
    f"UPDATE feeds SET leased_by = NULL, leased_until = NULL, {', '.join(f'{name} = given.{name}' for name in FEED_TYPES if name != 'id')} "  # noqa: S608
    f"FROM {_given(FEED_TYPES)} WHERE feeds.id = given.id AND feeds.leased_by = :replica RETURNING feeds.id"
)
ADD_POLLS = sa.text(f"INSERT INTO polls ({', '.join(POLL_TYPES)}) SELECT * FROM {_given(POLL_TYPES)}")  # noqa: S608
TRIM_POLLS = sa.text(
    "DELETE FROM polls USING (SELECT feed.id, (SELECT old.id FROM polls AS old WHERE old.feed_id = feed.id ORDER BY old.id DESC "
    "OFFSET :kept LIMIT 1) AS newest FROM unnest(CAST(:id AS text[])) AS feed(id)) AS dropped "
    "WHERE polls.feed_id = dropped.id AND polls.id <= dropped.newest"
)
REMEMBER = sa.text(
    "INSERT INTO feed_memories (feed_id, remembered) SELECT * FROM unnest(CAST(:feed_id AS text[]), CAST(:remembered AS bytea[])) "
    "ON CONFLICT (feed_id) DO UPDATE SET remembered = excluded.remembered"
)
ADD_ENTRIES = sa.text(
    f"INSERT INTO entries ({', '.join(ENTRY_TYPES)}) SELECT * FROM {_given(ENTRY_TYPES)} ON CONFLICT (article_id) DO NOTHING "  # noqa: S608
    "RETURNING article_id, feed_id"
)
REPORT = sa.text("INSERT INTO feed_reports (link) SELECT * FROM unnest(CAST(:link AS text[]))")


def columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """The rows as the statements take them: one list a column."""
    return {name: [row[name] for row in rows] for name in rows[0]}


def feed_row(feed_id: str, stands: Standing) -> dict[str, Any]:
    """How a feed stands, as `END_POLLS` takes it."""
    return {
        "id": feed_id,
        "address": stands.address if stands.address != stands.url else None,
        "host": host_of(stands.address),
        "moved_to": stands.moved_to,
        "moved_polls": stands.moved_polls,
        "interval_seconds": stands.rhythm.interval,
        "entry_rate": stands.rhythm.rate,
        "usual_gap_seconds": stands.rhythm.usual_gap,
        "ttl_seconds": stands.ttl,
        "etag": stands.validators.etag,
        "last_modified": stands.validators.last_modified,
        "body_hash": stands.body_hash,
        "full_at": stands.full_at,
        "distrusted": stands.distrusted,
        "entries": stands.entries,
        "state": stands.state,
        "state_since": stands.since,
        "failures": stands.failures,
        "next_poll_at": stands.next_poll_at,
        "last_polled_at": stands.last_polled_at,
        "last_good_at": stands.last_good_at,
        "last_fresh_at": stands.last_fresh_at,
        "retired_at": stands.retired_at,
    }


def poll_row(feed_id: str, outcome: Outcome, now: datetime) -> dict[str, Any]:
    """What a poll came to, as `ADD_POLLS` takes it."""
    return {
        "feed_id": feed_id,
        "polled_at": now,
        "reason": outcome.reason,
        "status": outcome.status,
        "entries": outcome.entries,
        "new_entries": outcome.new,
        "bytes": outcome.size,
        "seconds": outcome.seconds,
        "detail": outcome.detail.replace("\x00", "") or None,
    }


def entry_row(feed_id: str, candidate: Candidate, reason: FetchReason, now: datetime) -> dict[str, Any]:
    """One entry, as `ADD_ENTRIES` takes it."""
    return {
        "article_id": candidate.article_id,
        "feed_id": feed_id,
        "outlet_id": candidate.outlet.id,
        "url": candidate.url,
        "title": candidate.title,
        "published_at": candidate.published_at,
        "first_seen_at": now,
        "last_seen_at": now,
        "revision": candidate.fingerprint,
        "guid": candidate.guid or None,
        "mark": candidate.mark or None,
        "reason": reason,
        "detail": " ".join((*candidate.notes, *candidate.keywords)) or None,
    }
