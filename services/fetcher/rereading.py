"""Asks for pages once more that could not be read when their articles were new; what comes is a revision of the article."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from schemas.vocabulary import FetchReason
from services.fetcher import metrics
from services.fetcher.adapters.pages import PageReader
from services.fetcher.adapters.unread import Unread, UnreadPages
from services.fetcher.core.entries import FeedFacts, Verdict, settled
from services.fetcher.core.keywords import Finder
from services.fetcher.core.unread import is_due, made_up_for, still_wanted
from services.runtime.clock import Clock
from services.runtime.patience import told
from services.runtime.postgres import DatabaseUnavailable, transaction, try_lock
from services.runtime.telemetry import get_logger

log = get_logger("fetcher")

LOOK_SECONDS = 30.0
"""Real seconds between two looks at what waits."""
PASS_SECONDS = 90.0
"""Real seconds that one pass may take: it holds the lock that keeps other replicas from asking for the same pages."""
AT_MOST = 10
"""Pages in one pass."""


class Rereading:
    """The pages of one replica's feeds."""

    def __init__(self, *, feeds: Mapping[str, FeedFacts], unread: UnreadPages, pages: PageReader, find: Finder, clock: Clock) -> None:
        """`feeds` by id."""
        self._feeds = feeds
        self._unread = unread
        self._pages = pages
        self._find = find
        self._clock = clock
        self._tries: dict[str, int] = {}

    async def run(self, stopping: asyncio.Event) -> None:
        """Look until the process stops.

        Raises:
            DatabaseUnfit: see there.
        """
        while not await told(stopping, LOOK_SECONDS):
            try:
                async with asyncio.timeout(PASS_SECONDS):
                    await self.once()
            except TimeoutError:
                log.info("pages_wait", detail="the pass took too long; the rest is asked for in the next one")
            except DatabaseUnavailable as fault:
                log.warning("pages_wait", fault=type(fault).__name__, detail=str(fault))

    async def once(self) -> int:
        """One pass; how many articles got their text.

        Raises:
            DatabaseUnavailable, DatabaseUnfit: see there; what was read is written, the rest is asked for again.
        """
        async with transaction(self._unread.engine) as connection:
            if not await try_lock(connection, "fetcher rereading"):
                return 0
            now = self._clock.now()
            waiting = await self._unread.waiting(now, list(self._feeds))
            self._tries = still_wanted(self._tries, frozenset(one.article_id for one in waiting))
            for one in waiting:
                self._tries.setdefault(one.article_id, made_up_for(one.first_seen_at, now))
            due = [one for one in waiting if is_due(one.first_seen_at, self._tries[one.article_id], now)]
            return sum([await self._read(one) for one in due[:AT_MOST]])

    async def _read(self, one: Unread) -> bool:
        self._tries[one.article_id] += 1
        feed = self._feeds[one.feed_id]
        candidate = one.candidate(feed)
        text, note = await self._pages.read(candidate, feed.page)
        if not text:
            log.debug("page_again", article=one.article_id, reason=note, tries=self._tries[one.article_id])
            return False
        verdict = settled(Verdict(FetchReason.REVISED, candidate.with_page(text)), feed, self._find)
        if verdict.candidate is None or not await self._unread.write(one, verdict.candidate, feed, self._clock.now()):
            return False
        metrics.ENTRIES.labels(FetchReason.REVISED).inc()
        log.info("page_read", article=one.article_id, feed=one.feed_id, tries=self._tries[one.article_id])
        return True
