"""When an outlet says that it published; never the moment of the poll."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.vocabulary import EntryNote
from services.fetcher.core.dates import Dating, published

NOW = datetime(2026, 6, 7, tzinfo=UTC)
YEREVAN = ZoneInfo("Asia/Yerevan")


def dated(*written: str, fallback: datetime | None = None) -> Dating:
    return published(written, zone=YEREVAN, now=NOW, fallback=fallback)


@pytest.mark.parametrize(
    "written",
    [
        "Sat, 06 Jun 2026 17:07:00 GMT",
        "Sat, 06 Jun 2026 21:07:00 +0400",
        "Sat, 06 Jun 2026 21:07:00 +04",
        "Sat, 06 Jun 2026 21:07:00 +4:00",
        "Sat, 06 Jun 2026 20:07:00 MSK",
        "Sat, 06 Jun 2026 21:07:00 AZT",
        "Sat, 06 Jun 2026 21:07:00 GET",
        "Sat, 06 Jun 2026 21:07:00 AMT",
        "Sat, 06 Jun 2026 20:07:00 TRT",
        "Sat, 06 Jun 2026 21:07:00 GMT+4",
        "6 Jun 26 21:07 AZT",
        "Sat Jun  6 17:07:00 UTC 2026",
        "2026-06-06T17:07:00Z",
        "2026-06-06T21:07:00.000+04:00",
        "2026-06-06 21:07:00",
        "20260606T170700Z",
        "06.06.2026 21:07",
        "21:07, 06.06.2026",
        "Saturday, June 6, 2026 - 21:07",
        "June 6, 2026 9:07 pm",
        "6 июня 2026, 21:07",
        "Сб, 06 июн 2026 20:07:00 +0300",
        "6 iyun 2026, 21:07",
        "6 Haziran 2026 21:07",
        "6 հունիսի 2026, 21:07",
        "6 ივნისი 2026, 21:07",
        "1780765620",
    ],
)
def test_one_moment_in_many_forms(written: str) -> None:
    assert dated(written).at == datetime(2026, 6, 6, 17, 7, tzinfo=UTC)


def test_a_date_without_a_zone_is_the_outlets_own_time_and_says_so() -> None:
    assert dated("2026-06-06 03:08:29").note is EntryNote.ZONE_ASSUMED
    assert dated("2026-06-06 03:08:29 +0400").note is None


@pytest.mark.parametrize(
    ("written", "note"),
    [
        ((), EntryNote.DATE_MISSING),
        (("",), EntryNote.DATE_MISSING),
        (("yesterday",), EntryNote.DATE_UNREADABLE),
        (("2026-13-45",), EntryNote.DATE_UNREADABLE),
        (("Thu, 01 Jan 1970 00:00:00 +0000",), EntryNote.DATE_ABSURD),
        (("0",), EntryNote.DATE_UNREADABLE),
        (("Tue, 09 Jun 2026 00:00:00 +0000",), EntryNote.DATE_FUTURE),
    ],
)
def test_a_date_that_cannot_be_believed_is_none_with_the_reason(written: tuple[str, ...], note: EntryNote) -> None:
    assert dated(*written) == Dating(None, note, dated(*written).detail)


def test_a_clock_that_is_hours_fast_is_believed() -> None:
    assert dated("Sun, 07 Jun 2026 05:00:00 GMT").at == NOW + timedelta(hours=5)


def test_the_second_date_serves_where_the_first_is_none() -> None:
    assert dated("soon", "2026-06-06T17:07:00Z").at == datetime(2026, 6, 6, 17, 7, tzinfo=UTC)


def test_another_parsers_reading_serves_only_where_no_form_fits() -> None:
    other = datetime(2026, 6, 1, tzinfo=UTC)
    assert dated("2026. június 1.", fallback=other).at == other
    assert dated("2026-06-06 21:07:00", fallback=other).at == datetime(2026, 6, 6, 17, 7, tzinfo=UTC)
    assert dated("2099-06-06", fallback=other).at is None


@given(st.text(max_size=60))
def test_no_text_makes_an_exception_or_the_present(text: str) -> None:
    found = dated(text)
    assert found.at is None or (found.at <= NOW + timedelta(days=1) and found.at != NOW)
    assert (found.at is None) <= (found.note is not None)
