"""Hours of the day, days and months in a zone: when a route is mute or active. Alertmanager's form of time intervals."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, field_validator, model_validator

from services.alerter.core.datafile import DataForm

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
)  # fmt: skip
LOOKAHEAD = timedelta(days=366)
"""Muted for longer than this is muted for ever."""

_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")
_DAY = 24 * 60


def _minutes(text: str) -> str:
    if not _CLOCK.fullmatch(text):
        raise ValueError(f"{text!r} is no time of day; write it as 09:00, in quotes, from 00:00 to 24:00")
    return text


def _of_clock(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)


def _span(text: str, names: tuple[str, ...], first: int, last: int, what: str) -> tuple[int, int]:
    """`monday:friday`, `1:5`, `may` as its two ends, the end included.

    Raises:
        ValueError: it is none.
    """
    ends = [part.strip().lower() for part in text.split(":")]
    numbers: list[int] = []
    for end in ends:
        if end in names:
            numbers.append(names.index(end) + first)
        elif re.fullmatch(r"-?\d{1,2}", end) and (first <= int(end) <= last or (what == "day" and -last <= int(end) <= -1)):
            numbers.append(int(end))
        else:
            raise ValueError(f"{end!r} is no {what}; write {_examples(what)}")
    if len(numbers) not in {1, 2}:
        raise ValueError(f"{text!r} has {len(numbers)} parts; write one {what}, or two with a colon between: {_examples(what)}")
    begin, finish = numbers[0], numbers[-1]
    if begin > finish and (what != "day" or (begin > 0) is (finish > 0)):
        raise ValueError(f"{text!r} ends before it begins; write two lines, one to the end and one from the beginning")
    return begin, finish


def _examples(what: str) -> str:
    return {"weekday": "monday or monday:friday", "day": "1:15, or -1 for the last one", "month": "may:august or 5:8", "year": "2026:2027"}[
        what
    ]


def _weekday(text: str) -> str:
    _span(text, WEEKDAYS, 0, 6, "weekday")
    if re.search(r"\d", text):
        raise ValueError(f"{text!r} is no weekday; write {_examples('weekday')}")
    return text


def _month(text: str) -> str:
    _span(text, MONTHS, 1, 12, "month")
    return text


def _day(text: str) -> str:
    _span(text, (), 1, 31, "day")
    return text


def _year(text: str) -> str:
    if not re.fullmatch(r"\d{4}(:\d{4})?", text) or text.partition(":")[0] > (text.partition(":")[2] or text):
        raise ValueError(f"{text!r} are no years; write {_examples('year')}")
    return text


class Hours(DataForm):
    """From `start_time` to `end_time` of a day, the end not included; past midnight it is written as two."""

    start_time: Annotated[str, AfterValidator(_minutes)]
    end_time: Annotated[str, AfterValidator(_minutes)]

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if _of_clock(self.start_time) >= _of_clock(self.end_time):
            raise ValueError(
                f"{self.start_time} to {self.end_time} ends before it begins; past midnight write two: "
                f"{self.start_time} to 24:00, and 00:00 to {self.end_time}"
            )
        return self


class Span(DataForm):
    """Every named condition must hold; within one, any of its lines. Nothing named is always."""

    times: tuple[Hours, ...] = ()
    weekdays: tuple[Annotated[str, AfterValidator(_weekday)], ...] = ()
    days_of_month: tuple[Annotated[str, AfterValidator(_day)], ...] = ()
    months: tuple[Annotated[str, AfterValidator(_month)], ...] = ()
    years: tuple[Annotated[str, AfterValidator(_year)], ...] = ()
    location: str = "UTC"

    @field_validator("weekdays", "days_of_month", "months", "years", mode="before")
    @classmethod
    def _texts(cls, value: object) -> object:
        """A bare number, as YAML reads `years: [2026]`, is meant as its digits."""
        return [str(part) if isinstance(part, int) else part for part in value] if isinstance(value, list) else value

    @field_validator("location")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            zone(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"{value!r} is no zone; write one of the IANA list such as Asia/Baku, Europe/Berlin or UTC") from None
        return value

    def contains(self, moment: datetime) -> bool:
        """Whether the moment is in it."""
        local = moment.astimezone(zone(self.location))
        return self._on(local.date()) and (not self.times or any(_within(hours, local) for hours in self.times))

    def left(self, moment: datetime) -> datetime:
        """For a moment in it: the next time of the day's clock at which it may be over, at the latest midnight."""
        here = zone(self.location)
        local = moment.astimezone(here)
        ends = [_of_clock(hours.end_time) for hours in self.times if _within(hours, local)] or [_DAY]
        midnight = datetime.combine(local.date(), time(), tzinfo=here)
        until = min(ends)
        end = (
            datetime.combine(local.date() + timedelta(days=1), time(), tzinfo=here)
            if until == _DAY
            else midnight.replace(hour=until // 60, minute=until % 60)
        )
        # An hour that the change of clocks leaves out or repeats must not stop the search.
        return max(end.astimezone(UTC), moment.astimezone(UTC) + timedelta(minutes=1))

    def begins(self, moment: datetime) -> datetime | None:
        """The first moment from this one on that is in it; None where there is none in a year."""
        if self.contains(moment):
            return moment
        here = zone(self.location)
        today = moment.astimezone(here).date()
        starts = sorted(_of_clock(hours.start_time) for hours in self.times) or [0]
        for ahead in range(LOOKAHEAD.days + 1):
            day = today + timedelta(days=ahead)
            for start in starts if self._on(day) else ():
                begin = datetime.combine(day, time(start // 60, start % 60), tzinfo=here).astimezone(UTC)
                if begin > moment:
                    return begin
        return None

    def _on(self, day: date) -> bool:
        return (
            (not self.weekdays or any(_in(day.weekday(), _span(text, WEEKDAYS, 0, 6, "weekday")) for text in self.weekdays))
            and (not self.months or any(_in(day.month, _span(text, MONTHS, 1, 12, "month")) for text in self.months))
            and (not self.years or any(int(text[:4]) <= day.year <= int(text[-4:]) for text in self.years))
            and (not self.days_of_month or any(_of_month(day, text) for text in self.days_of_month))
        )


class TimeInterval(DataForm):
    """A name for some spans: any of them."""

    name: str = Field(min_length=1)
    time_intervals: tuple[Span, ...] = Field(min_length=1)

    def contains(self, moment: datetime) -> bool:
        """Whether the moment is in one of them."""
        return any(span.contains(moment) for span in self.time_intervals)


def mute_ends(intervals: Iterable[TimeInterval], now: datetime) -> datetime | None:
    """The first moment from `now` on that is in none of the intervals: `now` itself where it is in none; None where there is no such."""
    spans = [span for interval in intervals for span in interval.time_intervals]
    moment = now
    while within := [span for span in spans if span.contains(moment)]:
        moment = max(span.left(moment) for span in within)
        if moment - now > LOOKAHEAD:
            return None
    return moment


def active_begins(intervals: Iterable[TimeInterval], now: datetime) -> datetime | None:
    """The first moment from `now` on that is in one of the intervals; None where there is no such in a year."""
    begins = [begin for interval in intervals for span in interval.time_intervals if (begin := span.begins(now)) is not None]
    return min(begins, default=None)


@cache
def zone(name: str) -> ZoneInfo:
    """The zone of that name.

    Raises:
        ZoneInfoNotFoundError, ValueError, OSError: there is none.
    """
    return ZoneInfo(name)


def _within(hours: Hours, local: datetime) -> bool:
    return _of_clock(hours.start_time) <= local.hour * 60 + local.minute < _of_clock(hours.end_time)


def _in(number: int, span: tuple[int, int]) -> bool:
    return span[0] <= number <= span[1]


def _of_month(day: date, text: str) -> bool:
    begin, end = _span(text, (), 1, 31, "day")
    length = ((day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)).day
    begin, end = (number if number > 0 else length + 1 + number for number in (begin, end))
    return begin <= day.day <= end
