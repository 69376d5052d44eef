"""When a feed is asked next, and how it stands. Pure: chance comes as an argument.

A feed is never switched off: failures double its interval, up to a day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.vocabulary import FeedState, PollReason

LONGEST = timedelta(days=1)
JITTER = 0.1
"""The share of the interval by which polls are spread, so that they do not all fall together."""
STALE_AFTER = timedelta(days=7)
"""A feed without a new entry for so long is said to be stale; it goes on being asked."""

GOOD = frozenset({PollReason.FRESH, PollReason.UNCHANGED, PollReason.EMPTY})
STATES: dict[PollReason, FeedState] = {
    PollReason.FRESH: FeedState.HEALTHY,
    PollReason.UNCHANGED: FeedState.UNCHANGED,
    PollReason.EMPTY: FeedState.EMPTY,
    PollReason.EMPTY_BODY: FeedState.BROKEN,
    PollReason.NOT_A_FEED: FeedState.BROKEN,
    PollReason.HTML_PAGE: FeedState.BROKEN,
    PollReason.JSON_BODY: FeedState.BROKEN,
    PollReason.PARSE_ABORTED: FeedState.BROKEN,
    PollReason.TOO_LARGE: FeedState.BROKEN,
    PollReason.NOT_FOUND: FeedState.BROKEN,
    PollReason.TOO_MANY_REDIRECTS: FeedState.BROKEN,
    PollReason.GONE: FeedState.GONE,
    PollReason.REFUSED: FeedState.BLOCKED,
    PollReason.CHALLENGE: FeedState.BLOCKED,
    PollReason.RATE_LIMITED: FeedState.BLOCKED,
    PollReason.ADDRESS_REFUSED: FeedState.BLOCKED,
    PollReason.SERVER_ERROR: FeedState.UNREACHABLE,
    PollReason.UNREACHABLE: FeedState.UNREACHABLE,
    PollReason.TIMED_OUT: FeedState.SLOW,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How a feed stood before a poll, or stands after it."""

    state: FeedState
    since: datetime | None
    failures: int = 0
    last_fresh_at: datetime | None = None


def interval(wished: int | None, usual: int, floor: int) -> int:
    """Seconds between polls: the feed's own where the list names one, never below the floor."""
    return max(floor, wished if wished is not None else usual)


def next_poll(seconds: int, failures: int, now: datetime, *, jitter: float, wish: float | None = None) -> datetime:
    """When to ask next. `jitter` lies in [0, 1); `wish` is the server's (Retry-After), a floor of at most a day."""
    spread = 1 + JITTER * (2 * jitter - 1)
    backed_off = min(timedelta(seconds=seconds * (1 << min(failures, 16))), max(LONGEST, timedelta(seconds=seconds)))
    floor = timedelta(seconds=min(wish or 0.0, LONGEST.total_seconds()))
    return now + max(backed_off * spread, floor)


def after(before: Standing, reason: PollReason, now: datetime, *, brought_new: bool) -> Standing:
    """How the feed stands after a poll."""
    good = reason in GOOD
    fresh_at = now if brought_new else before.last_fresh_at
    state = STATES[reason]
    if good and not brought_new and fresh_at is not None and now - fresh_at > STALE_AFTER:
        state = FeedState.STALE
    return Standing(
        state=state,
        since=before.since if before.state is state and before.since is not None else now,
        failures=0 if good else before.failures + 1,
        last_fresh_at=fresh_at,
    )
