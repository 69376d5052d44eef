"""Waiting for an outside thing to come back: longer each time, never in step with the others, at an end at once when the process stops."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable

FIRST = 0.2
LONGEST = 5.0


class Patience:
    """Jittered waits that grow from `first` to `longest` seconds.

    while not await something():
        if not await patience.wait():
            return  # the process stops
    """

    def __init__(self, stopping: asyncio.Event, *, first: float = FIRST, longest: float = LONGEST) -> None:
        """`stopping` ends every wait."""
        self._stopping = stopping
        self._first = first
        self._longest = longest
        self.tries = 0

    @property
    def bound(self) -> float:
        """The most seconds that the next wait takes."""
        # The exponent is bounded too: after a night without a broker it would be no number any more.
        return float(min(self._longest, self._first * 2 ** min(self.tries, 20)))

    async def wait(self) -> bool:
        """Wait; False when the process stops and there is nothing left to wait for."""
        bound = self.bound
        self.tries += 1
        # At least half of the bound: a wait of nothing would be a busy loop.
        return not await told(self._stopping, random.uniform(bound / 2, bound))  # noqa: S311 - spreads load, guards nothing

    def calm(self) -> None:
        """It went well: the next wait is a short one again."""
        self.tries = 0


async def either(events: Iterable[asyncio.Event], within: float) -> None:
    """Return as soon as one of the events is set, or when so many seconds are over."""
    tasks = [asyncio.create_task(told(event, within)) for event in events]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def told(event: asyncio.Event, within: float) -> bool:
    """Whether the event is set within so many seconds; returns at once when it is."""
    if event.is_set():
        return True
    try:
        await asyncio.wait_for(event.wait(), max(0.0, within))
    except TimeoutError:
        return False
    return True
