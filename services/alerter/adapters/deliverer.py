"""Tells receivers what is owed to them: one task a receiver, so that a slow or dead one never delays another.

Every attempt is made under a lease and the delivery's own key. A replica that dies between sending and writing so leaves
the lease to run out, and another sends again under the same key: at most one repeat, which the receiver can tell.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from schemas.vocabulary import DeliveryReason, DeliveryState
from services.alerter.adapters.channels import Channel, Manner, Router, Target
from services.alerter.adapters.deliveries import Deliveries, Settled, Taken
from services.alerter.core.breaker import LONGEST_PAUSE, Breaker
from services.alerter.core.retries import Outcome, RetryPolicy, Settlement, settle
from services.alerter.metrics import ATTEMPTS, DELIVERY_SECONDS, FAILING, OVERDUE, REPEATED, SETTLED
from services.runtime.clock import Clock
from services.runtime.patience import Patience, told
from services.runtime.postgres import DatabaseUnavailable
from services.runtime.telemetry import get_logger

POLL_SECONDS = 1.0
"""Real seconds after which a receiver's deliveries are looked at though nobody rang: another replica may have raised an alert."""
SWEEP_SECONDS = 60.0
QUIET = timedelta(days=30)
"""A group that was told nothing for so long begins anew; no pause between two messages is as long."""
REPEAT_SECONDS = 5.0
MOST_SETTLED = 200
"""Messages whose ends are written in one transaction."""
LONGEST_LOOK = 5.0
"""Real seconds after which a pause is looked at again."""

log = get_logger("deliverer")


class Bell:
    """Rung when alerts were committed; each receiver's task hears it."""

    def __init__(self) -> None:
        """Nobody listens yet."""
        self._events: list[asyncio.Event] = []

    def listener(self) -> asyncio.Event:
        """An event that is set at every ring."""
        event = asyncio.Event()
        self._events.append(event)
        return event

    def leave(self, event: asyncio.Event) -> None:
        """Nobody listens at this one any more."""
        self._events.remove(event)

    def ring(self) -> None:
        """Something is owed."""
        for event in self._events:
            event.set()


class Settling:
    """Writes how attempts ended. What ends while a transaction is under way goes into the next one, all of it together."""

    def __init__(self, deliveries: Deliveries) -> None:
        self._deliveries = deliveries
        self._waiting: list[tuple[Settled, asyncio.Future[bool]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def write(self, settled: Settled) -> bool:
        """Return when it is committed; False where the lease has meanwhile gone to another replica.

        Raises:
            DatabaseUnavailable, DatabaseUnfit: see there; nothing is known of what was written.
        """
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((settled, done))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all(), name="settling")
        return await done

    async def _write_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST_SETTLED], self._waiting[MOST_SETTLED:]
            try:
                kept = await self._deliveries.settle([settled for settled, _ in batch])
            except BaseException as fault:
                for _, done in batch:
                    if not done.done():
                        done.set_exception(fault) if isinstance(fault, Exception) else done.cancel()
                if not isinstance(fault, Exception):
                    raise
            else:
                for settled, done in batch:
                    if not done.done():
                        done.set_result(kept.issuperset(settled.taken.ids))


class _Line:
    """One channel as it is served: its breaker, and until when it is left alone."""

    def __init__(self, channel: Channel, manner: Manner, breaker: Breaker) -> None:
        self.channel = channel
        self.manner = manner
        self.breaker = breaker
        self._until = asyncio.get_running_loop().time() + breaker.pause

    def now_is(self, breaker: Breaker) -> None:
        """The channel fares so from now on."""
        recovered = self.breaker.open and not breaker.open
        self.breaker = breaker
        # A pause that was asked for holds, whatever an attempt beside it came to.
        self._until = 0.0 if recovered else max(self._until, asyncio.get_running_loop().time() + breaker.pause)

    def left(self) -> float:
        """Seconds that it is still left alone."""
        return self._until - asyncio.get_running_loop().time()


class Deliverer:
    """Serves the receivers of one replica."""

    def __init__(
        self,
        deliveries: Deliveries,
        channels: Sequence[Channel],
        *,
        bell: Bell,
        clock: Clock,
        retries: RetryPolicy,
        chance: Callable[[], float],
        lease_margin: float,
        poll_seconds: float = POLL_SECONDS,
        router: Router | None = None,
    ) -> None:
        """`chance` gives numbers in [0, 1) that spread the waits; a lease outlasts the longest attempt by `lease_margin` seconds."""
        self._deliveries = deliveries
        self.channels = tuple(channels)
        self._bell = bell
        self._clock = clock
        self._retries = retries
        self._chance = chance
        self._poll_seconds = poll_seconds
        self._lease_margin = lease_margin
        self._router = router or Router.to(*self.targets)
        self._settling = Settling(deliveries)

    @property
    def targets(self) -> tuple[Target, ...]:
        """Who is told."""
        return tuple(channel.target for channel in self.channels)

    def use(self, channels: Sequence[Channel], router: Router) -> None:
        """Tell these from now on, in their manner; who serves each of them is the caller's to see to."""
        gone = {channel.target for channel in self.channels} - {channel.target for channel in channels}
        for target in gone:
            for gauge in (FAILING, OVERDUE):
                with suppress(KeyError):
                    gauge.remove(target.channel, target.name)
        self.channels, self._router = tuple(channels), router

    async def serve(self, channel: Channel, stopping: asyncio.Event) -> None:
        """Tell one receiver what is owed to it, until the process stops or another channel serves it.

        Raises:
            DatabaseUnfit: the database refuses us.
        """
        rung = self._bell.listener()
        try:
            await self._serve(channel, rung, stopping)
        finally:
            self._bell.leave(rung)

    async def _serve(self, channel: Channel, rung: asyncio.Event, stopping: asyncio.Event) -> None:
        patience = Patience(stopping)
        complained = False
        line: _Line | None = None
        while not stopping.is_set():
            rung.clear()
            try:
                line = line or _Line(channel, self._router.manner(channel.target), await self._deliveries.breaker(channel.target))
                await self._round(line, rung, stopping)
            except DatabaseUnavailable as fault:
                if not complained:
                    log.warning("deliverer_waits", target=channel.target.name, fault=type(fault).__name__, detail=str(fault))
                    complained = True
                await patience.wait()
            else:
                patience.calm()
                if complained:
                    log.info("deliverer_goes_on", target=channel.target.name)
                    complained = False

    async def sweep(self, stopping: asyncio.Event) -> None:
        """Give up, visibly, what has grown too old behind a failing channel or is owed to receivers that nobody has any more."""
        while not stopping.is_set():
            try:
                given_up = await self._deliveries.give_up_abandoned(self.targets, timedelta(seconds=self._retries.give_up))
                for target in self.targets:
                    after = self._policy_of(target).give_up
                    given_up += await self._deliveries.give_up_old([target], timedelta(seconds=after + 2 * LONGEST_PAUSE))
                await self._deliveries.forget_groups(QUIET)
            except DatabaseUnavailable as fault:
                log.warning("sweep_waits", fault=type(fault).__name__, detail=str(fault))
            else:
                if given_up:
                    log.warning("deliveries_abandoned", count=given_up)
            await told(stopping, SWEEP_SECONDS)

    async def repeat(self, stopping: asyncio.Event) -> None:
        """Owe again what nobody took within its route's repeat_interval."""
        while not stopping.is_set():
            try:
                again = await self._deliveries.owe_repeats(self._router, self._clock.now())
            except DatabaseUnavailable as fault:
                log.warning("repeating_waits", fault=type(fault).__name__, detail=str(fault))
            else:
                if again:
                    REPEATED.inc(again)
                    log.info("repeated", count=again)
                    self._bell.ring()
            await told(stopping, REPEAT_SECONDS)

    async def _round(self, line: _Line, rung: asyncio.Event, stopping: asyncio.Event) -> None:
        """One look at what is due: told, or waited for."""
        channel = line.channel
        if (pause := line.left()) > 0:
            # A channel that fails, or asks for patience, is left alone as a whole; its alerts stay in the queue.
            await told(stopping, min(pause, LONGEST_LOOK))
            return
        at_most = 1 if line.breaker.open else channel.parallel
        batch = await self._deliveries.take(
            channel.target, at_most=at_most, lease=channel.seconds + self._lease_margin, manner=line.manner, now=self._clock.now()
        )
        if batch.messages:
            await asyncio.gather(*(self._tell(line, one, stopping) for one in batch.messages))
        elif batch.wait is not None:
            await told(stopping, max(0.01, batch.wait))
        else:
            await self._wait(channel, rung, stopping)

    async def _wait(self, channel: Channel, rung: asyncio.Event, stopping: asyncio.Event) -> None:
        """Until something is owed, is due again, or may have been left by another replica."""
        due = await self._deliveries.next_due(channel.target)
        OVERDUE.labels(channel.target.channel, channel.target.name).set(max(0.0, -(due or 0.0)))
        within = self._poll_seconds if due is None else min(self._poll_seconds, max(0.01, due))
        waits = [asyncio.create_task(told(event, within)) for event in (rung, stopping)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def _tell(self, line: _Line, taken: Taken, stopping: asyncio.Event) -> None:
        channel = line.channel
        began = asyncio.get_running_loop().time()
        try:
            outcome = await channel.send(taken.parcel)
        except Exception as fault:  # a channel's own fault must not end the others' deliveries
            log.exception("channel_failed", target=channel.target.name, alert=taken.alert.alert_id)
            outcome = Outcome(DeliveryReason.CHANNEL_FAULT, f"{type(fault).__name__}: {fault}")
        age = taken.age + asyncio.get_running_loop().time() - began
        settlement = settle(outcome, taken.attempts, age, self._chance(), self._policy_of(channel.target))
        ATTEMPTS.labels(channel.target.channel, outcome.reason).inc()
        await self._write(channel, taken, settlement, stopping)
        await self._judge(line, outcome)

    async def _judge(self, line: _Line, outcome: Outcome) -> None:
        """Note how the channel fares; what is worth it is written down."""
        before, target = line.breaker, line.channel.target
        line.now_is(before.after(outcome))
        after = line.breaker
        if after.open is not before.open:
            FAILING.labels(target.channel, target.name).set(after.open)
            say = log.error if after.open else log.info
            say("channel_fails" if after.open else "channel_recovered", target=target.name, channel=target.channel, reason=outcome.reason)
        if after.open or (before.failures and not after.failures):
            error = f"{outcome.reason}: {outcome.detail}".removesuffix(": ") if after.open else None
            try:
                await self._deliveries.keep_breaker(target, after, error)
            except DatabaseUnavailable as fault:
                log.warning("breaker_not_kept", target=target.name, detail=str(fault))

    def _policy_of(self, target: Target) -> RetryPolicy:
        give_up = self._router.manner(target).give_up
        return self._retries if give_up is None else replace(self._retries, give_up=give_up)

    async def _write(self, channel: Channel, taken: Taken, settlement: Settlement, stopping: asyncio.Event) -> None:
        patience = Patience(stopping)
        while True:
            now = self._clock.now()
            try:
                delivered_at = now if settlement.state is DeliveryState.DELIVERED else None
                kept = await self._settling.write(Settled(taken, settlement, delivered_at))
            except DatabaseUnavailable:
                # Told but not written: if this replica dies now, the receiver is told once more under the same key.
                if not await patience.wait():
                    return
                continue
            self._say(channel.target, taken, settlement, age=(now - taken.created_at).total_seconds(), kept=kept)
            return

    def _say(self, target: Target, taken: Taken, settlement: Settlement, *, age: float, kept: bool) -> None:
        facts = {
            "target": target.name, "channel": target.channel, "alert": taken.alert.alert_id, "alerts": len(taken.ids),
            "attempt": taken.attempts, "reason": settlement.reason,
        }  # fmt: skip
        if not kept:
            log.warning("lease_lost", **facts)
            return
        if settlement.state is not DeliveryState.PENDING:
            SETTLED.labels(target.channel, settlement.state).inc(len(taken.ids))
        match settlement.state:
            case DeliveryState.DELIVERED:
                DELIVERY_SECONDS.labels(target.channel).observe(max(0.0, age))
                log.info("delivered", seconds=round(age, 3), **facts)
            case DeliveryState.GIVEN_UP:
                log.error("given_up", detail=settlement.detail, **facts)
            case DeliveryState.PENDING:
                log.warning("delivery_failed", detail=settlement.detail, again_in=round(settlement.wait or 0.0, 1), **facts)
