"""Rounds of the service's poller in one process with a Postgres of its own, told by lines on standard input.

    python -m tests.bench.pollrounds FEEDS.opml FOLDER ENTRIES

Each line makes one round; the answer is a line of JSON. The first answer, before any round, is how it stands idle.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from schemas.tables import polls
from services.fetcher.core.feedlist import FeedList
from services.fetcher.core.opml import read_opml
from services.fetcher.core.standing import GOOD
from services.fetcher.round import RoundOfPolls
from services.fetcher.settings import FetcherSettings, FullText
from services.runtime.postgres import open_engine
from services.runtime.telemetry import set_up_logging
from services.standalone.feedpolling import cpu_seconds
from services.standalone.postgres import EmbeddedPostgres
from services.standalone.upgrading import upgrade_apart

LOOK_SECONDS = 0.005


class Lateness:
    """How late the loop came to what was due, at the worst: seconds. `own` is what of it the process itself was at work:

    on a machine that others use too the rest is their doing.
    """

    def __init__(self) -> None:
        self.worst = 0.0
        self.own = 0.0

    async def watch(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due, used = loop.time() + LOOK_SECONDS, time.thread_time()
            await asyncio.sleep(LOOK_SECONDS)
            late = loop.time() - due
            self.worst = max(self.worst, late)
            self.own = max(self.own, min(late, time.thread_time() - used))


def resident() -> float:
    """Megabytes of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4_096 / 1e6


def beside() -> dict[str, float]:
    """Megabytes of the parser workers and of Postgres, shared pages counted once: they are no part of the process that polls."""
    found = {"workers_mb": 0.0, "postgres_mb": 0.0}
    ours = {os.getpid()}
    processes = {int(entry.name): entry for entry in Path("/proc").iterdir() if entry.name.isdigit()}
    # The numbers of children are above their parents' but for once around the clock.
    for pid in sorted(processes):
        try:
            parent = int((processes[pid] / "stat").read_text().rpartition(")")[2].split()[1])
            if parent not in ours:
                continue
            ours.add(pid)
            command = (processes[pid] / "cmdline").read_bytes()
            pages = (processes[pid] / "smaps_rollup").read_text()
        except OSError:
            continue
        megabytes = next(int(line.split()[1]) * 1_024 / 1e6 for line in pages.splitlines() if line.startswith("Pss:"))
        found["workers_mb" if b"parser_worker" in command else "postgres_mb"] += megabytes
    return {name: round(size, 1) for name, size in found.items()}


class Peak:
    """The most megabytes that this process had."""

    def __init__(self) -> None:
        self.most = resident()

    async def watch(self) -> None:
        while True:
            await asyncio.sleep(0.05)
            self.most = max(self.most, resident())


async def rounds(listed: FeedList, folder: Path, entries: Path) -> None:
    settings = FetcherSettings(allow_private=True, full_text=FullText.NEVER, log_level="error")
    set_up_logging(settings, "bench")
    async with EmbeddedPostgres(folder) as server:
        await upgrade_apart(server.url)
        engine = open_engine(server.url, application="bench", pool_size=6)
        try:
            async with RoundOfPolls(settings, listed, engine, report=entries) as polling:
                gc.collect()
                say({"idle_mb": round(resident(), 1)})
                while await asyncio.to_thread(sys.stdin.readline):
                    say(await one(polling, engine))
        finally:
            await engine.dispose()


async def one(polling: RoundOfPolls, engine: Any) -> dict[str, Any]:
    loop = asyncio.get_running_loop()
    late, peak = Lateness(), Peak()
    watching = [asyncio.create_task(late.watch()), asyncio.create_task(peak.watch())]
    async with engine.connect() as connection:
        before = await connection.scalar(sa.select(sa.func.coalesce(sa.func.max(polls.c.id), 0)))
        stood = await connection.scalar(sa.select(sa.func.clock_timestamp()))
    began, used = loop.time(), cpu_seconds()
    done = await polling.run()
    seconds, cpu = loop.time() - began, cpu_seconds() - used
    for task in watching:
        task.cancel()
    async with engine.connect() as connection:
        last = await connection.scalar(sa.select(sa.func.max(polls.c.polled_at)).where(polls.c.id > before, polls.c.reason.in_(GOOD)))
    return {
        "seconds": round(seconds, 2),
        "cpu": round(cpu, 2),
        "late_ms": round(late.worst * 1_000, 1),
        "own_late_ms": round(late.own * 1_000, 1),
        "peak_mb": round(peak.most, 1),
        "rest_mb": round(resident(), 1),
        **beside(),
        "good_within": round((last - stood).total_seconds(), 2) if last is not None else None,
        "feeds": done.feeds,
        "failed": done.failed,
        "new": done.new,
    }


def say(found: dict[str, Any]) -> None:
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    given = Path(sys.argv[1])
    asyncio.run(rounds(read_opml(given.read_bytes(), given.name), *map(Path, sys.argv[2:4])))
