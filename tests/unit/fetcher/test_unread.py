"""When a page is asked for once more that could not be read."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.fetcher.core.unread import AGAIN, is_due, made_up_for, still_wanted
from tests.unit.fetcher.samples import NOON


@pytest.mark.parametrize(
    ("minutes", "tries", "due"),
    [(4, 0, False), (5, 0, True), (5, 1, False), (20, 1, True), (179, 3, False), (180, 3, True), (999, 4, False)],
)
def test_the_tries_are_further_and_further_apart_and_come_to_an_end(minutes: int, tries: int, due: bool) -> None:
    assert is_due(NOON, tries, NOON + timedelta(minutes=minutes)) is due


def test_a_process_that_begins_makes_the_last_missed_try_only() -> None:
    assert made_up_for(NOON, NOON) == 0
    assert made_up_for(NOON, NOON + AGAIN[1]) == 1
    assert is_due(NOON, made_up_for(NOON, NOON + AGAIN[2]), NOON + AGAIN[2])
    assert not is_due(NOON, made_up_for(NOON, NOON + AGAIN[2]) + 1, NOON + AGAIN[2])


def test_what_waits_no_more_is_forgotten() -> None:
    assert still_wanted({"a": 1, "b": 2}, frozenset({"b", "c"})) == {"b": 2}
