"""What goes out together: groups, digests within a limit, and messages that keep their form however often they are tried."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from schemas.vocabulary import DeliveryReason, DeliverySubject
from services.alerter.core.breaker import FAILURES, LONGEST_PAUSE, Breaker
from services.alerter.core.bundling import LARGEST, Due, Limit, Unit, bundle_key, units
from services.alerter.core.retries import Outcome

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def due(name: str, group: str | None = None, bundle: str | None = None) -> Due:
    return Due(name, f"key-{name}", group, bundle)


def names(found: list[Unit]) -> list[list[str]]:
    return [[member.id for member in unit.members] for unit in found]


def test_without_groups_and_limits_each_goes_alone_under_its_own_key() -> None:
    found = units([due("a"), due("b"), due("c")], 2)
    assert [unit.key for unit in found] == ["key-a", "key-b"]


def test_a_group_goes_together_under_a_key_of_its_members() -> None:
    found = units([due("a", "g"), due("b"), due("c", "g")], 8)
    assert names(found) == [["a", "c"], ["b"]]
    assert found[0].key == bundle_key([due("c"), due("a")])


def test_what_was_tried_together_stays_together_though_others_of_the_group_came() -> None:
    found = units([due("a", "g", "bundle-1"), due("b", "g", "bundle-1"), due("c", "g")], 8)
    assert [(unit.key, [member.id for member in unit.members]) for unit in found] == [("bundle-1", ["a", "b"]), ("key-c", ["c"])]


def test_a_large_group_comes_as_several() -> None:
    assert [len(unit.members) for unit in units([due(str(number), "g") for number in range(LARGEST + 5)], 8)] == [LARGEST, 5]


def test_repeats_are_told_alone() -> None:
    again = Due("r", "key-r", "g", None, DeliverySubject.REPEAT)
    assert names(units([due("a", "g"), again], 8)) == [["a"], ["r"]]


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        (0.9, []),
        (1.0, [["a", "b", "c", "d"]]),
        (2.0, [["a"], ["b", "c", "d"]]),
        (3.5, [["a"], ["b"], ["c", "d"]]),
        (9.0, [["a"], ["b"], ["c"], ["d"]]),
    ],
)
def test_what_a_limit_does_not_allow_comes_as_a_digest(budget: float, expected: list[list[str]]) -> None:
    found = units([due("a"), due("b"), due("c"), due("d")], 8, budget)
    assert names(found) == expected
    assert [unit.digest for unit in found] == [len(members) > 1 for members in expected]


def test_a_message_that_was_tried_keeps_its_form_under_a_limit() -> None:
    found = units([due("a", None, "bundle-1"), due("b", None, "bundle-1"), due("c"), due("d")], 8, 2.0)
    assert names(found) == [["a", "b"], ["c", "d"]]
    assert found[0].key == "bundle-1"


def test_a_budget_comes_back_evenly_and_never_beyond_the_limit() -> None:
    limit = Limit(6, timedelta(minutes=1))
    assert limit.budget(None, None, NOW) == 6
    assert limit.budget(0, NOW, NOW + timedelta(seconds=20)) == pytest.approx(2)
    assert limit.budget(5, NOW, NOW + timedelta(hours=1)) == 6
    assert limit.budget(2, NOW, NOW - timedelta(hours=1)) == 2  # a clock that was set back takes nothing
    assert limit.wait(0.5) == timedelta(seconds=5)


def fails(breaker: Breaker, times: int, reason: DeliveryReason = DeliveryReason.TIMED_OUT) -> Breaker:
    for _ in range(times):
        breaker = breaker.after(Outcome(reason))
    return breaker


def test_a_channel_counts_as_failing_after_failures_in_a_row_and_is_left_alone_longer_and_longer() -> None:
    assert not fails(Breaker(), FAILURES - 1).open
    opened = fails(Breaker(), FAILURES)
    assert (opened.open, opened.pause) == (True, 15.0)
    assert fails(opened, 1).pause == 30.0
    assert fails(opened, 100).pause == LONGEST_PAUSE
    assert opened.after(Outcome(DeliveryReason.DELIVERED)) == Breaker()


def test_one_success_between_failures_begins_the_count_anew() -> None:
    assert not fails(fails(Breaker(), FAILURES - 1).after(Outcome(DeliveryReason.DELIVERED)), FAILURES - 1).open


def test_a_receiver_that_asks_for_patience_is_left_alone_but_does_not_count_as_failing() -> None:
    asked = Breaker().after(Outcome(DeliveryReason.RATE_LIMITED, "", 90.0))
    assert (asked.failures, asked.pause, asked.open) == (0, 90.0, False)
    assert Breaker().after(Outcome(DeliveryReason.SERVER_ERROR, "", 20.0)).pause == 20.0
    assert Breaker().after(Outcome(DeliveryReason.RATE_LIMITED, "", 1e9)).pause == 3600.0
