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


class ClockSetting(Protocol):
    """What `clock_of` asks of settings."""

    @property
    def clock(self) -> str | None:
        """`ANCHOR|BEGINS|SPEED`, or None for the machine's own time."""
        ...


def clock_of(settings: ClockSetting) -> Clock:
    """The clock that the settings ask for.

    Raises:
        ValueError: the setting is no story clock.
    """
    return story_clock(settings.clock) if settings.clock else WallClock()


def story_clock(text: str) -> StoryClock:
    """The clock written as `ANCHOR|BEGINS|SPEED`: two ISO times with their zone, and how many times as fast.

    Raises:
        ValueError: it is not written so.
    """
    parts = [part.strip() for part in text.split("|")]
    if len(parts) != 3:
        raise ValueError(f"it has {len(parts)} parts instead of three")
    try:
        anchor, begins = (datetime.fromisoformat(part) for part in parts[:2])
    except ValueError:
        raise ValueError("the first two parts must be ISO times") from None
    if anchor.tzinfo is None or begins.tzinfo is None:
        raise ValueError("the times must have a zone, such as Z")
    try:
        speed = float(parts[2])
    except ValueError:
        raise ValueError(f"the speed {parts[2]!r} is no number") from None
    if not 0 < speed < float("inf"):
        raise ValueError("the speed must be above 0")
    return StoryClock(anchor.astimezone(UTC), begins.astimezone(UTC), speed)
