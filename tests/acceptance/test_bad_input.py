"""Bad feeds, bad articles and bad messages among good ones: each is counted and named, and nothing else stops."""

from __future__ import annotations

import asyncio
import io
import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from prometheus_client import REGISTRY
from rich.console import Console
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from schemas.tables import alerts, decisions, entries, feeds, polls
from schemas.topics import ARTICLES_CLASSIFIED, ARTICLES_FETCHED
from services.fetcher.core.addresses import article_id as article_id_of
from services.runtime.bus import Outgoing
from services.runtime.postgres import transaction
from services.standalone.serving import LoopbackServer
from services.standalone.whole import Plan, Whole
from tests.processes import PATIENCE

pytestmark = pytest.mark.stack

SLOW = 0.4
"""Seconds that the fetcher waits for a feed."""


def feed(*items: str) -> bytes:
    body = "".join(f"<item>{item}</item>" for item in items)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Wire</title>{body}</channel></rss>'.encode()


def item(run: str, name: str, *, title: str = "", text: str = "", dated: bool = True) -> str:
    stamp = f"{datetime.now(UTC) - timedelta(minutes=5):%a, %d %b %Y %H:%M:%S +0000}"
    return (
        f"<link>{link(run, name)}</link>"
        + (f"<title>{title}</title>" if title else "")
        + (f"<description>{text}</description>" if text else "")
        + (f"<pubDate>{stamp}</pubDate>" if dated else "")
    )


def link(run: str, name: str) -> str:
    return f"https://wire.example/{run}/{name}"


def key(run: str, name: str) -> uuid.UUID:
    return uuid.UUID(article_id_of(link(run, name)))


TOLL = "3 Armenian soldiers were killed near Jermuk, the Armenian Defence Ministry said."


class Press:
    """Serves one bad feed of each kind, one with odd articles, and one that is good."""

    def __init__(self, run: str) -> None:
        self.run = run
        self.good: list[str] = []
        routes = [Route(f"/{name}", answer) for name, answer in self._answers().items()]
        self.server = LoopbackServer("press", routes)
        self._closing = asyncio.Event()

    def _answers(self) -> Mapping[str, Callable[[Request], Awaitable[Response]]]:
        def always(body: bytes, status: int = 200, kind: str = "application/rss+xml") -> Callable[[Request], Awaitable[Response]]:
            async def answer(_: Request) -> Response:
                return Response(body, status_code=status, media_type=kind)

            return answer

        async def slow(_: Request) -> Response:
            # Until the one who asks has gone; the bound is there for a fetcher that never goes.
            await asyncio.wait_for(self._closing.wait(), PATIENCE)
            return Response(feed())

        async def good(_: Request) -> Response:
            return Response(feed(*self.good), media_type="application/rss+xml")

        odd = (
            item(self.run, "untitled", text=TOLL),
            item(self.run, "empty"),
            item(self.run, "textless", title="Armenian soldiers killed near Jermuk"),
            item(self.run, "undated", title="Armenian toll near Jermuk", text=TOLL, dated=False),
            f"<title>Armenian toll without a link</title><description>{TOLL}</description>",
        )
        return {
            "not-xml": always(b"\x00\x01 three soldiers, no feed"),
            "html": always(b"<!doctype html><html><body><h1>Sorry</h1></body></html>", kind="text/html"),
            "empty": always(feed()),
            "missing": always(b"not here", status=404),
            "slow": slow,
            "odd": always(feed(*odd)),
            "good": good,
        }

    def feeds_file(self) -> str:
        listed = [
            {"id": f"{name}-{self.run}", "url": f"{self.server.address}/{name}", "language": "en", "scope": "world", "interval": 1}
            for name in self._answers()
        ]
        return yaml.safe_dump({"outlets": [{"id": f"wire-{self.run}", "name": "Wire", "feeds": listed}]})

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Press]:
        async with self.server:
            try:
                yield self
            finally:
                self._closing.set()


@dataclass(frozen=True, slots=True)
class Seen:
    """What the database and the log files of a running whole hold."""

    whole: Whole
    folder: Path

    async def rows(self, question: sa.Select[Any]) -> list[Any]:
        async with transaction(self.whole.engine) as connection:
            return list((await connection.execute(question)).all())

    async def until(self, question: sa.Select[Any], count: int = 1) -> list[Any]:
        """The rows, once there are so many."""
        async with asyncio.timeout(PATIENCE):
            while len(rows := await self.rows(question)) < count:
                self.whole.raise_if_failed()
                await asyncio.sleep(0.05)
        return rows

    def logged(self) -> list[dict[str, Any]]:
        """Every line of every log file that is one of ours."""
        texts = [path.read_text(encoding="utf-8") for path in self.folder.glob("logs/*.log")]
        return [json.loads(line) for text in texts for line in text.splitlines() if line.startswith("{")]

    async def until_logged(self, **wanted: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while True:
                if any(wanted.items() <= line.items() for line in self.logged()):
                    return
                await asyncio.sleep(0.05)


@pytest.fixture(params=["memory", "kafka"])
def where(request: pytest.FixtureRequest) -> dict[str, Any]:
    """On which bus."""
    # A Kafka of its own: what is put on the topics here would reach the services of other tests.
    return {"bus": request.param}


async def test_bad_feeds_articles_and_messages_are_counted_and_named_and_the_good_article_after_them_alerts(
    where: dict[str, Any], database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAUCASUS_WATCH_FEED_SECONDS", str(SLOW))
    run = uuid.uuid4().hex[:8]
    listed, folder = tmp_path / "feeds.yaml", tmp_path / "data"
    async with Press(run).serving() as press:
        listed.write_text(press.feeds_file(), encoding="utf-8")
        plan = Plan(folder=folder, database=database_url, feeds=listed, own_newsroom=True, **where)
        async with Whole(plan, Console(file=io.StringIO())) as whole:
            seen = Seen(whole, folder)
            await bad_feeds_are_named(seen, run)
            await odd_articles_are_counted(seen, run)
            await bad_messages_are_put_aside(seen, run, own_process=where["bus"] == "memory")

            press.good.append(item(run, "good", title="Armenian toll near Jermuk", text=TOLL.replace("3", "5")))
            (alert,) = await seen.until(sa.select(alerts.c.low, alerts.c.effect).where(alerts.c.article_id == key(run, "good")))
            assert (alert.low, alert.effect) == (5, "killed")


async def bad_feeds_are_named(seen: Seen, run: str) -> None:
    due = {"not-xml": "not_a_feed", "html": "html_page", "empty": "empty", "missing": "not_found", "slow": "timed_out"}
    for name, reason in due.items():
        await seen.until(sa.select(polls.c.id).where(polls.c.feed_id == f"{name}-{run}", polls.c.reason == reason))
        await seen.until_logged(event="polled", feed=f"{name}-{run}", reason=reason)
    states = await seen.rows(sa.select(feeds.c.id, feeds.c.failures).where(feeds.c.id.in_([f"{name}-{run}" for name in due])))
    assert all(row.failures > 0 for row in states if not row.id.startswith("empty"))


async def odd_articles_are_counted(seen: Seen, run: str) -> None:
    async def entry(name: str) -> str:
        ((reason,),) = await seen.until(sa.select(entries.c.reason).where(entries.c.article_id == key(run, name)))
        return str(reason)

    assert await entry("undated") == "published"
    ((reason,),) = await seen.until(sa.select(decisions.c.reason).where(decisions.c.article_id == key(run, "undated")))
    assert reason == "no_date"
    await entry("untitled")
    await entry("textless")
    # What has no link, or neither title nor text, is no article: the poll's own line counts it.
    await seen.until_logged(event="polled", feed=f"odd-{run}")
    (line,) = [line for line in seen.logged() if line.get("feed") == f"odd-{run}" and line.get("reason") == "fresh"]
    assert line["became"] == {"published": 3, "no_link": 1, "no_text": 1}
    assert line["notes"] == {"date_missing": 1, "no_title": 1, "no_text": 1}
    await seen.until(sa.select(decisions.c.reason).where(decisions.c.article_id == key(run, "untitled")))
    dated_now = sa.select(entries.c.published_at).where(entries.c.article_id == key(run, "undated"))
    assert (await seen.rows(dated_now))[0].published_at is None


async def bad_messages_are_put_aside(seen: Seen, run: str, *, own_process: bool) -> None:
    topics = {ARTICLES_FETCHED: "classifier", ARTICLES_CLASSIFIED: "alerter"}
    bodies = {"not-json": b"{this is no JSON", "not-of-the-schema": b'{"hello": 1}'}
    async with seen.whole.bus.sender() as sender:
        for topic in topics:
            sent = {"ce_specversion": "1.0", "ce_id": run, "ce_type": topic.event_type, "content-type": "application/json"}
            await sender.send([Outgoing(topic.name, f"{run}-{name}", body, sent) for name, body in bodies.items()])
    put_aside: dict[tuple[str, str], Mapping[str, str]] = {}
    async with (
        asyncio.timeout(PATIENCE),
        seen.whole.bus.receiver(f"test-{uuid.uuid4().hex}", [topic.dlq for topic in topics]) as ear,
    ):
        while len(put_aside) < len(topics) * len(bodies):
            for message in await ear.receive(at_most=50, within=0.5):
                if message.key.startswith(run):
                    put_aside[message.topic, message.key] = message.headers
    for (topic_name, message_key), headers in put_aside.items():
        group = next(group for topic, group in topics.items() if topic.dlq == topic_name)
        assert headers["dlq-reason"] == ("not_json" if message_key.endswith("not-json") else "not_of_schema")
        assert headers["dlq-group"] == group
        assert f"{headers['dlq-topic']}.dlq" == topic_name
        assert headers["ce_id"] == run
        await seen.until_logged(event="message_put_aside", key=message_key, reason=headers["dlq-reason"], group=group)
        if own_process:
            labels = {"group": group, "topic": headers["dlq-topic"], "reason": headers["dlq-reason"]}
            assert (REGISTRY.get_sample_value("caucasus_watch_dead_letters_total", labels) or 0) > 0
