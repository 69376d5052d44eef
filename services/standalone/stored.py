"""Articles out of the database, in the order in which the service had them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.reading import Article
from schemas.tables import articles, revisions
from services.runtime.postgres import transaction
from services.standalone.replay import Arrival

PAGE = 200
"""Texts that are held at a time."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time, by when the service had the article; `until` is not in it."""

    since: datetime | None = None
    until: datetime | None = None


async def stored(engine: AsyncEngine, stretch: Stretch) -> AsyncIterator[Arrival]:
    """Every text that the service had in the stretch, also those that were revised since.

    Raises:
        DatabaseUnavailable, DatabaseUnfit: see there.
    """
    table = revisions
    after: tuple[datetime, str, str] | None = None
    while True:
        asked = (
            sa.select(
                table.c.article_id,
                table.c.revision,
                table.c.title,
                table.c.text,
                table.c.published_at,
                table.c.fetched_at,
                articles.c.url,
                articles.c.outlet_name,
            )
            .join(articles, articles.c.id == table.c.article_id)
            .order_by(table.c.fetched_at, table.c.article_id, table.c.revision)
            .limit(PAGE)
        )
        asked = asked.where(*within(table.c.fetched_at, stretch))
        if after is not None:
            at, article, revision = after
            last = sa.tuple_(sa.literal(at), sa.cast(article, table.c.article_id.type), sa.literal(revision))
            asked = asked.where(sa.tuple_(table.c.fetched_at, table.c.article_id, table.c.revision) > last)
        async with transaction(engine) as connection:
            rows = (await connection.execute(asked)).all()
        for row in rows:
            article_ = Article(
                id=row.article_id, url=row.url, title=row.title, text=row.text, published_at=row.published_at, outlet=row.outlet_name
            )
            yield Arrival(article_, row.fetched_at)
        if len(rows) < PAGE:
            return
        after = (rows[-1].fetched_at, rows[-1].article_id, rows[-1].revision)


def within(column: sa.ColumnElement[datetime], stretch: Stretch) -> list[sa.ColumnElement[bool]]:
    """The conditions that keep a time in the stretch."""
    found: list[sa.ColumnElement[bool]] = []
    if stretch.since is not None:
        found.append(column >= stretch.since)
    if stretch.until is not None:
        found.append(column < stretch.until)
    return found
