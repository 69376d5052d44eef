"""What is owed to receivers: the deliveries of alerts, written in the transaction that raises them; nothing is sent from here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.alert_raised import AlertRaised
from schemas.hands import Held, held
from schemas.tables import alerts, deliveries, delivery_groups
from schemas.vocabulary import DeliveryState, DeliverySubject, HoldReason
from services.alerter.adapters.channels import Router, Target
from services.alerter.adapters.hands import hands_of, silences_at
from services.alerter.core.routing import NEVER, Leg
from services.alerter.metrics import HELD

Keeper = Callable[[AsyncConnection, Sequence[AlertRaised], datetime], Awaitable[Mapping[str, Held]]]
"""What people keep back: of these alerts, by their ids, those that are not to be told now."""


async def kept_back(connection: AsyncConnection, raised: Sequence[AlertRaised], now: datetime) -> Mapping[str, Held]:
    """A Keeper: by the silences and hands of the desk."""
    silences = await silences_at(connection, now)
    laid = await hands_of(connection, {alert.story_id for alert in raised})
    found = {alert.alert_id: held(alert, silences, laid.get(alert.story_id, ()), now) for alert in raised}
    return {alert_id: one for alert_id, one in found.items() if one is not None}


async def owe(connection: AsyncConnection, raised: Sequence[AlertRaised], router: Router, kept: Mapping[str, Held], now: datetime) -> None:
    """Owe each alert to everybody that the routes name, if the transaction commits; `kept` are those that people keep back."""
    rows: list[dict[str, Any]] = []
    waits: dict[tuple[Target, str], Leg] = {}
    for alert in raised:
        for leg, target in router.ways(alert, now):
            rows.append(_row(alert, target, leg, kept.get(alert.alert_id), now))
            if leg.group is not None and leg.not_before is None and rows[-1]["state"] is DeliveryState.PENDING:
                waits[target, leg.group] = leg
    flushes = await _flushes(connection, waits)
    for number, row in enumerate(rows):
        flush = flushes.get((Target(row["channel"], row["target"]), row["group_key"] or ""))
        if row["delay"] is not None:
            # A microsecond apart, so that what one batch raised is told in the order in which it was raised.
            row["delay"] = max(row["delay"], flush or timedelta()) + timedelta(microseconds=number)
    await _write(connection, rows)


async def owe_to(
    connection: AsyncConnection,
    alert: AlertRaised,
    targets: Collection[Target],
    now: datetime,
    *,
    router: Router | None = None,
    subject: DeliverySubject = DeliverySubject.RESEND,
    salt: str = "",
) -> int:
    """Owe one alert to these targets, past the routes, at once; how many deliveries are new.

    With another `salt` (the id of the hand that asks for it, say) what was told before is told again; with the same it is not.
    """
    rows = []
    for target in targets:
        leg = Leg(router.receiver_of(target) if router else "", "", ())
        rows.append(_row(alert, target, leg, None, now) | {"subject": subject})
        key = target.key(alert.alert_id, salt)
        rows[-1] |= {"id": key, "idempotency_key": key}
    return await _write(connection, rows)


async def targets_told(connection: AsyncConnection, alert_id: str) -> list[Target]:
    """Those who had the alert, or will have it."""
    asked = (
        sa.select(deliveries.c.channel, deliveries.c.target)
        .distinct()
        .where(deliveries.c.alert_id == alert_id, deliveries.c.state.in_([DeliveryState.DELIVERED, DeliveryState.PENDING]))
    )
    return [Target(row.channel, row.target) for row in await connection.execute(asked)]


async def owe_repeats(connection: AsyncConnection, router: Router, keeper: Keeper, now: datetime) -> int:
    """Owe again what nobody took within its route's repeat_interval; how many. What has changed meanwhile is not repeated."""
    table = deliveries
    due = (
        sa.select(table.c.id, table.c.channel, table.c.target, table.c.receiver, table.c.route, alerts.c.body)
        .join(alerts, alerts.c.id == table.c.alert_id)
        .where(table.c.repeat_at <= sa.func.now(), table.c.state == DeliveryState.DELIVERED)
        .limit(200)
        .with_for_update(of=table, skip_locked=True)
    )
    rows = (await connection.execute(due)).all()
    if not rows:
        return 0
    told = {row.id: AlertRaised.model_validate(row.body) for row in rows}
    kept = await keeper(connection, list(told.values()), now)
    again: list[dict[str, Any]] = []
    for row in rows:
        alert, target = told[row.id], Target(row.channel, row.target)
        leg = next((leg for leg, to in router.ways(alert, now) if to == target), None)
        if leg is None or leg.repeat_interval is None or alert.alert_id in kept or await _superseded(connection, alert):
            continue
        key = target.key(alert.alert_id, f"repeat of {row.id}")
        again.append(_row(alert, target, leg, None, now) | {"id": key, "idempotency_key": key, "subject": DeliverySubject.REPEAT})
        again[-1]["group_key"] = None
    await connection.execute(sa.update(table).where(table.c.id.in_(list(told))).values(repeat_at=None))
    return await _write(connection, again)


async def _superseded(connection: AsyncConnection, alert: AlertRaised) -> bool:
    """Whether a later alert says something else of the same subject."""
    later = sa.select(sa.literal(1)).where(
        alerts.c.story_id == alert.story_id,
        alerts.c.kind == alert.kind,
        alerts.c.effect.is_not_distinct_from(alert.effect),
        alerts.c.side.is_not_distinct_from(alert.side),
        alerts.c.watch.is_not_distinct_from(alert.watch),
        alerts.c.raised_at > alert.raised_at,
    )
    return (await connection.execute(later.limit(1))).first() is not None


def _row(alert: AlertRaised, target: Target, leg: Leg, kept: Held | None, now: datetime) -> dict[str, Any]:
    key = target.key(alert.alert_id)
    row: dict[str, Any] = {
        "id": key,
        "alert_id": alert.alert_id,
        "channel": target.channel,
        "target": target.name,
        "receiver": leg.receiver,
        "route": leg.route,
        "subject": DeliverySubject.ALERT,
        "group_key": leg.group,
        "state": DeliveryState.PENDING,
        "idempotency_key": key,
        "created_at": now,
        "held_reason": None,
        "held_by": None,
        "delay": timedelta(),
        "repeat_in": leg.repeat_interval,
    }
    if kept is not None:
        until = kept.until if kept.until is not None and kept.until > now else None
        row |= {"held_reason": kept.reason, "held_by": f"{kept.by}: {kept.why}".removesuffix(": "), "delay": until and until - now}
    elif leg.not_before is not None:
        ends = leg.not_before if leg.not_before < NEVER else None
        row |= {"held_reason": HoldReason.MUTED, "held_by": ", ".join(leg.muted_by), "delay": ends and ends - now}
    if row["delay"] is None:
        row |= {"state": DeliveryState.HELD, "repeat_in": None}
    return row


async def _flushes(connection: AsyncConnection, waits: Mapping[tuple[Target, str], Leg]) -> dict[tuple[Target, str], timedelta]:
    """How long each group waits until it is told. Asked in one order everywhere, so that two replicas never wait for each other."""
    table, now = delivery_groups, sa.func.now()
    found: dict[tuple[Target, str], timedelta] = {}
    for (target, group), leg in sorted(waits.items(), key=lambda item: (item[0][0].channel, item[0][0].name, item[0][1])):
        new = insert(table).values(channel=target.channel, target=target.name, group_key=group, flush_at=now + leg.group_wait)
        planned = new.on_conflict_do_update(
            index_elements=["channel", "target", "group_key"],
            set_={
                "flush_at": sa.case(
                    (table.c.flush_at > now, table.c.flush_at),
                    (table.c.flush_at + leg.group_interval > now, table.c.flush_at + leg.group_interval),
                    else_=now + leg.group_wait,
                )
            },
        )
        found[target, group] = (await connection.execute(planned.returning(table.c.flush_at - now))).scalar_one()
    return found


async def _write(connection: AsyncConnection, rows: Iterable[dict[str, Any]]) -> int:
    """Due by the database's own clock, which all replicas share. What was owed before under the same key is not owed again."""
    rows = list(rows)
    if not rows:
        return 0
    due = sa.func.now() + sa.bindparam("delay", type_=sa.Interval())
    repeat = sa.func.now() + sa.bindparam("repeat_in", type_=sa.Interval())
    owed = insert(deliveries).values(next_attempt_at=due, due_at=due, repeat_at=repeat).on_conflict_do_nothing()
    await connection.execute(owed, rows)
    for row in rows:
        if row["held_reason"] is not None:
            HELD.labels(row["held_reason"]).inc()
    return len(rows)
