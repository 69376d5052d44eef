"""When a request may go out: the host is free and has been left alone for a while, and there is a place in the lanes."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

MOST_HOSTS = 4_096
PATIENCE = 0.5
"""Real seconds after which a request that still waits for its server leaves the quick lane to others."""


class Hosts:
    """One request at a time to each host, and a gap between two."""

    def __init__(self, gap: float) -> None:
        """`gap`: least real seconds between the end of one request and the beginning of the next."""
        self._gap = gap
        self._locks: OrderedDict[str, asyncio.Lock] = OrderedDict()
        self._free_at: dict[str, float] = {}

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """The host is ours within the block."""
        lock = self._locks.setdefault(host, asyncio.Lock())
        self._locks.move_to_end(host)
        loop = asyncio.get_running_loop()
        async with lock:
            wait = self._free_at.get(host, 0.0) - loop.time()
            if wait > 0:
                await asyncio.sleep(wait)
            try:
                yield
            finally:
                self._free_at[host] = loop.time() + self._gap
        self._forget()

    def _forget(self) -> None:
        while len(self._locks) > MOST_HOSTS:
            host, lock = next(iter(self._locks.items()))
            if lock.locked():
                return
            del self._locks[host]
            self._free_at.pop(host, None)


class Lanes:
    """How many requests are out at once: so many in the quick lane, and those that wait for their servers aside from it.

    Servers that never answer would fill every place and let nobody else pass until they have timed out.
    """

    def __init__(self, quick: int, aside: int) -> None:
        """`quick`: requests under way; `aside`: those of them that have waited long, which count no more."""
        self._quick = asyncio.Semaphore(quick)
        self._aside = aside

    @asynccontextmanager
    async def lane(self) -> AsyncIterator[Place]:
        """A place within the block."""
        await self._quick.acquire()
        place = Place(self._step_aside)
        try:
            yield place
        finally:
            place.stay()
            if place.aside:
                self._aside += 1
            else:
                self._quick.release()

    def _step_aside(self) -> bool:
        if self._aside <= 0:
            return False
        self._aside -= 1
        self._quick.release()
        return True


class Place:
    """The place of one request; it goes aside when its server is slow."""

    def __init__(self, step_aside: Callable[[], bool]) -> None:
        """In the quick lane; `step_aside` gives that place to another, where there is room aside."""
        self._step_aside = step_aside
        self.aside = False
        self._timer = asyncio.get_running_loop().call_later(PATIENCE, self._go_aside)

    def stay(self) -> None:
        """Stay, for it is not the server that it waits for now.

        Else a place would be free for the next body while this one waits for room, and the bodies that wait would be hundreds.
        """
        self._timer.cancel()

    def go_on(self) -> None:
        """Wait for the server again."""
        self._timer.cancel()
        if not self.aside:
            self._timer = asyncio.get_running_loop().call_later(PATIENCE, self._go_aside)

    def _go_aside(self) -> None:
        self.aside = self._step_aside()
