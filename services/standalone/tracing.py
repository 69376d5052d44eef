"""`trace URL`: what became of an article at every stage, read from the tables of all services.

The address may be given in any of its forms: the article's id is made from its canonical one, as the fetcher makes it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.tables import (
    alerts,
    articles,
    ceasefire_statements,
    claims,
    decisions,
    deliveries,
    entries,
    feeds,
    outlets,
    revisions,
    stories,
    story_aliases,
)
from services.fetcher.core.addresses import absolute, article_id, canonical, tidy
from services.standalone.commanding import plain

Row = dict[str, Any]
SITE = "www."
ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True, slots=True)
class Trace:
    """All that is kept of one article. `feeds` are those of its site, told where no entry of it was ever seen."""

    url: str
    canonical: str
    article_id: str
    entry: Row | None
    article: Row | None
    revisions: tuple[Row, ...]
    copies: tuple[Row, ...]
    claims: tuple[Row, ...]
    truces: tuple[Row, ...]
    decisions: tuple[Row, ...]
    alerts: tuple[Row, ...]
    deliveries: tuple[Row, ...]
    feeds: tuple[Row, ...]

    @property
    def known(self) -> bool:
        """Whether any stage ever had it."""
        return self.entry is not None or self.article is not None or bool(self.decisions)


def identities(address: str) -> tuple[tuple[str, str], ...]:
    """The canonical form and the id of the article, the likeliest first; none where the address is neither an address nor an id."""
    if ID.fullmatch(address.strip()):
        return (("", address.strip().lower()),)
    whole = absolute(address) or absolute(f"https://{address.strip()}" if "." in address.partition("/")[0] else "")
    # A reader's address may end in a place on the page that the feed's did not.
    forms = () if whole is None else dict.fromkeys((whole, whole.partition("#")[0]))
    return tuple(dict.fromkeys((canonical(form), article_id(form)) for form in forms))


async def trace(connection: AsyncConnection, address: str) -> Trace | None:
    """What is kept of the article; None where the address is none."""
    found = None
    for shape, key in identities(address):
        found = await _trace(connection, address, shape, key)
        if found.known:
            break
    if found is not None and not found.known and found.canonical and (moved := await _moved(connection, address)) is not None:
        return await _trace(connection, address, found.canonical, moved)
    return found


async def _moved(connection: AsyncConnection, address: str) -> str | None:
    """The id of the article that has come to have that address: its id is of the one that it had at first."""
    whole = absolute(address) or absolute(f"https://{address.strip()}")
    forms = {tidy(form) for form in (whole, whole.partition("#")[0])} if whole else set()
    return await connection.scalar(sa.select(entries.c.article_id).where(entries.c.url.in_(forms)).limit(1))


async def _trace(connection: AsyncConnection, address: str, shape: str, key: str) -> Trace:
    entry = await _entry(connection, key)
    article = await _article(connection, key)
    raised = await _rows(connection, sa.select(alerts).where(alerts.c.article_id == key).order_by(alerts.c.raised_at))
    told = sa.select(deliveries).where(deliveries.c.alert_id.in_([alert["id"] for alert in raised])).order_by(deliveries.c.created_at)
    return Trace(
        url=address,
        canonical=shape,
        article_id=key,
        entry=entry,
        article=article,
        revisions=await _rows(
            connection,
            sa.select(revisions.c.revision, revisions.c.title, revisions.c.fetched_at, revisions.c.text_source, revisions.c.feed_id)
            .where(revisions.c.article_id == key)
            .order_by(revisions.c.fetched_at),
        ),
        copies=await _rows(
            connection,
            sa.select(articles.c.url, articles.c.outlet_name, articles.c.published_at)
            .where(articles.c.copy_of == key)
            .order_by(articles.c.first_fetched_at),
        ),
        claims=await _read_of(connection, claims, article),
        truces=await _read_of(connection, ceasefire_statements, article),
        decisions=await _rows(connection, sa.select(decisions).where(decisions.c.article_id == key).order_by(decisions.c.decided_at)),
        alerts=raised,
        deliveries=await _rows(connection, told) if raised else (),
        feeds=await _feeds_of(connection, shape) if entry is None else (),
    )


async def _rows(connection: AsyncConnection, query: sa.Select[Any]) -> tuple[Row, ...]:
    return tuple(dict(row) for row in (await connection.execute(query)).mappings())


async def _entry(connection: AsyncConnection, key: str) -> Row | None:
    query = (
        sa.select(
            entries,
            feeds.c.url.label("feed_url"),
            feeds.c.scope.label("feed_scope"),
            feeds.c.state.label("feed_state"),
            outlets.c.name.label("outlet_name"),
        )
        .select_from(
            entries.outerjoin(feeds, feeds.c.id == entries.c.feed_id).outerjoin(outlets, outlets.c.id == entries.c.outlet_id),
        )
        .where(entries.c.article_id == key)
    )
    found = await _rows(connection, query)
    return found[0] if found else None


async def _article(connection: AsyncConnection, key: str) -> Row | None:
    origin = articles.alias("origin_of_it")
    current = sa.func.coalesce(story_aliases.c.story_id, articles.c.story_id)
    query = (
        sa.select(
            *(column for column in articles.c if column.name != "signature"),
            stories.c.id.label("story"),
            stories.c.title.label("story_title"),
            stories.c.began_at.label("story_began_at"),
            origin.c.url.label("copy_of_url"),
            origin.c.outlet_name.label("copy_of_outlet"),
        )
        .select_from(
            articles.outerjoin(story_aliases, story_aliases.c.alias == articles.c.story_id)
            .outerjoin(stories, stories.c.id == current)
            .outerjoin(origin, origin.c.id == articles.c.copy_of)
        )
        .where(articles.c.id == key)
    )
    found = await _rows(connection, query)
    return found[0] if found else None


async def _read_of(connection: AsyncConnection, table: sa.Table, article: Row | None) -> tuple[Row, ...]:
    """What the current rules read in the current revision."""
    if article is None:
        return ()
    of_it = sa.and_(
        table.c.article_id == article["id"], table.c.revision == article["revision"], table.c.rules_version == article["rules_version"]
    )
    return await _rows(connection, sa.select(table).where(of_it).order_by(table.c.field.desc(), table.c.start_offset))


async def _feeds_of(connection: AsyncConnection, shape: str) -> tuple[Row, ...]:
    """The feeds of the site, with how they fare."""
    host = (urlsplit(shape).hostname or "").removeprefix(SITE)
    if not host:
        return ()
    columns = (feeds.c.id, feeds.c.url, feeds.c.enabled, feeds.c.retired_at, feeds.c.state, feeds.c.state_since, feeds.c.last_polled_at)
    every = await _rows(connection, sa.select(*columns).where(feeds.c.url.icontains(host, autoescape=True)).order_by(feeds.c.id))
    return tuple(row for row in every if _same_site(urlsplit(row["url"]).hostname or "", host))


def _same_site(one: str, other: str) -> bool:
    one = one.removeprefix(SITE)
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def as_json(found: Trace) -> dict[str, Any]:
    """The trace for scripts: times in ISO 8601."""
    return {name: plain(getattr(found, name)) for name in Trace.__slots__}
