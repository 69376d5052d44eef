"""The time, as an argument: the wall clock, and one that starts elsewhere and may run faster, for replayed stories."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Where a process takes its time from. Decisions never ask it: they are given `now`."""

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for so many seconds of this clock."""
        ...


class WallClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(max(0.0, seconds))


@dataclass(frozen=True, slots=True)
class StoryClock:
    """A clock for replayed stories: at the real moment `anchor` it reads `begins`, and from there runs `speed` times as fast.

    Several processes given the same three values read the same time.
    """

    anchor: datetime
    begins: datetime
    speed: float = 1.0

    def now(self) -> datetime:
        """The story's time, aware, in UTC."""
        return self.begins + timedelta(seconds=(datetime.now(UTC) - self.anchor).total_seconds() * self.speed)

    async def sleep(self, seconds: float) -> None:
        """Wait for so many seconds of the story."""
        await asyncio.sleep(max(0.0, seconds) / self.speed)
