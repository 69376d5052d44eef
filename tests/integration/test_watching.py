"""The service looks at itself on a real Postgres: what is wrong is an alert like any other, once, whichever replica looks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.tables import alerter_outbox, alerts, channel_states, deliveries, feeds, outlets, silences
from schemas.topics import ARTICLES_FETCHED
from services.alerter.adapters.channels import Router, Target
from services.alerter.adapters.deliverer import Bell
from services.alerter.core.watches import Watches
from services.alerter.core.wording import Wording
from services.alerter.watching import Watching
from services.runtime.bus import Outgoing
from services.runtime.clock import StoryClock, WallClock
from services.runtime.memory import MemoryBus
from services.runtime.postgres import open_engine
from services.runtime.topics import SPECS
from tests.builders import THE_MORNING
from tests.integration.test_alerter import rows

pytestmark = pytest.mark.stack

DESK = Target("webhook", "desk")
WATCHES = Watches.of(
    """
    silent: [{name: armenian-silent, countries: [ARM], side: ARM, hours: 6, severity: warning}]
    blocked: [{name: blocked, states: [blocked], at_least: 1, share: 0.5, severity: warning}]
    lagging: [{name: behind, topic: articles.fetched, group: classifier, messages: 5, severity: critical}]
    failing: [{name: failing, severity: warning}]
    skewed: [{name: skewed, seconds: 30, severity: notice}]
    """
)
Trip = Callable[[AsyncEngine, MemoryBus], Awaitable[None]]


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    made = open_engine(database_url, application="test")
    yield made
    await made.dispose()


@pytest.fixture
async def bus() -> MemoryBus:
    made = MemoryBus()
    await made.create_topics(SPECS)
    return made


def watching(engine: AsyncEngine, bus: MemoryBus, *, ahead: float = 0.0) -> Watching:
    clock = StoryClock(anchor=WallClock().now(), begins=THE_MORNING)
    machine = StoryClock(anchor=WallClock().now(), begins=WallClock().now() + timedelta(seconds=ahead))
    return Watching(engine, bus, clock, WATCHES, Router.to(DESK), bell=Bell(), wording=Wording.packaged("en"), machine=machine)


async def polls(engine: AsyncEngine, state: str = "healthy", *, fresh_hours_ago: float = 1.0) -> None:
    """An Armenian outlet with a feed, polled for two days."""
    async with engine.begin() as connection:
        await connection.execute(sa.insert(outlets).values(id="courier", name="Border Courier", country="ARM"))
        fresh = THE_MORNING - timedelta(hours=fresh_hours_ago)
        row = {"id": "courier-all", "outlet_id": "courier", "url": "https://courier.example/rss", "state": state, "last_fresh_at": fresh}
        await connection.execute(sa.insert(feeds).values(row | {"state_since": THE_MORNING - timedelta(days=2)}))


async def silent(engine: AsyncEngine, _: MemoryBus) -> None:
    await polls(engine, fresh_hours_ago=7)


async def blocked(engine: AsyncEngine, _: MemoryBus) -> None:
    await polls(engine, "blocked")


async def lagging(_: AsyncEngine, bus: MemoryBus) -> None:
    async with bus.sender() as sender:
        await sender.send([Outgoing(ARTICLES_FETCHED.name, str(number), b"{}") for number in range(5)])


async def failing(engine: AsyncEngine, _: MemoryBus) -> None:
    async with engine.begin() as connection:
        row = {"channel": "email", "target": "night", "failures": 9, "opened_at": THE_MORNING, "last_error": "server_error: HTTP 500"}
        await connection.execute(sa.insert(channel_states).values(row))


@pytest.mark.parametrize(
    ("trip", "watch", "headline"),
    [
        (silent, "armenian-silent", "No news from ARM: no entry for 7 h"),
        (blocked, "blocked", "Feeds are blocked: 1 of 1 are blocked"),
        (lagging, "behind", "Behind on articles.fetched: 5 messages wait for the classifier"),
        (failing, "failing", "Channel email night is failing: since 12:00 UTC; server_error: HTTP 500"),
    ],
)
async def test_what_is_wrong_is_raised_owed_and_sent_to_the_bus_once(
    engine: AsyncEngine, bus: MemoryBus, trip: Trip, watch: str, headline: str
) -> None:
    assert await watching(engine, bus).look() == 0
    await trip(engine, bus)
    told = await asyncio.gather(*(watching(engine, bus).look() for _ in range(3)))
    assert sum(told) == 1
    assert await watching(engine, bus).look() == 0
    (alert,) = await rows(engine, alerts)
    assert (alert.kind, alert.watch, alert.headline) == ("watch", watch, headline)
    (owed,) = await rows(engine, deliveries)
    assert (owed.alert_id, owed.target, owed.state) == (alert.id, "desk", "pending")
    assert len(await rows(engine, alerter_outbox)) == 1


async def test_a_clock_that_is_ahead_is_told_and_told_to_be_right_again(engine: AsyncEngine, bus: MemoryBus) -> None:
    assert await watching(engine, bus, ahead=100).look() == 1
    assert await watching(engine, bus, ahead=100).look() == 0
    assert await watching(engine, bus).look() == 1
    assert sorted(row.reason for row in await rows(engine, alerts)) == ["clock_skewed", "watch_ended"]


async def test_a_silence_holds_it_like_any_other(engine: AsyncEngine, bus: MemoryBus) -> None:
    async with engine.begin() as connection:
        row = {
            "id": "0b9f0c62-94a1-5c64-8d52-6e2c7c8f0b11", "matchers": ['watch="skewed"'], "begins_at": THE_MORNING - timedelta(hours=1),
            "ends_at": THE_MORNING + timedelta(hours=1), "why": "the clocks are being set", "created_by": "Anna", "created_at": THE_MORNING,
        }  # fmt: skip
        await connection.execute(sa.insert(silences).values(row))
    assert await watching(engine, bus, ahead=100).look() == 1
    (kept,) = await rows(engine, deliveries)
    assert (kept.state, kept.held_reason, kept.held_by) == ("held", "silenced", "Anna: the clocks are being set")
