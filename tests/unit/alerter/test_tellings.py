"""When messages go out, in faked time: pushed at one, expected between two and three."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.alert_raised import AlertRaised
from services.alerter.core.routes import Routes
from services.alerter.core.routing import tree
from services.alerter.core.timetable import Telling, tellings
from tests.unit.alerter.letters import a_rising_toll

BEGIN = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ALERT = a_rising_toll()


def alert(name: str, story: str = "s", **other: object) -> AlertRaised:
    return ALERT.model_copy(update={"alert_id": name, "story_id": story, **other})


def routes(route: str, more: str = "") -> Routes:
    return Routes.of(
        f"route:\n  receiver: desk\n{route}\nreceivers:\n- {{name: desk, from_settings: true}}\n- {{name: ops, from_settings: true}}\n{more}"
    )


def pushed(*at: tuple[float, str], story: str = "s") -> list[tuple[datetime, AlertRaised]]:
    """Alerts pushed so many seconds after the begin."""
    return [(BEGIN + timedelta(seconds=seconds), alert(name, story)) for seconds, name in at]


def read(found: list[Telling]) -> list[tuple[float, str, list[str]]]:
    return [((one.at - BEGIN).total_seconds(), one.receiver, [alert.alert_id for alert in one.alerts]) for one in found]


def told_by(raised: list[tuple[datetime, AlertRaised]], of: Routes) -> list[Telling]:
    return tellings(tree(of), [one.model_copy(update={"raised_at": moment}) for moment, one in sorted(raised, key=lambda pair: pair[0])])


@pytest.mark.parametrize(
    ("route", "at", "expected"),
    [
        # At once, each by itself.
        ("", [(1, "a"), (1, "b")], [(1, ["a"]), (1, ["b"])]),
        # Pushed at 1, told at 2: the first waits a second for others.
        ("  group_wait: 1s", [(1, "a"), (1.5, "b"), (4, "c")], [(2, ["a", "b"]), (5, ["c"])]),
        # Within the pause after a message the next ones gather.
        (
            "  group_wait: 1s\n  group_interval: 10s",
            [(1, "a"), (3, "b"), (11, "c"), (30, "d")],
            [(2, ["a"]), (12, ["b", "c"]), (31, ["d"])],
        ),
        # A pause without a wait: the first at once.
        ("  group_interval: 10s", [(1, "a"), (2, "b"), (3, "c")], [(1, ["a"]), (11, ["b", "c"])]),
    ],
)
def test_what_is_pushed_is_told_when_its_group_says(
    route: str, at: list[tuple[float, str]], expected: list[tuple[float, list[str]]]
) -> None:
    found = read(told_by(pushed(*at), routes(route)))
    assert [(when, told) for when, _, told in found] == expected


def test_groups_are_apart_by_their_labels() -> None:
    raised = [*pushed((1, "a"), story="one"), *pushed((1.2, "b"), story="two")]
    by_story, together = routes("  group_wait: 1s\n  group_by: [story]"), routes("  group_wait: 1s\n  group_by: []")
    assert [told for _, _, told in read(told_by(raised, by_story))] == [["a"], ["b"]]
    assert [told for _, _, told in read(told_by(raised, together))] == [["a", "b"]]


def test_every_branch_that_goes_on_tells_its_receiver() -> None:
    branches = routes(
        "  routes:\n  - {matchers: [kind=casualty], receiver: ops, continue: true}\n  - {matchers: [effect=killed], receiver: desk, group_wait: 5s}"
    )
    assert read(told_by(pushed((1, "a")), branches)) == [(1, "ops", ["a"]), (6, "desk", ["a"])]


def test_muted_hours_gather_into_one_message_at_their_end() -> None:
    night = "time_intervals:\n- {name: night, time_intervals: [{times: [{start_time: '12:00', end_time: '12:30'}]}]}\n"
    branches = routes("  routes:\n  - {matchers: [kind=casualty], receiver: ops, mute_time_intervals: [night]}", night)
    found = told_by(pushed((1, "a"), (600, "b"), (2000, "c")), branches)
    assert read(found) == [(1800, "ops", ["a", "b"]), (2000, "ops", ["c"])]
    assert found[0].muted_by == ("night",)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 600), st.sampled_from(["one", "two"])), min_size=1, max_size=12),
    st.integers(0, 30),
    st.integers(0, 120),
)
def test_everything_is_told_once_never_early_and_never_late(moments: list[tuple[int, str]], wait: int, pause: int) -> None:
    raised = [(BEGIN + timedelta(seconds=seconds), alert(str(number), story)) for number, (seconds, story) in enumerate(moments)]
    found = told_by(raised, routes(f"  group_wait: {wait}s\n  group_interval: {pause}s"))
    when = {one.alert_id: moment for moment, one in raised}
    told = [(one.alert_id, planned.at) for planned in found for one in planned.alerts]
    assert sorted(name for name, _ in told) == sorted(when)
    for name, at in told:
        assert when[name] <= at <= when[name] + timedelta(seconds=max(wait, pause))
