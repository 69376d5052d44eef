"""How a feed fares, since when, and what a poll makes of it: its state, its address, its interval. Pure.

`concluded` is the one decision over a poll: from how the feed stood and what the poll came to, to how it stands.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from schemas.vocabulary import FeedNotice, FeedState, PollReason
from services.fetcher.core.answers import Validators
from services.fetcher.core.schedule import Pace, Rhythm, Wishes, gap_after, learnt, next_poll

STALE_AFTER = timedelta(days=7)
"""Without a new entry for so long a feed is said to be stale where its own pace is not known; it goes on being asked."""
STALE_TIMES = 8
SOONEST_STALE, LATEST_STALE = timedelta(days=1), timedelta(days=30)
SLOW_SECONDS = 10.0
"""Seconds of an answer above which a feed is slow, though it comes."""
HELD_POLLS = 5
"""Good polls in a row that a permanent redirect must have led to the same address before that is asked in the old one's place."""
LOST_POLLS = 3
"""Failed polls in a row after which the address of the list is tried again."""
GONE_POLLS = 3
"""Answers of "gone" in a row, a day apart, after which the feed is retired."""
TRUST = timedelta(hours=12)
"""So long a server is believed that nothing has changed; then the whole body is asked for once."""
DIGEST = 16
"""Bytes of the hash of one entry."""
REMEMBERED_TIMES = 2
LEAST_REMEMBERED = 100

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
    """How a feed stands before a poll, or after it.

    `address` is asked, `url` is that of the list: they differ once a permanent redirect has held. `remembered` are the
    hashes of the entries that were in its last bodies, one behind the other.
    """

    url: str
    address: str
    rhythm: Rhythm
    state: FeedState = FeedState.NEW
    since: datetime | None = None
    failures: int = 0
    moved_to: str | None = None
    moved_polls: int = 0
    validators: Validators = field(default_factory=Validators)
    body_hash: str | None = None
    full_at: datetime | None = None
    """When a whole body last came."""
    distrusted: bool = False
    """Whether the server has said "unchanged" of what had changed: it is not asked that way any more."""
    ttl: int | None = None
    entries: int = 0
    """How many were in the last body."""
    last_polled_at: datetime | None = None
    last_good_at: datetime | None = None
    last_fresh_at: datetime | None = None
    next_poll_at: datetime | None = None
    retired_at: datetime | None = None
    remembered: bytes = b""

    def conditions(self, now: datetime) -> Validators | None:
        """What to ask by whether anything changed; None where the whole body is wanted: long not had, or the server lies."""
        believed = self.full_at is not None and now - self.full_at < TRUST and not self.distrusted
        return self.validators if believed and self.body_hash is not None else None

    def seen(self) -> frozenset[bytes]:
        """The hashes of the entries that need not be read again."""
        return frozenset(self.remembered[start : start + DIGEST] for start in range(0, len(self.remembered), DIGEST))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one poll came to. `body_hash` is None where no new body came; `digests` where none was cut into its entries."""

    reason: PollReason
    status: int | None = None
    detail: str = ""
    size: int = 0
    entries: int = 0
    new: int = 0
    seconds: float = 0.0
    waited: float = 0.0
    """Seconds of them for which the server was waited for."""
    wishes: Wishes = field(default_factory=Wishes)
    validators: Validators | None = None
    body_hash: str | None = None
    whole: bool = False
    """Whether a whole body came, be it a known one."""
    moved_to: str | None = None
    digests: tuple[bytes, ...] | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """`hints_cap`: seconds up to which ttl, max-age and Expires are heard."""

    hints_cap: float = 900.0


@dataclass(frozen=True, slots=True)
class Conclusion:
    """How the feed stands after the poll, and what people must be told of it."""

    standing: Standing
    notices: tuple[FeedNotice, ...] = ()


def concluded(before: Standing, outcome: Outcome, pace: Pace, now: datetime, *, jitter: float, policy: Policy) -> Conclusion:
    """How the feed stands after the poll. `jitter` lies in [0, 1)."""
    good = outcome.reason in GOOD
    failures = 0 if good else before.failures + 1
    brought = good and outcome.new > 0
    rhythm = before.rhythm
    if brought:
        rhythm = gap_after(rhythm, _seconds(before.last_fresh_at, now))
    if good:
        # In a feed that was empty before, or is seen for the first time, nothing can have been missed.
        total = outcome.entries if before.entries else 0
        rhythm = learnt(rhythm, pace, new=outcome.new, total=total, elapsed=_seconds(before.last_good_at, now))
    fresh_at = now if brought else before.last_fresh_at
    state = _state(outcome, rhythm, fresh_at, now)
    wishes = replace(outcome.wishes, ttl=outcome.wishes.ttl if outcome.wishes.ttl is not None else before.ttl)
    # What the editor of the list has set is not slowed by hints, only by a server that says "later".
    floor = (Wishes(retry_after=wishes.retry_after) if pace.pinned or not good else wishes).floor(policy.hints_cap)
    after = replace(
        before,
        rhythm=rhythm,
        state=state,
        since=before.since if before.state is state and before.since is not None else now,
        failures=failures,
        last_polled_at=now,
        last_good_at=now if good else before.last_good_at,
        last_fresh_at=fresh_at,
        next_poll_at=next_poll(rhythm.interval, failures, now, jitter=jitter, floor=floor, reason=outcome.reason),
    )
    if good:
        after = _with_body(after, before, outcome, now)
    return _told(before, _moved(after, outcome, good=good, failures=failures), outcome, now)


def remembering(before: bytes, digests: Collection[bytes]) -> bytes:
    """The hashes to remember: of this body, and as many older ones again, for feeds that several servers give differently."""
    current = b"".join(digests)
    most = DIGEST * max(LEAST_REMEMBERED, REMEMBERED_TIMES * len(digests))
    if current == before[: len(current)]:
        return before
    new = frozenset(digests)
    older = [one for start in range(0, len(before), DIGEST) if (one := before[start : start + DIGEST]) not in new]
    return (current + b"".join(older))[: max(most, len(current))]


def _with_body(after: Standing, before: Standing, outcome: Outcome, now: datetime) -> Standing:
    """The standing with what is to be known of the body that came."""
    if not outcome.whole:
        return after
    # A 304 need not repeat the validators; those that were sent stay good.
    lied = (
        outcome.body_hash is not None
        and before.body_hash is not None
        and outcome.new > 0
        and outcome.validators == before.validators
        and bool(before.validators.etag or before.validators.last_modified)
    )
    return replace(
        after,
        validators=outcome.validators or Validators(),
        body_hash=outcome.body_hash or before.body_hash,
        full_at=now,
        entries=outcome.entries if outcome.body_hash != before.body_hash else before.entries,
        distrusted=before.distrusted or lied,
        ttl=round(outcome.wishes.ttl) if outcome.wishes.ttl is not None else before.ttl,
        remembered=before.remembered if outcome.digests is None else remembering(before.remembered, outcome.digests),
    )


def _state(outcome: Outcome, rhythm: Rhythm, fresh_at: datetime | None, now: datetime) -> FeedState:
    state = STATES[outcome.reason]
    if outcome.reason not in GOOD:
        return state
    if outcome.new == 0 and fresh_at is not None and now - fresh_at > _stale_after(rhythm):
        return FeedState.STALE
    return FeedState.SLOW if outcome.waited > SLOW_SECONDS else state


def _stale_after(rhythm: Rhythm) -> timedelta:
    """How long a feed may be silent, by its own usual pause."""
    if rhythm.usual_gap is None:
        return STALE_AFTER
    return max(SOONEST_STALE, min(LATEST_STALE, timedelta(seconds=min(STALE_TIMES * rhythm.usual_gap, 10**8))))


def _moved(after: Standing, outcome: Outcome, *, good: bool, failures: int) -> Standing:
    """The standing with the address that is asked next time."""
    if not good:
        lost = failures >= LOST_POLLS and after.address != after.url
        return replace(after, address=after.url, moved_to=None, moved_polls=0, failures=failures) if lost else after
    if outcome.moved_to is None or outcome.moved_to == after.address:
        return replace(after, moved_to=None, moved_polls=0)
    polls = after.moved_polls + 1 if outcome.moved_to == after.moved_to else 1
    if polls >= HELD_POLLS:
        return replace(after, address=outcome.moved_to, moved_to=None, moved_polls=0)
    return replace(after, moved_to=outcome.moved_to, moved_polls=polls)


def _told(before: Standing, after: Standing, outcome: Outcome, now: datetime) -> Conclusion:
    """The conclusion with what the operator of the list must hear: told once, when it comes about."""
    notices: list[FeedNotice] = []
    if after.address != before.address:
        notices.append(FeedNotice.MOVED if after.address != after.url else FeedNotice.MOVED_BACK)
    if after.distrusted and not before.distrusted:
        notices.append(FeedNotice.VALIDATORS_LIE)
    if outcome.reason is PollReason.GONE:
        if after.failures >= GONE_POLLS and before.state is FeedState.GONE and before.retired_at is None:
            after = replace(after, retired_at=now)
            notices.append(FeedNotice.RETIRED)
        elif before.state is not FeedState.GONE:
            notices.append(FeedNotice.GONE)
    if before.entries and outcome.new >= outcome.entries > 0:
        notices.append(FeedNotice.SCROLLED_OFF)
    if after.state is FeedState.STALE and before.state is not FeedState.STALE:
        notices.append(FeedNotice.STALE)
    return Conclusion(after, tuple(notices))


def _seconds(since: datetime | None, now: datetime) -> float | None:
    return (now - since).total_seconds() if since is not None else None
