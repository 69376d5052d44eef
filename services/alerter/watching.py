"""Watches the service itself, and raises alerts of kind `watch` on it; of several replicas one looks at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.alert_raised import AlertRaised
from schemas.envelope import seal
from schemas.tables import alerter_outbox
from schemas.topics import ALERTS_RAISED
from services.alerter.adapters import ledgers, observations
from services.alerter.adapters.channels import Router
from services.alerter.adapters.deliverer import Bell
from services.alerter.adapters.owing import kept_back, owe
from services.alerter.core.watches import Observed, Watches, looks, weigh
from services.alerter.core.wording import Wording
from services.alerter.metrics import ALERTS, WATCHING
from services.runtime.bus import Bus, BusUnavailable
from services.runtime.clock import Clock, WallClock
from services.runtime.outbox import Outbox
from services.runtime.patience import told
from services.runtime.postgres import DatabaseUnavailable, transaction, try_lock
from services.runtime.telemetry import get_logger, new_traceparent

EVERY_SECONDS = 60.0

log = get_logger("watching")


class Watching:
    """Looks every so often, tells what began to be wrong, and what is well again."""

    def __init__(
        self,
        engine: AsyncEngine,
        bus: Bus,
        clock: Clock,
        watches: Watches,
        router: Router,
        *,
        bell: Bell,
        wording: Wording,
        machine: Clock | None = None,
        every: float = EVERY_SECONDS,
    ) -> None:
        """`machine` is the clock that is held against the database's: that of this machine."""
        self._engine = engine
        self._bus = bus
        self._clock = clock
        self._watches = watches
        self._router = router
        self._bell = bell
        self._wording = wording
        self._machine = machine or WallClock()
        self._every = every
        self._refused = ""
        self._outbox = Outbox(alerter_outbox)

    def use(self, watches: Watches, router: Router, wording: Wording) -> None:
        """Look by these from now on; the files that they come from are in force."""
        self._watches, self._router, self._wording, self._refused = watches, router, wording, ""

    def refused(self, fault: str) -> None:
        """The files as they stand are refused for this; what held before holds on. The next look tells it."""
        self._refused = fault

    async def serve(self, stopping: asyncio.Event) -> None:
        """Look until the process stops.

        Raises:
            DatabaseUnfit: the database refuses us.
        """
        while not await told(stopping, self._every):
            try:
                await self.look()
            except DatabaseUnavailable as fault:
                log.warning("watching_waits", fault=type(fault).__name__, detail=str(fault))

    async def look(self) -> int:
        """Look once, and write what has changed with what is to be told, in one transaction; how many alerts.

        Raises:
            DatabaseUnavailable, DatabaseUnfit: see there.
        """
        lags = await self._lags()
        raised: list[AlertRaised] = []
        async with transaction(self._engine) as connection:
            if not await try_lock(connection, "alerter watching"):
                return 0
            now = self._clock.now()
            before = await observations.standing(connection)
            observed = Observed(
                outlets=await observations.outlets_heard(connection, self._watches.silent),
                feeds=await observations.feeds_by_state(connection),
                lags=lags,
                failures=await observations.failures(connection),
                skew=await observations.skew(connection, self._machine.now()),
                refused=self._refused,
            )
            for look in looks(self._watches, observed, now, before.values()):
                change = weigh(look, before.get((look.rule.name, look.subject)), now, self._wording)
                await observations.keep(connection, change.watch, now)
                WATCHING.labels(look.rule.name, look.subject).set(look.value)
                if change.alert is not None:
                    raised.append(change.alert)
            for alert in raised:
                await ledgers.put(connection, alert, now)
            await self._outbox.put(
                connection,
                [
                    seal(ALERTS_RAISED, alert.story_id, alert, event_id=alert.alert_id, now=now, traceparent=new_traceparent())
                    for alert in raised
                ],
            )
            if raised:
                await owe(connection, raised, self._router, await kept_back(connection, raised, now), now)
        for alert in raised:
            ALERTS.labels(alert.reason, alert.severity).inc()
            log.warning("watch_told", watch=alert.watch, reason=alert.reason, headline=alert.headline)
        if raised:
            self._bell.ring()
        return len(raised)

    async def _lags(self) -> Mapping[tuple[str, str], int] | None:
        """How many messages wait, by topic and group; None where the bus cannot be asked."""
        found: dict[tuple[str, str], int] = {}
        try:
            for rule in self._watches.lagging:
                found[rule.topic, rule.group] = await self._bus.waiting(rule.group, rule.topic)
        except BusUnavailable as fault:
            log.warning("lag_unknown", detail=str(fault))
            return None
        return found
