"""What the command shows of feeds: the list, and one feed fetched once and explained. Nothing is written anywhere."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from schemas.article_fetched import OutletRef
from schemas.vocabulary import EntryNote, FeedScope, FetchReason, OffReason, PollReason
from services.fetcher.adapters.feedfile import load_feeds
from services.fetcher.adapters.http import Fetch
from services.fetcher.adapters.parser_process import ParserPool
from services.fetcher.app import facts
from services.fetcher.core.answers import Answer, Limits, Refusal
from services.fetcher.core.discovery import feeds_named
from services.fetcher.core.encodings import decoded
from services.fetcher.core.entries import FeedFacts, candidates, decide
from services.fetcher.core.feedlist import FeedList
from services.fetcher.core.parsed import ParseFailure
from services.fetcher.core.schedule import interval
from services.fetcher.settings import FetcherSettings
from services.region import Region

ADVICE: dict[PollReason, str] = {
    PollReason.EMPTY: "It is a feed without entries: look again later, or look for another feed of the outlet.",
    PollReason.EMPTY_BODY: "The server answers with nothing: the outlet must mend it.",
    PollReason.NOT_A_FEED: "Look for the feed's address on the outlet's page; what is here is none.",
    PollReason.HTML_PAGE: "This is a page: the feed's address stands in its <link rel=alternate>, or the outlet shows a challenge instead.",
    PollReason.JSON_BODY: "This is JSON, and no JSON Feed: look for the address of the feed on the outlet's page.",
    PollReason.NOT_FOUND: "The address is wrong or was given up: look for the new one.",
    PollReason.GONE: "The outlet has given this feed up: take it out of the list.",
    PollReason.REFUSED: "The outlet does not want to be asked like this: name yourself by CAUCASUS_WATCH_CONTACT, and ask it for access.",
    PollReason.CHALLENGE: "A shield before the outlet wants to see a browser: ask the outlet to let your address and name through.",
    PollReason.RATE_LIMITED: "It was asked too often: give the feed a longer interval.",
    PollReason.SERVER_ERROR: "The outlet's server is out of order: it is asked again by itself.",
    PollReason.TIMED_OUT: "No whole answer came in time: it is asked again by itself.",
    PollReason.UNREACHABLE: "Check the name in the address, and this machine's way to the internet.",
    PollReason.TOO_LARGE: "Raise CAUCASUS_WATCH_FEED_BYTES if the feed is really that large.",
    PollReason.PARSE_ABORTED: "Its parse took too much time or memory: a hostile or broken body.",
    PollReason.ADDRESS_REFUSED: "The address leads to a private network: set CAUCASUS_WATCH_ALLOW_PRIVATE=true if that is meant.",
    PollReason.TOO_MANY_REDIRECTS: "It is redirected in a circle: the outlet must mend it.",
}


@dataclass(frozen=True, slots=True)
class FeedLine:
    """One feed of the list."""

    id: str
    url: str
    outlet: str
    family: str
    country: str | None
    language: str | None
    orientation: str | None
    scope: FeedScope
    interval: int
    enabled: bool
    reason: OffReason | None
    note: str


@dataclass(frozen=True, slots=True)
class EntryReport:
    """What would become of one entry, were it met for the first time."""

    reason: FetchReason
    title: str
    url: str | None
    published_at: datetime | None
    characters: int
    keywords: tuple[str, ...]
    notes: tuple[EntryNote, ...]
    written: str = ""
    """The date as the feed writes it, best first."""


@dataclass(frozen=True, slots=True)
class FeedReport:
    """One feed, fetched once: what came, and what would be kept of it."""

    url: str
    feed_id: str | None
    reason: PollReason
    status: int | None
    detail: str
    advice: str
    seconds: float
    size: int
    content_type: str
    conditional: bool
    moved_to: str | None
    title: str
    entries: tuple[EntryReport, ...]
    named: tuple[str, ...] = ()
    """Feeds that the page names which is at the address in place of one."""

    @property
    def counts(self) -> dict[FetchReason, int]:
        """How many entries would come to what."""
        return dict(Counter(entry.reason for entry in self.entries))

    @property
    def good(self) -> bool:
        """Whether it is a feed."""
        return self.reason in {PollReason.FRESH, PollReason.EMPTY}


def feeds_list(settings: FetcherSettings) -> tuple[FeedLine, ...]:
    """Every feed of the list, the ones switched off among them.

    Raises:
        FeedListFault: the user's file is wrong.
    """
    return tuple(_lines(load_feeds(settings.feeds_file), settings))


async def feeds_check(url: str, settings: FetcherSettings) -> FeedReport:
    """Fetch the feed at `url` (or of that id in the list) once and explain it.

    Raises:
        FeedListFault: the user's file is wrong.
    """
    listed = load_feeds(settings.feeds_file)
    address, feed = _meant(url, listed)
    limits = Limits(settings.feed_seconds, settings.feed_bytes)
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with (
        Fetch(contact=settings.contact, allow_private=settings.allow_private, host_gap=settings.host_gap) as fetch,
        ParserPool(1, parse_seconds=settings.parse_seconds) as parsers,
    ):
        got = await fetch.get(address, limits=limits, authorization=settings.authorization(feed.id))
        if isinstance(got, Refusal):
            return _failure(address, feed, got, loop.time() - began)
        parsed = await parsers.feed(got.body or b"", content_type=got.content_type, address=got.address)
    seconds = loop.time() - began
    if isinstance(parsed, ParseFailure):
        named = feeds_named(decoded(got.body or b"", got.content_type), got.address)
        return replace(_report(address, feed, got, parsed.reason, seconds, detail=parsed.detail), named=named)
    region = await asyncio.to_thread(Region.load)
    verdicts = decide(candidates(parsed.entries, feed, datetime.now(UTC)), feed, {}, region.find)
    entries = tuple(
        EntryReport(
            reason=verdict.reason,
            title=verdict.candidate.title if verdict.candidate else entry.title,
            url=verdict.candidate.url if verdict.candidate else entry.link,
            published_at=verdict.candidate.published_at if verdict.candidate else None,
            characters=len(entry.text),
            keywords=verdict.candidate.keywords if verdict.candidate else (),
            notes=verdict.candidate.notes if verdict.candidate else (),
            written=next(iter(entry.dates), ""),
        )
        for entry, verdict in zip(parsed.entries, verdicts, strict=True)
    )
    reason = PollReason.FRESH if entries else PollReason.EMPTY
    return _report(address, feed, got, reason, seconds, title=parsed.title, entries=entries)


def _lines(listed: FeedList, settings: FetcherSettings) -> Iterator[FeedLine]:
    for outlet, feed in listed.feeds():
        yield FeedLine(
            id=feed.id,
            url=feed.url,
            outlet=outlet.name,
            family=outlet.publisher,
            country=outlet.country,
            language=feed.language,
            orientation=outlet.orientation,
            scope=feed.scope,
            interval=interval(feed.interval, settings.interval, settings.interval_floor),
            enabled=feed.enabled,
            reason=feed.reason,
            note=feed.note,
        )


def _meant(url: str, listed: FeedList) -> tuple[str, FeedFacts]:
    """The address and what is known of its feed; an address that is not in the list is taken for a world feed of an unknown outlet."""
    known = facts(listed, disabled=True)
    for _, feed in listed.feeds():
        if url in {feed.id, feed.url}:
            return feed.url, known[feed.id]
    return url, FeedFacts(id="", outlet=OutletRef(id="", name=""), scope=FeedScope.WORLD)


def _failure(address: str, feed: FeedFacts, got: Refusal, seconds: float) -> FeedReport:
    return FeedReport(
        url=address,
        feed_id=feed.id or None,
        reason=got.reason,
        status=got.status,
        detail=got.detail,
        advice=ADVICE.get(got.reason, ""),
        seconds=seconds,
        size=got.size,
        content_type="",
        conditional=False,
        moved_to=None,
        title="",
        entries=(),
    )


def _report(
    address: str,
    feed: FeedFacts,
    got: Answer,
    reason: PollReason,
    seconds: float,
    *,
    detail: str = "",
    title: str = "",
    entries: tuple[EntryReport, ...] = (),
) -> FeedReport:
    return FeedReport(
        url=address,
        feed_id=feed.id or None,
        reason=reason,
        status=got.status,
        detail=detail,
        advice=ADVICE.get(reason, ""),
        seconds=seconds,
        size=len(got.body or b""),
        content_type=got.content_type,
        conditional=bool(got.validators.etag or got.validators.last_modified),
        moved_to=got.moved_to,
        title=title,
        entries=entries,
    )
