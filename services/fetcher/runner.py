"""Polls what is due, one task a feed, and writes what each poll brought.

A poll ends in exactly one reason, counted and logged with the feed's id; nothing that one feed does stops the others.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from schemas.vocabulary import FetchReason, PollReason
from services.fetcher import metrics
from services.fetcher.adapters.http import Answer, Fetch, Limits, Refusal
from services.fetcher.adapters.pages import PageReader
from services.fetcher.adapters.parser_process import ParserPool
from services.fetcher.adapters.store import Claim, FeedStore, LeaseLost, PollRecord
from services.fetcher.core.entries import WANTED, Candidate, FeedFacts, Verdict, candidates, decide, settled, wants_page
from services.fetcher.core.keywords import Finder
from services.fetcher.core.parsing import ParseFailure
from services.fetcher.core.schedule import after, next_poll
from services.fetcher.settings import FetcherSettings
from services.runtime.clock import Clock
from services.runtime.patience import Patience, told
from services.runtime.postgres import DatabaseUnavailable
from services.runtime.telemetry import get_logger, measured

log = get_logger("fetcher")

BATCH = 8
"""Entries whose pages are read before they are written: a long first poll gives its first articles early, and keeps them if it dies."""
AT_ONCE = 100
"""Entries that are written at a time where no page is to be read."""
TURN_SECONDS = 0.005
RETRY_SECONDS = 2.0
"""Real seconds before a feed is asked again whose poll could not be written: the outlet is not to blame for our database."""
LOOK_SECONDS = 2.0
"""Real seconds after which the due feeds are looked at again, whatever the clock says: another process may have changed them."""


@dataclass(slots=True)
class _Result:
    """What a poll has come to so far."""

    reason: PollReason = PollReason.FRESH
    status: int | None = None
    detail: str = ""
    size: int = 0
    wish: float | None = None
    entries: int = 0
    answer: Answer | None = None
    reasons: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    seen: tuple[str, ...] = ()


class Poller:
    """Polls the feeds of one replica."""

    def __init__(
        self,
        settings: FetcherSettings,
        *,
        feeds: Mapping[str, FeedFacts],
        store: FeedStore,
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
        self._fetch = fetch
        self._parsers = parsers
        self._pages = PageReader(fetch, parsers, Limits(settings.page_seconds, settings.page_bytes))
        self._find = find
        self._clock = clock
        self._jitter = jitter
        self._polling: dict[str, asyncio.Task[None]] = {}
        self._awaited: datetime | None = None
        """When the feed is due that the loop sleeps for; None where any end of a poll must wake it."""
        self._woken = asyncio.Event()
        self._complained = False

    async def run(self, stopping: asyncio.Event) -> None:
        """Poll until the process stops; then give back what is not done.

        Raises:
            DatabaseUnfit: see there.
        """
        patience = Patience(stopping)
        renewing = asyncio.create_task(self._renew(stopping), name="leases")
        try:
            while not stopping.is_set():
                try:
                    await self._start_due()
                    if self._complained:
                        log.info("polling_goes_on")
                        self._complained = False
                    patience.calm()
                    await self._wait(stopping)
                except DatabaseUnavailable as fault:
                    self._say_away(fault)
                    await patience.wait()
        finally:
            renewing.cancel()
            running = list(self._polling.items())
            for _, task in running:
                task.cancel()
            await asyncio.gather(renewing, *(task for _, task in running), return_exceptions=True)
            # Where the database is away the leases run out by themselves.
            with suppress(DatabaseUnavailable):
                await self._store.release([feed_id for feed_id, _ in running])

    async def poll_once(self, claim: Claim) -> PollRecord | None:
        """One poll of a claimed feed, written; None where the lease was lost to another replica.

        Raises:
            DatabaseUnavailable, DatabaseUnfit: see there; the feed is due as before.
        """
        feed = self._feeds[claim.feed_id]
        loop = asyncio.get_running_loop()
        began = loop.time()
        result = _Result()
        try:
            verdicts = await self._brought(claim, feed, result)
            record = await self._written(claim, feed, verdicts, result, began)
        except LeaseLost:
            log.warning("lease_lost", feed=claim.feed_id)
            return None
        self._tell(claim, record, result)
        return record

    async def _start_due(self) -> None:
        free = self._settings.concurrency - len(self._polling)
        for claim in await self._store.claim(self._clock.now(), at_most=free, of=list(self._feeds), besides=list(self._polling)):
            task = asyncio.create_task(self._guarded(claim), name=f"poll {claim.feed_id}")
            self._polling[claim.feed_id] = task
            metrics.POLLING.set(len(self._polling))

    async def _guarded(self, claim: Claim) -> None:
        """One poll; what goes wrong in it is this feed's affair alone."""
        record = None
        try:
            record = await self.poll_once(claim)
        except DatabaseUnavailable as fault:
            self._say_away(fault)
            await asyncio.sleep(RETRY_SECONDS)
        except Exception:
            log.exception("poll_failed", feed=claim.feed_id)
            # A fault of ours: slow down as for any failure, so that it does not turn in circles.
            result = _Result(PollReason.PARSE_ABORTED, detail="a fault of the fetcher; its log has it")
            with suppress(DatabaseUnavailable, LeaseLost):
                await self._written(claim, self._feeds[claim.feed_id], (), result, asyncio.get_running_loop().time())
        finally:
            del self._polling[claim.feed_id]
            metrics.POLLING.set(len(self._polling))
            # The loop sleeps until the feed that it knows to be due next: a nearer one must wake it, a later one need not.
            if record is None or self._awaited is None or record.next_poll_at < self._awaited:
                self._woken.set()

    async def _wait(self, stopping: asyncio.Event) -> None:
        """Until a feed is due, a poll ends that others wait for, or the process stops."""
        self._woken.clear()
        self._awaited = None
        if len(self._polling) >= self._settings.concurrency:
            await self._first(stopping, None)
            return
        self._awaited = await self._store.next_due(of=list(self._feeds), besides=list(self._polling))
        until = (self._awaited - self._clock.now()).total_seconds() if self._awaited is not None else None
        if until is not None and until <= 0:
            # It has become due just now, or another replica is about to take it.
            await told(stopping, TURN_SECONDS)
            return
        await self._first(stopping, until)

    async def _first(self, stopping: asyncio.Event, until: float | None) -> None:
        """Until the loop is woken or stopped, or so many seconds of the clock are over."""
        waiting: list[asyncio.Task[Any]] = [asyncio.create_task(stopping.wait()), asyncio.create_task(self._woken.wait())]
        if until is not None:
            waiting.append(asyncio.create_task(self._clock.sleep(until)))
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED, timeout=LOOK_SECONDS)
        finally:
            for task in waiting:
                task.cancel()

    async def _renew(self, stopping: asyncio.Event) -> None:
        while not await told(stopping, self._settings.lease_seconds / 3):
            if self._polling:
                with suppress(DatabaseUnavailable):
                    await self._store.renew(list(self._polling))

    async def _brought(self, claim: Claim, feed: FeedFacts, result: _Result) -> tuple[Verdict, ...]:
        """Ask, parse and decide."""
        limits = Limits(self._settings.feed_seconds, self._settings.feed_bytes)
        with measured("fetch_feed"):
            got = await self._fetch.get(claim.url, limits=limits, validators=claim.validators)
        result.status, result.wish = got.status, got.retry_after
        if isinstance(got, Refusal):
            result.reason, result.detail, result.size = got.reason, got.detail, got.size
            return ()
        result.detail = f"moved for good to {got.moved_to}" if got.moved_to else ""
        if got.body is None or got.body_hash == claim.body_hash:
            result.reason, result.answer = PollReason.UNCHANGED, got
            result.size = len(got.body or b"")
            return ()
        result.size = len(got.body)
        with measured("parse_feed"):
            parsed = await self._parsers.feed(got.body, content_type=got.content_type, address=got.address)
        if isinstance(parsed, ParseFailure):
            result.reason, result.detail = parsed.reason, parsed.detail
            return ()
        result.answer = got
        result.entries = len(parsed.entries) + parsed.cut
        result.reasons[FetchReason.TOO_MANY] += parsed.cut
        found = candidates(parsed.entries, feed, self._clock.now())
        known = await self._store.known([one.article_id for one in found if isinstance(one, Candidate)])
        verdicts: list[Verdict] = []
        for start in range(0, len(found), BATCH):
            verdicts += decide(found[start : start + BATCH], feed, known, self._find)
            # The search for names takes its time with long texts; others run in between.
            await asyncio.sleep(0)
        result.reason = PollReason.FRESH if any(verdict.reason in WANTED for verdict in verdicts) else PollReason.UNCHANGED
        if not parsed.entries:
            result.reason = PollReason.EMPTY
        return tuple(verdicts)

    async def _written(self, claim: Claim, feed: FeedFacts, verdicts: Sequence[Verdict], result: _Result, began: float) -> PollRecord:
        """Write it all: the wanted, oldest first, in batches; the rest and the state of the feed with the last of them."""
        wanted = _oldest_first([verdict for verdict in verdicts if verdict.reason in WANTED])
        rest = [verdict for verdict in verdicts if verdict.reason is FetchReason.NO_KEYWORD]
        result.reasons.update(verdict.reason for verdict in verdicts if verdict.reason not in WANTED)
        seen = tuple(verdict.candidate.article_id for verdict in verdicts if verdict.reason is FetchReason.UNCHANGED and verdict.candidate)
        new = 0
        size = BATCH if any(self._wants_page(verdict, feed) for verdict in wanted) else AT_ONCE
        batches = [wanted[start : start + size] for start in range(0, len(wanted), size)] or [[]]
        for batch in batches[:-1]:
            written = await self._store.record(claim, feed, await self._read_pages(batch, feed), now=self._clock.now(), poll=None)
            new += self._count(written, len(batch), result)
        last = await self._read_pages(batches[-1], feed)
        now = self._clock.now()
        record = self._record(claim, result, now, brought_new=bool(wanted))
        record = replace(
            record,
            new_entries=new + sum(verdict.reason is FetchReason.PUBLISHED for verdict in last),
            seen=seen,
            seconds=asyncio.get_running_loop().time() - began,
        )
        written = await self._store.record(claim, feed, [*last, *rest], now=now, poll=record)
        self._count([verdict for verdict in written if verdict.reason in WANTED], len(last), result)
        return record

    async def _read_pages(self, batch: Sequence[Verdict], feed: FeedFacts) -> list[Verdict]:
        return list(await asyncio.gather(*(self._read_page(verdict, feed) for verdict in batch)))

    async def _read_page(self, verdict: Verdict, feed: FeedFacts) -> Verdict:
        """The verdict with the page's text where that is wanted and more than the feed's."""
        candidate = verdict.candidate
        if candidate is None or not self._wants_page(verdict, feed):
            return verdict
        with measured("fetch_page"):
            text, note = await self._pages.read(candidate.url)
        if len(text) > len(candidate.text):
            return settled(replace(verdict, candidate=candidate.with_page(text)), feed, self._find)
        return replace(verdict, candidate=candidate.noted(note)) if note is not None else verdict

    def _wants_page(self, verdict: Verdict, feed: FeedFacts) -> bool:
        return verdict.candidate is not None and wants_page(verdict.candidate, feed, self._settings.full_text, self._settings.short_text)

    def _count(self, written: Sequence[Verdict], tried: int, result: _Result) -> int:
        """How many new ones were written; what another feed wrote meanwhile is counted as that."""
        result.reasons.update(verdict.reason for verdict in written)
        result.reasons[FetchReason.KNOWN_ELSEWHERE] += tried - len(written)
        now = self._clock.now()
        for verdict in written:
            if verdict.candidate is None:
                continue
            result.notes.update(verdict.candidate.notes)
            if verdict.candidate.published_at is not None and verdict.reason is FetchReason.PUBLISHED:
                metrics.AGE_SECONDS.observe(max(0.0, (now - verdict.candidate.published_at).total_seconds()))
        return sum(verdict.reason is FetchReason.PUBLISHED for verdict in written)

    def _record(self, claim: Claim, result: _Result, now: datetime, *, brought_new: bool) -> PollRecord:
        standing = after(claim.standing, result.reason, now, brought_new=brought_new)
        answer = result.answer
        return PollRecord(
            reason=result.reason,
            standing=standing,
            next_poll_at=next_poll(claim.interval, standing.failures, now, jitter=self._jitter(), wish=result.wish),
            status=result.status,
            entries=result.entries,
            bytes=result.size,
            detail=result.detail,
            # A 304 need not repeat the validators; those that were sent stay good.
            validators=answer.validators if answer is not None and answer.body is not None else None,
            body_hash=answer.body_hash if answer is not None else None,
        )

    def _tell(self, claim: Claim, record: PollRecord, result: _Result) -> None:
        """Count, and the closing line."""
        metrics.POLLS.labels(record.reason).inc()
        metrics.BYTES.inc(record.bytes)
        metrics.POLL_SECONDS.observe(record.seconds)
        for reason, count in result.reasons.items():
            metrics.ENTRIES.labels(reason).inc(count)
        for note, count in result.notes.items():
            metrics.NOTES.labels(note).inc(count)
        # An empty feed is told once: the same body again is unchanged.
        say = log.warning if record.standing.failures else log.debug if record.reason is PollReason.UNCHANGED else log.info
        say(
            "polled",
            feed=claim.feed_id,
            reason=record.reason,
            status=record.status,
            detail=record.detail or None,
            entries=record.entries,
            became={str(reason): count for reason, count in result.reasons.items() if count},
            notes={str(note): count for note, count in result.notes.items()} or None,
            seconds=round(record.seconds, 3),
            next_poll_at=record.next_poll_at.isoformat(),
        )

    def _say_away(self, fault: DatabaseUnavailable) -> None:
        if not self._complained:
            log.warning("polling_waits", fault=type(fault).__name__, detail=str(fault))
            self._complained = True


def _oldest_first(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """In the order of publication, so that a later figure comes later; feeds have the newest on top, which orders the undated."""
    upwards = verdicts[::-1]
    dates = [verdict.candidate.published_at for verdict in upwards if verdict.candidate and verdict.candidate.published_at]
    latest = max(dates, default=None)
    if latest is None:
        return list(upwards)
    return sorted(upwards, key=lambda verdict: (verdict.candidate.published_at if verdict.candidate else None) or latest)
