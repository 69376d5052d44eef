"""The demo's exit code: 0 only if every expected alert came and no other."""

from __future__ import annotations

from schemas.alert_raised import AlertRaised
from schemas.reading import Evidence
from schemas.vocabulary import AlertKind, AlertReason, CeasefireStatus, Effect, Severity
from services.standalone.annotated import BUNDLED, ExpectedAlert, Replay, articles_of, replays_of
from services.standalone.expectation import judge

FIVE_KILLED = ExpectedAlert(at="a", kind="casualty", effect=Effect.KILLED, side="NKR", low=5)
A_TRUCE = ExpectedAlert(at="b", kind="ceasefire", status=CeasefireStatus.AGREED)
ONE_CHILD = ExpectedAlert(at="a", kind="casualty", effect=Effect.KILLED, side="NKR", low=1)
STORY = Replay(name="story", articles=("a", "b"), expected_alerts=(FIVE_KILLED, A_TRUCE), optional_alerts=(ONE_CHILD,))


def an_alert(at: str = "a", low: int | None = 5, side: str | None = "NKR", status: CeasefireStatus | None = None) -> AlertRaised:
    return AlertRaised(
        alert_id=f"{at}-{low}-{status}",
        article_id=at,
        story_id="s",
        kind=AlertKind.CEASEFIRE if status else AlertKind.CASUALTY,
        reason=AlertReason.CEASEFIRE_AGREED if status else AlertReason.FIRST_FIGURE,
        severity=Severity.WARNING,
        effect=None if status else Effect.KILLED,
        low=None if status else low,
        side=None if status else side,
        status=status,
        headline="",
        evidence=Evidence(field="text", start=0, end=1, text="x"),
    )


TRUCE = an_alert("b", status=CeasefireStatus.AGREED)


def test_what_was_expected_came() -> None:
    verdict = judge(STORY, [an_alert(), TRUCE])
    assert verdict.as_expected
    assert len(verdict.hit) == 2


def test_karabakhs_dead_and_armenias_are_the_same_people() -> None:
    assert judge(STORY, [an_alert(side="ARM"), TRUCE]).as_expected


def test_an_optional_alert_is_neither_missed_nor_false() -> None:
    assert judge(STORY, [TRUCE, an_alert(low=1), an_alert()]).as_expected


def test_a_missing_alert_fails() -> None:
    verdict = judge(STORY, [an_alert()])
    assert verdict.missed == (A_TRUCE,)
    assert not verdict.as_expected


def test_the_same_alert_twice_is_false_once() -> None:
    verdict = judge(STORY, [an_alert(), an_alert(), TRUCE])
    assert len(verdict.false) == 1
    assert not verdict.as_expected


def test_another_side_figure_or_article_is_false() -> None:
    for wrong in (an_alert(side="AZE"), an_alert(low=6), an_alert("b")):
        assert judge(STORY, [an_alert(), TRUCE, wrong]).false == (wrong,)


def test_the_bundled_story_names_its_own_articles() -> None:
    articles = articles_of(BUNDLED)
    (story,) = replays_of(BUNDLED)
    assert set(story.articles) == set(articles)
    assert {article.lang for article in articles.values()} == {"en", "ru", "az", "hy"}
    times = [articles[article_id].published_at for article_id in story.articles]
    assert times == sorted(times)
