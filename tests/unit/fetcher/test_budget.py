"""The budget of bytes, and the turns and lanes of requests."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from services.fetcher.adapters import turns
from services.fetcher.adapters.budget import SMALL, ByteBudget, Share
from services.fetcher.adapters.turns import Hosts, Lanes

MB = 1_000_000


async def settle() -> None:
    """Let everything run that can."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_small_bodies_pass_while_large_ones_wait() -> None:
    budget = ByteBudget(10 * MB)
    with budget.share() as large, budget.share() as other, budget.share() as small:
        assert large.take(7 * MB)
        assert not other.take(MB)
        assert small.take(SMALL)
        assert budget.used == 7 * MB + SMALL
    assert budget.used == 0


async def test_one_large_body_always_goes_on_and_the_others_follow_it() -> None:
    budget = ByteBudget(4 * MB)
    done: list[int] = []

    async def body(number: int) -> None:
        with budget.share() as share:
            for _ in range(10):
                if not share.take(MB):
                    await share.grow(MB)
                await asyncio.sleep(0)
            done.append(number)

    async with asyncio.timeout(5):
        await asyncio.gather(*(body(number) for number in range(5)))
    assert sorted(done) == list(range(5))
    assert budget.used == 0


async def test_never_more_than_the_budget_and_one_body_is_held() -> None:
    budget, most = ByteBudget(4 * MB), 0

    async def body() -> None:
        nonlocal most
        with budget.share() as share:
            for _ in range(30):
                if not share.take(100_000):
                    await share.grow(100_000)
                most = max(most, budget.used)
                await asyncio.sleep(0)

    await asyncio.gather(*(body() for _ in range(20)))
    assert most <= 4 * MB + 3 * MB


async def test_whoever_gives_up_waiting_leaves_no_trace() -> None:
    budget = ByteBudget(4 * MB)
    with budget.share() as large, budget.share() as senior:
        assert large.take(3 * MB)
        first = asyncio.create_task(senior.grow(MB))
        await settle()
        assert first.done()
        waiting = Share(budget)
        second = asyncio.create_task(waiting.grow(MB))
        await settle()
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
    assert (budget.used, waiting.held) == (0, 0)
    assert waiting.waited >= 0


async def test_requests_that_wait_long_leave_the_lane_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.02)
    lanes = Lanes(quick=2, aside=2)
    async with asyncio.timeout(5), AsyncExitStack() as stack:
        for _ in range(4):
            await stack.enter_async_context(lanes.lane())
        # Two have stepped aside, two fill the lane: there is no place for more.
        fifth = asyncio.create_task(lanes.lane().__aenter__())
        await settle()
        assert not fifth.done()
        fifth.cancel()
    async with asyncio.timeout(5), lanes.lane(), lanes.lane():
        pass


async def test_a_request_that_waits_for_us_and_not_for_its_server_stays_in_the_lane(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.02)
    lanes = Lanes(quick=1, aside=1)
    async with asyncio.timeout(5), AsyncExitStack() as stack:
        place = await stack.enter_async_context(lanes.lane())
        place.stay()
        second = asyncio.create_task(lanes.lane().__aenter__())
        await asyncio.wait({second}, timeout=0.06)
        assert not second.done()
        place.go_on()
        # Now its server is slow again, and the lane is free for the second.
        await second
        assert place.aside


async def test_hosts_that_are_asked_no_more_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "MOST_HOSTS", 10)
    hosts = Hosts(0.0)
    for number in range(50):
        async with hosts.turn(f"host{number}.example"):
            pass
    assert len(hosts._locks) <= 10
