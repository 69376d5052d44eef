"""Each of some feeds polled once, now, by the service's own poller and store: for scripts."""

from __future__ import annotations

import asyncio
import random
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Self

from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.vocabulary import PollReason
from services.fetcher.adapters.parser_process import ParserPool
from services.fetcher.adapters.reports import ReportFile
from services.fetcher.adapters.seeding import add
from services.fetcher.adapters.store import FeedStore
from services.fetcher.adapters.writing import Writer
from services.fetcher.app import GIVE_BACK_SECONDS, WINDOW, facts, fetch_of
from services.fetcher.core.entries import FeedFacts
from services.fetcher.core.feedlist import FeedList, Outlet
from services.fetcher.core.standing import GOOD
from services.fetcher.poll import FeedPoll, Polled
from services.fetcher.runner import Once
from services.fetcher.settings import FetcherSettings
from services.region import Region
from services.runtime.clock import WallClock
from services.runtime.collector import keep_loaded
from services.runtime.heap import give_back, give_back_large, keep_giving_back
from services.runtime.patience import told
from services.runtime.postgres import DatabaseUnavailable

TELL_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Round:
    """What became of the feeds: `ok` brought something new, `unchanged` answered with nothing new, the rest `failed`.

    `entries` are those in the bodies that came; `new` those never seen before.
    """

    feeds: int
    ok: int
    unchanged: int
    failed: int
    entries: int
    new: int


class RoundOfPolls:
    """Everything that a round needs, made ready; `async with RoundOfPolls(…) as polls: await polls.run()`."""

    def __init__(self, settings: FetcherSettings, listed: FeedList, engine: AsyncEngine, *, report: Path | None) -> None:
        """`report`: the file that the links of new entries are appended to."""
        self._settings = settings
        self._listed: FeedList | None = by_address(listed)
        self._engine = engine
        self._file = ReportFile(engine, report) if report is not None else None
        self._stack = AsyncExitStack()
        self._poll: FeedPoll | None = None
        self._store = FeedStore(engine, replica=settings.replica, lease_seconds=settings.lease_seconds)
        self._feeds: dict[str, FeedFacts] = {}

    async def __aenter__(self) -> Self:
        """Add the feeds to the database, and load what the polls need."""
        settings, listed = self._settings, self._listed
        if listed is None:
            raise RuntimeError("a round is entered once")
        # Nobody needs the feeds as they were written any more: three megabytes of a thousand.
        self._listed = None
        ids = await add(self._engine, listed, usual=settings.interval, floor=settings.interval_floor, ceiling=settings.interval_ceiling)
        known = facts(listed)
        self._feeds = {ids[feed.url]: replace(known[feed.id], id=ids[feed.url]) for _, feed in listed.feeds()}
        region = await asyncio.to_thread(Region.load)
        keep_loaded()
        give_back_large()
        give_back()
        fetch = fetch_of(settings)
        self._stack.push_async_callback(fetch.close)
        parsers = await self._stack.enter_async_context(
            ParserPool(settings.parsers, parse_seconds=settings.parse_seconds, extract_seconds=settings.extract_seconds)
        )
        writer = Writer(self._store, reporting=True)
        self._stack.push_async_callback(writer.close)
        self._poll = FeedPoll(
            settings,
            feeds=self._feeds,
            store=self._store,
            writer=writer,
            fetch=fetch,
            parsers=parsers,
            find=region.find,
            clock=WallClock(),
            jitter=random.random,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections and end the workers."""
        await self._stack.aclose()

    async def run(self, stopping: asyncio.Event | None = None) -> Round:
        """Poll each feed once, and append what is new to the file.

        Raises:
            DatabaseUnavailable, DatabaseUnfit: see there.
            OSError: the file cannot be written.
        """
        if self._poll is None:
            raise RuntimeError("the round has not been entered")
        stopping = stopping or asyncio.Event()
        # What a round before, which died, had found and not told.
        await self._tell()
        once = Once(self._poll, feeds=self._feeds, store=self._store, clock=WallClock(), window=max(WINDOW, 4 * self._settings.concurrency))
        beside = [
            asyncio.create_task(self._go_on_telling(stopping), name="telling"),
            asyncio.create_task(keep_giving_back(stopping, GIVE_BACK_SECONDS), name="heap"),
        ]
        try:
            await once.through(stopping)
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            give_back()
        await self._tell()
        return summed(once.polled)

    async def _go_on_telling(self, stopping: asyncio.Event) -> None:
        """Servers that never answer keep the round going for long: what the others brought is told meanwhile."""
        while not await told(stopping, TELL_SECONDS):
            with suppress(DatabaseUnavailable, OSError):
                await self._tell()

    async def _tell(self) -> None:
        if self._file is not None:
            await self._file.append_owed()


def summed(polled: list[Polled]) -> Round:
    """The round as numbers."""
    good = [one.outcome for one in polled if one.outcome.reason in GOOD]
    ok = sum(outcome.reason is not PollReason.UNCHANGED or outcome.new > 0 for outcome in good)
    return Round(
        feeds=len(polled),
        ok=ok,
        unchanged=len(good) - ok,
        failed=len(polled) - len(good),
        entries=sum(outcome.entries for outcome in good),
        new=sum(outcome.new for outcome in good),
    )


def by_address(listed: FeedList) -> FeedList:
    """The same feeds, all switched on, with ids made of their addresses: those of a file that others wrote mean nothing here."""
    outlets: list[Outlet] = []
    for outlet, feed in listed.feeds():
        name = f"file-{sha256(feed.url.encode()).hexdigest()[:16]}"
        outlets.append(
            outlet.model_copy(update={"id": name, "feeds": (feed.model_copy(update={"id": name, "enabled": True, "reason": None}),)})
        )
    return FeedList(outlets=tuple(outlets))
