"""Who would be told what and when: pushed at one moment, told at another, as the routes say."""

from __future__ import annotations

from datetime import timedelta

from schemas.alert_raised import AlertRaised
from services.alerter.core.bundling import Limit
from services.alerter.core.routes import Routes
from services.alerter.core.routing import tree
from services.alerter.core.timetable import limited, tellings
from tests.builders import THE_MORNING
from tests.unit.schemas.test_hands import an_alert

ROUTES = tree(
    Routes.of(
        """
        receivers: [{name: desk, terminal_configs: [{}]}, {name: night, terminal_configs: [{}]}]
        time_intervals: [{name: afternoon, time_intervals: [{times: [{start_time: "12:00", end_time: "13:00"}]}]}]
        route:
          receiver: desk
          group_by: [story]
          group_wait: 2m
          group_interval: 10m
          routes:
            - {matchers: ['severity="critical"'], receiver: night, continue: true, group_wait: 0s, group_interval: 0s}
            - {matchers: ['kind="ceasefire"'], receiver: desk, mute_time_intervals: [afternoon], name: truces}
            - {receiver: desk, name: rest}
        """
    )
)


def told(*alerts: AlertRaised) -> list[tuple[float, str, int]]:
    """Minutes after the morning, to whom, how many alerts."""
    return [((one.at - THE_MORNING) / timedelta(minutes=1), one.receiver, len(one.alerts)) for one in tellings(ROUTES, alerts)]


def test_pushed_at_one_told_at_three() -> None:
    assert told(an_alert(1)) == [(3, "desk", 1)]


def test_alerts_within_the_wait_come_as_one_and_the_next_ones_after_the_pause() -> None:
    assert told(an_alert(1), an_alert(2, effect="wounded"), an_alert(4), an_alert(20)) == [(3, "desk", 2), (13, "desk", 1), (23, "desk", 1)]


def test_what_is_critical_is_told_at_once_and_goes_on() -> None:
    assert told(an_alert(1, severity="critical")) == [(1, "night", 1), (3, "desk", 1)]


def test_what_the_hours_hold_back_comes_as_one_when_they_end() -> None:
    (one,) = tellings(ROUTES, [an_alert(1, effect=None), an_alert(30, effect=None)])
    assert (one.at, len(one.alerts), one.muted_by, one.route) == (THE_MORNING + timedelta(hours=1), 2, ("afternoon",), "truces")


def test_two_at_one_moment_that_wait_for_nobody_are_two_messages() -> None:
    loud = [an_alert(1, severity="critical"), an_alert(1, severity="critical", effect="wounded")]
    assert told(*loud)[:2] == [(1, "night", 1), (1, "night", 1)]


def through(*minutes: float) -> list[tuple[str, float, int, bool]]:
    """What a channel with three messages an hour, and one beside it without a limit, are told: channel, minutes, alerts, digest."""
    root = tree(Routes.of("{receivers: [{name: desk, terminal_configs: [{}]}], route: {receiver: desk}}"))
    planned = tellings(root, [an_alert(minute) for minute in minutes])
    told = limited(planned, {"desk": {"mail": Limit(3, timedelta(hours=1)), "chat": None}})
    return [(one.channel, round((one.at - THE_MORNING) / timedelta(minutes=1), 2), len(one.alerts), one.digest) for one in told]


def test_a_limit_lets_through_what_it_allows_and_then_a_digest_of_what_waited() -> None:
    by_mail = [one[1:] for one in through(0, 1, 2, 3, 4) if one[0] == "mail"]
    assert by_mail == [(0, 1, False), (1, 1, False), (2, 1, False), (20, 2, True)]


def test_the_channel_beside_it_is_told_each_at_once() -> None:
    assert [one[1:] for one in through(0, 1, 2, 3, 4) if one[0] == "chat"] == [(minute, 1, False) for minute in range(5)]


def test_below_the_limit_nothing_waits() -> None:
    assert [one[1] for one in through(0, 30, 60, 90) if one[0] == "mail"] == [0, 30, 60, 90]


def test_a_receiver_without_limits_is_told_as_planned() -> None:
    planned = tellings(ROUTES, [an_alert(1), an_alert(2)])
    assert limited(planned, {"desk": {"mail": None}}) == planned


def test_an_alert_without_a_time_is_told_nobody() -> None:
    assert told(an_alert(1, raised_at=None)) == []
