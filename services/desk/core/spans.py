"""Spans and moments as people write them: `2h`, `1d12h`, `2026-11-24T18:00Z`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from services.desk.core.refusals import Refusal, Refused

LONGEST = timedelta(days=366)
_SPAN = re.compile(r"(?:(\d{1,4})w)?(?:(\d{1,4})d)?(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s)?", re.ASCII)
_MEND = "write a span such as 30m, 2h or 1d12h, or a time with its zone such as 2026-11-24T18:00Z"


def span_of(text: str) -> timedelta:
    """The span.

    Raises:
        Refused: it is none, nothing, or longer than a year.
    """
    found = _SPAN.fullmatch(text.strip().lower())
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (0, 0, 0, 0, 0)
    span = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    if not span:
        raise Refused(Refusal.NOT_VALID, f"{text[:40]!r} is no span of time", _MEND)
    if span > LONGEST:
        raise Refused(Refusal.NOT_VALID, f"{text[:40]!r} is longer than a year", "make it shorter; it can be made again")
    return span


def moment_of(text: str, now: datetime) -> datetime:
    """The moment that a text names, by itself or as a span from `now` on.

    Raises:
        Refused: it is neither; also where a time has no zone.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return now + span_of(text)
    if moment.tzinfo is None:
        raise Refused(Refusal.NOT_VALID, f"{text[:40]!r} has no zone", _MEND)
    return moment.astimezone(UTC)


def ahead(moment: datetime, now: datetime) -> datetime:
    """The moment, where it lies ahead and no more than a year.

    Raises:
        Refused: it does not.
    """
    if moment <= now:
        raise Refused(Refusal.NOT_VALID, f"{moment:%Y-%m-%d %H:%M} UTC is past", "write a time that is still to come")
    if moment - now > LONGEST:
        raise Refused(Refusal.NOT_VALID, f"{moment:%Y-%m-%d %H:%M} UTC is more than a year ahead", "make it shorter; it can be made again")
    return moment
