"""A fetcher on a real Postgres, polled by hand: for tests of what it does with feeds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.article_fetched import ArticleFetched
from schemas.envelope import opened
from schemas.tables import fetcher_outbox
from schemas.vocabulary import PollReason
from services.fetcher.adapters.http import Fetch
from services.fetcher.adapters.parser_process import ParserPool
from services.fetcher.adapters.seeding import seed
from services.fetcher.adapters.store import Claim, FeedStore, Ours
from services.fetcher.adapters.writing import Writer
from services.fetcher.app import facts
from services.fetcher.core.feedlist import Feed, FeedList, Outlet
from services.fetcher.poll import FeedPoll, Polled
from services.fetcher.settings import FetcherSettings, FullText
from services.region import Region
from tests.unit.fetcher.local_server import LocalServer
from tests.unit.fetcher.samples import NOON


@dataclass
class SetClock:
    """A clock that stands until it is moved."""

    time: datetime = NOON

    def now(self) -> datetime:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)

    def later(self, **by: float) -> None:
        self.time += timedelta(**by)


@dataclass
class Desk:
    """One fetcher, polled by hand."""

    engine: AsyncEngine
    server: LocalServer
    polls: FeedPoll
    store: FeedStore
    listed: FeedList
    clock: SetClock = field(default_factory=SetClock)

    async def seed(self) -> None:
        await self.lists(self.listed)

    async def lists(self, listed: FeedList) -> tuple[int, int]:
        return await seed(self.engine, listed, usual=300, floor=60, ceiling=3600, now=self.clock.now())

    async def claim(self, *, at_most: int = 100, besides: tuple[str, ...] = ()) -> list[Claim]:
        return await self.store.claim(self.clock.now(), Ours(list(facts(self.listed)), besides=besides), at_most=at_most)

    async def poll(self, *, after: timedelta = timedelta(hours=1)) -> dict[str, Polled]:
        """Poll what is due at that time later, each feed once; what became of it."""
        self.clock.later(seconds=after.total_seconds())
        ended: dict[str, Polled] = {}
        claimed: list[str] = []
        while claims := await self.claim(besides=tuple(claimed)):
            claimed += [claim.feed_id for claim in claims]
            for polled in await asyncio.gather(*(self.polls.once(claim) for claim in claims)):
                if polled is not None:
                    ended[polled.feed_id] = polled
        return ended

    async def reason(self, **after: float) -> PollReason:
        """What became of the one feed that is due so much later."""
        (polled,) = (await self.poll(after=timedelta(**after) if after else timedelta(hours=1))).values()
        return polled.outcome.reason

    async def owed(self) -> list[ArticleFetched]:
        """The messages of the outbox, in order."""
        async with self.engine.connect() as connection:
            rows = (await connection.execute(sa.select(fetcher_outbox).order_by(fetcher_outbox.c.id))).all()
        return [opened(bytes(row.value), row.headers, ArticleFetched) for row in rows]

    async def rows(self, table: sa.Table) -> dict[str, Any]:
        async with self.engine.connect() as connection:
            found = (await connection.execute(sa.select(table))).all()
        return {str(row[0]): row for row in found}


def a_list(server: LocalServer, *paths: str, full: bool = True) -> FeedList:
    """A list of one feed a path, named by it; `full`: they carry the whole text."""
    found = tuple(
        Outlet(
            id=_name(path),
            name=path,
            timezone="Asia/Yerevan",
            feeds=(Feed(id=_name(path), url=server.url(path), language="en", content="full" if full else "unknown"),),
        )
        for path in paths
    )
    return FeedList(outlets=found)


def _name(path: str) -> str:
    return path.strip("/").replace(".", "-").replace("_", "-").lower() or "root"


@asynccontextmanager
async def a_desk(
    engine: AsyncEngine,
    server: LocalServer,
    listed: FeedList,
    *,
    replica: str = "one",
    full_text: FullText = FullText.NEVER,
    **options: Any,
) -> AsyncIterator[Desk]:
    settings = FetcherSettings(
        allow_private=True,
        host_gap=0.0,
        feed_seconds=1.0,
        feed_bytes=2_000_000,
        full_text=full_text,
        parsers=1,
        replica=replica,
        **options,
    )
    clock = SetClock()
    async with AsyncExitStack() as stack:
        fetch = await stack.enter_async_context(Fetch(contact="desk@wire.example", allow_private=True, host_gap=0.0))
        parsers = await stack.enter_async_context(ParserPool(1))
        store = FeedStore(engine, replica=replica, lease_seconds=60.0)
        polls = FeedPoll(
            settings,
            feeds=facts(listed),
            store=store,
            writer=Writer(store),
            fetch=fetch,
            parsers=parsers,
            find=Region.load().find,
            clock=clock,
            jitter=lambda: 0.5,
        )
        desk = Desk(engine, server, polls, store, listed, clock)
        await desk.seed()
        yield desk


def rss(*items: tuple[str, str, str]) -> str:
    """A feed of (address, title, text), the newest first."""
    told = "".join(
        f"<item><title>{title}</title><link>{link}</link><pubDate>Tue, 19 Sep 2023 10:{len(items) - number:02d}:00 GMT</pubDate>"
        f"<description>{text}</description></item>"
        for number, (link, title, text) in enumerate(items)
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Wire</title>{told}</channel></rss>'


NEWS = (
    ("https://wire.example/3", "Talks in Yerevan", "The sides met."),
    ("https://wire.example/2", "Five wounded near Lachin", "The ministry said so."),
    ("https://wire.example/1", "Two wounded near Lachin", "The ministry said so."),
)
