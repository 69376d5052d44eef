"""One poll of one feed: ask, read, decide, write. It ends in exactly one reason, counted and logged with the feed's id."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from schemas.vocabulary import FeedNotice, FeedState, FetchReason
from services.fetcher import metrics
from services.fetcher.adapters.budget import Share
from services.fetcher.adapters.http import Fetch
from services.fetcher.adapters.pages import PageReader
from services.fetcher.adapters.parser_process import ParserPool
from services.fetcher.adapters.store import Claim, FeedStore
from services.fetcher.adapters.writing import Brought, LeaseLost, Writer
from services.fetcher.core.answers import Answer, Limits
from services.fetcher.core.entries import (
    DROPPED,
    WANTED,
    Candidate,
    FeedFacts,
    Verdict,
    candidates,
    decide,
    oldest_first,
    settled,
    wants_page,
)
from services.fetcher.core.keywords import Finder
from services.fetcher.core.moved import WITHIN, recognised
from services.fetcher.core.parsed import ParsedFeed, ParseFailure
from services.fetcher.core.reading import ToRead, agrees, brought, met, not_a_feed, to_read, unread, whole_of
from services.fetcher.core.standing import Outcome, Policy, Standing, concluded
from services.fetcher.settings import FetcherSettings
from services.runtime.clock import Clock
from services.runtime.telemetry import get_logger, measured

log = get_logger("fetcher")

BATCH = 8
"""Entries whose pages are read before they are written: a long first poll gives its first articles early, and keeps them if it dies."""
AT_ONCE = 100
"""Entries that are written at a time where no page is to be read."""


@dataclass(slots=True)
class _Tally:
    """What has been counted of a poll so far."""

    began: float
    new: int = 0
    """Entries that were written and never seen before; what another feed wrote meanwhile is none of them."""
    reasons: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Polled:
    """A poll that has ended, and how its feed stands now."""

    feed_id: str
    outcome: Outcome
    standing: Standing


class FeedPoll:
    """Polls feeds that are claimed, each call one of them."""

    def __init__(
        self,
        settings: FetcherSettings,
        *,
        feeds: Mapping[str, FeedFacts],
        store: FeedStore,
        writer: Writer,
        fetch: Fetch,
        parsers: ParserPool,
        find: Finder,
        clock: Clock,
        jitter: Callable[[], float],
    ) -> None:
        """`feeds` by id; `jitter` gives numbers in [0, 1)."""
        self._settings = settings
        self._feeds = feeds
        self._store = store
        self._writer = writer
        self._fetch = fetch
        self._parsers = parsers
        self._pages = PageReader(fetch, parsers, Limits(settings.page_seconds, settings.page_bytes))
        self._find = find
        self._clock = clock
        self._jitter = jitter
        self._readers = asyncio.Semaphore(2 * settings.parsers + 2)
        self._turn = asyncio.Lock()
        """For what takes the loop a few milliseconds: a hundred polls that do it in one turn of the loop would hold up all others."""
        self._limits = Limits(settings.feed_seconds, settings.feed_bytes, settings.first_byte_seconds)
        self._policy = Policy(settings.hints_cap)

    async def once(self, claim: Claim) -> Polled | None:
        """One poll of a claimed feed, written; None where the lease was lost to another replica.

        Raises:
            DatabaseUnavailable, DatabaseUnfit: see there; the feed is due as before.
        """
        feed = self._feeds[claim.feed_id]
        tally = _Tally(asyncio.get_running_loop().time())
        try:
            # The body stays on the account of the budget until what was read of it is all that is left.
            with self._fetch.budget.share() as share:
                outcome, verdicts = await self._brought(claim, feed, tally, share)
            return await self._written(claim, feed, verdicts, outcome, tally)
        except LeaseLost:
            log.warning("lease_lost", feed=claim.feed_id)
            return None

    async def failed(self, claim: Claim, outcome: Outcome) -> Polled | None:
        """A poll that came to nothing through a fault of ours, written as any failure, so that it does not turn in circles.

        Raises:
            DatabaseUnavailable, DatabaseUnfit: see there; the feed is due as before.
        """
        try:
            return await self._written(claim, self._feeds[claim.feed_id], (), outcome, _Tally(asyncio.get_running_loop().time()))
        except LeaseLost:
            return None

    async def _brought(self, claim: Claim, feed: FeedFacts, tally: _Tally, share: Share) -> tuple[Outcome, tuple[Verdict, ...]]:
        """Ask, parse and decide."""
        before = claim.standing
        with measured("fetch_feed"):
            got = await self._fetch.get(
                before.address,
                limits=self._limits,
                validators=before.conditions(self._clock.now()),
                authorization=self._settings.authorization(feed.id),
                share=share,
            )
        waited = asyncio.get_running_loop().time() - tally.began - share.waited
        came = met(got, before, waited)
        if isinstance(came, Outcome):
            return came, ()
        # A body that waits for its turn is small beside what becomes of it.
        async with self._readers:
            return await self._read(came, before, feed, tally, waited)

    async def _read(
        self, came: Answer, before: Standing, feed: FeedFacts, tally: _Tally, waited: float
    ) -> tuple[Outcome, tuple[Verdict, ...]]:
        """Parse what is new of the body, and decide."""
        async with self._turn:
            read = to_read(came, before, waited)
            await asyncio.sleep(0)
        if isinstance(read, Outcome):
            tally.reasons[FetchReason.UNCHANGED] += read.entries
            return read, ()
        read, parsed = await self._parsed(read, before.address)
        if isinstance(parsed, ParseFailure):
            return not_a_feed(read, parsed, waited), ()
        tally.reasons.update(unread(read, parsed))
        verdicts = await self._decided(parsed, feed, came if before.last_fresh_at is not None else None)
        return brought(read, parsed, verdicts, waited), verdicts

    async def _parsed(self, read: ToRead, address: str) -> tuple[ToRead, ParsedFeed | ParseFailure]:
        """The parse of what is to be read; of the whole where that of a part does not agree with the cut."""
        with measured("parse_feed"):
            parsed = await self._parsers.feed(read.body, content_type=read.content_type, address=read.whole.address or address)
            if agrees(read, parsed):
                return read, parsed
            log.info("parsed_whole", address=shown(address))
            read = whole_of(read)
            return read, await self._parsers.feed(read.body, content_type=read.content_type, address=read.whole.address)

    async def _decided(self, parsed: ParsedFeed, feed: FeedFacts, came: Answer | None) -> tuple[Verdict, ...]:
        """`came`: the whole that the parse may be a part of; None where the feed has brought nothing before."""
        async with self._turn:
            found = candidates(parsed.entries, feed, self._clock.now())
            await asyncio.sleep(0)
        known = await self._store.known([one.article_id for one in found if isinstance(one, Candidate)])
        unknown = [one for one in found if isinstance(one, Candidate) and one.article_id not in known]
        if unknown and came is not None:
            earlier = await self._store.earlier(feed.id, unknown, self._clock.now() - WITHIN)
            async with self._turn:
                found, known = recognised(found, known, earlier, came.body or b"")
                await asyncio.sleep(0)
        verdicts: list[Verdict] = []
        for start in range(0, len(found), BATCH):
            # The search for names takes its time with long texts; others run in between.
            async with self._turn:
                verdicts += decide(found[start : start + BATCH], feed, known, self._find)
                await asyncio.sleep(0)
        return tuple(verdicts)

    async def _written(self, claim: Claim, feed: FeedFacts, verdicts: Sequence[Verdict], outcome: Outcome, tally: _Tally) -> Polled:
        """Write it all: the wanted, oldest first, in batches; the rest and the state of the feed with the last of them."""
        wanted = oldest_first([verdict for verdict in verdicts if verdict.reason in WANTED])
        rest = [verdict for verdict in verdicts if verdict.reason in DROPPED]
        tally.reasons.update(verdict.reason for verdict in verdicts if verdict.reason not in WANTED)
        size = BATCH if any(self._wants_page(verdict, feed) for verdict in wanted) else AT_ONCE
        batches = [wanted[start : start + size] for start in range(0, len(wanted), size)] or [[]]
        for batch in batches[:-1]:
            read = await self._read_pages(batch, feed)
            self._count(await self._writer.write(Brought(claim, feed, read, self._clock.now())), len(batch), tally)
        last = await self._read_pages(batches[-1], feed)
        now = self._clock.now()
        outcome = replace(outcome, seconds=asyncio.get_running_loop().time() - tally.began)
        conclusion = concluded(claim.standing, outcome, claim.pace, now, jitter=self._jitter(), policy=self._policy)
        written = await self._writer.write(Brought(claim, feed, [*last, *rest], now, (outcome, conclusion.standing)))
        tally.new += sum(verdict.previous is None for verdict in written if verdict.reason in DROPPED)
        self._count([verdict for verdict in written if verdict.reason in WANTED], len(last), tally)
        polled = Polled(claim.feed_id, replace(outcome, new=tally.new), conclusion.standing)
        self._tell(polled, conclusion.notices, tally)
        return polled

    async def _read_pages(self, batch: Sequence[Verdict], feed: FeedFacts) -> list[Verdict]:
        return list(await asyncio.gather(*(self._read_page(verdict, feed) for verdict in batch)))

    async def _read_page(self, verdict: Verdict, feed: FeedFacts) -> Verdict:
        """The verdict with the page's text where that is wanted and more than the feed's."""
        candidate = verdict.candidate
        if candidate is None or not self._wants_page(verdict, feed):
            return verdict
        with measured("fetch_page"):
            text, note = await self._pages.read(candidate, feed.page)
        if len(text) > len(candidate.text):
            return settled(replace(verdict, candidate=candidate.with_page(text)), feed, self._find)
        return replace(verdict, candidate=candidate.noted(note)) if note is not None else verdict

    def _wants_page(self, verdict: Verdict, feed: FeedFacts) -> bool:
        return verdict.candidate is not None and wants_page(verdict.candidate, feed, self._settings.full_text, self._settings.short_text)

    def _count(self, written: Sequence[Verdict], tried: int, tally: _Tally) -> None:
        """Count what was written; what another feed wrote meanwhile is counted as that."""
        tally.reasons.update(verdict.reason for verdict in written)
        tally.new += sum(verdict.previous is None for verdict in written)
        tally.reasons[FetchReason.KNOWN_ELSEWHERE] += tried - len(written)
        now = self._clock.now()
        for verdict in written:
            if verdict.candidate is None:
                continue
            tally.notes.update(verdict.candidate.notes)
            if verdict.candidate.published_at is not None and verdict.reason is FetchReason.PUBLISHED:
                metrics.AGE_SECONDS.observe(max(0.0, (now - verdict.candidate.published_at).total_seconds()))

    def _tell(self, polled: Polled, notices: Sequence[FeedNotice], tally: _Tally) -> None:
        """Count, and the closing line."""
        outcome, stands = polled.outcome, polled.standing
        metrics.POLLS.labels(outcome.reason).inc()
        metrics.BYTES.inc(outcome.size)
        metrics.POLL_SECONDS.observe(outcome.seconds)
        for reason, count in tally.reasons.items():
            metrics.ENTRIES.labels(reason).inc(count)
        for note, count in tally.notes.items():
            metrics.NOTES.labels(note).inc(count)
        for notice in notices:
            metrics.NOTICES.labels(notice).inc()
            log.warning("feed_notice", feed=polled.feed_id, notice=notice, address=shown(stands.address), listed=shown(stands.url))
        say = log.warning if stands.failures else log.info if outcome.new or stands.state is not FeedState.UNCHANGED else log.debug
        say(
            "polled",
            feed=polled.feed_id,
            address=shown(stands.address),
            reason=outcome.reason,
            state=stands.state,
            status=outcome.status,
            detail=outcome.detail or None,
            entries=outcome.entries,
            became={str(reason): count for reason, count in tally.reasons.items() if count},
            notes={str(note): count for note, count in tally.notes.items()} or None,
            seconds=round(outcome.seconds, 3),
            next_poll_at=stands.next_poll_at.isoformat() if stands.next_poll_at else None,
        )


def shown(address: str) -> str:
    """The address as a log line may hold it: some outlets give each reader a key behind the question mark."""
    return address.partition("?")[0]
