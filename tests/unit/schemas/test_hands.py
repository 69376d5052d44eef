"""Where an alert stands by what people did, and whether it is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.alert_raised import AlertRaised
from schemas.hands import Hand, Silence, alert_subject, held, reopened, standing_of
from schemas.matchers import matchers_of
from schemas.vocabulary import AlertReason, HandAction, HoldReason, Standing
from tests.builders import THE_MORNING, evidence

ACK, UNACK, SNOOZE, RESOLVE, NOTE, WRONG = (
    HandAction.ACKNOWLEDGE, HandAction.UNACKNOWLEDGE, HandAction.SNOOZE, HandAction.RESOLVE, HandAction.NOTE, HandAction.WRONG,
)  # fmt: skip


def moment(minutes: float) -> datetime:
    return THE_MORNING + timedelta(minutes=minutes)


def an_alert(minutes: float = 0, *, effect: str | None = "killed", side: str = "NKR", **values: object) -> AlertRaised:
    kind = "casualty" if effect else "ceasefire"
    document = {
        "alert_id": f"alert at {minutes} on {effect} of {side}", "article_id": "article", "story_id": "story", "kind": kind,
        "reason": "raised" if effect else "ceasefire_violated", "severity": "warning", "effect": effect, "side": side if effect else None,
        "group": "all", "low": 25, "high": 25, "bound": "exact", "status": None if effect else "violated", "headline": "25 killed",
        "evidence": evidence("25 were killed"), "raised_at": moment(minutes),
    }  # fmt: skip
    return AlertRaised.model_validate(document | values)


def a_hand(
    action: HandAction, on: AlertRaised, number: int = 1, *, minutes: float = 1, whole_story: bool = False, until: float = 60
) -> Hand:
    assert on.raised_at is not None
    return Hand(
        number, action, on.alert_id, on.story_id, alert_subject(on), on.raised_at, on.headline, "Anna", moment(minutes),
        whole_story=whole_story, until=moment(until) if action is SNOOZE else None, words="as told",
    )  # fmt: skip


def a_silence(matchers: str = 'side="NKR"', begins: float = 0, ends: float = 60, expired: float | None = None) -> Silence:
    ended = None if expired is None else moment(expired)
    return Silence("silence", matchers_of(matchers), moment(begins), moment(ends), "an exercise", "Boris", ended)


FIRST, LATER = an_alert(0), an_alert(30)
WOUNDED, OTHER_NAME, TRUCE = an_alert(0, effect="wounded"), an_alert(0, side="ARM"), an_alert(0, effect=None)


@dataclass(frozen=True)
class Row:
    name: str
    alert: AlertRaised
    hands: tuple[Hand, ...]
    at: float
    standing: Standing


TABLE = (
    Row("nobody did anything", FIRST, (), 2, Standing.OPEN),
    Row("acknowledged", FIRST, (a_hand(ACK, FIRST),), 2, Standing.ACKNOWLEDGED),
    Row("a later change reopens", LATER, (a_hand(ACK, FIRST),), 31, Standing.REOPENED),
    Row("the change came while the hand was raised", LATER, (a_hand(ACK, FIRST, minutes=31),), 32, Standing.REOPENED),
    Row("the change is acknowledged too", LATER, (a_hand(ACK, FIRST), a_hand(ACK, LATER, 2)), 40, Standing.ACKNOWLEDGED),
    Row("the later one stands for the one before", FIRST, (a_hand(ACK, LATER),), 40, Standing.ACKNOWLEDGED),
    Row("another effect is another matter", WOUNDED, (a_hand(ACK, FIRST),), 2, Standing.OPEN),
    Row("the truce is another matter", TRUCE, (a_hand(ACK, FIRST),), 2, Standing.OPEN),
    Row("the whole story", WOUNDED, (a_hand(ACK, FIRST, whole_story=True),), 2, Standing.ACKNOWLEDGED),
    Row("Karabakh's people by the other name", OTHER_NAME, (a_hand(ACK, FIRST),), 2, Standing.ACKNOWLEDGED),
    Row("taken back", FIRST, (a_hand(ACK, FIRST), a_hand(UNACK, FIRST, 2)), 2, Standing.OPEN),
    Row("snoozed", LATER, (a_hand(SNOOZE, FIRST),), 31, Standing.SNOOZED),
    Row("the snooze is over", FIRST, (a_hand(SNOOZE, FIRST),), 60, Standing.OPEN),
    Row("resolved", FIRST, (a_hand(RESOLVE, FIRST),), 2, Standing.RESOLVED),
    Row("resolved, and it goes on", LATER, (a_hand(RESOLVE, FIRST),), 31, Standing.REOPENED),
    Row("a note changes nothing", FIRST, (a_hand(ACK, FIRST), a_hand(NOTE, FIRST, 2)), 2, Standing.ACKNOWLEDGED),
    Row("wrong stays wrong", FIRST, (a_hand(WRONG, FIRST), a_hand(UNACK, FIRST, 2)), 2, Standing.WITHDRAWN),
    Row("wrong is this alert alone", LATER, (a_hand(WRONG, FIRST),), 31, Standing.OPEN),
)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_where_an_alert_stands(row: Row) -> None:
    assert row.alert.raised_at is not None
    stands = standing_of(row.alert.alert_id, alert_subject(row.alert), row.alert.raised_at, row.hands, moment(row.at))
    assert stands.standing is row.standing


def test_an_acknowledged_alert_is_not_told_and_its_change_is_with_the_acknowledged_one_named() -> None:
    hands = [a_hand(ACK, FIRST, minutes=4)]
    kept = held(FIRST, (), hands, moment(5))
    assert kept is not None
    assert (kept.reason, kept.by, kept.until) == (HoldReason.ACKNOWLEDGED, "Anna", None)
    assert reopened(FIRST, hands, moment(5)) is None
    assert held(LATER, (), hands, moment(31)) is None
    assert reopened(LATER, hands, moment(31)) == "Anna, 2023-09-19 12:04 UTC: 25 killed"


def test_a_snoozed_alert_is_told_when_the_snooze_ends() -> None:
    kept = held(FIRST, (), [a_hand(SNOOZE, FIRST)], moment(2))
    assert kept is not None
    assert (kept.reason, kept.until) == (HoldReason.SNOOZED, moment(60))
    assert held(FIRST, (), [a_hand(SNOOZE, FIRST)], moment(60)) is None


@pytest.mark.parametrize(
    ("silence", "at", "holds"),
    [
        (a_silence(), 0, True),
        (a_silence(), 59, True),
        (a_silence(), 60, False),
        (a_silence(begins=10), 9, False),
        (a_silence(expired=5), 6, False),
        (a_silence('side="AZE"'), 5, False),
        (a_silence('side=~"NKR|ARM", severity!="critical"'), 5, True),
    ],
    ids=["at its beginning", "before its end", "at its end", "before it", "ended early", "another side", "two matchers"],
)
def test_a_silence_holds_what_it_fits_while_it_lasts(silence: Silence, at: float, *, holds: bool) -> None:
    kept = held(FIRST, [silence], (), moment(at))
    assert (kept is not None) is holds
    if kept is not None:
        assert (kept.reason, kept.by, kept.why) == (HoldReason.SILENCED, "Boris", "an exercise")


def test_nothing_keeps_a_withdrawal_back() -> None:
    taken_back = FIRST.model_copy(update={"reason": AlertReason.WITHDRAWN, "withdraws": "x"})
    hands = [a_hand(SNOOZE, FIRST, whole_story=True)]
    assert held(taken_back, [a_silence()], hands, moment(5)) is None


def test_a_wrong_alert_that_is_silenced_too_is_withdrawn() -> None:
    kept = held(FIRST, [a_silence()], [a_hand(WRONG, FIRST)], moment(5))
    assert kept is not None
    assert kept.reason is HoldReason.WITHDRAWN


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([ACK, UNACK, SNOOZE, RESOLVE, NOTE]), st.sampled_from([FIRST, LATER, WOUNDED])), max_size=6),
    st.randoms(use_true_random=False),
    st.integers(0, 120),
)
def test_the_order_in_which_hands_are_read_does_not_matter_and_a_change_is_never_lost(
    laid: list[tuple[HandAction, AlertRaised]], chance: object, at: int
) -> None:
    hands = [a_hand(action, on, number) for number, (action, on) in enumerate(laid, start=1)]
    shuffled = list(hands)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert held(LATER, (), hands, moment(at)) == held(LATER, (), shuffled, moment(at))
    # An alert is kept for good only by a hand on one as new as itself.
    kept = held(LATER, (), hands, moment(at))
    if kept is not None and kept.until is None:
        assert any(on.raised_at == LATER.raised_at and on.effect == "killed" for _, on in laid)
