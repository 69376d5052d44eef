"""The ledger as a value: stored and read back, merged, the same in any order, never telling twice."""

from __future__ import annotations

import json
import random
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.article_classified import ArticleClassified
from schemas.reading import CasualtyClaim, CeasefireStatement
from schemas.vocabulary import Bound, CeasefireStatus, Effect, Group
from services.alerter.core.decision import decide
from services.alerter.core.ledger import Ledger
from tests.builders import THE_MORNING, a_claim, a_classified, a_truce
from tests.unit.alerter.stories import POLICY, THE_STORY, Story


@st.composite
def claims(draw: st.DrawFn) -> CasualtyClaim:
    told_as = draw(st.sampled_from(["total", "total", "total", "share", "increment"]))
    low = draw(st.sampled_from([0, 1, 2, 5, 12, 25, 34, 200]))
    bound = draw(st.sampled_from(Bound))
    open_high = bound in {Bound.AT_LEAST, Bound.MORE_THAN, Bound.VAGUE}
    return a_claim(
        None if bound in {Bound.UP_TO, Bound.VAGUE} else low,
        high=None if open_high else low + draw(st.sampled_from([0, 0, 10])) * (bound is Bound.ABOUT),
        bound=bound,
        effect=draw(st.sampled_from([Effect.KILLED, Effect.WOUNDED])),
        side=draw(st.sampled_from(["NKR", "ARM", "AZE", None])),
        group=draw(st.sampled_from([Group.ALL, Group.MILITARY, Group.CIVILIAN])),
        claimant=draw(st.sampled_from(["NKR.GOV", "NKR.MIL", "AZE.MIL", "ARM.MED", None])),
        joint=draw(st.integers(0, 7)) == 0,
        subset=told_as == "share",
        addition=told_as == "increment",
        current=draw(st.integers(0, 7)) > 0,
    )


@st.composite
def truces(draw: st.DrawFn) -> CeasefireStatement:
    return a_truce(draw(st.sampled_from(CeasefireStatus)), current=draw(st.integers(0, 4)) > 0)


@st.composite
def stories(draw: st.DrawFn) -> list[ArticleClassified]:
    count = draw(st.integers(1, 7))
    return [
        a_classified(
            f"article-{index}",
            published_at=THE_MORNING + timedelta(hours=draw(st.integers(0, 40))),
            claims=draw(st.lists(claims(), max_size=4)),
            truces=draw(st.lists(truces(), max_size=2)),
        )
        for index in range(count)
    ]


QUICK = settings(max_examples=40, deadline=None)
NOW = THE_MORNING + timedelta(hours=41)


def decided(ledger: Ledger, articles: list[ArticleClassified]) -> tuple[Ledger, list[str]]:
    told: list[str] = []
    for article in articles:
        decision = decide(ledger, article, NOW, POLICY)
        ledger = decision.ledger
        told += [alert.alert_id for alert in decision.alerts]
    return ledger, told


@QUICK
@given(stories(), st.randoms(use_true_random=False))
def test_any_repetition_tells_nobody_twice_and_gives_the_same_ledger(articles: list[ArticleClassified], chance: random.Random) -> None:
    ledger, told = decided(Ledger(THE_STORY), articles)
    repeated = chance.choices(articles, k=2 * len(articles)) if articles else []
    again, twice = decided(ledger, repeated)
    assert twice == []
    assert again == ledger
    assert len(told) == len(set(told))


@QUICK
@given(stories(), st.randoms(use_true_random=False))
def test_nobody_is_told_again_what_other_outlets_retell(articles: list[ArticleClassified], chance: random.Random) -> None:
    ledger, _ = decided(Ledger(THE_STORY), articles)
    retold = [article.model_copy(update={"article_id": f"retold-{index}"}) for index, article in enumerate(articles)]
    chance.shuffle(retold)
    _, twice = decided(ledger, retold)
    assert twice == []


@QUICK
@given(stories(), st.randoms(use_true_random=False))
def test_any_order_gives_the_same_figures(articles: list[ArticleClassified], chance: random.Random) -> None:
    shuffled = chance.sample(articles, len(articles))
    one, _ = decided(Ledger(THE_STORY), articles)
    other, told = decided(Ledger(THE_STORY), shuffled)
    assert one.history() == other.history()
    assert len(told) == len(set(told))


@QUICK
@given(stories())
def test_a_ledger_is_read_back_as_it_was_stored(articles: list[ArticleClassified]) -> None:
    ledger, _ = decided(Ledger(THE_STORY), articles)
    assert Ledger.from_json(THE_STORY, json.loads(json.dumps(ledger.to_json()))) == ledger


@QUICK
@given(stories(), stories())
def test_two_stories_found_to_be_one_keep_what_both_knew(some: list[ArticleClassified], others: list[ArticleClassified]) -> None:
    one, _ = decided(Ledger(THE_STORY), some)
    other, _ = decided(Ledger("another story"), others)
    assert one.merged(other).figures == other.merged(one).figures
    assert one.merged(one) == one


def test_a_merged_story_does_not_tell_again_what_either_told() -> None:
    one, other = Story(), Story()
    one.tells(a_claim(5), a_truce("agreed"))
    other.tells(a_claim(12), hours=2)
    one.ledger = one.ledger.merged(other.ledger)
    assert one.tells(a_claim(12), a_truce("agreed"), hours=3).alerts == ()


def test_a_ledger_of_a_newer_form_is_refused_with_the_mend() -> None:
    with pytest.raises(ValueError, match="update the alerter"):
        Ledger.from_json(THE_STORY, {"form": 99})
