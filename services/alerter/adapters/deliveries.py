"""Deliveries in Postgres: what is due is taken under a lease, and settled. Times of leases and waits are the database's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.alert_raised import AlertRaised
from schemas.tables import alerts, deliveries
from schemas.vocabulary import DeliveryReason, DeliveryState
from services.alerter.adapters.channels import Target
from services.alerter.core.retries import Settlement
from services.runtime.postgres import transaction


@dataclass(frozen=True, slots=True)
class Taken:
    """A delivery that this replica has until `leased_until`; `attempts` counts the one that begins."""

    id: str
    alert: AlertRaised
    key: str
    attempts: int
    created_at: datetime


class Deliveries:
    """The deliveries, as one replica sees them."""

    def __init__(self, engine: AsyncEngine, replica: str) -> None:
        """`replica` names the holder of the leases."""
        self._engine = engine
        self._replica = replica

    async def take(self, target: Target, *, at_most: int, lease: float) -> Sequence[Taken]:
        """Take what is due for a receiver, oldest first, for `lease` seconds; what another replica has is passed over.

        Raises:
            DatabaseUnavailable, DatabaseUnfit: see there.
        """
        table, now = deliveries, sa.func.clock_timestamp()
        due = (
            sa.select(table.c.id)
            .where(table.c.channel == target.channel, table.c.target == target.name, table.c.state == DeliveryState.PENDING)
            .where(table.c.next_attempt_at <= now, sa.or_(table.c.leased_until.is_(None), table.c.leased_until < now))
            .order_by(table.c.next_attempt_at, table.c.id)
            .limit(at_most)
            .with_for_update(skip_locked=True)
        )
        taken = (
            sa.update(table)
            .where(table.c.id.in_(due.scalar_subquery()), alerts.c.id == table.c.alert_id)
            .values(leased_by=self._replica, leased_until=now + timedelta(seconds=lease), attempts=table.c.attempts + 1)
            .returning(table.c.id, alerts.c.body, table.c.idempotency_key, table.c.attempts, table.c.created_at, alerts.c.raised_at)
        )
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(taken)).all()
        ordered = sorted(rows, key=lambda row: (row.raised_at, row.id))
        return [Taken(row.id, AlertRaised.model_validate(row.body), row.idempotency_key, row.attempts, row.created_at) for row in ordered]

    async def settle(self, taken: Taken, settlement: Settlement, now: datetime) -> bool:
        """Write how the attempt ended; False where the lease has meanwhile gone to another replica.

        Raises:
            DatabaseUnavailable, DatabaseUnfit: see there.
        """
        delivered = settlement.state is DeliveryState.DELIVERED
        wait = None if settlement.wait is None else sa.func.clock_timestamp() + timedelta(seconds=settlement.wait)
        settled = (
            sa.update(deliveries)
            .where(deliveries.c.id == taken.id, deliveries.c.leased_by == self._replica, deliveries.c.attempts == taken.attempts)
            .values(
                state=settlement.state,
                next_attempt_at=wait,
                last_error=settlement.error,
                delivered_at=now if delivered else None,
                leased_by=None,
                leased_until=None,
            )
        )
        async with transaction(self._engine) as connection:
            return bool((await connection.execute(settled)).rowcount)

    async def next_due(self, target: Target) -> float | None:
        """Seconds until the next pending delivery of a receiver is due (negative: so long overdue); None where nothing is pending."""
        table = deliveries
        # A leased one is due when its lease runs out, should its holder have died.
        due = sa.func.greatest(table.c.next_attempt_at, sa.func.coalesce(table.c.leased_until, table.c.next_attempt_at))
        asked = sa.select(sa.func.extract("epoch", sa.func.min(due) - sa.func.clock_timestamp())).where(
            table.c.channel == target.channel, table.c.target == target.name, table.c.state == DeliveryState.PENDING
        )
        async with transaction(self._engine) as connection:
            seconds = await connection.scalar(asked)
        return None if seconds is None else float(seconds)

    async def give_up_abandoned(self, targets: Sequence[Target], now: datetime, older: timedelta) -> int:
        """Give up what has grown too old for receivers that this replica does not know any more; how many.

        Raises:
            DatabaseUnavailable, DatabaseUnfit: see there.
        """
        table = deliveries
        known = [(target.channel, target.name) for target in targets]
        gone = sa.true() if not known else sa.tuple_(table.c.channel, table.c.target).not_in(known)
        given_up = (
            sa.update(table)
            .where(table.c.state == DeliveryState.PENDING, table.c.created_at < now - older, gone)
            .where(sa.or_(table.c.leased_until.is_(None), table.c.leased_until < sa.func.clock_timestamp()))
            .values(
                state=DeliveryState.GIVEN_UP,
                next_attempt_at=None,
                last_error=f"{DeliveryReason.TOO_OLD}: no replica has a receiver of this name in its settings any more",
                leased_by=None,
                leased_until=None,
            )
        )
        async with transaction(self._engine) as connection:
            return (await connection.execute(given_up)).rowcount
