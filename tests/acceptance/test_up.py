"""`up`, `demo`, `doctor` and `migrate` on real servers: stopped, killed, started again, and refused where another one is at work."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.runtime.kafka import KafkaBus
from services.runtime.topics import make_topics
from services.standalone.annotated import story_of
from services.standalone.demo import feeds_file
from services.standalone.newsroom import Newsroom
from tests.acceptance.commands import RISING_TOLL, run, said_until, started
from tests.processes import PATIENCE, descendants, gone, wait_until

pytestmark = pytest.mark.stack

WATCHING = "Watching."

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts the command; none of them outlives the test."""
    processes: list[subprocess.Popen[str]] = []

    def begin(*arguments: str | Path, settings: dict[str, str] | None = None) -> subprocess.Popen[str]:
        processes.append(started(arguments, settings=settings))
        return processes[-1]

    yield begin
    for process in processes:
        process.kill()
        process.communicate()


def own_newsroom() -> dict[str, str]:
    """Settings that let `up` ask a newsroom on this machine, at the time just after the story."""
    begins = story_of(RISING_TOLL).articles[-1].published_at + timedelta(minutes=1)
    clock = f"{datetime.now(UTC).isoformat()}|{begins.isoformat()}|10"
    return {"clock": clock, "allow_private": "true", "interval_floor": "1", "host_gap": "0", "full_text": "never"}


async def test_killed_up_leaves_nothing_running_and_the_next_one_goes_on_where_it_stopped(tmp_path: Path, start: Start) -> None:
    story = {article.id[:3]: article for article in story_of(RISING_TOLL).articles}
    data, feeds = tmp_path / "data", tmp_path / "feeds.yaml"
    arguments: list[str | Path] = ["up", "--folder", data, "--feeds", feeds]
    async with Newsroom(tuple(story.values())) as newsroom:
        feeds.write_text(feeds_file(newsroom, 10.0), encoding="utf-8")
        settings = own_newsroom()
        first = start(*arguments, settings=settings)
        await asyncio.to_thread(said_until, first, WATCHING)
        newsroom.release(story["t01"])
        await asyncio.to_thread(said_until, first, "2 soldiers killed on the Armenian side (Armenian military)")
        running = descendants(first.pid)
        for name in ("bin/postgres", "kafka.Kafka", "services.fetcher", "services.classifier", "services.alerter"):
            assert any(name in args for args in running.values())

        first.kill()
        first.wait(PATIENCE)
        newsroom.release(story["t03"])
        second = start(*arguments, settings=settings)
        shown = await asyncio.to_thread(said_until, second, "7 soldiers killed on the Armenian side, was 2")

        await asyncio.to_thread(wait_until, lambda: all(gone(pid) for pid in running))
        # What was shown but not yet marked as shown may be shown again, once.
        assert shown.count("2 soldiers killed") <= 1
        refused = await asyncio.to_thread(lambda: run(*arguments))
        assert refused.code == 2
        assert "[info" not in refused.out
        assert f"in use by process {second.pid}" in " ".join(refused.out.split())

        running = descendants(second.pid)
        second.send_signal(signal.SIGINT)
        await asyncio.to_thread(second.communicate, timeout=PATIENCE)
        assert second.returncode == 0
        # A tracker of the standard library ends a moment after its service, by itself.
        await asyncio.to_thread(wait_until, lambda: all(gone(pid) for pid in running), within=5.0)


@pytest.mark.parametrize("bus", ["memory", "kafka"])
def test_ctrl_c_ends_the_demo_promptly_and_leaves_nothing(start: Start, bus: str) -> None:
    demo = start("demo", "--bus", bus, "--from", RISING_TOLL, "--seconds", "600")
    said_until(demo, "Border Courier")
    running = descendants(demo.pid)
    assert any("bin/postgres" in args for args in running.values())
    began = time.monotonic()
    demo.send_signal(signal.SIGINT)
    rest, _ = demo.communicate(timeout=PATIENCE)
    print(f"it took {time.monotonic() - began:.1f} s to end")
    assert demo.returncode == 130
    assert "Traceback" not in rest
    # See above for those that end a moment later.
    wait_until(lambda: all(gone(pid) for pid in running), within=5.0)


def test_migrate_twice_then_doctor_finds_all_well(postgres_url: str, database_url: str, kafka_address: str) -> None:
    asyncio.run(make_topics_of(kafka_address))
    for _ in range(2):
        ended = run("migrate", settings={"database": database_url})
        assert (ended.code, ended.err) == (0, "")
    well = run("doctor", settings={"database": database_url, "kafka": kafka_address, "terminal": "true"})
    assert well.code == 0, well.out
    assert all(line.startswith("well") for line in well.out.splitlines())
    behind = run("doctor", settings={"database": postgres_url, "kafka": kafka_address, "terminal": "true"})
    assert behind.code == 1
    assert "run `caucasus-watch migrate`" in behind.out


async def make_topics_of(address: str) -> None:
    assert await make_topics(KafkaBus(address, "test"), asyncio.Event())
