"""The alerter as a process of its own, on a real Kafka and a real Postgres: killed at the worst moments."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.alert_raised import AlertRaised
from schemas.article_classified import ArticleClassified
from schemas.envelope import opened, seal
from schemas.tables import alerts, deliveries
from schemas.topics import ALERTS_RAISED, ARTICLES_CLASSIFIED
from schemas.vocabulary import DeliveryState
from services.runtime.bus import Outgoing
from services.runtime.clock import WallClock
from services.runtime.kafka import KafkaBus
from services.runtime.topics import make_topics
from tests.builders import a_claim, a_classified
from tests.unit.alerter.mailboxes import mailboxes
from tests.unit.alerter.receivers import OK, Receiver, Request, receiver

pytestmark = pytest.mark.stack


def environment(kafka: str, database: str, server: Receiver) -> dict[str, str]:
    given = {
        "kafka": kafka,
        "database": database,
        "terminal": "false",
        "allow_private": "true",
        "webhooks": json.dumps([{"name": "desk", "url": server.url, "secret": "secret"}]),
        "webhook_seconds": "1",
        "lease_margin": "0.2",
        "retry_first": "0.05",
        "batch": "3",
        "log_format": "json",
    }
    plain = {name: value for name, value in os.environ.items() if not name.startswith("CAUCASUS_WATCH_")}
    return plain | {f"CAUCASUS_WATCH_{name.upper()}": value for name, value in given.items()}


@asynccontextmanager
async def an_alerter(settings: dict[str, str], log: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The process; it is ended where the test has not ended it."""
    with log.open("ab") as lines:
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "services.alerter", env=settings, stderr=lines)
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            await asyncio.wait_for(process.wait(), 20)


def a_story(run: str, name: str, tolls: range) -> list[ArticleClassified]:
    """A story whose toll rises from article to article, published a minute apart and just now."""
    begin = WallClock().now() - timedelta(hours=1)
    return [
        a_classified(f"{run}-{name}-{toll}", story=f"{run}-{name}", published_at=begin + timedelta(minutes=toll), claims=[a_claim(toll)])
        for toll in tolls
    ]


async def send(bus: KafkaBus, *articles: ArticleClassified) -> None:
    assert await make_topics(bus, asyncio.Event())
    sealed = [seal(ARTICLES_CLASSIFIED, one.story_id or "", one, event_id=one.article_id, now=one.classified_at) for one in articles]
    async with bus.sender() as sender:
        await sender.send([Outgoing(one.topic, one.key, one.value, one.headers) for one in sealed])


async def settled(engine: AsyncEngine, stories: set[str | None], count: int) -> list[Any]:
    """The deliveries of these stories, once so many are delivered."""
    asked = (
        sa.select(deliveries.c.state, deliveries.c.attempts, deliveries.c.idempotency_key)
        .join(alerts, alerts.c.id == deliveries.c.alert_id)
        .where(alerts.c.story_id.in_(stories))
    )
    async with asyncio.timeout(150):
        while True:
            async with engine.connect() as connection:
                rows = list((await connection.execute(asked)).all())
            if sum(row.state == DeliveryState.DELIVERED for row in rows) >= count:
                return rows
            await asyncio.sleep(0.05)


async def test_killed_again_and_again_it_tells_every_change_and_repeats_at_most_what_was_under_way(
    kafka_address: str, database_url: str, engine: AsyncEngine, tmp_path: Path
) -> None:
    bus, run, log = KafkaBus(kafka_address, "test"), uuid.uuid4().hex[:8], tmp_path / "log"
    stories = [a_story(run, name, range(1, 9)) for name in ("one", "two", "three")]
    mine = {article.story_id for story in stories for article in story}
    await send(bus, *(article for turn in zip(*stories, strict=True) for article in turn))
    kills = 0

    async with receiver(OK) as server:
        for _ in range(3):
            async with an_alerter(environment(kafka_address, database_url, server), log) as process:

                def kill(_: Request, victim: asyncio.subprocess.Process = process) -> None:
                    # Between the sending and the writing of how it went.
                    with suppress(ProcessLookupError):
                        victim.kill()

                server.on_request = kill
                await process.wait()
                kills += 1
        server.on_request = None
        async with an_alerter(environment(kafka_address, database_url, server), log) as process:
            rows = await settled(engine, mine, 24)
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 20) == 0, log.read_text(encoding="utf-8")

    assert kills == 3
    assert len(rows) == 24
    sent = Counter(
        (request.headers["idempotency-key"], json.loads(request.body)["id"])
        for request in server.requests
        if json.loads(request.body)["data"]["story_id"] in mine
    )
    assert len(sent) == 24
    # At the moment of each kill at most eight were under way; each is repeated at most once per kill.
    assert max(sent.values()) <= 1 + kills
    assert sum(sent.values()) - 24 <= 8 * kills
    told = await heard(bus, mine, 24)
    assert sorted(event.low or 0 for event in told) == sorted(list(range(1, 9)) * 3)


@pytest.mark.parametrize("step", ["before it is sent", "after it is sent", "before it is marked"])
async def test_killed_at_each_step_of_a_delivery_it_loses_nothing_and_repeats_at_most_once(
    step: str, kafka_address: str, database_url: str, engine: AsyncEngine, tmp_path: Path
) -> None:
    bus, run, log = KafkaBus(kafka_address, "test"), uuid.uuid4().hex[:8], tmp_path / "log"
    (article,) = a_story(run, "one", range(5, 6))
    await send(bus, article)
    async with receiver(OK) as server:
        async with an_alerter(environment(kafka_address, database_url, server), log) as process:

            def kill(*_: object) -> None:
                with suppress(ProcessLookupError):
                    process.kill()

            server.on_connect, server.on_request, server.on_answer = (
                kill if step == at else None for at in ("before it is sent", "after it is sent", "before it is marked")
            )
            assert await asyncio.wait_for(process.wait(), 60) == -signal.SIGKILL
        server.on_connect = server.on_request = server.on_answer = None
        async with an_alerter(environment(kafka_address, database_url, server), log) as heir:
            ((_, attempts, key),) = await settled(engine, {article.story_id}, 1)
            heir.kill()  # A goodbye to Kafka would wait until the dead one is missed there.
    mine = [request for request in server.requests if json.loads(request.body)["data"]["story_id"] == article.story_id]
    assert 1 <= len(mine) <= 2
    assert {request.headers["idempotency-key"] for request in mine} == {key}
    assert attempts <= 2


async def test_killed_while_a_mail_server_has_the_mail_it_sends_the_same_mail_again(
    kafka_address: str, database_url: str, engine: AsyncEngine, tmp_path: Path
) -> None:
    bus, run, log = KafkaBus(kafka_address, "test"), uuid.uuid4().hex[:8], tmp_path / "log"
    (article,) = a_story(run, "one", range(5, 6))
    await send(bus, article)
    async with mailboxes() as server, receiver(OK) as unused:
        routes = tmp_path / "routes.yaml"
        routes.write_text(
            "route: {receiver: desk}\nreceivers: [{name: desk, email_configs: [{to: [a@news.example], from: b@news.example, "
            f'smarthost: "127.0.0.1:{server.port}", tls: none, timeout: 1s}}]}}]\n',
            encoding="utf-8",
        )
        settings = environment(kafka_address, database_url, unused) | {"CAUCASUS_WATCH_ROUTES_FILE": str(routes)}
        async with an_alerter(settings, log) as process:

            def kill() -> None:
                with suppress(ProcessLookupError):
                    process.kill()

            server.on_data = kill
            assert await asyncio.wait_for(process.wait(), 60) == -signal.SIGKILL
        server.on_data = None
        async with an_alerter(settings, log) as heir:
            ((_, _, key),) = await settled(engine, {article.story_id}, 1)
            heir.kill()
    assert unused.requests == []
    assert [mail["Message-ID"] for mail in server.mails] == [f"<{key}@news.example>"] * 2


async def heard(bus: KafkaBus, stories: set[str | None], count: int) -> list[AlertRaised]:
    """The different alerts of these stories on Kafka, once so many are there."""
    found: dict[str, AlertRaised] = {}
    async with asyncio.timeout(150), bus.receiver(f"test-{uuid.uuid4().hex}", [ALERTS_RAISED.name]) as ear:
        while len(found) < count:
            for message in await ear.receive(at_most=50, within=1.0):
                event = opened(message.value, message.headers, AlertRaised)
                if event.story_id in stories:
                    found[message.headers["ce_id"]] = event
    return list(found.values())


async def test_wrong_settings_end_it_at_once_with_every_fault(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("window_hours: never\n", encoding="utf-8")
    for settings, words in (
        ({"KAFKA": "nonsense", "WEBHOOKS": '[{"name": "desk"}]'}, ["CAUCASUS_WATCH_KAFKA", "CAUCASUS_WATCH_WEBHOOKS"]),
        (
            {"KAFKA": "127.0.0.1:1", "DATABASE": "postgresql://nobody@127.0.0.1:1/none", "POLICY_FILE": str(policy)},
            ["policy.yaml:1: window_hours"],
        ),
    ):
        plain = {name: value for name, value in os.environ.items() if not name.startswith("CAUCASUS_WATCH_")}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "services.alerter",
            env=plain | {f"CAUCASUS_WATCH_{name}": value for name, value in settings.items()}, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        _, said = await asyncio.wait_for(process.communicate(), 20)
        assert process.returncode == 2
        assert all(word in said.decode() for word in words), said.decode()
