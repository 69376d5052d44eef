"""An alert marked as wrong: the ledger without its claim, what those who had it are told, and what counts anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import given, settings

from schemas.alert_raised import AlertRaised
from schemas.article_classified import ArticleClassified
from schemas.reading import CasualtyClaim, CeasefireStatement
from schemas.vocabulary import AlertReason, DecisionReason, HandOutcome, Severity
from services.alerter.core.ledger import Ledger
from services.alerter.core.message import plain_text
from services.alerter.core.withdrawals import Withdrawal, withdraw
from services.alerter.core.wording import Wording
from tests.builders import THE_MORNING, a_claim, a_truce
from tests.unit.alerter.stories import POLICY, THE_STORY, Story, reasons, verdicts
from tests.unit.alerter.test_ledger import decided, stories

LATER = THE_MORNING + timedelta(days=2)


def withdrawn(story: Story, wrong: AlertRaised) -> Withdrawal:
    done = withdraw(story.ledger, wrong, LATER, POLICY)
    story.ledger = done.ledger
    return done


@dataclass(frozen=True)
class Row:
    name: str
    told: tuple[CasualtyClaim | CeasefireStatement, ...]
    """One article each; the last alert is the wrong one."""
    headline: str


TABLE = (
    Row(
        "the only figure",
        (a_claim(34),),
        "Withdrawn: 34 killed on the Karabakh Armenian side (Karabakh authorities); no figure is known now",
    ),
    Row(
        "a raise falls back to the figure before",
        (a_claim(25, claimant="ARM.MED"), a_claim(34)),
        "Withdrawn: 34 killed on the Karabakh Armenian side (Karabakh authorities); known now: 25 (Armenian media)",
    ),
    Row(
        "a correction falls back to what it corrected",
        (a_claim(8), a_claim(7)),
        "Withdrawn: 7 killed on the Karabakh Armenian side (Karabakh authorities); known now: 8 (Karabakh authorities)",
    ),
    Row(
        "a rival's claim leaves the body's own",
        (a_claim(12), a_claim(200, claimant="AZE.MIL")),
        "Withdrawn: 200 killed on the Karabakh Armenian side (Azerbaijani military); known now: 12 (Karabakh authorities)",
    ),
    Row(
        "a figure that was below the wrong one is known now",
        (a_claim(30, claimant="ARM.MED"), a_claim(300)),
        "Withdrawn: 300 killed on the Karabakh Armenian side (Karabakh authorities); known now: 30 (Armenian media)",
    ),
    Row(
        "nought is no figure to fall back to",
        (a_claim(0), a_claim(3)),
        "Withdrawn: 3 killed on the Karabakh Armenian side (Karabakh authorities); no figure is known now",
    ),
    Row("a truce that nobody agreed", (a_truce("agreed"),), "Withdrawn: ceasefire agreed; known now: nothing of a ceasefire"),
    Row("a breach that was none", (a_truce("agreed"), a_truce("violated")), "Withdrawn: ceasefire violated; known now: agreed"),
)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_those_who_had_it_are_told_what_is_known_without_it(row: Row) -> None:
    story = Story()
    for said in row.told:
        story.tells(said)
    wrong = story.told[-1]
    done = withdrawn(story, wrong)
    assert done.outcome is HandOutcome.WITHDRAWN
    assert done.alert is not None
    assert (done.alert.reason, done.alert.withdraws, done.alert.headline) == (AlertReason.WITHDRAWN, wrong.alert_id, row.headline)
    assert done.alert.evidence == wrong.evidence
    assert done.alert.raised_at == LATER


def test_another_article_that_says_the_same_counts_anew() -> None:
    story = Story()
    story.tells(a_claim(25))
    story.tells(a_claim(34))
    wrong = story.told[-1]
    withdrawn(story, wrong)
    (again,) = story.tells(a_claim(34)).alerts
    assert (again.low, again.reason, again.alert_id != wrong.alert_id) == (34, wrong.reason, True)
    # And that one can be wrong too.
    taken_back = withdrawn(story, again).alert
    assert taken_back is not None
    assert taken_back.withdraws == again.alert_id
    assert len({alert.alert_id for alert in (wrong, again, taken_back, *story.tells(a_claim(34)).alerts)}) == 4


def test_a_revision_of_the_same_article_cannot_bring_it_back() -> None:
    story = Story()
    story.tells(a_claim(34), a_truce("violated"), name="live")
    for wrong in tuple(story.told):
        withdrawn(story, wrong)
    again = story.tells(a_claim(34), a_truce("violated"), name="live", revised_at=THE_MORNING + timedelta(hours=9))
    assert again.alerts == ()
    assert verdicts(again) == [DecisionReason.WITHDRAWN, DecisionReason.WITHDRAWN]


def test_a_truce_said_anew_by_another_article_counts_anew() -> None:
    story = Story()
    story.tells(a_truce("agreed"))
    withdrawn(story, story.told[-1])
    assert story.ledger.truce.status is None
    assert reasons(story.tells(a_truce("agreed"))) == ["ceasefire_agreed"]


def test_what_is_known_now_is_not_told_again() -> None:
    story = Story()
    story.tells(a_claim(34))
    story.tells(a_claim(30, claimant="ARM.MED"))
    withdrawn(story, story.told[-1])
    assert story.tells(a_claim(30, claimant="UNO")).alerts == ()


def test_a_merged_story_does_not_bring_it_back() -> None:
    one, other = Story(), Story()
    one.tells(a_claim(34), name="wrong", hours=1)
    other.tells(a_claim(34), name="wrong", hours=1)
    withdrawn(one, one.told[-1])
    assert one.ledger.merged(other.ledger).figures == other.ledger.merged(one.ledger).figures == ()


def test_a_claim_that_the_ledger_does_not_hold_is_taken_back_all_the_same() -> None:
    story = Story()
    story.tells(a_claim(34))
    wrong = story.told[-1]
    done = withdraw(Ledger(THE_STORY), wrong, LATER, POLICY)
    assert done.outcome is HandOutcome.NOT_IN_LEDGER
    assert done.alert is not None


def test_a_withdrawal_is_no_claim() -> None:
    story = Story()
    story.tells(a_claim(34))
    alert = withdrawn(story, story.told[-1]).alert
    assert alert is not None
    again = withdraw(story.ledger, alert, LATER, POLICY)
    assert (again.outcome, again.alert, again.ledger) == (HandOutcome.NOT_WITHDRAWABLE, None, story.ledger)


@pytest.mark.parametrize(
    ("language", "line"), [("en", "Marked as wrong by: Anna: those were wounded"), ("ru", "Отметил ошибку: Anna: those were wounded")]
)
@pytest.mark.parametrize("said", [a_claim(34), a_truce("agreed")], ids=["figure", "truce"])
def test_the_message_says_who_marked_it_and_why_in_place_of_a_source(
    said: CasualtyClaim | CeasefireStatement, language: str, line: str
) -> None:
    story = Story()
    story.tells(said)
    alert = withdraw(story.ledger, story.told[-1], LATER, POLICY, "Anna: those were wounded").alert
    assert alert is not None
    text = plain_text(alert, Wording.packaged(language))
    assert line in text
    assert Wording.packaged(language).form.message.says not in text
    assert Wording.packaged(language).form.message.before not in text


def test_it_is_told_as_loudly_as_what_it_takes_back() -> None:
    story = Story()
    story.tells(a_claim(500))
    alert = withdrawn(story, story.told[-1]).alert
    assert alert is not None
    assert alert.severity is Severity.CRITICAL


@settings(max_examples=20, deadline=None)
@given(stories())
def test_withdrawing_twice_is_withdrawing_once_and_leaves_the_rest(articles: list[ArticleClassified]) -> None:
    story = Story()
    for article in articles:
        story.hears(article, LATER)
    for wrong in story.told:
        before = {figure.key for figure in story.ledger.figures}
        once = withdraw(story.ledger, wrong, LATER, POLICY)
        twice = withdraw(once.ledger, wrong, LATER, POLICY)
        assert once.alert is not None
        assert twice.alert is not None
        assert twice.alert.alert_id == once.alert.alert_id
        gone = before - {figure.key for figure in once.ledger.figures}
        assert gone == ({once.taken.key} if once.taken else set())
        assert Ledger.from_json(THE_STORY, once.ledger.to_json()) == once.ledger
        # The same articles, read again as they were, tell nobody.
        assert decided(once.ledger, articles)[1] == []
