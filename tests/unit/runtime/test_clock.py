"""The clock of a replayed story."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from services.runtime.clock import StoryClock, WallClock

BEGINS = datetime(2023, 9, 19, 6, tzinfo=UTC)


def test_a_story_clock_reads_its_beginning_at_the_anchor_and_runs_faster_from_there() -> None:
    anchor = datetime.now(UTC) - timedelta(seconds=10)

    at_speed = StoryClock(anchor, BEGINS, speed=600.0).now()
    assert timedelta(seconds=6000) <= at_speed - BEGINS < timedelta(seconds=6600)

    assert StoryClock(anchor + timedelta(hours=1), BEGINS).now() < BEGINS


async def test_an_hour_of_the_story_takes_as_little_as_its_speed_says() -> None:
    began = time.monotonic()
    await StoryClock(datetime.now(UTC), BEGINS, speed=1_000_000.0).sleep(3600)
    assert time.monotonic() - began < 2


async def test_nobody_waits_for_what_is_past() -> None:
    await WallClock().sleep(-5)
    await StoryClock(datetime.now(UTC), BEGINS).sleep(-5)
    assert WallClock().now().tzinfo is UTC
