"""Carries out what people ask of the alerter: an alert marked as wrong is taken back, another is sent again.

Each is one transaction: the ledger, the alert, what is owed to those who had the wrong one, and the message to Kafka, or
nothing. Asked again, or by another replica, it changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.alert_raised import AlertRaised
from schemas.envelope import seal
from schemas.tables import alerter_outbox, alerts, deliveries, ledger_figures
from schemas.topics import ALERTS_RAISED
from schemas.vocabulary import AlertKind, DeliveryState, DeliverySubject, HandAction, HandOutcome, HoldReason
from services.alerter.adapters import ledgers
from services.alerter.adapters.deliverer import Bell
from services.alerter.adapters.hands import Asked, asking, handled
from services.alerter.core.figures import Figure
from services.alerter.core.policy import Policy
from services.alerter.core.withdrawals import withdraw
from services.alerter.metrics import ALERTS, HANDS
from services.runtime.clock import Clock
from services.runtime.outbox import Outbox
from services.runtime.patience import Patience, told
from services.runtime.postgres import DatabaseUnavailable, transaction, try_lock
from services.runtime.telemetry import get_logger, new_traceparent

POLL_SECONDS = 1.0
AT_MOST = 20

log = get_logger("corrections")


class Corrections:
    """Serves the hands that ask."""

    def __init__(self, engine: AsyncEngine, clock: Clock, policy: Policy, bell: Bell, *, poll_seconds: float = POLL_SECONDS) -> None:
        """`bell` is rung when something is owed to a receiver."""
        self._engine = engine
        self._clock = clock
        self._policy = policy
        self._bell = bell
        self._outbox = Outbox(alerter_outbox)
        self._poll_seconds = poll_seconds

    def use(self, policy: Policy) -> None:
        """Withdraw by this one from now on."""
        self._policy = policy

    async def serve(self, stopping: asyncio.Event) -> None:
        """Carry out what is asked until the process stops.

        Raises:
            DatabaseUnfit: the database refuses us.
        """
        patience = Patience(stopping)
        while not stopping.is_set():
            try:
                done = await self.carry_out()
            except DatabaseUnavailable as fault:
                log.warning("corrections_wait", fault=type(fault).__name__, detail=str(fault))
                await patience.wait()
                continue
            patience.calm()
            if done < AT_MOST:
                await told(stopping, self._poll_seconds)

    async def carry_out(self) -> int:
        """Carry out what is asked now, each in a transaction of its own; how many.

        Raises:
            DatabaseUnavailable, DatabaseUnfit: see there.
        """
        done = 0
        while done < AT_MOST and await self._one():
            done += 1
        return done

    async def _one(self) -> bool:
        async with transaction(self._engine) as connection:
            if not await try_lock(connection, "alerter corrections"):
                return False
            asked = await asking(connection, at_most=1)
            if not asked:
                return False
            (one,) = asked
            now = self._clock.now()
            if one.alert is None:
                outcome, alert = HandOutcome.NO_SUCH_ALERT, None
            elif one.action is HandAction.WRONG:
                outcome, alert = await self._withdraw(connection, one, one.alert, now)
            else:
                outcome, alert = await self._resend(connection, one, one.alert, now), None
            await handled(connection, one.hand_id, outcome, now, alert.alert_id if alert else None)
        if alert is not None:
            ALERTS.labels(alert.reason, alert.severity).inc()
        HANDS.labels(one.action, outcome).inc()
        log.info("hand_obeyed", hand=one.hand_id, action=one.action, outcome=outcome, by=one.done_by)
        self._bell.ring()
        return True

    async def _withdraw(
        self, connection: AsyncConnection, asked: Asked, wrong: AlertRaised, now: datetime
    ) -> tuple[HandOutcome, AlertRaised | None]:
        if await connection.scalar(sa.select(alerts.c.id).where(alerts.c.withdraws == wrong.alert_id)):
            return HandOutcome.ALREADY_WITHDRAWN, None
        if wrong.kind is AlertKind.WATCH:
            return HandOutcome.NOT_WITHDRAWABLE, None
        today = await ledgers.canonical(connection, {wrong.story_id})
        story = today[wrong.story_id]
        known, _ = await ledgers.locked(connection, [story], now)
        done = withdraw(known[story], wrong, now, self._policy, f"{asked.done_by}: {asked.words}")
        if done.alert is None:
            return done.outcome, None
        await ledgers.keep(connection, done.ledger, now)
        if done.taken is not None:
            await connection.execute(_mark(story, wrong, done.taken, now))
        await ledgers.put(connection, done.alert, now)
        await self._outbox.put(
            connection,
            [seal(ALERTS_RAISED, story, done.alert, event_id=done.alert.alert_id, now=now, traceparent=new_traceparent())],
        )
        # What is still to be told of the wrong one is not told; whoever had it, or may have it by now, is told of the withdrawal.
        table = deliveries
        await connection.execute(
            sa.update(table)
            .where(table.c.alert_id == wrong.alert_id, table.c.state == DeliveryState.PENDING, table.c.attempts == 0)
            .values(state=DeliveryState.HELD, held_reason=HoldReason.WITHDRAWN, held_by=asked.done_by, next_attempt_at=None)
        )
        had = sa.or_(table.c.state == DeliveryState.DELIVERED, sa.and_(table.c.state == DeliveryState.PENDING, table.c.attempts > 0))
        await owe_again(connection, done.alert.alert_id, like=wrong.alert_id, which=had, salt=asked.hand_id, now=now)
        return done.outcome, done.alert

    async def _resend(self, connection: AsyncConnection, asked: Asked, alert: AlertRaised, now: datetime) -> HandOutcome:
        owed = await owe_again(connection, alert.alert_id, like=alert.alert_id, which=sa.true(), salt=asked.hand_id, now=now)
        return HandOutcome.RESENT if owed else HandOutcome.NOBODY_TO_TELL


async def owe_again(
    connection: AsyncConnection, alert_id: str, *, like: str, which: sa.ColumnElement[bool], salt: str, now: datetime
) -> int:
    """Owe the alert to the receivers of those deliveries of the alert `like`, each once, at once; how many."""
    table = deliveries
    asked = sa.select(table.c.channel, table.c.target, table.c.receiver, table.c.route).where(table.c.alert_id == like, which)
    receivers: dict[tuple[str, str], Mapping[str, object]] = {
        (row.channel, row.target): row._asdict() for row in await connection.execute(asked.order_by(table.c.created_at, table.c.id))
    }
    rows = []
    for (channel, target), receiver in receivers.items():
        key = str(uuid5(NAMESPACE_URL, f"delivery|{alert_id}|{channel}|{target}|{salt}"))
        rows.append(
            {**receiver, "id": key, "idempotency_key": key, "alert_id": alert_id, "subject": DeliverySubject.RESEND, "created_at": now}
        )
    if rows:
        await connection.execute(insert(table).values(next_attempt_at=sa.func.now(), due_at=sa.func.now()).on_conflict_do_nothing(), rows)
    return len(rows)


def _mark(story: str, wrong: AlertRaised, taken: Figure, now: datetime) -> sa.Update:
    """The rows of the ledger's history that hold the figure, marked as withdrawn."""
    table = ledger_figures
    said = {
        "effect": taken.effect, "side": taken.side, "group": taken.group, "claimant": taken.claimant,
        "low": taken.low, "high": taken.high, "bound": taken.bound, "subset": taken.subset, "joint": taken.joint,
        "addition": taken.addition,
    }  # fmt: skip
    same = [table.c[name].is_not_distinct_from(value) for name, value in said.items()]
    return (
        sa.update(table)
        .where(table.c.story_id.in_({story, wrong.story_id}), table.c.withdrawn_at.is_(None), *same)
        .values(withdrawn_at=now)
    )
