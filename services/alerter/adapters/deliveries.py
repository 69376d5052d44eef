"""Deliveries in Postgres: what is due is taken under a lease, and settled. Times of leases and waits are the database's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.alert_raised import AlertRaised
from schemas.hands import Held
from schemas.tables import alerts, channel_states, deliveries, delivery_groups
from schemas.vocabulary import DeliveryReason, DeliveryState, DeliverySubject, HoldReason
from services.alerter.adapters.channels import Manner, Parcel, Router, Target
from services.alerter.adapters.owing import Keeper, kept_back, owe_repeats
from services.alerter.core.breaker import Breaker
from services.alerter.core.bundling import Due, Limit, Unit, units
from services.alerter.core.retries import Settlement
from services.alerter.metrics import DIGESTED, HELD
from services.runtime.postgres import transaction

WIDEST = 400
"""Due deliveries that are looked at to find those that go out together."""
LONGEST_THREAD = 20
STALE = timedelta(seconds=30)
"""A delivery that waited longer than this is asked about once more: it may have been silenced meanwhile."""
_PLAIN = Manner()


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that this replica has under lease; `attempts` counts the one that begins, `age` the seconds since it was due first."""

    parcel: Parcel
    ids: tuple[str, ...]
    attempts: int
    age: float
    created_at: datetime
    holds: Mapping[str, int]
    """The attempt that each delivery is at: nobody else has taken it while it stays so."""

    @property
    def alert(self) -> AlertRaised:
        """The first alert of it."""
        return self.parcel.alert


@dataclass(frozen=True, slots=True)
class Settled:
    """How the attempt on a message ended; `delivered_at` where it was delivered."""

    taken: Taken
    settlement: Settlement
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Batch:
    """What was taken; `wait`: seconds until the channel's limit allows a message, where it does not now."""

    messages: tuple[Taken, ...]
    wait: float | None = None


class Deliveries:
    """The deliveries, as one replica sees them."""

    def __init__(self, engine: AsyncEngine, replica: str, *, keeper: Keeper = kept_back) -> None:
        """`replica` names the holder of the leases; `keeper` says what people keep back."""
        self._engine = engine
        self._replica = replica
        self._keeper = keeper

    async def take(self, target: Target, *, at_most: int, lease: float, manner: Manner = _PLAIN, now: datetime | None = None) -> Batch:
        """Take what is due for a receiver, oldest first, for `lease` seconds; what another replica has is passed over.

        With `now` (the time of decisions) people are asked once more whether they keep back what has waited.

        Raises:
            DatabaseUnavailable, DatabaseUnfit: see there.
        """
        async with transaction(self._engine) as connection:
            budget = await _budget(connection, target, manner.limit)
            if manner.limit is not None and budget is not None and budget < 1:
                return Batch((), manner.limit.wait(budget).total_seconds())
            rows = await self._due(connection, target, at_most, manner)
            rows = await self._still_wanted(connection, rows, now) if now is not None else rows
            messages = units([_due_of(row) for row in rows], at_most, budget)
            if not messages:
                return Batch(())
            await self._lease(connection, messages, lease)
            if budget is not None:
                await _spend(connection, target, len(messages))
            by_id = {row.id: row for row in rows}
            threads = (
                await _threads(connection, target, [by_id[unit.members[0].id].story_id for unit in messages]) if manner.threads else {}
            )
        for unit in messages:
            if unit.digest:
                DIGESTED.labels(target.channel).inc(len(unit.members))
        return Batch(tuple(_taken(unit, by_id, threads) for unit in messages))

    async def settle(self, settled: Sequence[Settled]) -> set[str]:
        """Write how attempts ended, all in one transaction; the deliveries whose lease was still ours.

        Raises:
            DatabaseUnavailable, DatabaseUnfit: see there.
        """
        rows = [(delivery, attempt, one) for one in settled for delivery, attempt in one.taken.holds.items()]
        table = deliveries
        given = (
            sa.func.unnest(
                sa.cast([delivery for delivery, _, _ in rows], ARRAY(sa.Uuid(as_uuid=False))),
                sa.cast([attempt for _, attempt, _ in rows], ARRAY(sa.Integer())),
                sa.cast([str(one.settlement.state) for _, _, one in rows], ARRAY(sa.Text())),
                sa.cast([one.settlement.wait for _, _, one in rows], ARRAY(sa.Float())),
                sa.cast([one.settlement.error for _, _, one in rows], ARRAY(sa.Text())),
                sa.cast([one.delivered_at for _, _, one in rows], ARRAY(sa.DateTime(timezone=True))),
            )
            .table_valued("id", "attempts", "state", "wait", "error", "delivered_at")
            .render_derived()
        )
        written = (
            sa.update(table)
            .where(table.c.id == given.c.id, table.c.attempts == given.c.attempts, table.c.leased_by == self._replica)
            .values(
                state=given.c.state,
                next_attempt_at=sa.func.now() + sa.func.make_interval(0, 0, 0, 0, 0, 0, given.c.wait),
                last_error=given.c.error,
                delivered_at=given.c.delivered_at,
                leased_by=None,
                leased_until=None,
            )
            .returning(table.c.id)
        )
        async with transaction(self._engine) as connection:
            return set((await connection.execute(written)).scalars())

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

    async def give_up_old(self, targets: Sequence[Target], older: timedelta) -> int:
        """Give up what a failing channel kept waiting for so long; how many.

        Raises:
            DatabaseUnavailable, DatabaseUnfit: see there.
        """
        last = sa.func.coalesce(deliveries.c.last_error, "it was never tried")
        return await self._give_up(_of(targets), older, sa.literal(f"{DeliveryReason.TOO_OLD}: the channel fails, last ") + last)

    async def give_up_abandoned(self, targets: Sequence[Target], older: timedelta) -> int:
        """Give up what has grown too old for receivers that this replica does not know any more; how many.

        Raises:
            DatabaseUnavailable, DatabaseUnfit: see there.
        """
        why = f"{DeliveryReason.TOO_OLD}: no replica has a receiver of this name in its settings any more"
        return await self._give_up(sa.not_(_of(targets)), older, sa.literal(why))

    async def _give_up(self, which: sa.ColumnElement[bool], older: timedelta, why: sa.ColumnElement[str]) -> int:
        table = deliveries
        given_up = (
            sa.update(table)
            .where(table.c.state == DeliveryState.PENDING, which)
            .where(sa.func.coalesce(table.c.due_at, table.c.next_attempt_at) < sa.func.now() - older)
            .where(sa.or_(table.c.leased_until.is_(None), table.c.leased_until < sa.func.clock_timestamp()))
            .values(state=DeliveryState.GIVEN_UP, next_attempt_at=None, last_error=why, leased_by=None, leased_until=None)
        )
        async with transaction(self._engine) as connection:
            return (await connection.execute(given_up)).rowcount

    async def forget_groups(self, older: timedelta) -> int:
        """Forget when groups were told that have been quiet for so long; how many.

        Raises:
            DatabaseUnavailable, DatabaseUnfit: see there.
        """
        async with transaction(self._engine) as connection:
            quiet = sa.delete(delivery_groups).where(delivery_groups.c.flush_at < sa.func.now() - older)
            return (await connection.execute(quiet)).rowcount

    async def owe_repeats(self, router: Router, now: datetime) -> int:
        """Owe again what nobody took within its route's repeat_interval; how many.

        Raises:
            DatabaseUnavailable, DatabaseUnfit: see there.
        """
        async with transaction(self._engine) as connection:
            return await owe_repeats(connection, router, self._keeper, now)

    async def breaker(self, target: Target) -> Breaker:
        """How the channel fared when somebody last wrote it down."""
        async with transaction(self._engine) as connection:
            asked = sa.select(channel_states.c.failures, channel_states.c.opened_until - sa.func.now()).where(_state_of(target))
            row = (await connection.execute(asked)).first()
        if row is None:
            return Breaker()
        return Breaker(row[0], max(0.0, row[1].total_seconds()) if row[1] is not None else 0.0)

    async def keep_breaker(self, target: Target, breaker: Breaker, error: str | None) -> None:
        """Write down how the channel fares, for the other replicas, for people and for the watch on the service."""
        now = sa.func.now()
        failing = {
            "failures": breaker.failures,
            "opened_at": sa.func.coalesce(channel_states.c.opened_at, now) if breaker.open else None,
            "opened_until": now + timedelta(seconds=breaker.pause) if breaker.open else None,
            "last_error": error,
        }
        new = insert(channel_states).values(
            channel=target.channel, target=target.name, **(failing | {"opened_at": now if breaker.open else None})
        )
        async with transaction(self._engine) as connection:
            await connection.execute(new.on_conflict_do_update(index_elements=["channel", "target"], set_=failing))

    async def _due(self, connection: AsyncConnection, target: Target, at_most: int, manner: Manner) -> list[Any]:
        table, now = deliveries, sa.func.clock_timestamp()
        free = sa.or_(table.c.leased_until.is_(None), table.c.leased_until < now)
        mine = (table.c.channel == target.channel, table.c.target == target.name, table.c.state == DeliveryState.PENDING)
        asked = (
            sa.select(
                table.c.id, table.c.idempotency_key, table.c.group_key, table.c.bundle, table.c.subject, table.c.attempts,
                table.c.created_at, table.c.due_at, table.c.held_reason, alerts.c.body, alerts.c.story_id, alerts.c.raised_at,
                sa.func.extract("epoch", now - sa.func.coalesce(table.c.due_at, table.c.next_attempt_at)).label("age"),
            )
            .join(alerts, alerts.c.id == table.c.alert_id)
            .where(*mine, free)
            .with_for_update(of=table, skip_locked=True)
        )  # fmt: skip
        first = asked.where(table.c.next_attempt_at <= now).order_by(table.c.next_attempt_at, table.c.id)
        rows: list[Any] = list((await connection.execute(first.limit(at_most if manner.limit is None else WIDEST))).all())
        groups = {row.group_key for row in rows if row.group_key is not None and row.bundle is None}
        bundles = {row.bundle for row in rows if row.bundle is not None}
        if groups or bundles:
            # The others of the same message, wherever they stand in the queue.
            there = {row.id for row in rows}
            together = sa.or_(
                sa.and_(table.c.group_key.in_(groups), table.c.bundle.is_(None), table.c.next_attempt_at <= now),
                table.c.bundle.in_(bundles),
            )
            others = (await connection.execute(asked.where(together).order_by(table.c.next_attempt_at, table.c.id).limit(WIDEST))).all()
            rows += [row for row in others if row.id not in there]
        return rows

    async def _still_wanted(self, connection: AsyncConnection, rows: list[Any], now: datetime) -> list[Any]:
        """Without those that people keep back since; what was sent on request or tried before goes on."""
        waited = [
            row
            for row in rows
            if row.subject != DeliverySubject.RESEND
            and row.bundle is None
            and (row.group_key is not None or row.held_reason is not None or row.attempts or row.age > STALE.total_seconds())
        ]
        if not waited:
            return rows
        kept = await self._keeper(connection, [AlertRaised.model_validate(row.body) for row in waited], now)
        stopped = {row.id: kept[row.body["alert_id"]] for row in waited if row.body["alert_id"] in kept}
        for delivery, held in stopped.items():
            await connection.execute(sa.update(deliveries).where(deliveries.c.id == delivery).values(_held(held, now)))
            HELD.labels(held.reason).inc()
        passed = {row.id for row in waited if row.held_reason == HoldReason.SNOOZED and row.id not in stopped}
        for delivery in sorted(passed):
            if await self._overtaken(connection, delivery):
                stopped[delivery] = Held(HoldReason.SUPERSEDED, "a later alert")
                await connection.execute(sa.update(deliveries).where(deliveries.c.id == delivery).values(_held(stopped[delivery], now)))
                HELD.labels(HoldReason.SUPERSEDED).inc()
        return [row for row in rows if row.id not in stopped]

    async def _overtaken(self, connection: AsyncConnection, delivery: str) -> bool:
        """Whether the same receiver has, or will have, a later alert on the same subject: after a snooze only the last word counts."""
        mine, other = deliveries.alias("mine"), deliveries.alias("other")
        this, later = alerts.alias("this"), alerts.alias("later")
        asked = (
            sa.select(sa.literal(1))
            .select_from(
                mine.join(this, this.c.id == mine.c.alert_id)
                .join(
                    later,
                    sa.and_(
                        later.c.story_id == this.c.story_id,
                        later.c.raised_at > this.c.raised_at,
                        *(later.c[name].is_not_distinct_from(this.c[name]) for name in ("kind", "effect", "side", "watch")),
                    ),
                )
                .join(other, other.c.alert_id == later.c.id)
            )
            .where(mine.c.id == delivery, other.c.channel == mine.c.channel, other.c.target == mine.c.target)
            .where(other.c.state.in_([DeliveryState.PENDING, DeliveryState.DELIVERED]))
            .limit(1)
        )
        return (await connection.execute(asked)).first() is not None

    async def _lease(self, connection: AsyncConnection, messages: Sequence[Unit], lease: float) -> None:
        table = deliveries
        values = {
            "leased_by": self._replica,
            "leased_until": sa.func.clock_timestamp() + timedelta(seconds=lease),
            "attempts": table.c.attempts + 1,
        }
        alone = [unit.members[0].id for unit in messages if len(unit.members) == 1]
        if alone:
            await connection.execute(sa.update(table).where(table.c.id.in_(alone)).values(**values))
        for unit in messages:
            if len(unit.members) > 1:
                together = sa.update(table).where(table.c.id.in_([member.id for member in unit.members]))
                await connection.execute(together.values(**values, bundle=unit.key))


def _held(held: Held, now: datetime) -> dict[str, Any]:
    why = {"held_reason": held.reason, "held_by": f"{held.by}: {held.why}".removesuffix(": ")}
    if held.until is not None and held.until > now:
        until = sa.func.now() + (held.until - now)
        return why | {"next_attempt_at": until, "due_at": until}
    return why | {"state": DeliveryState.HELD, "next_attempt_at": None, "repeat_at": None}


def _due_of(row: sa.Row[Any]) -> Due:
    return Due(row.id, row.idempotency_key, row.group_key, row.bundle, DeliverySubject(row.subject))


def _taken(unit: Unit, by_id: Mapping[str, sa.Row[Any]], threads: Mapping[str, tuple[str, ...]]) -> Taken:
    rows = sorted((by_id[member.id] for member in unit.members), key=lambda row: (row.raised_at, row.due_at or row.created_at, row.id))
    told = [AlertRaised.model_validate(row.body) for row in rows]
    parcel = Parcel(
        alert=told[0],
        key=unit.key,
        others=tuple(told[1:]),
        digest=unit.digest or len({row.story_id for row in rows}) > 1,
        subject=DeliverySubject(rows[0].subject),
        thread=tuple(key for key in threads.get(rows[0].story_id, ()) if key != unit.key),
    )
    return Taken(
        parcel,
        tuple(row.id for row in rows),
        max(row.attempts for row in rows) + 1,
        max(0.0, *(float(row.age) for row in rows)),
        min(row.created_at for row in rows),
        {row.id: row.attempts + 1 for row in rows},
    )


async def _threads(connection: AsyncConnection, target: Target, stories: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """By story: the keys of the messages that the receiver had, oldest first."""
    table = deliveries
    key = sa.func.coalesce(table.c.bundle, table.c.idempotency_key)
    asked = (
        sa.select(alerts.c.story_id, key.label("key"), sa.func.min(table.c.delivered_at).label("at"))
        .join(alerts, alerts.c.id == table.c.alert_id)
        .where(alerts.c.story_id.in_(set(stories)), table.c.channel == target.channel, table.c.target == target.name)
        .where(table.c.state == DeliveryState.DELIVERED)
        .group_by(alerts.c.story_id, key)
        .order_by(sa.text("at"))
    )
    found: dict[str, list[str]] = {}
    for row in await connection.execute(asked):
        found.setdefault(row.story_id, []).append(row.key)
    # The first message is the root of the thread and always stays.
    return {story: (keys[0], *keys[1:][-LONGEST_THREAD:]) for story, keys in found.items()}


def _of(targets: Sequence[Target]) -> sa.ColumnElement[bool]:
    named = [(target.channel, target.name) for target in targets]
    return sa.tuple_(deliveries.c.channel, deliveries.c.target).in_(named) if named else sa.false()


def _state_of(target: Target) -> sa.ColumnElement[bool]:
    return sa.and_(channel_states.c.channel == target.channel, channel_states.c.target == target.name)


async def _budget(connection: AsyncConnection, target: Target, limit: Limit | None) -> float | None:
    """What the channel's limit allows, its row locked so that replicas share it; None without a limit."""
    if limit is None:
        return None
    row = insert(channel_states).values(channel=target.channel, target=target.name).on_conflict_do_nothing()
    await connection.execute(row)
    asked = sa.select(channel_states.c.budget, channel_states.c.budget_at, sa.func.now()).where(_state_of(target)).with_for_update()
    left, reckoned, now = (await connection.execute(asked)).one()
    budget = limit.budget(left, reckoned, now)
    await connection.execute(sa.update(channel_states).where(_state_of(target)).values(budget=budget, budget_at=now))
    return budget


async def _spend(connection: AsyncConnection, target: Target, count: int) -> None:
    await connection.execute(sa.update(channel_states).where(_state_of(target)).values(budget=channel_states.c.budget - count))
