"""Hours in a zone: when a span holds, when it ends and when it begins, over midnight and over changes of the clocks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from services.alerter.core.hours import Span, TimeInterval, active_begins, mute_ends


def interval(**span: object) -> TimeInterval:
    return TimeInterval(name="it", time_intervals=(Span.model_validate(span),))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


NIGHT = {
    "times": [{"start_time": "22:00", "end_time": "24:00"}, {"start_time": "00:00", "end_time": "06:30"}],
    "location": "Europe/Berlin",
}
WEEKEND = {"weekdays": ["saturday", "sunday"], "location": "Asia/Tbilisi"}


@pytest.mark.parametrize(
    ("span", "now", "ends"),
    [
        (NIGHT, "2026-01-10T12:00+01:00", "2026-01-10T12:00+01:00"),
        (NIGHT, "2026-01-10T23:00+01:00", "2026-01-11T06:30+01:00"),
        (NIGHT, "2026-03-28T23:00+01:00", "2026-03-29T06:30+02:00"),  # the night that loses an hour
        (NIGHT, "2026-10-24T23:00+02:00", "2026-10-25T06:30+01:00"),  # the night that has one twice
        (WEEKEND, "2026-01-10T12:00+04:00", "2026-01-12T00:00+04:00"),
        (WEEKEND, "2026-01-09T23:59+04:00", "2026-01-09T23:59+04:00"),
        ({"days_of_month": ["-1"]}, "2026-02-28T10:00+00:00", "2026-03-01T00:00+00:00"),
        ({"days_of_month": ["1:15"]}, "2026-02-15T10:00+00:00", "2026-02-16T00:00+00:00"),
        ({"months": ["may:august"]}, "2026-08-31T10:00+00:00", "2026-09-01T00:00+00:00"),
        ({"years": [2026]}, "2026-12-31T23:59+00:00", "2027-01-01T00:00+00:00"),
    ],
)
def test_a_mute_ends_when_its_hours_do(span: dict[str, object], now: str, ends: str) -> None:
    assert mute_ends([interval(**span)], moment(now)) == moment(ends)


def test_two_intervals_that_meet_are_one() -> None:
    early = interval(times=[{"start_time": "00:00", "end_time": "06:00"}])
    later = interval(times=[{"start_time": "06:00", "end_time": "09:00"}])
    assert mute_ends([later, early], moment("2026-01-10T02:00+00:00")) == moment("2026-01-10T09:00+00:00")


def test_hours_without_an_end_have_none() -> None:
    assert mute_ends([interval()], moment("2026-01-10T02:00+00:00")) is None


@pytest.mark.parametrize(
    ("span", "now", "begins"),
    [
        (NIGHT, "2026-01-10T12:00+01:00", "2026-01-10T22:00+01:00"),
        (NIGHT, "2026-01-10T23:00+01:00", "2026-01-10T23:00+01:00"),
        (WEEKEND, "2026-01-12T12:00+04:00", "2026-01-17T00:00+04:00"),
        ({"months": ["2"], "days_of_month": ["-1"]}, "2026-03-01T00:00+00:00", "2027-02-28T00:00+00:00"),
    ],
)
def test_active_hours_begin(span: dict[str, object], now: str, begins: str) -> None:
    assert active_begins([interval(**span)], moment(now)) == moment(begins)


def test_hours_of_years_gone_by_never_begin() -> None:
    assert active_begins([interval(years=["2020:2021"])], moment("2026-01-01T00:00+00:00")) is None


@pytest.mark.parametrize(
    "span",
    [
        {"times": [{"start_time": "9:00", "end_time": "10:00"}]},
        {"times": [{"start_time": "25:00", "end_time": "26:00"}]},
        {"weekdays": ["mon"]},
        {"weekdays": ["friday:monday"]},
        {"weekdays": ["1"]},
        {"months": ["smarch"]},
        {"months": ["13"]},
        {"days_of_month": ["32"]},
        {"days_of_month": ["0"]},
        {"years": ["26"]},
        {"years": ["2027:2026"]},
        {"location": "Mars"},
        {"location": "../../etc/passwd"},
        {"location": ""},
    ],
)
def test_what_is_no_span_is_refused(span: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Span.model_validate(span)
