"""A truce through its turns: told when it changes, and not when it is spoken of again."""

from __future__ import annotations

import pytest

from schemas.reading import CeasefireStatement, Evidence
from schemas.vocabulary import CeasefireStatus, DecisionReason
from services.alerter.core.policy import Policy
from tests.builders import a_truce
from tests.unit.alerter.stories import POLICY, Story, reasons, verdicts


def deep_in_the_text(status: str, confidence: float = 0.95) -> CeasefireStatement:
    words = "the truce of the day before"
    return a_truce(status).model_copy(
        update={"evidence": Evidence(field="text", start=1500, end=1500 + len(words), text=words), "confidence": confidence}
    )


def heard(*turns: str) -> list[str]:
    """What is told where each article, a day after the one before, says one thing in its first line."""
    story = Story()
    return [reason for day, status in enumerate(turns) for reason in reasons(story.tells(a_truce(status), hours=24 * day))]


@pytest.mark.parametrize(
    ("turns", "told"),
    [
        (["agreed"], ["ceasefire_agreed"]),
        (["agreed", "agreed"], ["ceasefire_agreed"]),
        (["agreed", "in_force"], ["ceasefire_agreed"]),
        (["in_force", "in_force"], ["ceasefire_in_force"]),
        (["violated", "violated"], ["ceasefire_violated"]),
        (["violated", "in_force"], ["ceasefire_violated", "ceasefire_in_force"]),
        (["agreed", "violated", "violated"], ["ceasefire_agreed", "ceasefire_violated"]),
        (["agreed", "violated", "collapsed", "violated"], ["ceasefire_agreed", "ceasefire_violated", "ceasefire_collapsed"]),
        (["agreed", "collapsed", "agreed"], ["ceasefire_agreed", "ceasefire_collapsed", "ceasefire_agreed"]),
        (["agreed", "violated", "agreed", "violated"], ["ceasefire_agreed", "ceasefire_violated"] * 2),
        (["rejected", "rejected"], ["ceasefire_rejected"]),
        (["rejected", "agreed", "rejected"], ["ceasefire_rejected", "ceasefire_agreed", "ceasefire_rejected"]),
        (["called_for", "proposed", "denied"], []),
    ],
)
def test_the_turns_of_a_truce(turns: list[str], told: list[str]) -> None:
    assert heard(*turns) == told


def test_agreed_violated_and_collapsed_in_one_article_are_three_turns() -> None:
    decision = Story().tells(a_truce("collapsed"), a_truce("violated"), a_truce("agreed"))
    assert reasons(decision) == ["ceasefire_agreed", "ceasefire_violated", "ceasefire_collapsed"]


def test_a_truce_in_force_is_no_news_beside_its_agreement() -> None:
    assert reasons(Story().tells(a_truce("in_force"), a_truce("agreed"))) == ["ceasefire_agreed"]


def test_a_violated_truce_is_not_agreed_again_by_being_mentioned() -> None:
    story = Story()
    story.tells(a_truce("agreed"), hours=0)
    story.tells(a_truce("violated"), hours=10)
    assert reasons(story.tells(deep_in_the_text("agreed"), hours=24)) == []
    assert reasons(story.tells(a_truce("agreed"), hours=34)) == ["ceasefire_agreed"]


def test_an_article_on_the_end_of_a_truce_tells_of_its_beginning_too() -> None:
    story = Story()
    story.tells(a_truce("agreed"), hours=0)
    story.tells(a_truce("collapsed"), hours=10)
    assert reasons(story.tells(a_truce("collapsed"), deep_in_the_text("agreed"), hours=20)) == []


def test_an_old_truce_never_alerts() -> None:
    decision = Story().tells(a_truce("agreed", current=False))
    assert (decision.alerts, verdicts(decision)) == ((), [DecisionReason.BACKGROUND])


def test_an_agreement_deep_in_the_text_must_be_surely_read() -> None:
    story = Story()
    assert verdicts(story.tells(deep_in_the_text("agreed", confidence=0.7))) == [DecisionReason.LOW_CONFIDENCE]
    assert reasons(story.tells(deep_in_the_text("agreed", confidence=0.9))) == ["ceasefire_agreed"]


def test_what_was_said_before_the_last_turn_is_late() -> None:
    story = Story()
    story.tells(a_truce("agreed"), hours=10)
    assert verdicts(story.tells(a_truce("violated"), hours=9)) == [DecisionReason.LATE_ARTICLE]


def test_a_breach_that_nobody_spoke_of_for_long_is_news_again() -> None:
    story = Story()
    story.tells(a_truce("violated"), hours=0)
    assert reasons(story.tells(a_truce("violated"), hours=24 * 5)) == []
    assert reasons(story.tells(a_truce("violated"), hours=24 * 20)) == ["ceasefire_violated"]


def test_talk_of_a_truce_is_told_where_the_desk_asks() -> None:
    asked = POLICY.ceasefire.model_copy(update={"send_minor": (CeasefireStatus.CALLED_FOR,)})
    story = Story(Policy.model_validate(POLICY.model_dump() | {"ceasefire": asked.model_dump()}))
    assert reasons(story.tells(a_truce("called_for"), a_truce("proposed"))) == ["ceasefire_called_for"]
    assert reasons(story.tells(a_truce("called_for"))) == []


def test_an_alert_says_what_stood_before() -> None:
    story = Story()
    story.tells(a_truce("agreed"))
    (alert,) = story.tells(a_truce("violated", claimant="AZE.MIL")).alerts
    assert (alert.status, alert.previous_status) == ("violated", "agreed")
    assert alert.headline == "Ceasefire violated (Azerbaijani military)"
