"""The fetcher as a process of its own, on a real Kafka and a real Postgres: killed in the middle, told to stop, given nonsense."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from schemas.tables import fetcher_outbox
from schemas.topics import ARTICLES_FETCHED
from services.fetcher.core.feedlist import Feed, FeedList, Outlet, written
from services.runtime.bus import Receiver
from services.runtime.kafka import KafkaBus
from services.runtime.topics import make_topics
from tests.unit.fetcher.local_server import LocalServer

pytestmark = pytest.mark.stack


@pytest.fixture
async def server() -> AsyncIterator[LocalServer]:
    async with LocalServer() as made:
        yield made


def news(numbers: range, run: str) -> str:
    """A feed of the reports with these numbers, each at an address that only this run of the test knows."""
    items = "".join(
        f"<item><title>Report {n} from Lachin</title><link>https://wire.example/{run}/{n}</link><description>It went on.</description></item>"
        for n in reversed(numbers)
    )
    return f'<rss version="2.0"><channel><title>Wire</title>{items}</channel></rss>'


def environment(server: LocalServer, folder: Path, **settings: str) -> dict[str, str]:
    """The settings of a fetcher of this server's feed alone."""
    path = folder / "feeds.yaml"
    feed = Feed(id="wire-en", url=server.url("/rss"), language="en", interval=1)
    path.write_text(written(FeedList(outlets=(Outlet(id="wire", name="Wire", feeds=(feed,)),))), encoding="utf-8")
    given = {
        "feeds_file": str(path),
        "allow_private": "true",
        "interval_floor": "1",
        "host_gap": "0",
        "full_text": "never",
        "lease_seconds": "1",
        "log_format": "json",
        **settings,
    }
    plain = {name: value for name, value in os.environ.items() if not name.startswith("CAUCASUS_WATCH_")}
    return plain | {f"CAUCASUS_WATCH_{name.upper()}": value for name, value in given.items()}


async def started(settings: dict[str, str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.fetcher", env=settings, stderr=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL
    )


async def ended(process: asyncio.subprocess.Process, number: signal.Signals) -> str:
    """What the process said, once it has ended by that signal."""
    with suppress(ProcessLookupError):
        process.send_signal(number)
    _, said = await asyncio.wait_for(process.communicate(), 20)
    return said.decode()


async def collect(receiver: Receiver, run: str, found: list[str], wanted: int) -> None:
    """Add the addresses of this run's articles as they come, until there are as many different ones as are wanted."""
    async with asyncio.timeout(60):
        while len(set(found)) < wanted:
            for message in await receiver.receive(at_most=100, within=0.5):
                url: str = json.loads(message.value)["url"]
                if f"/{run}/" in url:
                    found.append(url)


async def test_a_fetcher_that_is_killed_loses_and_repeats_no_article(
    kafka_address: str, database_url: str, server: LocalServer, tmp_path: Path
) -> None:
    run = uuid.uuid4().hex[:8]
    server.gives("/rss", news(range(40), run))
    settings = environment(server, tmp_path, kafka=kafka_address, database=database_url)
    bus = KafkaBus(kafka_address, f"test-{run}")
    await _topics(bus)
    async with bus.receiver(f"test-{run}", [ARTICLES_FETCHED.name]) as receiver:
        found: list[str] = []
        for life in range(3):
            server.gives("/rss", news(range(40 + 20 * life), run))
            process = await started(settings)
            # Killed as soon as its first articles of this life are out, wherever it then is.
            await collect(receiver, run, found, len(set(found)) + 1)
            await ended(process, signal.SIGKILL)
        server.gives("/rss", news(range(100), run))
        process = await started(settings)
        await collect(receiver, run, found, 100)
        log = await ended(process, signal.SIGTERM)
    assert process.returncode == 0, log
    assert set(found) == {f"https://wire.example/{run}/{n}" for n in range(100)}
    # The relay may send again what it sent right before it died; the messages' ids tell receivers so. Nothing else repeats.
    assert len(await _owed(database_url)) == len(set(found))


async def _owed(database_url: str) -> list[Any]:
    engine = create_async_engine(database_url)
    try:
        async with engine.connect() as connection:
            return list((await connection.execute(sa.select(fetcher_outbox.c.id))).all())
    finally:
        await engine.dispose()


async def _topics(bus: KafkaBus) -> None:
    assert await make_topics(bus, asyncio.Event())


async def test_wrong_settings_end_it_at_once_with_every_fault(server: LocalServer, tmp_path: Path) -> None:
    process = await started(environment(server, tmp_path, interval="never", kafka="nonsense"))
    said = await ended(process, signal.SIGCONT)
    assert process.returncode == 2
    assert "CAUCASUS_WATCH_INTERVAL" in said
    assert "CAUCASUS_WATCH_KAFKA" in said


async def test_a_wrong_list_of_feeds_ends_it_at_once_with_the_line(server: LocalServer, tmp_path: Path) -> None:
    settings = environment(server, tmp_path, kafka="127.0.0.1:1", database="postgresql://nobody@127.0.0.1:1/none")
    (tmp_path / "feeds.yaml").write_text(
        "outlets:\n- id: wire\n  name: Wire\n  feeds:\n  - {id: wire-en, url: nonsense}\n", encoding="utf-8"
    )
    process = await started(settings)
    said = await ended(process, signal.SIGCONT)
    assert process.returncode == 2
    assert "feeds.yaml:5: outlets.wire.feeds.wire-en.url" in said
