"""Waiting for what is away."""

from __future__ import annotations

import asyncio
import time

from services.runtime.patience import Patience, told


async def test_waits_grow_to_a_bound_and_are_short_again_when_it_went_well() -> None:
    stopping = asyncio.Event()
    stopping.set()
    patience = Patience(stopping, first=0.2, longest=5.0)

    bounds = []
    for _ in range(8):
        bounds.append(patience.bound)
        await patience.wait()
    assert bounds == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0]

    patience.calm()
    assert patience.bound == 0.2
    patience.tries = 100_000
    assert patience.bound == 5.0


async def test_a_wait_says_whether_to_go_on() -> None:
    assert await Patience(asyncio.Event(), first=0.001).wait()


async def test_a_stop_ends_a_wait_at_once() -> None:
    stopping = asyncio.Event()
    began = time.monotonic()
    waiting = asyncio.create_task(Patience(stopping, first=60.0, longest=60.0).wait())
    asyncio.get_running_loop().call_soon(stopping.set)

    assert not await waiting
    assert time.monotonic() - began < 5


async def test_an_event_is_waited_for_no_longer_than_asked() -> None:
    event = asyncio.Event()
    assert not await told(event, 0.001)
    event.set()
    assert await told(event, 60)
