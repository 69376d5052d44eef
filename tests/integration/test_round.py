"""`feeds poll`: a thousand feeds at a time, with servers that never answer among them, and killed at any moment."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.tables import feeds, polls
from services.fetcher.core.feedlist import FeedList
from services.fetcher.core.opml import read_opml
from services.fetcher.core.standing import GOOD
from services.fetcher.round import Round, RoundOfPolls
from services.fetcher.settings import FetcherSettings, FullText
from tests.bench.fetcher import stand
from tests.integration.fetcher_desk import NEWS, a_desk, a_list, rss
from tests.unit.fetcher.local_server import LocalServer, never_answers

pytestmark = pytest.mark.stack


@asynccontextmanager
async def rounds(engine: AsyncEngine, listed: FeedList, file: Path, **options: Any) -> AsyncIterator[RoundOfPolls]:
    settings = FetcherSettings(allow_private=True, full_text=FullText.NEVER, **options)
    async with RoundOfPolls(settings, listed, engine, report=file) as made:
        yield made


def opml(*addresses: str) -> FeedList:
    lines = "".join(f'<outline type="rss" text="Feed" xmlUrl="{address}"/>' for address in addresses)
    return read_opml(f'<opml version="2.0"><body>{lines}</body></opml>'.encode(), "feeds.opml")


def lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


async def test_a_thousand_feeds_are_polled_in_spite_of_those_that_never_answer(engine: AsyncEngine, tmp_path: Path) -> None:
    with stand(1_000, 150, entries=2) as served:
        listed = read_opml(served.opml(tmp_path / "feeds.opml").read_bytes(), "feeds.opml")
        file = tmp_path / "entries"
        async with rounds(engine, listed, file, first_byte_seconds=2, feed_seconds=4, feed_bytes=1_000_000) as polling:
            served.tell("misbehave")
            mixed = await polling.run()
            assert (mixed.feeds, mixed.ok, mixed.failed, mixed.new) == (1_000, 850, 150, 1_700)
            async with engine.connect() as connection:
                honest = await connection.scalar(sa.select(sa.func.max(polls.c.seconds)).where(polls.c.reason.in_(GOOD)))
                reasons = Counter((await connection.execute(sa.select(polls.c.reason).where(polls.c.reason.not_in(GOOD)))).scalars())
            assert honest is not None
            assert reasons == {"timed_out": 100, "too_large": 50}
            served.tell("behave")
            served.tell("round/1")
            recovered = await polling.run()
            assert (recovered.failed, recovered.unchanged + recovered.ok) == (0, 1_000)
            # Two each of those that were never read, and one each of a twentieth of the others.
            assert recovered.new == 2 * 150 + sum((number + 1) % 20 == 0 for number in range(850))
    told = lines(file)
    assert len(told) == len(set(told)) == mixed.new + recovered.new


async def test_a_round_tells_what_is_new_once(engine: AsyncEngine, server: LocalServer, tmp_path: Path) -> None:
    server.gives("/a", rss(*NEWS))
    server.gives("/b", rss(NEWS[0]))
    server.gives("/gone", "gone", status=410)
    file = tmp_path / "entries"
    async with rounds(engine, opml(*map(server.url, ("/a", "/b", "/gone"))), file, host_gap=0.0) as polling:
        first = await polling.run()
        assert first == Round(feeds=3, ok=first.ok, unchanged=2 - first.ok, failed=1, entries=4, new=3)
        server.gives("/b", rss(("https://wire.example/9?utm_source=rss", "Shots near Goris", "One was hurt."), NEWS[0]))
        assert (await polling.run()).new == 1
        assert (await polling.run()).new == 0
    assert sorted(lines(file)) == [*(f"https://wire.example/{n}" for n in (1, 2, 3)), "https://wire.example/9?utm_source=rss"]


async def test_a_round_leaves_the_feeds_of_the_service_as_they_are(engine: AsyncEngine, server: LocalServer, tmp_path: Path) -> None:
    server.gives("/known", rss(*NEWS))
    server.gives("/other", rss())
    async with a_desk(engine, server, a_list(server, "/known", "/mine")) as desk:
        async with rounds(engine, opml(server.url("/known"), server.url("/other")), tmp_path / "entries", host_gap=0.0) as polling:
            assert (await polling.run()).new == 3
        rows = await desk.rows(feeds)
        assert (len(rows), rows["known"].last_polled_at is not None, rows["mine"].last_polled_at) == (3, True, None)
        assert (rows["known"].outlet_id, rows["mine"].retired_at) == ("known", None)


@pytest.fixture
async def server() -> AsyncIterator[LocalServer]:
    async with LocalServer() as made:
        yield made


async def until(holds: Callable[[], bool]) -> None:
    """Wait for it, looking again and again; the test fails where it does not come."""
    async with asyncio.timeout(60):
        while True:
            if holds():
                return
            await asyncio.sleep(0.01)


async def command(database_url: str | None, folder: Path, *options: str, **settings: str) -> asyncio.subprocess.Process:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("CAUCASUS_WATCH_")}
    given = {"host_gap": "0", **({"database": database_url} if database_url else {}), **settings}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.cli", "feeds", "poll", "--once", "--allow-private"),
        *("--opml", str(folder / "feeds.opml"), "--entries", str(folder / "entries"), *options),
        env=plain | {f"CAUCASUS_WATCH_{name.upper()}": value for name, value in given.items()},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_a_round_that_is_killed_at_any_moment_loses_and_repeats_no_link(database_url: str, tmp_path: Path) -> None:
    with stand(200, 0, entries=5) as served:
        served.opml(tmp_path / "feeds.opml")
        file = tmp_path / "entries"
        for kill in range(5):
            process = await command(database_url, tmp_path, lease_seconds="1")
            before = len(lines(file))
            # Killed where it has told something more, or a little later: somewhere between two writes.
            wanted = min(before + 1 + 100 * kill, 1_000)
            await until(partial(_told_or_ended, process, file, wanted))
            if process.returncode is None:
                process.kill()
            await process.communicate()
        process = await command(database_url, tmp_path, lease_seconds="1")
        said, complaint = await process.communicate()
    assert process.returncode == 0, complaint
    assert json.loads(said)["feeds"] == 200
    told = lines(file)
    assert len(told) == 1_000
    assert len(set(told)) == 1_000


def _told_or_ended(process: asyncio.subprocess.Process, file: Path, wanted: int) -> bool:
    return process.returncode is not None or len(lines(file)) >= wanted


async def test_a_torn_line_is_made_whole(engine: AsyncEngine, server: LocalServer, tmp_path: Path) -> None:
    server.gives("/a", rss(*NEWS))
    file = tmp_path / "entries"
    async with rounds(engine, opml(server.url("/a")), file, host_gap=0.0) as polling:
        polling._file = None
        await polling.run()
    # The writer died in the middle of the second line, before it could take the links off.
    file.write_text("https://wire.example/1\nhttps://wire.ex", encoding="utf-8")
    async with rounds(engine, opml(server.url("/a")), file, host_gap=0.0) as polling:
        await polling.run()
    assert sorted(lines(file)) == [f"https://wire.example/{n}" for n in (1, 2, 3)]


async def test_wrong_files_are_told(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "feeds.opml").write_text("<rss/>", encoding="utf-8")
    process = await command(database_url, tmp_path)
    said, complaint = await process.communicate()
    assert (process.returncode, said) == (2, b"")
    assert b"feeds.opml:1" in complaint


async def test_without_an_address_it_brings_its_own_database(server: LocalServer, tmp_path: Path) -> None:
    server.gives("/a", rss(*NEWS), etag='"a"')
    outline = f'<outline type="rss" text="A" xmlUrl="{server.url("/a")}"/>'
    (tmp_path / "feeds.opml").write_text(f'<opml version="2.0"><body>{outline}</body></opml>', encoding="utf-8")
    found: list[dict[str, Any]] = []
    for _ in range(2):
        process = await command(None, tmp_path, "--data", str(tmp_path / "data"))
        said, complaint = await process.communicate()
        assert process.returncode == 0, complaint
        found.append(json.loads(said))
    counted = [(one["feeds"], one["ok"], one["unchanged"], one["failed"], one["entries"], one["new"]) for one in found]
    assert counted == [(1, 1, 0, 0, 3, 3), (1, 0, 1, 0, 0, 0)]
    assert all(one["seconds"] > 0 and one["cpu_seconds"] > 0 for one in found)
    assert len(lines(tmp_path / "entries")) == 3
    assert server.asked[-1].headers["if-none-match"] == '"a"'


async def test_links_are_told_while_servers_keep_the_round_waiting(engine: AsyncEngine, server: LocalServer, tmp_path: Path) -> None:
    port = server.address.rpartition(":")[2]
    server.gives("/a", rss(*NEWS))
    server.plays("/silent", never_answers)
    file = tmp_path / "entries"
    listed = opml(server.url("/a"), f"http://localhost:{port}/silent")
    async with rounds(engine, listed, file, first_byte_seconds=30) as polling:
        running = asyncio.create_task(polling.run())
        await until(lambda: len(lines(file)) == 3)
        assert not running.done()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
