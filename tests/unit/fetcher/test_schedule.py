"""When a feed is asked again, and how it stands."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.vocabulary import FeedState, PollReason
from services.fetcher.core.schedule import LONGEST, STATES, Standing, after, interval, next_poll
from tests.unit.fetcher.samples import NOON

NEW = Standing(FeedState.NEW, None)


def wait(seconds: int = 300, failures: int = 0, *, jitter: float = 0.5, wish: float | None = None) -> timedelta:
    return next_poll(seconds, failures, NOON, jitter=jitter, wish=wish) - NOON


def test_each_failure_doubles_the_wait_up_to_a_day() -> None:
    assert [wait(failures=n).total_seconds() for n in range(5)] == [300, 600, 1200, 2400, 4800]
    assert wait(failures=50) == LONGEST


def test_jitter_spreads_the_polls_by_a_tenth() -> None:
    assert wait(jitter=0.0).total_seconds() == pytest.approx(270)
    assert wait(jitter=1.0).total_seconds() == pytest.approx(330)


def test_the_servers_wish_is_a_floor_and_no_more_than_a_day() -> None:
    assert wait(wish=1000).total_seconds() == 1000
    assert wait(wish=10).total_seconds() == 300
    assert wait(wish=10_000_000) == LONGEST


def test_an_interval_is_never_below_the_floor() -> None:
    assert (interval(None, 300, 60), interval(30, 300, 60), interval(3600, 300, 60)) == (300, 60, 3600)


def test_every_reason_of_a_poll_gives_the_feed_a_state() -> None:
    assert set(STATES) == set(PollReason)


def test_failures_add_up_and_one_good_poll_forgives_them() -> None:
    stands = NEW
    for _ in range(3):
        stands = after(stands, PollReason.TIMED_OUT, NOON, brought_new=False)
    assert (stands.state, stands.failures) == (FeedState.SLOW, 3)
    assert after(stands, PollReason.UNCHANGED, NOON, brought_new=False).failures == 0


def test_a_state_is_dated_from_its_beginning() -> None:
    first = after(NEW, PollReason.GONE, NOON, brought_new=False)
    later = after(first, PollReason.GONE, NOON + timedelta(hours=5), brought_new=False)
    assert (later.state, later.since) == (FeedState.GONE, NOON)


def test_a_feed_that_answers_and_brings_nothing_for_long_is_stale() -> None:
    fresh = after(NEW, PollReason.FRESH, NOON, brought_new=True)
    assert after(fresh, PollReason.UNCHANGED, NOON + timedelta(days=8), brought_new=False).state is FeedState.STALE
    assert after(fresh, PollReason.UNCHANGED, NOON + timedelta(days=6), brought_new=False).state is FeedState.UNCHANGED


@given(
    st.integers(1, 86_400),
    st.integers(0, 10_000),
    st.floats(0, 1, exclude_max=True),
    st.one_of(st.none(), st.floats(0, 1e12, allow_nan=False)),
)
def test_a_feed_is_always_asked_again_within_little_more_than_a_day(seconds: int, failures: int, jitter: float, wish: float | None) -> None:
    assert timedelta(0) < wait(seconds, failures, jitter=jitter, wish=wish) <= LONGEST * 1.1
