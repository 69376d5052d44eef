"""The classifier as a process of its own, on a real Kafka and a real Postgres."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.article_classified import ArticleClassified
from schemas.article_fetched import ArticleFetched
from schemas.envelope import opened, seal
from schemas.tables import articles
from schemas.topics import ARTICLES_CLASSIFIED, ARTICLES_FETCHED
from schemas.vocabulary import Effect
from services.runtime.bus import Outgoing, Received, TopicSpec
from services.runtime.kafka import KafkaBus
from tests.builders import fetched

pytestmark = pytest.mark.stack

TEXT = """Azerbaijani forces shelled towns in Nagorno-Karabakh on Tuesday, and {toll} Armenian soldiers were killed, the defence ministry in Stepanakert
said. Residents of Martakert spent the afternoon in cellars."""


def an_unmet_article(toll: int) -> ArticleFetched:
    """An article that no other test on the same broker has sent."""
    return fetched(uuid.uuid4().hex, title="Shells fall on Martakert", text=TEXT.format(toll=toll))


@asynccontextmanager
async def a_classifier(kafka: str, database: str, log: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The process; it is ended where the test has not ended it."""
    environment = {**os.environ, "CAUCASUS_WATCH_KAFKA": kafka, "CAUCASUS_WATCH_DATABASE": database, "CAUCASUS_WATCH_BATCH": "3"}
    with log.open("ab") as lines:
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "services.classifier", env=environment, stderr=lines)
        try:
            yield process
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
                await asyncio.wait_for(process.wait(), 20)


async def told_of(bus: KafkaBus, wanted: int, among: Mapping[str, ArticleFetched], *, heard: list[Received]) -> list[ArticleClassified]:
    """The events on these articles as soon as `wanted` different ones are there; `heard` gets every message, repeats too."""
    found: dict[str, ArticleClassified] = {}
    async with asyncio.timeout(60), bus.receiver(f"test-{uuid.uuid4().hex}", [ARTICLES_CLASSIFIED.name]) as receiver:
        while len(found) < wanted:
            for message in await receiver.receive(at_most=50, within=1):
                event = opened(message.value, message.headers, ArticleClassified)
                if event.article_id in among:
                    heard.append(message)
                    found[message.headers["ce_id"]] = event
    return list(found.values())


async def send(bus: KafkaBus, *events: ArticleFetched) -> None:
    topics = {topic.name: TopicSpec(topic.partitions, topic.retention_ms) for topic in (ARTICLES_FETCHED, ARTICLES_CLASSIFIED)}
    await bus.create_topics(topics)
    sealed = [seal(ARTICLES_FETCHED, event.article_id, event, event_id=event.revision, now=event.fetched_at) for event in events]
    async with bus.sender() as sender:
        await sender.send([Outgoing(one.topic, one.key, one.value, one.headers) for one in sealed])


async def test_killed_in_the_middle_it_loses_nothing_and_tells_each_article_once(
    kafka_address: str, database_url: str, engine: AsyncEngine, tmp_path: Path
) -> None:
    bus = KafkaBus(kafka_address, "test")
    sent = {event.article_id: event for event in (an_unmet_article(toll) for toll in range(3, 15))}
    heard: list[Received] = []
    await send(bus, *sent.values())
    async with a_classifier(kafka_address, database_url, tmp_path / "log") as first:
        await told_of(bus, 3, sent, heard=[])
        first.kill()
        await first.wait()
    async with a_classifier(kafka_address, database_url, tmp_path / "log") as second:
        events = await told_of(bus, len(sent), sent, heard=heard)
        second.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(second.wait(), 20) == 0, (tmp_path / "log").read_text(encoding="utf-8")

    assert {event.article_id for event in events} == set(sent)
    assert len({message.headers["ce_id"] for message in heard}) == len(sent)
    assert len({event.story_id for event in events}) == 1
    assert {claim.low for event in events for claim in event.reading.casualties if claim.effect is Effect.KILLED} == set(range(3, 15))
    async with engine.connect() as connection:
        mine = sa.select(sa.func.count()).select_from(articles).where(articles.c.id.in_(list(sent)))
        assert await connection.scalar(mine) == len(sent)


async def test_without_settings_it_says_all_that_is_missing() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CAUCASUS_WATCH_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.classifier", env=environment, stderr=asyncio.subprocess.PIPE
    )
    _, complaint = await process.communicate()

    assert process.returncode == 2
    assert "CAUCASUS_WATCH_KAFKA" in complaint.decode()
    assert "CAUCASUS_WATCH_DATABASE" in complaint.decode()
