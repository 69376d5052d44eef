"""Routes and limits against a real Postgres: groups, digests, hours, repeats, silences, and channels that fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.tables import alerts, channel_states, deliveries, delivery_groups, silences
from schemas.vocabulary import AlertKind, AlertReason, DeliveryReason, DeliveryState, DeliverySubject, HoldReason
from services.alerter.adapters.channels import Manner, Parcel, Router, Target
from services.alerter.adapters.deliverer import Bell, Deliverer
from services.alerter.adapters.deliveries import Deliveries
from services.alerter.core.breaker import FAILURES
from services.alerter.core.bundling import Limit
from services.alerter.core.policy import Policy
from services.alerter.core.retries import Outcome, RetryPolicy
from services.alerter.core.routes import Routes
from services.alerter.core.routing import tree
from services.alerter.core.watches import Watches
from services.alerter.core.wording import Wording
from services.alerter.runner import Runner
from services.alerter.watching import Watching
from services.runtime.clock import StoryClock, WallClock
from services.runtime.memory import MemoryBus
from services.standalone.routetrial import Trial, attempt
from tests.builders import THE_MORNING, a_claim, a_classified
from tests.integration.test_alerter import arrivals, pass_time, rows, until

pytestmark = pytest.mark.stack

POLICY = Policy.packaged()
DESK, OPS = Target("test", "desk"), Target("test", "ops")
RETRIES = RetryPolicy(first=0.02, longest=0.05, give_up=3600.0)
NOON = datetime(2023, 9, 19, 12, 5, tzinfo=UTC)


class Mailbox:
    """A channel that keeps what it is told and ends each attempt as the test says; the last outcome holds for ever."""

    parallel = 4
    seconds = 5.0

    def __init__(self, target: Target = DESK, *outcomes: Outcome) -> None:
        self.target = target
        self.outcomes = list(outcomes) or [Outcome(DeliveryReason.DELIVERED)]
        self.parcels: list[Parcel] = []
        self.news = asyncio.Condition()

    async def send(self, parcel: Parcel) -> Outcome:
        async with self.news:
            self.parcels.append(parcel)
            self.news.notify_all()
        return self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]

    async def close(self) -> None:
        """Nothing is held."""

    def told(self) -> list[list[int | None]]:
        return [[alert.low for alert in parcel.alerts] for parcel in self.parcels]

    async def until(self, count: int) -> None:
        async with asyncio.timeout(20), self.news:
            await self.news.wait_for(lambda: len(self.parcels) >= count)


def routes(route: str, more: str = "") -> Routes:
    return Routes.of(
        f"route:\n  receiver: desk\n{route}\nreceivers:\n- {{name: desk, owner: ops, from_settings: true}}\n"
        f"- {{name: ops, from_settings: true}}\n{more}"
    )


def router(route: str = "", more: str = "", **manner: Any) -> Router:
    return Router(tree(routes(route, more)), {"desk": (DESK,), "ops": (OPS,)}, {"desk": "ops"}, {DESK: Manner(**manner)})


def clock(at: datetime = NOON) -> StoryClock:
    return StoryClock(anchor=WallClock().now(), begins=at)


async def raise_tolls(engine: AsyncEngine, to: Router, *tolls: int, story: str = "story", at: datetime = NOON) -> None:
    """One article a toll, each of which raises an alert."""
    runner = Runner(engine, clock(at), POLICY, to, Bell())
    articles = [
        a_classified(f"{story}-{toll}", story=story, published_at=THE_MORNING + timedelta(seconds=toll), claims=[a_claim(toll)])
        for toll in tolls
    ]
    await runner.handle(arrivals(*articles))


@asynccontextmanager
async def delivering(engine: AsyncEngine, to: Router, *boxes: Mailbox, at: datetime = NOON) -> AsyncIterator[Deliverer]:
    stopping = asyncio.Event()
    deliverer = Deliverer(
        Deliveries(engine, "one"), boxes, bell=Bell(), clock=clock(at), retries=RETRIES, chance=lambda: 0.5, lease_margin=0.3,
        poll_seconds=0.02, router=to,
    )  # fmt: skip
    tasks = [asyncio.create_task(deliverer.serve(box, stopping)) for box in boxes]
    try:
        yield deliverer
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def states(engine: AsyncEngine) -> Sequence[sa.Row[Any]]:
    return await rows(engine, channel_states, "target")


class Test_groups:  # noqa: N801 - reads as a heading
    ROUTE = "  group_by: [story]\n  group_wait: 2s\n  group_interval: 5m"

    async def test_alerts_of_a_story_wait_for_each_other_and_come_as_one_message_under_one_key(self, engine: AsyncEngine) -> None:
        to, box = router(self.ROUTE), Mailbox()
        await raise_tolls(engine, to, 5, 6)
        await raise_tolls(engine, to, 7, at=NOON + timedelta(seconds=1))
        await raise_tolls(engine, to, 50, story="another")
        flushes = [
            row.next_attempt_at for row in await rows(engine, deliveries, "due_at") if row.group_key.endswith(await story_of(engine, 5))
        ]
        assert flushes[-1] - flushes[0] < timedelta(milliseconds=1)
        await pass_time(engine, timedelta(seconds=3))
        async with delivering(engine, to, box):
            await until(engine, 4, state=DeliveryState.DELIVERED)
        assert sorted(box.told()) == [[5, 6, 7], [50]]
        together = next(parcel for parcel in box.parcels if parcel.others)
        assert {row.bundle for row in await rows(engine, deliveries, "id") if row.bundle} == {together.key}

    async def test_the_next_alert_of_the_group_waits_for_the_pause(self, engine: AsyncEngine) -> None:
        to = router(self.ROUTE)
        await raise_tolls(engine, to, 5)
        async with engine.begin() as connection:
            await connection.execute(sa.update(delivery_groups).values(flush_at=sa.func.now() - timedelta(minutes=1)))
        await raise_tolls(engine, to, 6)
        (_, later) = await rows(engine, deliveries, "due_at")
        waits = await seconds_until(engine, later.id)
        assert 230 < waits < 245

    async def test_a_message_of_several_that_fails_is_tried_again_as_it_was(self, engine: AsyncEngine) -> None:
        to, box = router(self.ROUTE), Mailbox(DESK, Outcome(DeliveryReason.SERVER_ERROR), Outcome(DeliveryReason.DELIVERED))
        await raise_tolls(engine, to, 5, 6)
        await pass_time(engine, timedelta(seconds=3))
        async with delivering(engine, to, box):
            await box.until(1)
            await raise_tolls(engine, to, 7)
            await until(engine, 2, state=DeliveryState.DELIVERED)
        first, second = box.parcels[:2]
        assert (first.key, first.alerts) == (second.key, second.alerts)


class Test_limits:  # noqa: N801 - reads as a heading
    async def test_what_the_limit_does_not_allow_comes_as_a_digest(self, engine: AsyncEngine) -> None:
        to, box = router(limit=Limit(3, timedelta(hours=1))), Mailbox()
        await raise_tolls(engine, to, *range(1, 11))
        async with delivering(engine, to, box):
            await until(engine, 10, state=DeliveryState.DELIVERED)
        assert [len(parcel.alerts) for parcel in box.parcels] == [1, 1, 8]
        assert [parcel.digest for parcel in box.parcels] == [False, False, True]
        assert {alert.low for parcel in box.parcels for alert in parcel.alerts} == set(range(1, 11))

    async def test_with_nothing_left_it_waits_and_loses_nothing(self, engine: AsyncEngine) -> None:
        to, box = router(limit=Limit(1, timedelta(hours=1))), Mailbox()
        await raise_tolls(engine, to, 1)
        async with delivering(engine, to, box):
            await until(engine, 1, state=DeliveryState.DELIVERED)
            await raise_tolls(engine, to, 2, 3)
            await box.until(1)
        assert box.told() == [[1]]
        async with engine.begin() as connection:
            await connection.execute(sa.update(channel_states).values(budget_at=sa.func.now() - timedelta(hours=1)))
        async with delivering(engine, to, box):
            await until(engine, 3, state=DeliveryState.DELIVERED)
        assert box.told() == [[1], [2, 3]]


class Test_hours:  # noqa: N801 - reads as a heading
    ROUTE = "  routes:\n  - {matchers: [kind=casualty], receiver: desk, mute_time_intervals: [night]}"
    NIGHT = "time_intervals:\n- name: night\n  time_intervals:\n  - {times: [{start_time: '10:00', end_time: '13:00'}], location: UTC}\n"

    async def test_what_is_muted_is_shown_as_held_and_told_in_one_message_when_the_hours_end(self, engine: AsyncEngine) -> None:
        to, box = router(self.ROUTE, self.NIGHT), Mailbox()
        await raise_tolls(engine, to, 5)
        await raise_tolls(engine, to, 9, story="another")
        held = await rows(engine, deliveries, "id")
        assert {(row.state, row.held_reason, row.held_by) for row in held} == {(DeliveryState.PENDING, HoldReason.MUTED, "night")}
        assert 3290 < await seconds_until(engine, held[0].id) < 3301
        await pass_time(engine, timedelta(hours=1))
        async with delivering(engine, to, box):
            await until(engine, 2, state=DeliveryState.DELIVERED)
        assert [sorted(one or 0 for one in told) for told in box.told()] == [[5, 9]]

    async def test_hours_without_an_end_hold_for_good(self, engine: AsyncEngine) -> None:
        to = router(self.ROUTE, self.NIGHT.replace("times: [{start_time: '10:00', end_time: '13:00'}], ", ""))
        await raise_tolls(engine, to, 5)
        (row,) = await rows(engine, deliveries)
        assert (row.state, row.held_reason, row.next_attempt_at) == (DeliveryState.HELD, HoldReason.MUTED, None)


class Test_people:  # noqa: N801 - reads as a heading
    async def test_a_silence_holds_what_it_fits_and_nothing_else(self, engine: AsyncEngine) -> None:
        to, box = router(), Mailbox()
        await silence(engine, 'effect="killed"', 'side="NKR"')
        await raise_tolls(engine, to, 5)
        runner = Runner(engine, clock(), POLICY, to, Bell())
        await runner.handle(arrivals(a_classified("other", story="other", claims=[a_claim(7, side="AZE", claimant="AZE.MIL")])))
        async with delivering(engine, to, box):
            await until(engine, 1, state=DeliveryState.DELIVERED)
        assert box.told() == [[7]]
        (held,) = await until(engine, 1, state=DeliveryState.HELD)
        assert (held.held_reason, held.held_by) == (HoldReason.SILENCED, "Anna: an exercise")

    async def test_a_silence_that_comes_while_the_group_waits_holds_it_too(self, engine: AsyncEngine) -> None:
        to, box = router("  group_wait: 2s"), Mailbox()
        await raise_tolls(engine, to, 5)
        await raise_tolls(engine, to, 7, story="other")
        await silence(engine, f'story="{await story_of(engine, 5)}"')
        await pass_time(engine, timedelta(seconds=3))
        async with delivering(engine, to, box):
            await until(engine, 1, state=DeliveryState.DELIVERED)
            await until(engine, 1, state=DeliveryState.HELD)
        assert box.told() == [[7]]


class Test_repeats:  # noqa: N801 - reads as a heading
    async def test_what_nobody_took_is_told_again_and_again_under_new_keys(self, engine: AsyncEngine) -> None:
        to, box = router("  repeat_interval: 4h"), Mailbox()
        await raise_tolls(engine, to, 5)
        async with delivering(engine, to, box):
            await until(engine, 1, state=DeliveryState.DELIVERED)
            assert await Deliveries(engine, "one").owe_repeats(to, NOON) == 0
            for count in (2, 3):
                await pass_time(engine, timedelta(hours=4, minutes=1))
                assert await Deliveries(engine, "one").owe_repeats(to, NOON) == 1
                assert await Deliveries(engine, "two").owe_repeats(to, NOON) == 0
                await until(engine, count, state=DeliveryState.DELIVERED)
        assert [parcel.subject for parcel in box.parcels] == [DeliverySubject.ALERT, DeliverySubject.REPEAT, DeliverySubject.REPEAT]
        assert len({parcel.key for parcel in box.parcels}) == 3

    async def test_what_has_changed_since_is_not_repeated(self, engine: AsyncEngine) -> None:
        to, box = router("  repeat_interval: 4h"), Mailbox()
        await raise_tolls(engine, to, 5, at=NOON)
        await raise_tolls(engine, to, 9, at=NOON + timedelta(minutes=1))
        async with delivering(engine, to, box):
            await until(engine, 2, state=DeliveryState.DELIVERED)
        await pass_time(engine, timedelta(hours=4, minutes=1))
        assert await Deliveries(engine, "one").owe_repeats(to, NOON) == 1
        (again,) = [row for row in await rows(engine, deliveries, "id") if row.subject == DeliverySubject.REPEAT]
        assert again.alert_id == (await alert_of(engine, 9))

    async def test_a_route_without_an_interval_never_repeats(self, engine: AsyncEngine) -> None:
        to = router()
        await raise_tolls(engine, to, 5)
        (row,) = await rows(engine, deliveries)
        assert row.repeat_at is None


class Test_failing_channels:  # noqa: N801 - reads as a heading
    async def test_after_failures_in_a_row_the_channel_is_left_alone_and_written_down(self, engine: AsyncEngine) -> None:
        to, box = router(), Mailbox(DESK, Outcome(DeliveryReason.UNREACHABLE, "nobody listens"))
        await raise_tolls(engine, to, *range(1, 9))
        async with delivering(engine, to, box):
            await state_of(engine, lambda row: row.opened_at is not None)
            sent = len(box.parcels)
            await until(engine, 8, state=DeliveryState.PENDING)
        (state,) = await states(engine)
        assert (state.target, state.last_error) == ("desk", "unreachable: nobody listens")
        # Those that were under way together may end after the one that opened it; then it is quiet.
        assert FAILURES <= sent <= FAILURES + Mailbox.parallel
        assert to.owner_targets(DESK) == (OPS,)

    async def test_a_permanent_failure_of_the_receiver_costs_a_few_alerts_not_all_of_them(self, engine: AsyncEngine) -> None:
        to, box = router(), Mailbox(DESK, Outcome(DeliveryReason.REFUSED, "HTTP 401"))
        await raise_tolls(engine, to, *range(1, 21))
        async with delivering(engine, to, box):
            await state_of(engine, lambda row: row.opened_at is not None)
        kept = [row for row in await rows(engine, deliveries, "id") if row.state == DeliveryState.PENDING]
        assert len(kept) >= 20 - FAILURES - Mailbox.parallel

    async def test_once_it_answers_again_everything_is_told_and_the_state_is_well(self, engine: AsyncEngine) -> None:
        to, box = router(), Mailbox()
        await raise_tolls(engine, to, *range(1, 9))
        async with engine.begin() as connection:
            past = sa.func.now() - timedelta(seconds=1)
            await connection.execute(
                sa.insert(channel_states).values(channel="test", target="desk", failures=9, opened_at=past, opened_until=past)
            )
        async with delivering(engine, to, box):
            await until(engine, 8, state=DeliveryState.DELIVERED)
            await state_of(engine, lambda row: row.opened_at is None)
        (state,) = await states(engine)
        assert (state.failures, state.opened_until, state.last_error) == (0, None, None)

    async def test_a_restart_does_not_forget_that_a_channel_fails(self, engine: AsyncEngine) -> None:
        to, box = router(), Mailbox()
        await raise_tolls(engine, to, 1)
        async with engine.begin() as connection:
            later = sa.func.now() + timedelta(minutes=5)
            await connection.execute(
                sa.insert(channel_states).values(channel="test", target="desk", failures=9, opened_at=sa.func.now(), opened_until=later)
            )
        other = Mailbox(OPS)
        async with delivering(engine, to, box, other):
            await raise_tolls(engine, router("  routes: [{matchers: [kind=casualty], receiver: ops}]"), 7, story="other")
            await other.until(1)
        assert box.parcels == []

    async def test_a_wish_for_patience_holds_for_the_whole_channel(self, engine: AsyncEngine) -> None:
        to, box = router(), Mailbox(DESK, Outcome(DeliveryReason.RATE_LIMITED, "HTTP 429", 600.0))
        await raise_tolls(engine, to, *range(1, 21))
        async with delivering(engine, to, box):
            await box.until(4)
            await until(engine, 4, attempts=1)
        assert len(box.parcels) == Mailbox.parallel

    async def test_its_owner_hears_that_it_fails_and_that_it_is_well_again(self, engine: AsyncEngine) -> None:
        to, box, owner = router(), Mailbox(DESK, Outcome(DeliveryReason.UNREACHABLE)), Mailbox(OPS)
        await raise_tolls(engine, to, *range(1, 9))
        watches = Watches.of("failing: [{name: failing, severity: warning}]")
        watching = Watching(engine, MemoryBus(), WallClock(), watches, to, bell=Bell(), wording=Wording.packaged("en"))
        async with delivering(engine, to, box, owner):
            await state_of(engine, lambda row: row.opened_at is not None)
            assert await watching.look() == 1
            await owner.until(1)
            box.outcomes = [Outcome(DeliveryReason.DELIVERED)]
            async with engine.begin() as connection:
                await connection.execute(sa.update(channel_states).values(failures=0, opened_at=None, opened_until=None))
            assert await watching.look() == 1
            await owner.until(2)
        assert [parcel.alert.reason for parcel in owner.parcels] == [AlertReason.CHANNEL_FAILING, AlertReason.WATCH_ENDED]
        assert "test desk" in owner.parcels[0].alert.headline
        assert {alert.kind for parcel in box.parcels for alert in parcel.alerts} == {AlertKind.CASUALTY}

    async def test_what_a_failing_channel_kept_waiting_is_given_up_when_old(self, engine: AsyncEngine) -> None:
        to = router()
        await raise_tolls(engine, to, 5)
        books = Deliveries(engine, "one")
        assert await books.give_up_old([DESK], timedelta(hours=6)) == 0
        await pass_time(engine, timedelta(hours=7))
        assert await books.give_up_old([OPS], timedelta(hours=6)) == 0
        assert await books.give_up_old([DESK], timedelta(hours=6)) == 1
        (row,) = await rows(engine, deliveries)
        assert (row.state, row.last_error) == (DeliveryState.GIVEN_UP, "too_old: the channel fails, last it was never tried")


async def test_a_channel_that_threads_is_told_what_came_before_in_the_story(engine: AsyncEngine) -> None:
    to, box = router(threads=True), Mailbox()
    async with delivering(engine, to, box):
        for toll, count in ((5, 1), (6, 2), (7, 3)):
            await raise_tolls(engine, to, toll)
            await until(engine, count, state=DeliveryState.DELIVERED)
    keys = [parcel.key for parcel in box.parcels]
    assert [parcel.thread for parcel in box.parcels] == [(), tuple(keys[:1]), tuple(keys[:2])]


async def test_deliveries_say_by_which_route_they_go(engine: AsyncEngine) -> None:
    to = router(
        "  routes:\n  - {name: tolls, matchers: [kind=casualty], receiver: ops, continue: true}\n  - {matchers: [effect=killed], receiver: desk}"
    )
    await raise_tolls(engine, to, 5)
    assert {(row.target, row.receiver, row.route, row.subject) for row in await rows(engine, deliveries)} == {
        ("ops", "ops", "tolls", "alert"), ("desk", "desk", "desk", "alert"),
    }  # fmt: skip


async def test_groups_that_have_been_quiet_for_long_are_forgotten(engine: AsyncEngine) -> None:
    await raise_tolls(engine, router("  group_wait: 2s"), 5)
    books = Deliveries(engine, "one")
    assert await books.forget_groups(timedelta(days=30)) == 0
    async with engine.begin() as connection:
        await connection.execute(sa.update(delivery_groups).values(flush_at=sa.func.now() - timedelta(days=31)))
    assert await books.forget_groups(timedelta(days=30)) == 1


async def test_a_stored_alert_is_led_through_the_routes_and_its_silence_is_shown(
    engine: AsyncEngine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await raise_tolls(engine, router(), 5)
    file = tmp_path / "routes.yaml"
    file.write_text("route: {receiver: desk}\nreceivers: [{name: desk, terminal_configs: [{}]}]\n", encoding="utf-8")
    monkeypatch.setenv("CAUCASUS_WATCH_DATABASE", database_url)
    trial = Trial((await alert_of(engine, 5),), file, NOON.isoformat())
    assert await attempt(Console(width=100), trial) == 0
    assert "desk  by terminal desk" in capsys.readouterr().out
    await silence(engine, "kind=casualty")
    assert await attempt(Console(width=100), trial) == 1
    assert "held back: silenced by Anna: an exercise" in capsys.readouterr().out
    assert await attempt(Console(width=100), Trial((str(uuid4()),), file)) == 2
    assert "there is no alert" in capsys.readouterr().err


async def silence(engine: AsyncEngine, *matchers: str) -> None:
    values = {
        "id": str(uuid4()), "matchers": list(matchers), "begins_at": NOON - timedelta(hours=1), "ends_at": NOON + timedelta(days=1),
        "why": "an exercise", "created_by": "Anna", "created_at": NOON,
    }  # fmt: skip
    async with engine.begin() as connection:
        await connection.execute(sa.insert(silences).values(values))


async def seconds_until(engine: AsyncEngine, delivery: str) -> float:
    asked = sa.select(sa.func.extract("epoch", deliveries.c.next_attempt_at - sa.func.now())).where(deliveries.c.id == delivery)
    async with engine.connect() as connection:
        return float(await connection.scalar(asked) or 0)


async def alert_of(engine: AsyncEngine, low: int) -> str:
    async with engine.connect() as connection:
        return str(await connection.scalar(sa.select(alerts.c.id).where(alerts.c.low == low)))


async def story_of(engine: AsyncEngine, low: int) -> str:
    async with engine.connect() as connection:
        return str(await connection.scalar(sa.select(alerts.c.story_id).where(alerts.c.low == low)))


async def state_of(engine: AsyncEngine, wanted: Any) -> None:
    async with asyncio.timeout(20):
        while True:
            if any(wanted(row) for row in await states(engine)):
                return
            await asyncio.sleep(0.01)
