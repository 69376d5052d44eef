"""Stories that are not looked at could not have taken the article."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.classifier.core.candidates import Candidates
from services.classifier.core.profiles import Place, StoryArticle, story_article
from services.classifier.core.stories import assign, begun, joined
from tests.builders import THE_MORNING, a_claim, a_reading

pytestmark = pytest.mark.slow

PLACES = {
    "tartar": Place("city", 40.343, 46.931),
    "martakert": Place("town", 40.211, 46.813),
    "lachin": Place("town", 39.641, 46.547),
    "buynaksk": Place("city", 42.819, 47.118),
    "derbent": Place("city", 42.057, 48.289),
    "dagestan": Place("republic", 42.8, 47.1, "DAG"),
    "tbilisi": Place("city", 41.69, 44.8),
}
SIDES = ["ARM", "AZE", "GEO", "ABK", "REB", "RUS"]


@st.composite
def articles(draw: st.DrawFn) -> StoryArticle:
    sides = draw(st.lists(st.sampled_from(SIDES), max_size=2))
    reading = a_reading(
        draw(st.uuids()).hex,
        claims=[a_claim(draw(st.integers(1, 40)), side=side, claimant=None) for side in sides],
        actors=draw(st.lists(st.sampled_from(["AZE.MIL", "ARM.MIL", "GEO.GOV", "ABK.MIL", "DAG.POL", "REB"]), max_size=3)),
        events=draw(st.lists(st.sampled_from(["armed_clash", "accident", "protest", "mine_blast", "diplomacy"]), max_size=2)),
        places=draw(st.lists(st.sampled_from(sorted(PLACES)), max_size=3, unique=True)),
    )
    names = draw(st.lists(st.sampled_from(["asoan", "minde", "zkude"]), max_size=1))
    hours = draw(st.integers(0, 24 * 12))
    return story_article(reading, seen_at=THE_MORNING + timedelta(hours=hours), title="", gazetteer=PLACES, names=names)


@settings(max_examples=100, deadline=None)
@given(st.lists(articles(), min_size=1, max_size=8), st.lists(articles(), max_size=4), articles(), st.booleans())
def test_looking_at_candidates_alone_files_an_article_as_looking_at_all_does(
    first: list[StoryArticle], later: list[StoryArticle], article: StoryArticle, alike: bool
) -> None:
    stories = {begun(one).story_id: begun(one) for one in first}
    index = Candidates(PLACES)
    index.follow(stories)
    for one, story_id in zip(later, list(stories), strict=False):
        stories[story_id] = joined(stories[story_id], one)
        index.put(stories[story_id])
    words = {min(stories): 0.4} if alike else {}

    of_all = assign(list(stories.values()), article, gazetteer=PLACES, alike=words)
    of_candidates = assign(index.of(article, words), article, gazetteer=PLACES, alike=words)

    assert (of_candidates.story_id, of_candidates.new, of_candidates.rivals) == (of_all.story_id, of_all.new, of_all.rivals)
    if not of_all.new:
        assert of_candidates == of_all


@given(st.lists(articles(), min_size=1, max_size=6))
def test_what_was_dropped_is_found_no_more(told: list[StoryArticle]) -> None:
    index = Candidates(PLACES)
    stories = {begun(one).story_id: begun(one) for one in told}
    index.follow(stories)
    index.follow({})

    assert all(index.of(one, stories) == [] for one in told)
