"""Articles of which only the title is known, because their page could not be read: kept with their entries, told again when it can."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.envelope import seal
from schemas.tables import entries, fetcher_outbox
from schemas.topics import ARTICLES_FETCHED
from schemas.vocabulary import EntryNote, FetchReason
from services.fetcher.core.entries import WANTED, Candidate, FeedFacts, fetched
from services.fetcher.core.unread import PASSING, WINDOW
from services.runtime.outbox import Outbox
from services.runtime.postgres import transaction
from services.runtime.telemetry import traceparent


@dataclass(frozen=True, slots=True)
class Unread:
    """One of them, as it is stored."""

    article_id: str
    feed_id: str
    url: str
    title: str
    published_at: datetime | None
    fingerprint: str
    detail: str
    first_seen_at: datetime

    def candidate(self, feed: FeedFacts) -> Candidate:
        """The article as its feed showed it."""
        return Candidate(
            article_id=self.article_id,
            url=self.url,
            title=self.title,
            text="",
            published_at=self.published_at,
            outlet=feed.outlet,
            fingerprint=self.fingerprint,
        )


class UnreadPages:
    """The store of them."""

    def __init__(self, engine: AsyncEngine) -> None:
        """`engine` on the fetcher's tables."""
        self.engine = engine
        self._outbox = Outbox(fetcher_outbox)

    async def waiting(self, now: datetime, of: Collection[str]) -> list[Unread]:
        """Those of the last hours that these feeds brought, the newest first."""
        words = sa.func.string_to_array(sa.func.coalesce(entries.c.detail, ""), " ")
        query = (
            sa.select(entries)
            .where(
                entries.c.first_seen_at > now - WINDOW,
                entries.c.reason.in_(sorted(WANTED)),
                entries.c.feed_id == sa.any_(sa.bindparam("feeds", sorted(of), sa.ARRAY(sa.Text))),
                words.op("@>")(sa.cast([EntryNote.NO_TEXT], sa.ARRAY(sa.Text))),
                words.op("&&")(sa.cast(sorted(PASSING), sa.ARRAY(sa.Text))),
            )
            .order_by(entries.c.first_seen_at.desc())
        )
        async with transaction(self.engine) as connection:
            rows = (await connection.execute(query)).all()
        return [
            Unread(row.article_id, row.feed_id, row.url, row.title, row.published_at, row.revision, row.detail, row.first_seen_at)
            for row in rows
        ]

    async def write(self, unread: Unread, candidate: Candidate, feed: FeedFacts, now: datetime) -> bool:
        """Owe the message with the page's text; False where a poll has written something newer meanwhile."""
        same = sa.and_(
            entries.c.article_id == unread.article_id, entries.c.revision == unread.fingerprint, entries.c.detail == unread.detail
        )
        event = fetched(candidate, feed, now)
        message = seal(
            ARTICLES_FETCHED,
            event.article_id,
            event,
            event_id=f"{event.article_id}:{event.revision}",
            now=now,
            traceparent=traceparent(),
        )
        async with transaction(self.engine) as connection:
            told = [word for word in unread.detail.split() if word not in PASSING and word != EntryNote.NO_TEXT]
            detail = " ".join(dict.fromkeys((*told, *candidate.keywords))) or None
            statement = sa.update(entries).where(same).values(reason=FetchReason.REVISED, detail=detail)
            if (await connection.execute(statement)).rowcount != 1:
                return False
            await self._outbox.put(connection, [message])
        return True
