"""A desk on a real database, with alerts on it, and its client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.alert_raised import AlertRaised
from schemas.tables import deliveries
from schemas.vocabulary import DeskRole
from services.alerter.adapters import ledgers
from services.desk.adapters.audit import Author
from services.desk.adapters.tokens import make
from services.desk.api.door import Desk
from services.desk.api.interface import interface
from services.desk.api.stream import Stream
from services.runtime.clock import StoryClock, WallClock
from services.runtime.postgres import transaction
from tests.builders import THE_MORNING
from tests.rows import a_claim, a_figure, a_ledger, a_story, an_article, named, put
from tests.unit.schemas.test_hands import an_alert

BOSS = Author("Boss", "command")


def the_clock() -> StoryClock:
    """An hour after the first alert; it runs as fast as ours."""
    return StoryClock(anchor=WallClock().now(), begins=THE_MORNING + timedelta(hours=1))


def a_raised_alert(name: str, minutes: float = 0, *, story: str = "shelling", **values: object) -> AlertRaised:
    """An alert of a story of the builders of rows."""
    ids = {"alert_id": named(name), "story_id": named(story), "article_id": named("first")}
    return an_alert(minutes, **(ids | values))  # type: ignore[arg-type]  # built by name


async def raise_alerts(engine: AsyncEngine, *alerts: AlertRaised, route: str = "all") -> None:
    """Keep these alerts, each with a delivery that was made by a route."""
    async with engine.begin() as connection:
        for alert in alerts:
            assert alert.raised_at is not None
            await ledgers.put(connection, alert, alert.raised_at)
            row = {
                "id": named(f"delivery of {alert.alert_id}"), "alert_id": alert.alert_id, "channel": "webhook", "target": "the-desk",
                "receiver": "desk", "route": route, "state": "delivered", "attempts": 1, "delivered_at": alert.raised_at,
                "idempotency_key": f"key of {alert.alert_id}", "created_at": alert.raised_at,
            }  # fmt: skip
            await connection.execute(sa.insert(deliveries).values(row))


async def a_whole_story(engine: AsyncEngine) -> None:
    """A story with articles, claims, figures and two alerts."""
    async with engine.begin() as connection:
        await put(connection, a_story(), *an_article("first"), *an_article("second", at=10), a_ledger())
        await put(
            connection,
            a_claim("first", 5),
            a_claim("second", 9, at=10),
            a_figure(5),
            a_figure(9, at=10, article="second"),
            a_figure(2, at=10.5, subset=True),
        )
    await raise_alerts(
        engine,
        a_raised_alert("five", 0, low=5, high=5, headline="5 killed"),
        a_raised_alert("nine", 10, low=9, high=9, headline="9 killed, was 5", severity="critical"),
    )


async def a_token(engine: AsyncEngine, role: DeskRole, *, name: str = "", **values: Any) -> str:
    """The text of a new token."""
    async with transaction(engine) as connection:
        _, text = await make(connection, BOSS, name or f"{role} of the test", role, the_clock().now(), **values)
    return text


@asynccontextmanager
async def client(engine: AsyncEngine, token: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the interface, without a socket between."""
    desk = Desk(engine, the_clock())
    app = interface(desk, Stream(desk, at_most=3, every=0.05))
    headers = {"authorization": f"Bearer {token}"} if token else {}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://desk.example", headers=headers) as made:
        yield made
