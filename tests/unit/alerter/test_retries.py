"""The timetable of attempts."""

from __future__ import annotations

import pytest

from schemas.vocabulary import DeliveryReason, DeliveryState
from services.alerter.core.retries import LONGEST_WISH, Outcome, RetryPolicy, settle

POLICY = RetryPolicy(first=1.0, longest=60.0, give_up=3600.0)
DOWN = Outcome(DeliveryReason.SERVER_ERROR, "HTTP 500")


def test_delivered_is_delivered() -> None:
    settlement = settle(Outcome(DeliveryReason.DELIVERED), 3, 1e9, 0.5, POLICY)
    assert (settlement.state, settlement.wait, settlement.error) == (DeliveryState.DELIVERED, None, None)


@pytest.mark.parametrize(("attempts", "bound"), [(1, 1.0), (2, 2.0), (3, 4.0), (6, 32.0), (7, 60.0), (5000, 60.0)])
def test_waits_double_up_to_the_longest_and_are_spread(attempts: int, bound: float) -> None:
    assert settle(DOWN, attempts, 0.0, 0.0, POLICY).wait == bound / 2
    assert settle(DOWN, attempts, 0.0, 1.0, POLICY).wait == bound


def test_the_receivers_wish_is_obeyed() -> None:
    wish = Outcome(DeliveryReason.RATE_LIMITED, "HTTP 429", retry_after=45.0)
    assert settle(wish, 1, 0.0, 0.5, POLICY).wait == 45.0


def test_a_wish_shorter_than_the_backoff_changes_nothing() -> None:
    wish = Outcome(DeliveryReason.RATE_LIMITED, "HTTP 429", retry_after=0.0)
    assert settle(wish, 4, 0.0, 1.0, POLICY).wait == 8.0


def test_a_wish_for_a_year_is_bounded() -> None:
    patient = RetryPolicy(give_up=1e9)
    wish = Outcome(DeliveryReason.RATE_LIMITED, "HTTP 429", retry_after=3.2e7)
    assert settle(wish, 1, 0.0, 0.5, patient).wait == LONGEST_WISH


@pytest.mark.parametrize("reason", ["refused", "gone", "redirected", "address_refused"])
def test_what_no_second_attempt_mends_is_given_up_at_once(reason: str) -> None:
    settlement = settle(Outcome(DeliveryReason(reason), "HTTP 4xx"), 1, 0.0, 0.5, POLICY)
    assert (settlement.state, settlement.error) == (DeliveryState.GIVEN_UP, f"{reason}: HTTP 4xx")


@pytest.mark.parametrize("reason", ["timed_out", "unreachable", "no_answer", "server_error", "rate_limited", "web_page", "channel_fault"])
def test_what_may_pass_is_tried_again(reason: str) -> None:
    assert settle(Outcome(DeliveryReason(reason)), 1, 0.0, 0.5, POLICY).state is DeliveryState.PENDING


def test_what_has_grown_too_old_is_given_up_with_its_history() -> None:
    settlement = settle(DOWN, 12, 3590.0, 0.5, POLICY)
    assert settlement.state is DeliveryState.GIVEN_UP
    assert settlement.error == "too_old: 12 attempts in 3590 s, last server_error: HTTP 500"
