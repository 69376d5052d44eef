"""How a feed stands after a poll, and what its editor is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from schemas.vocabulary import FeedNotice, FeedState, PollReason
from services.fetcher.core.answers import Validators
from services.fetcher.core.schedule import Pace, Rhythm, Wishes
from services.fetcher.core.standing import (
    DIGEST,
    GONE_POLLS,
    HELD_POLLS,
    LOST_POLLS,
    STATES,
    TRUST,
    Conclusion,
    Outcome,
    Policy,
    Standing,
    concluded,
    remembering,
)  # fmt: skip
from tests.unit.fetcher.samples import NOON

URL = "https://wire.example/rss"
PACE = Pace(60, 3_600)
NEW = Standing(URL, URL, Rhythm(300))
ETAG = Validators('"v1"')


def end(before: Standing, reason: PollReason, now: datetime = NOON, *, pace: Pace = PACE, **of: Any) -> Conclusion:
    return concluded(before, Outcome(reason, **of), pace, now, jitter=0.5, policy=Policy(hints_cap=900))


def after(before: Standing, reason: PollReason, now: datetime = NOON, **of: Any) -> Standing:
    return end(before, reason, now, **of).standing


def fresh(before: Standing, now: datetime = NOON, *, new: int = 1, entries: int = 30, body: str = "b1", **of: Any) -> Standing:
    given = {"validators": Validators(), **of}
    return after(before, PollReason.FRESH, now, new=new, entries=entries, body_hash=body, whole=True, **given)


def test_every_reason_of_a_poll_gives_the_feed_a_state() -> None:
    assert set(STATES) == set(PollReason)


def test_failures_add_up_and_one_good_poll_forgives_them() -> None:
    stands = NEW
    for _ in range(3):
        stands = after(stands, PollReason.TIMED_OUT)
    assert (stands.state, stands.failures) == (FeedState.SLOW, 3)
    assert after(stands, PollReason.UNCHANGED).failures == 0


def test_a_state_is_dated_from_its_beginning() -> None:
    first = after(NEW, PollReason.REFUSED)
    later = after(first, PollReason.CHALLENGE, NOON + timedelta(hours=5))
    assert (later.state, later.since) == (FeedState.BLOCKED, NOON)


def test_an_answer_that_takes_long_makes_a_feed_slow() -> None:
    assert after(NEW, PollReason.UNCHANGED, waited=12.0).state is FeedState.SLOW


def test_a_feed_of_unknown_pace_is_stale_after_a_week() -> None:
    brought = fresh(NEW)
    assert after(brought, PollReason.UNCHANGED, NOON + timedelta(days=6)).state is FeedState.UNCHANGED
    ended = end(brought, PollReason.UNCHANGED, NOON + timedelta(days=8))
    assert (ended.standing.state, ended.notices) == (FeedState.STALE, (FeedNotice.STALE,))
    assert end(ended.standing, PollReason.UNCHANGED, NOON + timedelta(days=9)).notices == ()


def test_a_feed_is_stale_by_its_own_usual_pause() -> None:
    stands, now = NEW, NOON
    for number in range(10):
        now = NOON + timedelta(hours=6 * number)
        stands = fresh(stands, now, body=f"b{number}")
    assert after(stands, PollReason.UNCHANGED, now + timedelta(days=1)).state is FeedState.UNCHANGED
    assert after(stands, PollReason.UNCHANGED, now + timedelta(days=3)).state is FeedState.STALE


def test_a_permanent_redirect_changes_the_address_once_it_has_held() -> None:
    stands = NEW
    notices: tuple[FeedNotice, ...] = ()
    for poll in range(HELD_POLLS):
        assert stands.address == URL
        ended = end(stands, PollReason.UNCHANGED, NOON + timedelta(hours=poll), moved_to="https://new.example/rss")
        stands, notices = ended.standing, ended.notices
    assert (stands.address, stands.url, notices) == ("https://new.example/rss", URL, (FeedNotice.MOVED,))


def test_a_redirect_that_does_not_hold_changes_nothing() -> None:
    stands = NEW
    for poll in range(3 * HELD_POLLS):
        target = None if poll % HELD_POLLS == HELD_POLLS - 1 else "https://new.example/rss"
        stands = after(stands, PollReason.UNCHANGED, moved_to=target)
    assert stands.address == URL
    # Nor does one that leads to an address which is no feed.
    for _ in range(2 * HELD_POLLS):
        stands = after(stands, PollReason.HTML_PAGE, moved_to="https://parked.example/")
    assert stands.address == URL


def test_a_new_address_that_fails_gives_way_to_that_of_the_list() -> None:
    stands = replace(NEW, address="https://new.example/rss")
    for _ in range(LOST_POLLS - 1):
        stands = after(stands, PollReason.NOT_FOUND)
    assert stands.address == "https://new.example/rss"
    ended = end(stands, PollReason.NOT_FOUND)
    assert (ended.standing.address, ended.notices) == (URL, (FeedNotice.MOVED_BACK,))


def test_what_is_gone_is_told_asked_daily_and_retired_in_the_end() -> None:
    first = end(NEW, PollReason.GONE)
    assert (first.standing.state, first.notices) == (FeedState.GONE, (FeedNotice.GONE,))
    assert first.standing.next_poll_at == NOON + timedelta(days=1)
    stands, told = first.standing, list(first.notices)
    for day in range(1, GONE_POLLS):
        assert stands.retired_at is None
        ended = end(stands, PollReason.GONE, NOON + timedelta(days=day))
        stands = ended.standing
        told += ended.notices
    assert (stands.retired_at is not None, told) == (True, [FeedNotice.GONE, FeedNotice.RETIRED])


def test_a_410_that_was_a_mistake_is_forgiven() -> None:
    stands = after(after(NEW, PollReason.GONE), PollReason.UNCHANGED)
    assert (stands.state, stands.failures, stands.retired_at) == (FeedState.UNCHANGED, 0, None)


def test_a_server_is_believed_for_a_while_and_then_asked_for_the_whole() -> None:
    stands = fresh(NEW, validators=ETAG)
    assert stands.conditions(NOON + timedelta(minutes=5)) == ETAG
    assert stands.conditions(NOON + TRUST) is None
    assert NEW.conditions(NOON) is None


def test_a_server_that_said_unchanged_of_what_had_changed_is_not_asked_that_way_again() -> None:
    stands = fresh(NEW, validators=ETAG)
    later = NOON + TRUST
    honest = after(stands, PollReason.UNCHANGED, later, body_hash="b1", whole=True, validators=ETAG)
    assert honest.conditions(later) == ETAG
    ended = end(stands, PollReason.FRESH, later, body_hash="b2", whole=True, validators=ETAG, new=1, entries=30)
    assert ended.notices == (FeedNotice.VALIDATORS_LIE,)
    assert ended.standing.conditions(later) is None


def test_a_304_leaves_the_validators_as_they_were() -> None:
    stands = fresh(NEW, validators=ETAG)
    assert after(stands, PollReason.UNCHANGED).validators == ETAG


def test_entries_that_scrolled_off_are_told() -> None:
    first = fresh(NEW, entries=10, new=10)
    assert end(first, PollReason.FRESH, entries=10, new=10, body_hash="b2", whole=True).notices == (FeedNotice.SCROLLED_OFF,)
    empty = after(NEW, PollReason.EMPTY, body_hash="b0", whole=True)
    assert end(empty, PollReason.FRESH, entries=10, new=10, body_hash="b2", whole=True).notices == ()


@pytest.mark.parametrize(("pinned", "seconds"), [(False, 900), (True, 300)])
def test_hints_slow_what_is_learnt_but_not_what_the_list_names(pinned: bool, seconds: int) -> None:
    ended = after(NEW, PollReason.UNCHANGED, pace=replace(PACE, pinned=pinned), wishes=Wishes(fresh_for=7_200))
    assert ended.next_poll_at == NOON + timedelta(seconds=seconds)


def test_the_ttl_is_remembered_where_nothing_has_changed() -> None:
    stands = fresh(NEW, wishes=Wishes(ttl=840))
    unchanged = after(stands, PollReason.UNCHANGED, NOON + timedelta(minutes=20))
    assert (unchanged.ttl, unchanged.next_poll_at) == (840, NOON + timedelta(minutes=34))


def test_entries_are_remembered_over_two_bodies_in_turn() -> None:
    one, other = [bytes([n]) * DIGEST for n in range(60)], [bytes([n]) * DIGEST for n in range(60, 120)]
    both = remembering(remembering(b"", one), other)
    assert replace(NEW, remembered=both).seen() == {*one, *other}
    assert remembering(both, other) is both
    assert len(remembering(both, [bytes([n]) * DIGEST for n in range(120, 180)])) == 120 * DIGEST
