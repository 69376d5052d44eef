"""When a feed is asked again, and how its interval is learnt."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.vocabulary import PollReason
from services.fetcher.core.schedule import LONGEST, Pace, Rhythm, Wishes, bounded, gap_after, interval, learnt, next_poll
from tests.unit.fetcher.samples import NOON

PACE = Pace(floor=60, ceiling=3_600)
HOUR = 3_600.0


def wait(
    seconds: int = 300, failures: int = 0, *, jitter: float = 0.5, floor: float = 0.0, reason: PollReason = PollReason.TIMED_OUT
) -> timedelta:
    return next_poll(seconds, failures, NOON, jitter=jitter, floor=floor, reason=reason) - NOON


def lived(rhythm: Rhythm, days: float, an_hour: float, *, body: int = 30, pace: Pace = PACE) -> Rhythm:
    """The rhythm after so many days of a feed that brings so many entries an hour, polled whenever it is due."""
    brought = seconds = 0.0
    while seconds < days * 24 * HOUR:
        seconds += rhythm.interval
        new = int(an_hour * seconds / HOUR - brought)
        brought += new
        rhythm = learnt(rhythm, pace, new=min(new, body), total=body, elapsed=float(rhythm.interval))
    return rhythm


def test_each_failure_doubles_the_wait_up_to_a_day() -> None:
    assert [wait(failures=n).total_seconds() for n in range(5)] == [300, 600, 1200, 2400, 4800]
    assert wait(failures=50) == LONGEST


def test_outlets_that_refuse_are_left_alone_sooner_and_what_is_gone_is_asked_daily() -> None:
    assert [wait(failures=n, reason=PollReason.RATE_LIMITED).total_seconds() for n in (1, 2)] == [1200, 4800]
    assert wait(failures=1, reason=PollReason.GONE) == LONGEST


def test_jitter_spreads_the_polls_by_a_tenth() -> None:
    assert wait(jitter=0.0).total_seconds() == pytest.approx(270)
    assert wait(jitter=1.0).total_seconds() == pytest.approx(330)


def test_the_servers_wish_is_a_floor_and_no_more_than_a_day() -> None:
    assert wait(floor=1000).total_seconds() == 1000
    assert wait(floor=10).total_seconds() == 300
    assert wait(floor=10_000_000) == LONGEST


def test_hints_are_heard_up_to_a_cap_and_retry_after_always() -> None:
    assert Wishes(fresh_for=600, ttl=300).floor(900) == 600
    assert Wishes(fresh_for=86_400, ttl=3_600).floor(900) == 900
    assert Wishes(retry_after=7_200, ttl=3_600).floor(900) == 7_200
    assert Wishes(retry_after=10_000_000).floor(900) == LONGEST.total_seconds()
    assert Wishes().floor(900) == 0


def test_an_interval_is_never_below_the_floor() -> None:
    assert (interval(None, 300, 60), interval(30, 300, 60), interval(3600, 300, 60)) == (300, 60, 3600)


def test_a_busy_feed_is_asked_as_often_as_is_allowed_and_a_silent_one_seldom() -> None:
    begun = Rhythm(300)
    assert lived(begun, days=1, an_hour=120).interval == PACE.floor
    assert lived(begun, days=2, an_hour=0).interval == PACE.ceiling
    assert 400 < lived(begun, days=2, an_hour=3).interval < 900


def test_a_silent_feed_that_begins_to_bring_much_is_followed_within_an_hour() -> None:
    silent = lived(Rhythm(300), days=2, an_hour=0)
    seconds, rhythm = 0.0, silent
    while seconds < HOUR:
        seconds += rhythm.interval
        rhythm = learnt(rhythm, PACE, new=round(30 * rhythm.interval / HOUR), total=60, elapsed=float(rhythm.interval))
    assert rhythm.interval <= 600


def test_where_nothing_of_the_last_body_is_left_the_feed_is_asked_as_often_as_is_allowed() -> None:
    assert learnt(Rhythm(1_800), PACE, new=10, total=10, elapsed=1_800).interval == PACE.floor
    assert learnt(Rhythm(600), PACE, new=6, total=10, elapsed=600).interval <= 300


def test_the_first_poll_says_nothing_of_the_pace() -> None:
    assert learnt(Rhythm(300), PACE, new=60, total=60, elapsed=None) == Rhythm(300)


def test_an_interval_that_the_list_names_is_not_learnt() -> None:
    pinned = replace(PACE, pinned=True)
    assert lived(Rhythm(7_200), days=3, an_hour=50, pace=pinned).interval == 7_200
    assert bounded(1, pinned) == 1


def test_the_usual_gap_follows_slowly() -> None:
    first = gap_after(Rhythm(300), HOUR)
    assert first.usual_gap == HOUR
    assert gap_after(first, 11 * HOUR).usual_gap == pytest.approx(3 * HOUR)
    assert gap_after(first, None) == first


@given(st.integers(1, 86_400), st.integers(0, 10_000), st.floats(0, 1, exclude_max=True), st.floats(0, 1e12), st.sampled_from(PollReason))
def test_a_feed_is_always_asked_again_within_little_more_than_a_day(
    seconds: int, failures: int, jitter: float, floor: float, reason: PollReason
) -> None:
    assert timedelta(0) < wait(seconds, failures, jitter=jitter, floor=floor, reason=reason) <= LONGEST * 1.1


@given(
    st.integers(60, 3_600),
    st.one_of(st.none(), st.floats(0, 1e6)),
    st.integers(0, 2_000),
    st.integers(0, 2_000),
    st.one_of(st.none(), st.floats(0, 1e7)),
)
def test_whatever_is_learnt_stays_within_the_bounds(start: int, rate: float | None, new: int, total: int, elapsed: float | None) -> None:
    assert PACE.floor <= learnt(Rhythm(start, rate), PACE, new=new, total=total, elapsed=elapsed).interval <= PACE.ceiling
