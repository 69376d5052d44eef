"""What people do, carried out by the alerter on a real Postgres: taken back once, told to those who had it, nothing lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.alert_raised import AlertRaised
from schemas.envelope import opened
from schemas.hands import held
from schemas.tables import alerter_outbox, alerts, deliveries, handled_hands, hands, ledger_figures, ledgers, silences, story_aliases
from schemas.vocabulary import HandAction, HandOutcome, HoldReason
from services.alerter import corrections as corrections_module
from services.alerter.adapters.channels import Target
from services.alerter.adapters.deliverer import Bell
from services.alerter.adapters.hands import hands_of, silences_at
from services.alerter.core.ledger import Ledger
from services.alerter.core.policy import Policy
from services.alerter.corrections import Corrections
from services.runtime.clock import StoryClock, WallClock
from services.runtime.postgres import open_engine, transaction
from tests.builders import THE_MORNING, a_claim, a_classified
from tests.integration.test_alerter import arrivals, rows, runner

pytestmark = pytest.mark.stack

DESK, OTHER = Target("webhook", "desk"), Target("webhook", "other")
STORY = a_classified().story_id or ""


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    made = open_engine(database_url, application="test", pool_size=10)
    yield made
    await made.dispose()


def corrections(engine: AsyncEngine) -> Corrections:
    clock = StoryClock(anchor=WallClock().now(), begins=THE_MORNING + timedelta(hours=3))
    return Corrections(engine, clock, Policy.packaged(), Bell())


async def lay(engine: AsyncEngine, action: HandAction, alert: sa.Row[Any], **values: object) -> str:
    hand_id = str(uuid4())
    row = {
        "id": hand_id, "alert_id": alert.id, "story_id": alert.story_id, "action": action, "words": "a misreading", "done_by": "Anna",
        "done_at": THE_MORNING + timedelta(hours=2),
    }  # fmt: skip
    async with engine.begin() as connection:
        await connection.execute(sa.insert(hands).values(row | values))
    return hand_id


async def told_of_25_and_34(engine: AsyncEngine) -> sa.Row[Any]:
    """Two articles; the deliveries of the first figure and one of the second were made. The second alert."""
    for name, number in (("first", 25), ("second", 34)):
        await runner(engine, DESK, OTHER).handle(arrivals(a_classified(name, claims=[a_claim(number)])))
    (second,) = [row for row in await rows(engine, alerts, "id") if row.low == 34]
    made = sa.or_(deliveries.c.alert_id != second.id, deliveries.c.target == "desk")
    async with engine.begin() as connection:
        await connection.execute(
            sa.update(deliveries).where(made).values(state="delivered", delivered_at=THE_MORNING, attempts=1, next_attempt_at=None)
        )
    return second


async def test_a_wrong_alert_is_taken_back_in_one_transaction_and_those_who_had_it_are_told(engine: AsyncEngine) -> None:
    wrong = await told_of_25_and_34(engine)
    hand = await lay(engine, HandAction.WRONG, wrong)
    assert await corrections(engine).carry_out() == 1
    (ledger,) = await rows(engine, ledgers)
    assert [figure.number for figure in Ledger.from_json(STORY, ledger.state).figures] == [25]
    assert {row.low: row.withdrawn_at is None for row in await rows(engine, ledger_figures)} == {25: True, 34: False}
    (raised,) = [row for row in await rows(engine, alerts) if row.withdraws is not None]
    assert (raised.withdraws, raised.low, raised.previous["low"]) == (wrong.id, 25, 34)
    # The one who had it is told; what the other one was still to be told is kept back.
    assert {(row.target, row.state) for row in await rows(engine, deliveries) if row.alert_id == raised.id} == {("desk", "pending")}
    (kept,) = [row for row in await rows(engine, deliveries) if row.alert_id == wrong.id and row.target == "other"]
    assert (kept.state, kept.held_reason, kept.held_by) == ("held", HoldReason.WITHDRAWN, "Anna")
    (message,) = [row for row in await rows(engine, alerter_outbox, "id") if row.headers["ce_id"] == raised.id]
    assert opened(bytes(message.value), message.headers, AlertRaised).withdraws == wrong.id
    (made,) = await rows(engine, handled_hands)
    assert (made.hand_id, made.outcome, made.alert_id) == (hand, HandOutcome.WITHDRAWN, raised.id)


async def test_asked_twice_it_is_taken_back_once(engine: AsyncEngine) -> None:
    wrong = await told_of_25_and_34(engine)
    await lay(engine, HandAction.WRONG, wrong)
    await lay(engine, HandAction.WRONG, wrong)
    assert await corrections(engine).carry_out() == 2
    assert await corrections(engine).carry_out() == 0
    assert [row.outcome for row in await rows(engine, handled_hands, "outcome")] == [HandOutcome.ALREADY_WITHDRAWN, HandOutcome.WITHDRAWN]
    assert len([row for row in await rows(engine, alerts) if row.withdraws]) == 1


async def test_what_fails_in_the_middle_leaves_nothing_behind_and_is_done_the_next_time(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = await told_of_25_and_34(engine)
    await lay(engine, HandAction.WRONG, wrong)
    before = [await rows(engine, table) for table in (ledgers, ledger_figures, alerts, deliveries, alerter_outbox, handled_hands)]

    async def fails(*_: object, **__: object) -> int:
        raise RuntimeError("killed here")

    with monkeypatch.context() as patched:
        patched.setattr(corrections_module, "owe_again", fails)
        with pytest.raises(RuntimeError, match="killed here"):
            await corrections(engine).carry_out()
    assert [await rows(engine, table) for table in (ledgers, ledger_figures, alerts, deliveries, alerter_outbox, handled_hands)] == before
    assert await corrections(engine).carry_out() == 1
    assert [row.outcome for row in await rows(engine, handled_hands)] == [HandOutcome.WITHDRAWN]


async def test_two_replicas_at_once_withdraw_once(engine: AsyncEngine) -> None:
    await lay(engine, HandAction.WRONG, await told_of_25_and_34(engine))
    assert sum(await asyncio.gather(*(corrections(engine).carry_out() for _ in range(4)))) == 1
    assert len([row for row in await rows(engine, alerts) if row.withdraws]) == 1


async def test_what_was_withdrawn_counts_anew_from_another_article(engine: AsyncEngine) -> None:
    await lay(engine, HandAction.WRONG, await told_of_25_and_34(engine))
    await corrections(engine).carry_out()
    await runner(engine).handle(arrivals(a_classified("third", claims=[a_claim(34, claimant="UNO")])))
    assert sorted(row.low for row in await rows(engine, alerts) if row.reason == "raised") == [34, 34]


async def test_the_very_same_claim_from_another_article_is_another_alert_and_told(engine: AsyncEngine) -> None:
    wrong = await told_of_25_and_34(engine)
    await lay(engine, HandAction.WRONG, wrong)
    await corrections(engine).carry_out()
    await runner(engine, DESK).handle(arrivals(a_classified("third", claims=[a_claim(34)])))
    again = [row for row in await rows(engine, alerts) if row.low == 34 and row.id != wrong.id]
    assert [(row.reason, row.claimant) for row in again] == [(wrong.reason, wrong.claimant)]
    owed = [row for row in await rows(engine, deliveries) if row.alert_id == again[0].id]
    assert [(row.target, row.state) for row in owed] == [("desk", "pending")]


async def test_a_hand_on_a_story_that_was_merged_since_finds_its_ledger(engine: AsyncEngine) -> None:
    wrong = await told_of_25_and_34(engine)
    home = a_classified("home", story="home", claims=[a_claim(7, effect="wounded")])
    async with engine.begin() as connection:
        await connection.execute(sa.text("INSERT INTO stories (id, began_at, last_at) VALUES (:id, now(), now())"), {"id": home.story_id})
        await connection.execute(sa.insert(story_aliases).values(alias=wrong.story_id, story_id=home.story_id))
    await runner(engine).handle(arrivals(home))
    await lay(engine, HandAction.WRONG, wrong)
    await corrections(engine).carry_out()
    states = {row.story_id: Ledger.from_json(row.story_id, row.state) for row in await rows(engine, ledgers)}
    assert sorted(figure.number or 0 for figure in states[home.story_id or ""].figures) == [7, 25]


async def test_an_alert_is_sent_again_under_a_key_of_its_own(engine: AsyncEngine) -> None:
    await lay(engine, HandAction.RESEND, await told_of_25_and_34(engine), words="")
    await corrections(engine).carry_out()
    again = [row for row in await rows(engine, deliveries) if row.subject == "resend"]
    assert sorted(row.target for row in again) == ["desk", "other"]
    assert len({row.idempotency_key for row in await rows(engine, deliveries)}) == 6
    (made,) = await rows(engine, handled_hands)
    assert made.outcome == HandOutcome.RESENT


async def test_a_hand_on_no_alert_is_said_and_stops_nobody(engine: AsyncEngine) -> None:
    wrong = await told_of_25_and_34(engine)
    await lay(engine, HandAction.WRONG, wrong, alert_id=str(uuid4()))
    await lay(engine, HandAction.WRONG, wrong)
    assert await corrections(engine).carry_out() == 2
    assert {row.outcome for row in await rows(engine, handled_hands)} == {HandOutcome.NO_SUCH_ALERT, HandOutcome.WITHDRAWN}


async def test_an_alert_names_whose_acknowledgement_it_changes(engine: AsyncEngine) -> None:
    second = await told_of_25_and_34(engine)
    await lay(engine, HandAction.ACKNOWLEDGE, second)
    await runner(engine).handle(arrivals(a_classified("third", claims=[a_claim(40)])))
    (third,) = [row for row in await rows(engine, alerts) if row.low == 40]
    assert third.body["reopens"].startswith("Anna, 2023-09-19 14:00 UTC: 34 killed")


async def test_hands_and_silences_are_read_as_they_were_written(engine: AsyncEngine) -> None:
    second = await told_of_25_and_34(engine)
    await lay(engine, HandAction.SNOOZE, second, until=THE_MORNING + timedelta(hours=5))
    silence = {
        "id": str(uuid4()), "matchers": ['side="NKR"'], "begins_at": THE_MORNING, "ends_at": THE_MORNING + timedelta(hours=1), "why": "drill",
        "created_by": "Boris", "created_at": THE_MORNING,
    }  # fmt: skip
    unreadable = silence | {"id": str(uuid4()), "matchers": ["colour=blue"]}
    async with engine.begin() as connection:
        await connection.execute(sa.insert(silences), [silence, unreadable])
    alert = AlertRaised.model_validate(second.body)
    async with transaction(engine) as connection:
        laid = (await hands_of(connection, [STORY]))[STORY]
        quiet = await silences_at(connection, THE_MORNING)
        over = await silences_at(connection, THE_MORNING + timedelta(hours=2))
    assert [one.why for one in quiet] == ["drill"]
    assert over == ()
    kept = held(alert, (), laid, THE_MORNING + timedelta(hours=3))
    assert kept is not None
    assert (kept.reason, kept.until) == (HoldReason.SNOOZED, THE_MORNING + timedelta(hours=5))
