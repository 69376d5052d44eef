"""The alerter obeys what people do at the desk: the desk's own functions lay the hand, a real deliverer tells or does not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.tables import alerts, deliveries
from schemas.vocabulary import DeliveryReason, DeliveryState, DeliverySubject, HandAction, HoldReason
from services.alerter.adapters.deliverer import Bell
from services.alerter.adapters.deliveries import Deliveries
from services.alerter.core.retries import Outcome
from services.alerter.corrections import Corrections
from services.desk.adapters.audit import Author
from services.desk.adapters.deeds import lay
from services.runtime.postgres import transaction
from tests.integration.test_alerter import pass_time, rows, until
from tests.integration.test_routed_deliveries import NOON, POLICY, Mailbox, clock, delivering, raise_tolls, router

pytestmark = pytest.mark.stack

ANNA = Author("Anna", "api")


async def hand(engine: AsyncEngine, action: HandAction, toll: int, *, words: str = "", hours: float | None = None) -> None:
    """Anna does something with the alert of that toll, five minutes after it was raised."""
    (alert,) = [row for row in await rows(engine, alerts) if row.low == toll and row.withdraws is None]
    until_ = None if hours is None else NOON + timedelta(hours=hours)
    async with transaction(engine) as connection:
        await lay(connection, ANNA, alert.id, action, NOON + timedelta(minutes=5), words=words, until=until_)


async def test_an_acknowledged_alert_is_not_repeated_and_its_change_is_told_with_the_name(engine: AsyncEngine) -> None:
    to, box = router("  repeat_interval: 4h"), Mailbox()
    await raise_tolls(engine, to, 5)
    async with delivering(engine, to, box):
        await until(engine, 1, state=DeliveryState.DELIVERED)
        await hand(engine, HandAction.ACKNOWLEDGE, 5)
        await pass_time(engine, timedelta(hours=4, minutes=1))
        assert await Deliveries(engine, "one").owe_repeats(to, NOON + timedelta(hours=4)) == 0
        await raise_tolls(engine, to, 9, at=NOON + timedelta(hours=5))
        await until(engine, 2, state=DeliveryState.DELIVERED)
    assert box.told() == [[5], [9]]
    reopens = box.parcels[-1].alerts[0].reopens
    assert reopens is not None
    assert reopens.startswith("Anna, 2023-09-19 12:10 UTC: 5 killed")


async def test_an_alert_that_is_acknowledged_while_its_group_waits_is_held(engine: AsyncEngine) -> None:
    to, box = router("  group_wait: 2s"), Mailbox()
    await raise_tolls(engine, to, 5)
    await hand(engine, HandAction.ACKNOWLEDGE, 5)
    await pass_time(engine, timedelta(seconds=3))
    async with delivering(engine, to, box):
        (held,) = await until(engine, 1, state=DeliveryState.HELD)
    assert (held.held_reason, held.held_by, box.told()) == (HoldReason.ACKNOWLEDGED, "Anna", [])


async def test_a_snoozed_subject_is_told_its_last_word_when_the_snooze_ends_and_nothing_before(engine: AsyncEngine) -> None:
    to, box = router("  group_wait: 1m"), Mailbox()
    await raise_tolls(engine, to, 5)
    await hand(engine, HandAction.SNOOZE, 5, hours=2)
    await raise_tolls(engine, to, 9, at=NOON + timedelta(minutes=10))
    await raise_tolls(engine, to, 30, story="another", at=NOON + timedelta(minutes=11))
    await pass_time(engine, timedelta(minutes=2))
    async with delivering(engine, to, box, at=NOON + timedelta(minutes=12)):
        await until(engine, 1, state=DeliveryState.DELIVERED)
        held = await until(engine, 2, state=DeliveryState.PENDING, held_reason=HoldReason.SNOOZED)
    assert box.told() == [[30]]
    assert {row.held_by for row in held} == {"Anna"}
    await pass_time(engine, timedelta(hours=2))
    async with delivering(engine, to, box, at=NOON + timedelta(hours=2, minutes=12)):
        await until(engine, 2, state=DeliveryState.DELIVERED)
        (overtaken,) = await until(engine, 1, state=DeliveryState.HELD)
    assert box.told() == [[30], [9]]
    assert overtaken.held_reason == HoldReason.SUPERSEDED


async def test_a_wrong_alert_is_told_to_be_wrong_to_whoever_had_it_and_to_nobody_else(engine: AsyncEngine) -> None:
    to, box = router(), Mailbox()
    await raise_tolls(engine, to, 5, 9)
    async with delivering(engine, to, box):
        await until(engine, 2, state=DeliveryState.DELIVERED)
        await hand(engine, HandAction.WRONG, 9, words="those were wounded")
        await Corrections(engine, clock(NOON + timedelta(minutes=6)), POLICY, Bell()).carry_out()
        await until(engine, 3, state=DeliveryState.DELIVERED)
    (last,) = box.parcels[-1].alerts
    assert (last.reason, last.low, last.previous and last.previous.low) == ("withdrawn", 5, 9)
    assert last.because == "Anna: those were wounded"
    assert box.parcels[-1].subject is DeliverySubject.RESEND


async def test_a_wrong_alert_that_could_not_be_told_yet_is_not_told_and_nothing_is_withdrawn_from_anybody(engine: AsyncEngine) -> None:
    to, box = router("  group_wait: 1h"), Mailbox(Mailbox().target, Outcome(DeliveryReason.DELIVERED))
    await raise_tolls(engine, to, 9)
    await hand(engine, HandAction.WRONG, 9, words="those were wounded")
    await Corrections(engine, clock(NOON + timedelta(minutes=6)), POLICY, Bell()).carry_out()
    (held,) = await rows(engine, deliveries)
    assert (held.state, held.held_reason) == (DeliveryState.HELD, HoldReason.WITHDRAWN)
    assert len(await rows(engine, alerts)) == 2
    assert box.told() == []
