"""`kill -9` of each part in the middle of a story: no article is lost, and no alert is raised or told twice."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from rich.console import Console

from schemas.alert_raised import AlertRaised
from schemas.envelope import opened
from schemas.tables import alerts, articles, deliveries, entries
from schemas.topics import ALERTS_RAISED
from services.fetcher.core.addresses import article_id as article_id_of
from services.runtime.clock import StoryClock
from services.runtime.postgres import DatabaseUnavailable, transaction
from services.standalone import progress
from services.standalone.annotated import AnnotatedArticle, Story, story_of
from services.standalone.demo import feeds_file
from services.standalone.desk import Desk
from services.standalone.expectation import judge
from services.standalone.newsroom import Newsroom
from services.standalone.whole import Plan, Whole
from tests.processes import PATIENCE, descendants, process_of

pytestmark = pytest.mark.stack

STORY = Path(__file__).parents[1] / "data" / "stories" / "rising-toll"
SPEED = 10.0
"""Seconds of the story's clock in a real one: even a long outage leaves every article fresh."""

VICTIMS = {
    "t01-2022-09-13": ("services.fetcher", "nothing"),
    "t02-2022-09-13": ("services.classifier", "entry"),
    "t03-2022-09-13": ("services.alerter", "reading"),
    "t05-2022-09-13": ("kafka.Kafka", "entry"),
    "t06-2022-09-13": ("bin/postgres", "entry"),
    "t07-2022-09-13": ("services.alerter", "alert"),
}
"""At which article who dies, and what of the article is in the database by then: it is always under way."""


async def until(found: Callable[[], Awaitable[bool]]) -> None:
    """Wait; a database that is away is looked at again."""
    async with asyncio.timeout(PATIENCE):
        while True:
            with suppress(DatabaseUnavailable):
                if await found():
                    return
            await asyncio.sleep(0.01)


class Scene:
    """The whole service on its story, as the demo runs it, with a desk that remembers."""

    def __init__(self, whole: Whole) -> None:
        self.whole = whole

    async def has(self, stage: str, key: uuid.UUID) -> bool:
        asked = {
            "nothing": sa.select(sa.literal(1)),
            "entry": sa.select(entries.c.article_id).where(entries.c.article_id == key),
            "reading": sa.select(articles.c.id).where(articles.c.id == key),
            "alert": sa.select(alerts.c.id).where(alerts.c.article_id == key),
        }[stage]
        async with transaction(self.whole.engine) as connection:
            return (await connection.execute(asked)).first() is not None

    async def decided(self, key: uuid.UUID) -> bool:
        self.whole.raise_if_failed()
        return await progress.outcome(self.whole.engine, str(key)) is not None

    async def told(self) -> bool:
        """Whether every alert is delivered."""
        self.whole.raise_if_failed()
        raised = sa.select(sa.func.count()).select_from(alerts)
        delivered = sa.select(sa.func.count(deliveries.c.delivered_at))
        async with transaction(self.whole.engine) as connection:
            return await connection.scalar(raised) == await connection.scalar(delivered)

    async def on_the_topic(self, count: int) -> dict[str, AlertRaised]:
        """The different events of the topic, once so many are there."""
        found: dict[str, AlertRaised] = {}
        async with asyncio.timeout(PATIENCE), self.whole.bus.receiver(f"test-{uuid.uuid4().hex}", [ALERTS_RAISED.name]) as ear:
            while len(found) < count:
                for message in await ear.receive(at_most=50, within=0.5):
                    found[message.headers["ce_id"]] = opened(message.value, message.headers, AlertRaised)
        return found


async def killed(command: str, besides: Collection[int]) -> bool:
    """`kill -9` of the process itself; its guard and the supervisor must notice. False while it does not run (yet).

    `besides` are the servers of the test session, which other tests still need.
    """
    pid = process_of(command, os.getpid(), besides=besides)
    if pid is not None:
        os.kill(pid, signal.SIGKILL)
    return pid is not None


def id_of(article: AnnotatedArticle) -> uuid.UUID:
    return uuid.UUID(article_id_of(article.url))


async def test_every_part_dies_once_in_the_middle_of_the_story_and_nothing_is_lost_or_told_twice(tmp_path: Path) -> None:
    story: Story = story_of(STORY)
    heard: list[AlertRaised] = []
    said = io.StringIO()
    of_the_session = set(descendants(os.getpid()))
    clock = StoryClock(datetime.now(UTC), story.articles[-1].published_at + timedelta(minutes=1), SPEED)
    async with Newsroom(story.articles) as newsroom, Desk(heard.append) as desk:
        feeds = tmp_path / "feeds.yaml"
        feeds.write_text(feeds_file(newsroom, SPEED), encoding="utf-8")
        plan = Plan(folder=tmp_path / "data", feeds=feeds, clock=clock, webhook=(desk.url, desk.secret), own_newsroom=True)
        async with Whole(plan, Console(file=said, width=200)) as whole:
            scene = Scene(whole)
            for article in story.articles:
                key = id_of(article)
                newsroom.release(article)
                if article.id in VICTIMS:
                    command, stage = VICTIMS[article.id]
                    await until(partial(scene.has, stage, key))
                    await until(partial(killed, command, of_the_session))
                await until(partial(scene.decided, key))
            await until(scene.told)
            events = await scene.on_the_topic(len(story.replay.expected_alerts))
            async with transaction(whole.engine) as connection:
                raised = (await connection.execute(sa.select(alerts.c.id, alerts.c.article_id))).all()
                keys = (await connection.scalars(sa.select(deliveries.c.idempotency_key))).all()

    told = said.getvalue()
    for name in ("fetcher", "classifier", "alerter", "kafka", "postgres"):
        assert f"{name:10} is back" in told
    files = {str(id_of(article)): article.id for article in story.articles}
    verdict = judge(story.replay, [alert.model_copy(update={"article_id": files[alert.article_id]}) for alert in heard])
    assert (verdict.missed, verdict.false) == ((), ())
    assert Counter(alert.alert_id for alert in heard) == Counter(str(row.id) for row in raised)
    assert Counter(event.alert_id for event in events.values()) == Counter(str(row.id) for row in raised)
    assert len(keys) == len(set(keys)) == len(raised)
    # At the moment of each of the two kills of the alerter, and of Postgres, one delivery can have been under way.
    assert desk.repeats <= 3
