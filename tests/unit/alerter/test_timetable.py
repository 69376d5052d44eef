"""Who would be told what and when: pushed at one moment, told at another, as the routes say."""

from __future__ import annotations

from datetime import timedelta

from schemas.alert_raised import AlertRaised
from services.alerter.core.routes import Routes
from services.alerter.core.routing import tree
from services.alerter.core.timetable import tellings
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


def test_an_alert_without_a_time_is_told_nobody() -> None:
    assert told(an_alert(1, raised_at=None)) == []
