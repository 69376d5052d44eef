"""Polls what is due: claims feeds for this replica, starts one task each, and keeps their leases alive.

Nothing that one feed does stops the others.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from typing import Any

from schemas.vocabulary import PollReason
from services.fetcher import metrics
from services.fetcher.adapters.store import PER_HOST, Claim, FeedStore, Ours
from services.fetcher.core.standing import Outcome
from services.fetcher.poll import FeedPoll, Polled
from services.runtime.clock import Clock
from services.runtime.patience import Patience, told
from services.runtime.postgres import DatabaseUnavailable
from services.runtime.telemetry import get_logger

log = get_logger("fetcher")

TURN_SECONDS = 0.005
CLAIMED_AT_ONCE = 64
"""Places that must be free before more feeds are taken: one transaction for many."""
BEGUN_AT_ONCE = 16
"""Polls that begin in one turn of the loop: hundreds would hold up all others."""
RETRY_SECONDS = 2.0
"""Real seconds before a feed is asked again whose poll could not be written: the outlet is not to blame for our database."""
LOOK_SECONDS = 2.0
"""Real seconds after which the due feeds are looked at again, whatever the clock says: another process may have changed them."""


class Poller:
    """Polls the feeds of one replica."""

    def __init__(self, poll: FeedPoll, *, feeds: Collection[str], store: FeedStore, clock: Clock, window: int) -> None:
        """`feeds`: their ids; `window`: how many of them are claimed at the same time."""
        self._poll = poll
        self._feeds = frozenset(feeds)
        self._store = store
        self._clock = clock
        self._window = window
        self._polling: dict[str, asyncio.Task[None]] = {}
        self._hosts: Counter[str] = Counter()
        self._awaited: datetime | None = None
        """When the feed is due that the loop sleeps for; None where any end of a poll must wake it."""
        self._woken = asyncio.Event()
        self._least_room = min(CLAIMED_AT_ONCE, window)
        self._impatient = False
        """Whether the loop has waited long for so much room, and takes what there is."""
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
            await self._let_go(renewing)

    async def _let_go(self, renewing: asyncio.Task[None]) -> None:
        """End the polls under way and give their feeds back."""
        renewing.cancel()
        running = list(self._polling.items())
        for _, task in running:
            task.cancel()
        await asyncio.gather(renewing, *(task for _, task in running), return_exceptions=True)
        # Where the database is away the leases run out by themselves.
        with suppress(DatabaseUnavailable):
            await self._store.release([feed_id for feed_id, _ in running])

    @property
    def _room(self) -> int:
        return self._window - len(self._polling)

    @property
    def _crowded(self) -> bool:
        """Whether it is better to wait until more feeds can be taken together."""
        return self._room < (1 if self._impatient else self._least_room)

    def _ours(self) -> Ours:
        busy = [host for host, count in self._hosts.items() if count >= PER_HOST]
        return Ours(self._feeds, besides=list(self._polling), busy=busy)

    async def _start_due(self) -> None:
        if self._crowded:
            return
        self._impatient = False
        for number, claim in enumerate(await self._claimed(), 1):
            self._hosts[claim.host] += 1
            self._polling[claim.feed_id] = asyncio.create_task(self._guarded(claim), name=f"poll {claim.feed_id}")
            if number % BEGUN_AT_ONCE == 0:
                await asyncio.sleep(0)
        metrics.POLLING.set(len(self._polling))

    async def _claimed(self) -> list[Claim]:
        return await self._store.claim(self._clock.now(), self._ours(), at_most=self._room)

    async def _guarded(self, claim: Claim) -> None:
        """One poll; what goes wrong in it is this feed's affair alone."""
        polled: Polled | None = None
        try:
            polled = await self._poll.once(claim)
        except DatabaseUnavailable as fault:
            self._say_away(fault)
            await asyncio.sleep(RETRY_SECONDS)
        except Exception:
            log.exception("poll_failed", feed=claim.feed_id)
            # A fault of ours: slow down as for any failure, so that it does not turn in circles.
            outcome = Outcome(PollReason.PARSE_ABORTED, detail="a fault of the fetcher; its log has it")
            with suppress(DatabaseUnavailable):
                polled = await self._poll.failed(claim, outcome)
        finally:
            self._ended(claim, polled)

    def _ended(self, claim: Claim, polled: Polled | None) -> None:
        due = polled.standing.next_poll_at if polled is not None else None
        del self._polling[claim.feed_id]
        metrics.POLLING.set(len(self._polling))
        self._hosts[claim.host] -= 1
        freed = self._hosts[claim.host] == PER_HOST - 1
        if self._hosts[claim.host] <= 0:
            del self._hosts[claim.host]
        # The loop sleeps until the feed that it knows to be due next: a nearer one must wake it, a later one need not.
        if not self._crowded and (due is None or self._awaited is None or due < self._awaited or freed):
            self._woken.set()

    async def _wait(self, stopping: asyncio.Event) -> None:
        """Until a feed is due, a poll ends that others wait for, or the process stops."""
        self._woken.clear()
        self._awaited = None
        if self._crowded:
            self._impatient = not await self._first(stopping, None)
            return
        self._awaited = await self._store.next_due(self._ours())
        until = (self._awaited - self._clock.now()).total_seconds() if self._awaited is not None else None
        if until is not None and until <= 0:
            # It has become due just now, or another replica is about to take it.
            await told(stopping, TURN_SECONDS)
            return
        await self._first(stopping, until)

    async def _first(self, stopping: asyncio.Event, until: float | None) -> bool:
        """Until the loop is woken or stopped, or so many seconds of the clock are over; False where nothing came of it for long."""
        waiting: list[asyncio.Task[Any]] = [asyncio.create_task(stopping.wait()), asyncio.create_task(self._woken.wait())]
        if until is not None:
            waiting.append(asyncio.create_task(self._clock.sleep(until)))
        try:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED, timeout=LOOK_SECONDS)
            return bool(done)
        finally:
            for task in waiting:
                task.cancel()

    async def _renew(self, stopping: asyncio.Event) -> None:
        """Signs of life, and how the feeds fare: for the metrics."""
        while not await told(stopping, self._store.lease.total_seconds() / 3):
            with suppress(DatabaseUnavailable):
                if self._polling:
                    await self._store.renew(list(self._polling))
                for state, count in (await self._store.states()).items():
                    metrics.FEEDS.labels(state).set(count)

    def _say_away(self, fault: DatabaseUnavailable) -> None:
        if not self._complained:
            log.warning("polling_waits", fault=type(fault).__name__, detail=str(fault))
            self._complained = True


class Once(Poller):
    """Polls each feed once, now, whatever its interval; then it has done."""

    def __init__(self, poll: FeedPoll, *, feeds: Collection[str], store: FeedStore, clock: Clock, window: int) -> None:
        """As its like."""
        super().__init__(poll, feeds=feeds, store=store, clock=clock, window=window)
        self.polled: list[Polled] = []

    async def through(self, stopping: asyncio.Event) -> None:
        """Poll them all; a feed that another replica polls at this moment is waited for.

        Raises:
            DatabaseUnavailable, DatabaseUnfit: see there; what was polled until then is written.
        """
        renewing = asyncio.create_task(self._renew(stopping), name="leases")
        try:
            while (self._feeds or self._polling) and not stopping.is_set():
                await self._start_due()
                await self._first(stopping, None)
                self._woken.clear()
        finally:
            await self._let_go(renewing)

    async def _claimed(self) -> list[Claim]:
        if self._feeds <= self._polling.keys():
            return []
        return await self._store.claim(self._clock.now(), self._ours(), at_most=self._room, whenever=True)

    def _ended(self, claim: Claim, polled: Polled | None) -> None:
        if polled is not None:
            self.polled.append(polled)
            self._feeds -= {claim.feed_id}
        super()._ended(claim, polled)
        if not self._feeds:
            self._woken.set()
