"""What a desk hears of a story, and when it is spared."""

from __future__ import annotations

from datetime import timedelta

from schemas.vocabulary import DecisionReason, Severity
from services.alerter.core.decision import decide
from services.alerter.core.ledger import Ledger
from services.alerter.core.policy import Policy
from tests.builders import THE_MORNING, a_claim, a_classified, a_reading, a_truce
from tests.unit.alerter.stories import POLICY, THE_STORY, Story, numbers, reasons, verdicts


def changed(**values: object) -> Policy:
    return Policy.model_validate(POLICY.model_dump() | values)


def test_the_days_of_september_2023() -> None:
    story = Story()
    assert reasons(story.tells(a_claim(2, group="civilian"), a_claim(11, effect="wounded"))) == ["first_figure", "first_figure"]
    assert numbers(story.tells(a_claim(5, bound="at_least", claimant="ARM.MED"), a_claim(80, effect="wounded")).alerts) == [5, 80]
    assert numbers(story.tells(a_claim(25), a_claim(2, group="civilian", subset=True)).alerts) == [25]
    assert reasons(story.tells(a_claim(25, claimant="ARM.MED"), a_truce("called_for"))) == []
    last = story.tells(a_claim(34, bound="at_least"), a_claim(30000, current=False), a_truce("agreed"), a_truce("agreed", current=False))
    assert reasons(last) == ["raised", "ceasefire_agreed"]


def test_the_same_article_twice_tells_nobody_and_changes_nothing() -> None:
    story = Story()
    story.tells(a_claim(5), a_truce("violated"), hours=1, name="one")
    before = story.ledger
    again = story.tells(a_claim(5), a_truce("violated"), hours=1, name="one")
    assert (again.reason, again.alerts, again.ledger) == (DecisionReason.ALREADY_DECIDED, (), before)


def test_a_copy_says_nothing() -> None:
    decision = Story().tells(a_claim(5), copy_of="another")
    assert (decision.reason, decision.alerts, decision.ledger) == (DecisionReason.COPY, (), Ledger(THE_STORY))


def test_an_article_without_a_date_says_nothing() -> None:
    decision = decide(Ledger(THE_STORY), a_classified(published_at=None, claims=[a_claim(5)]), THE_MORNING, POLICY)
    assert (decision.reason, decision.ledger) == (DecisionReason.NO_DATE, Ledger(THE_STORY))


def test_a_date_far_ahead_is_not_believed() -> None:
    ahead = a_classified(published_at=THE_MORNING + timedelta(hours=9), claims=[a_claim(5)])
    assert decide(Ledger(THE_STORY), ahead, THE_MORNING, POLICY).reason is DecisionReason.NO_DATE
    near = a_classified(published_at=THE_MORNING + timedelta(minutes=10), claims=[a_claim(5)])
    assert decide(Ledger(THE_STORY), near, THE_MORNING, POLICY).reason is DecisionReason.ALERTED


def test_an_irrelevant_article_says_nothing() -> None:
    article = a_classified(reading=a_reading(claims=[a_claim(5)], relevant=False))
    assert decide(Ledger(THE_STORY), article, THE_MORNING, POLICY).reason is DecisionReason.NOT_RELEVANT


def test_an_article_that_claims_nothing() -> None:
    assert Story().tells().reason is DecisionReason.NOTHING_CLAIMED


def test_an_article_outside_the_window_is_kept_as_history_but_the_next_one_is_still_news() -> None:
    story = Story()
    old = story.tells(a_claim(12), a_truce("agreed"), hours=0, decided_after=timedelta(days=4))
    assert (old.reason, old.alerts) == (DecisionReason.OUTSIDE_WINDOW, ())
    assert [figure.number for figure in story.ledger.history()] == [12]
    fresh = story.tells(a_claim(12), a_truce("agreed"), hours=90)
    assert reasons(fresh) == ["first_figure", "ceasefire_agreed"]


def test_a_late_article_is_silent_history() -> None:
    story = Story()
    story.tells(a_claim(25), hours=10)
    late = story.tells(a_claim(30, claimant="ARM.MED"), hours=4)
    assert (late.reason, late.alerts) == (DecisionReason.LATE_ARTICLE, ())
    assert sorted(figure.top for figure in story.ledger.history()) == [25, 30]


def test_what_only_a_late_article_said_is_news_when_a_timely_one_says_it() -> None:
    story = Story()
    story.tells(a_claim(25), hours=10)
    story.tells(a_claim(30), hours=4)
    assert numbers(story.tells(a_claim(30), hours=11).alerts) == [30]


def test_outlets_polled_at_different_paces_are_not_late() -> None:
    story = Story()
    story.tells(a_claim(25), hours=10)
    assert numbers(story.tells(a_claim(30, claimant="ARM.MED"), hours=9).alerts) == [30]


def test_what_a_claimant_said_before_its_last_word_is_late() -> None:
    story = Story()
    story.tells(a_claim(25), hours=10)
    assert verdicts(story.tells(a_claim(24), hours=9)) == [DecisionReason.LATE_ARTICLE]


def test_a_revision_speaks_at_the_time_when_its_words_were_seen() -> None:
    story = Story()
    story.tells(a_claim(12), hours=0, name="live")
    story.tells(a_claim(15), hours=8)
    revised = story.tells(a_claim(25), hours=0, name="live", revised_at=THE_MORNING + timedelta(hours=9))
    assert numbers(revised.alerts) == [25]


def test_an_unsure_reading_is_not_told_and_not_kept() -> None:
    story = Story()
    decision = story.tells(a_claim(500, confidence=0.2), a_truce("agreed", confidence=0.2))
    assert verdicts(decision) == [DecisionReason.LOW_CONFIDENCE, DecisionReason.LOW_CONFIDENCE]
    assert (decision.ledger.figures, decision.ledger.truce) == ((), Ledger(THE_STORY).truce)


def test_nothing_of_nought_is_told_unless_the_desk_asks() -> None:
    assert Story().tells(a_claim(0)).alerts == ()
    asked = Story(changed(send_nil=True))
    assert reasons(asked.tells(a_claim(0))) == ["confirmed_zero"]
    assert reasons(asked.tells(a_claim(0, claimant="AZE.MIL"))) == []


def test_a_rivals_lower_figure_is_told_where_the_desk_asks() -> None:
    story = Story(changed(send_rival_below=True))
    story.tells(a_claim(200, side="AZE", claimant="NKR.MIL"))
    assert reasons(story.tells(a_claim(12, side="AZE", claimant="AZE.MIL"))) == ["disputed"]


def test_every_claim_has_its_verdict() -> None:
    decision = Story().tells(a_claim(5), a_claim(6500, current=False), a_claim(0, effect="wounded"))
    assert {(verdict.index, verdict.reason) for verdict in decision.verdicts} == {
        (0, DecisionReason.ALERTED),
        (1, DecisionReason.BACKGROUND),
        (2, DecisionReason.NIL_FIGURE),
    }


def test_the_same_change_has_the_same_id_wherever_it_is_decided() -> None:
    one, other = Story(), Story()
    other.tells(a_claim(3, effect="wounded"))
    (first,) = one.tells(a_claim(5)).alerts
    (second,) = other.tells(a_claim(5)).alerts
    assert first.alert_id == second.alert_id


def test_severity_rises_as_the_story_grows() -> None:
    story = Story()
    grades = [story.tells(a_claim(number)).alerts[0].severity for number in (2, 25)]
    assert grades == [Severity.WARNING, Severity.CRITICAL]


def test_an_alert_names_all_that_a_message_needs() -> None:
    story = Story()
    story.tells(a_claim(25))
    (alert,) = story.tells(a_claim(34, bound="at_least", claimant="ARM.MED", quote="at least 34 Armenians had been killed")).alerts
    assert alert.headline == "At least 34 killed on the Karabakh Armenian side, was 25 (Armenian media)"
    assert alert.evidence.text == "at least 34 Armenians had been killed"
    assert alert.previous is not None
    assert (alert.previous.low, alert.previous.claimant) == (25, "NKR.GOV")
    assert alert.published_at == THE_MORNING + timedelta(hours=1)
    assert alert.raised_at == THE_MORNING + timedelta(hours=1, minutes=5)
    assert (alert.outlet, alert.url) == ("Example Wire", "https://wire.example/article-2")
