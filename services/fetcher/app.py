"""The wiring of the fetcher: every part that runs, in the order in which it is made."""

from __future__ import annotations

import asyncio
import random

from schemas.tables import fetcher_outbox
from services.fetcher.adapters.budget import ByteBudget
from services.fetcher.adapters.feedfile import load_feeds
from services.fetcher.adapters.http import Fetch
from services.fetcher.adapters.pages import PageReader
from services.fetcher.adapters.parser_process import ParserPool
from services.fetcher.adapters.seeding import seed
from services.fetcher.adapters.store import FeedStore
from services.fetcher.adapters.unread import UnreadPages
from services.fetcher.adapters.writing import Writer
from services.fetcher.core.answers import Limits
from services.fetcher.core.entries import FeedFacts
from services.fetcher.core.feedlist import FeedList, publishers
from services.fetcher.core.pagetext import Hints
from services.fetcher.poll import FeedPoll
from services.fetcher.rereading import Rereading
from services.fetcher.runner import Poller
from services.fetcher.settings import FetcherSettings, FullText
from services.region import Region
from services.runtime.bus import Bus
from services.runtime.clock import Clock, clock_of
from services.runtime.collector import keep_loaded
from services.runtime.heap import give_back, give_back_large, keep_giving_back
from services.runtime.lifecycle import Lifecycle
from services.runtime.outbox import relay
from services.runtime.patience import Patience
from services.runtime.postgres import DatabaseUnavailable, open_engine
from services.runtime.settings import SettingsFault, variable
from services.runtime.telemetry import get_logger, serve_metrics
from services.runtime.topics import make_topics

log = get_logger("fetcher")

WINDOW = 256
"""Feeds that are claimed at the same time, at the least: most of them wait for their host, their server, or a parser."""
GIVE_BACK_SECONDS = 0.5
"""Seconds after which memory that is free goes back to the system: a look costs half a millisecond, a thousand new feeds leave 20 MB."""
ASIDE = 6
"""For one request in the quick lane, those that may wait for their servers aside from it."""
POOL = 8
"""Connections to Postgres: polls write for moments only, and the relay listens on one."""


async def run(settings: FetcherSettings, *, bus: Bus | None = None, clock: Clock | None = None, life: Lifecycle | None = None) -> None:
    """Poll feeds until stopped; what is not given is built from the settings.

    Raises:
        SettingsFault, FeedListFault: what is set is wrong; each fault with its mend.
        DatabaseUnfit: the database is not migrated or refuses us.
    """
    if life is None:
        async with Lifecycle("fetcher") as own:
            await run(settings, bus=bus, clock=clock, life=own)
        return
    listed = load_feeds(settings.feeds_file)
    known = facts(listed)
    _check_credentials(settings, listed)
    clock = clock or clock_of(settings)
    if bus is None:
        # What polls for a script takes its parts from here and sends nothing: the library is four megabytes.
        from services.runtime.kafka import KafkaBus

        bus = KafkaBus.of(settings, f"fetcher-{settings.replica}")
    if settings.metrics_port is not None:
        life.defer("metrics", serve_metrics(settings.metrics_port, host=settings.metrics_host).close)
    engine = open_engine(settings.database_url, application=f"fetcher {settings.replica}", pool_size=POOL)
    life.defer("engine", engine.dispose)
    store = FeedStore(engine, replica=settings.replica, lease_seconds=settings.lease_seconds)
    seeded = await _seeded(settings, listed, store, clock=clock, stopping=life.stopping)
    if not seeded or not await make_topics(bus, life.stopping):
        return
    fetch = fetch_of(settings)
    life.defer("connections", fetch.close)
    parsers = ParserPool(settings.parsers, parse_seconds=settings.parse_seconds, extract_seconds=settings.extract_seconds)
    life.defer("parsers", parsers.close)
    region = await asyncio.to_thread(Region.load)
    # A collection that goes through all that was loaded would hold up the loop for a tenth of a second.
    keep_loaded()
    give_back_large()
    give_back()
    writer = Writer(store)
    life.defer("writer", writer.close)
    poll = FeedPoll(
        settings,
        feeds=known,
        store=store,
        writer=writer,
        fetch=fetch,
        parsers=parsers,
        find=region.find,
        clock=clock,
        jitter=random.random,
    )
    poller = Poller(poll, feeds=known, store=store, clock=clock, window=max(WINDOW, 4 * settings.concurrency))
    life.task("polling", poller.run(life.stopping))
    if settings.full_text is not FullText.NEVER:
        pages = PageReader(fetch, parsers, Limits(settings.page_seconds, settings.page_bytes))
        rereading = Rereading(feeds=known, unread=UnreadPages(engine), pages=pages, find=region.find, clock=clock)
        life.task("rereading", rereading.run(life.stopping))
    life.task("heap", keep_giving_back(life.stopping, GIVE_BACK_SECONDS))
    life.task("relay", relay(engine, fetcher_outbox, bus, stopping=life.stopping))
    await life.until_stopped()


def _check_credentials(settings: FetcherSettings, listed: FeedList) -> None:
    """Credentials that no feed is ever shown are a slip of the pen.

    Raises:
        SettingsFault: they name a feed that is not in the list.
    """
    unknown = sorted(settings.feed_credentials.keys() - {feed.id for _, feed in listed.feeds()})
    if unknown:
        raise SettingsFault(
            [
                f"{variable('feed_credentials')}: there is no feed {name!r} in the list; write the id that `feeds list` shows"
                for name in unknown
            ]
        )


def fetch_of(settings: FetcherSettings) -> Fetch:
    """The client that the settings ask for."""
    return Fetch(
        contact=settings.contact,
        allow_private=settings.allow_private,
        host_gap=settings.host_gap,
        concurrency=settings.concurrency,
        aside=ASIDE * settings.concurrency,
        budget=ByteBudget(settings.bytes_in_flight),
    )


def facts(listed: FeedList, *, disabled: bool = False) -> dict[str, FeedFacts]:
    """What the polls need to know of each enabled feed, by its id; with `disabled` of the others too."""
    known = publishers(listed)
    return {
        feed.id: FeedFacts(
            id=feed.id,
            outlet=outlet.ref,
            scope=feed.scope,
            language=feed.language,
            timezone=outlet.timezone,
            content=feed.content,
            aggregator=outlet.orientation == "aggregator",
            page=Hints(outlet.page_text, outlet.page_drop),
            publishers=known if outlet.orientation == "aggregator" else {},
        )
        for outlet, feed in listed.feeds()
        if feed.enabled or disabled
    }


async def _seeded(settings: FetcherSettings, listed: FeedList, store: FeedStore, *, clock: Clock, stopping: asyncio.Event) -> bool:
    """Make the tables equal to the list, waiting for a database that is away; False where the process stops before."""
    patience = Patience(stopping)
    complained = False
    while not stopping.is_set():
        try:
            count, retired = await seed(
                store.engine,
                listed,
                usual=settings.interval,
                floor=settings.interval_floor,
                ceiling=settings.interval_ceiling,
                now=clock.now(),
            )
        except DatabaseUnavailable as fault:
            if not complained:
                log.warning("database_unavailable", detail=str(fault))
                complained = True
            await patience.wait()
        else:
            log.info("feeds_ready", feeds=count, enabled=len(facts(listed)), retired=retired)
            return True
    return False
