"""One budget of bytes for all bodies that are held at the same time.

A limit on each body is no limit on their sum: fifty endless bodies of ten megabytes are half a gigabyte. Small bodies
pass as long as anything is left; large ones have three quarters of the budget between them and wait for each other;
when that is used up one of them, the longest waiting, may go on to its own limit, so that there is always an end.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from types import TracebackType
from typing import Self

SMALL = 262_144
"""Bytes; most feeds are below. They may use the whole budget, larger ones three quarters of it."""


class Share:
    """What one body holds of the budget; freed at the end of the block."""

    def __init__(self, budget: ByteBudget) -> None:
        """Of nothing yet."""
        self._budget = budget
        self.held = 0
        self.waited = 0.0
        """Seconds that the body had to wait for others: no fault of its server."""

    def __enter__(self) -> Self:
        """Hold nothing yet."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Give it all back."""
        self._budget.free(self)

    def take(self, by: int) -> bool:
        """Hold so many bytes more at once, if there is room for them."""
        return self._budget.take(self, by)

    async def grow(self, by: int) -> None:
        """Hold so many bytes more, as soon as there is room for them."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            await self._budget.wait(self, by)
        finally:
            self.waited += loop.time() - began


class ByteBudget:
    """`with budget.share() as share: await share.grow(len(chunk))`."""

    def __init__(self, total: int) -> None:
        """`total` bytes; one body more, up to its own limit, may be held over them."""
        self._total = total
        self.used = 0
        self._waiting: deque[tuple[asyncio.Future[None], Share, int]] = deque()
        self._senior: Share | None = None

    def share(self) -> Share:
        """A share of nothing."""
        return Share(self)

    def take(self, share: Share, by: int) -> bool:
        """Whether there was room, and it has been taken; where not, `wait`."""
        room = self._total if share.held + by <= SMALL else self._total * 3 // 4
        if self.used + by > room and share is not self._senior:
            return False
        self.used += by
        share.held += by
        return True

    async def wait(self, share: Share, by: int) -> None:
        """Until there is room, and it has been taken."""
        waiting = asyncio.get_running_loop().create_future()
        place = (waiting, share, by)
        self._waiting.append(place)
        self._pass_on()
        try:
            await waiting
        except asyncio.CancelledError:
            with suppress(ValueError):
                self._waiting.remove(place)
            raise

    def free(self, share: Share) -> None:
        """All of it is free for others."""
        if self._senior is share:
            self._senior = None
        self.used -= share.held
        share.held = 0
        self._pass_on()

    def _pass_on(self) -> None:
        """Let those go on for whom there is room now; where there is none for the first, it goes on all the same."""
        for place in tuple(self._waiting):
            waiting, share, by = place
            if waiting.done():
                self._waiting.remove(place)
                continue
            taken = self.take(share, by)
            if not taken and self._senior is None:
                self._senior = share
                taken = self.take(share, by)
            if taken:
                self._waiting.remove(place)
                waiting.set_result(None)
