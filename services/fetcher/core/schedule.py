"""When a feed is asked next: its interval, learnt from what it brings, and what the server and failures make of it.

Pure: chance comes as an argument. A feed is never switched off: failures slow it, up to a day.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from schemas.vocabulary import PollReason

LONGEST = timedelta(days=1)
JITTER = 0.1
"""The share of the interval by which polls are spread, so that they do not all fall together."""
WANTED_PER_POLL = 0.5
"""New entries that a poll is to find on the average: every other poll one, so that an entry waits half its feed's own pause."""
MEMORY_HOURS = 2.0
"""Hours over which the rate of entries is averaged: a burst is followed within an hour, a night forgotten by noon."""
GROWTH, SHRINKAGE = 1.5, 6.0
"""How much longer, or shorter, an interval becomes by one poll."""
BURST = 3
"""New entries in one poll from which on their own pace counts besides the average: something is happening there."""
WANTED_IN_BURST = 2.0
CROWDED = 0.5
"""The share of new entries in a body above which the next ones might scroll off before they are seen."""
MOST_EXPONENT = 16
SLOWING = {PollReason.REFUSED: 4, PollReason.CHALLENGE: 4, PollReason.RATE_LIMITED: 4, PollReason.ADDRESS_REFUSED: 4}
"""By how much each failure in a row slows a feed whose outlet does not want to be asked; any other failure doubles the pause."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Between what an interval may lie, in seconds; `pinned`: the list of feeds names it, and nothing is learnt."""

    floor: int
    ceiling: int
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What is known of a feed's own pace. `rate`: new entries an hour; `usual_gap`: seconds between polls that brought any."""

    interval: int
    rate: float | None = None
    usual_gap: float | None = None


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a server asks for, in seconds: `retry_after` must be kept; `fresh_for` and the feed's `ttl` are heard up to a cap."""

    retry_after: float | None = None
    fresh_for: float | None = None
    ttl: float | None = None

    def floor(self, cap: float) -> float:
        """Seconds that the next poll must wait at least."""
        must = min(self.retry_after or 0.0, LONGEST.total_seconds())
        return max(must, min(max(self.fresh_for or 0.0, self.ttl or 0.0), cap))


def interval(wished: int | None, usual: int, floor: int) -> int:
    """Seconds between polls to begin with: the feed's own where the list names one, never below the floor."""
    return max(floor, wished if wished is not None else usual)


def learnt(rhythm: Rhythm, pace: Pace, *, new: int, total: int, elapsed: float | None) -> Rhythm:
    """The rhythm after a good poll that found `new` entries among `total`, `elapsed` seconds after the good poll before.

    None for `elapsed` is the first poll: what it brings is the feed's past and says nothing of its pace.
    """
    if elapsed is None or elapsed <= 0:
        return replace(rhythm, interval=bounded(rhythm.interval, pace))
    hours = max(elapsed, 1.0) / 3_600
    kept = math.exp(-hours / MEMORY_HOURS)
    before = rhythm.rate if rhythm.rate is not None else WANTED_PER_POLL * 3_600 / rhythm.interval
    rate = before * kept + new / hours * (1 - kept)
    if pace.pinned:
        return replace(rhythm, rate=rate)
    wished = WANTED_PER_POLL * 3_600 / rate if rate > 0 else math.inf
    if new >= BURST:
        wished = min(wished, WANTED_IN_BURST * elapsed / new)
    if total and new >= total:
        # Nothing of the last body is left: others may have come and gone unseen.
        return replace(rhythm, rate=rate, interval=pace.floor)
    if total and new > CROWDED * total:
        wished = min(wished, rhythm.interval / 2)
    nearer = min(max(wished, rhythm.interval / SHRINKAGE), rhythm.interval * GROWTH)
    return replace(rhythm, rate=rate, interval=bounded(nearer, pace))


def gap_after(rhythm: Rhythm, gap: float | None) -> Rhythm:
    """The rhythm after a poll that brought something new, `gap` seconds after the one before that did."""
    if gap is None or gap <= 0:
        return rhythm
    return replace(rhythm, usual_gap=gap if rhythm.usual_gap is None else 0.8 * rhythm.usual_gap + 0.2 * gap)


def bounded(seconds: float, pace: Pace) -> int:
    """The interval within its bounds; one that is pinned has none."""
    return max(1, round(seconds)) if pace.pinned else max(pace.floor, min(pace.ceiling, round(min(seconds, float(pace.ceiling)))))


def next_poll(
    seconds: int, failures: int, now: datetime, *, jitter: float, floor: float = 0.0, reason: PollReason = PollReason.UNCHANGED
) -> datetime:
    """When to ask next. `jitter` lies in [0, 1); `floor`: seconds that the server wants to be left alone, at most a day."""
    spread = 1 + JITTER * (2 * jitter - 1)
    longest = max(LONGEST, timedelta(seconds=seconds))
    slowed = longest
    if reason is not PollReason.GONE:
        factor = SLOWING.get(reason, 2) ** min(failures, MOST_EXPONENT)
        slowed = min(timedelta(seconds=min(seconds * factor, 10**8)), longest)
    return now + max(slowed * spread, timedelta(seconds=min(floor, LONGEST.total_seconds())))
