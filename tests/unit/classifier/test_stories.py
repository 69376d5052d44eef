"""Which articles are told as one story, and which are not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from schemas.reading import Reading
from schemas.vocabulary import StoryReason
from services.classifier.core.profiles import Place, StoryArticle, StoryProfile, story_article
from services.classifier.core.stories import Assignment, assign, begun, joined, story_id_of
from tests.builders import THE_MORNING, a_claim, a_reading, a_truce, an_id

GAZETTEER = {
    "azerbaijan": Place("state", 40.3, 47.7),
    "nagorno-karabakh": Place("region", 39.83, 46.75),
    "stepanakert": Place("city", 39.818, 46.752),
    "martakert": Place("town", 40.211, 46.813),
    "tartar": Place("city", 40.343, 46.931),
    "kalbajar": Place("town", 40.107, 46.038),
    "grozny": Place("city", 43.318, 45.694),
    "dagestan": Place("republic", 42.8, 47.1),
    "buynaksk": Place("city", 42.819, 47.118),
    "derbent": Place("city", 42.057, 48.289),
    "tbilisi": Place("city", 41.69, 44.8),
    "kutaisi": Place("city", 42.27, 42.7),
}


def the_offensive(name: str = "offensive", *, toll: int = 25, language: str = "en") -> Reading:
    return a_reading(
        name,
        claims=[a_claim(toll, side="NKR"), a_claim(80, effect="wounded", side="NKR")],
        actors=["AZE.MIL", "AZE.GOV", "NKR.GOV", "NKR.MIL", "ARM.GOV", "RUS.GOV"],
        events=["shelling", "armed_clash", "mine_blast", "diplomacy"],
        places=["nagorno-karabakh", "azerbaijan", "stepanakert", "martakert"],
        language=language,
    )


def seen(reading: Reading, *, hours: float = 0) -> StoryArticle:
    return story_article(reading, seen_at=THE_MORNING + timedelta(hours=hours), title=reading.id, gazetteer=GAZETTEER)


def placed(reading: Reading, *stories: StoryProfile, hours: float = 6, alike: Mapping[str, float] | None = None) -> Assignment:
    return assign(stories, seen(reading, hours=hours), gazetteer=GAZETTEER, alike=alike)


def test_the_first_article_begins_a_story_whose_id_follows_from_its_own() -> None:
    found = placed(the_offensive())

    assert found.new
    assert found.reason is StoryReason.NEW
    assert found.story_id == story_id_of(an_id("offensive")) == placed(the_offensive()).story_id
    assert found.nearest is None


def test_the_same_offensive_in_another_language_is_the_same_story() -> None:
    offensive = begun(seen(the_offensive()))
    in_russian = a_reading(
        "ru",
        claims=[a_claim(27, side="ARM"), a_claim(2, side="AZE")],
        actors=["AZE.MIL", "NKR.GOV", "RUS.MIL"],
        events=["armed_clash", "territorial_change"],
        places=["azerbaijan", "stepanakert"],
        language="ru",
    )
    found = placed(in_russian, offensive)

    assert found.story_id == offensive.story_id
    assert found.reason is StoryReason.ALIKE_CODES


def test_the_truce_that_ends_the_offensive_belongs_to_it() -> None:
    offensive = begun(seen(the_offensive()))
    truce = a_reading(
        "truce", truces=[a_truce()], actors=["AZE.MIL", "NKR.GOV", "RUS.PKO"], events=["ceasefire", "peace_talks", "armed_clash"]
    )

    assert placed(truce, offensive, hours=24).story_id == offensive.story_id


def test_a_landmine_of_the_same_day_is_a_story_of_its_own() -> None:
    offensive = begun(seen(the_offensive()))
    landmine = a_reading(
        "mine",
        claims=[a_claim(2, side="AZE")],
        actors=["AZE.GOV", "AZE.CVL", "ARM.GOV"],
        events=["mine_blast", "diplomacy"],
        places=["azerbaijan", "kalbajar"],
    )
    found = placed(landmine, offensive)

    assert found.new
    assert found.nearest == offensive.story_id
    assert found.points["kind"] < 0


def test_two_wars_of_the_same_day_are_two_stories() -> None:
    karabakh = begun(seen(the_offensive()))
    grozny = a_reading(
        "grozny",
        claims=[a_claim(25, side="RUS"), a_claim(80, effect="wounded", side="RUS")],
        actors=["RUS.POL", "CHE.GOV", "REB"],
        events=["armed_clash", "shelling"],
        places=["grozny"],
    )
    assert placed(grozny, karabakh).new


def test_raids_in_two_towns_of_dagestan_are_two_stories_and_a_second_report_on_one_is_not() -> None:
    def raid(name: str, town: str, *, dead: int, language: str = "ru") -> Reading:
        return a_reading(
            name,
            claims=[a_claim(dead, side="REB")],
            actors=["DAG.POL", "RUS.POL", "REB"],
            events=["armed_clash"],
            places=["dagestan", town],
            language=language,
        )

    buynaksk = begun(seen(raid("buynaksk", "buynaksk", dead=2)))

    assert placed(raid("derbent", "derbent", dead=3), buynaksk).new
    assert placed(raid("buynaksk in English", "buynaksk", dead=3, language="en"), buynaksk).story_id == buynaksk.story_id


def test_villages_near_each_other_are_one_place_along_a_front() -> None:
    north = begun(
        seen(a_reading("tartar", claims=[a_claim(4, side="AZE")], actors=["AZE.MIL", "NKR.MIL"], events=["armed_clash"], places=["tartar"]))
    )
    next_to_it = a_reading(
        "martakert", claims=[a_claim(8, side="NKR")], actors=["NKR.MIL", "AZE.MIL"], events=["armed_clash"], places=["martakert"]
    )

    found = placed(next_to_it, north)

    assert found.story_id == north.story_id
    assert found.points["places"] > 0


def test_an_accident_that_shares_nothing_but_its_country_is_another_one() -> None:
    mine = begun(
        seen(
            a_reading(
                "mine",
                claims=[a_claim(7, side="GEO", claimant=None)],
                actors=["GEO.GOV", "GEO.CVL"],
                events=["accident"],
                places=["kutaisi"],
            )
        )
    )
    bus = a_reading("bus", claims=[a_claim(3, side="GEO", claimant=None)], actors=["GEO.GOV", "GEO.CVL"], events=["accident"])

    assert placed(bus, mine).new


def test_likeness_of_words_ties_articles_whose_codes_say_little() -> None:
    sparse = a_reading("sparse", actors=["GEO.GOV"], events=["accident"])
    story = begun(seen(sparse))
    other = a_reading("other", actors=["GEO.CVL"], events=["accident"])

    assert placed(other, story).new
    found = placed(other, story, alike={story.story_id: 0.3})
    assert found.story_id == story.story_id
    assert found.reason is StoryReason.ALIKE_WORDS


def test_a_copy_goes_where_its_original_went() -> None:
    offensive = begun(seen(the_offensive()))
    found = assign([offensive], seen(a_reading("copy", events=[], actors=[])), copy_in=offensive.story_id)

    assert (found.story_id, found.reason) == (offensive.story_id, StoryReason.COPY)


def test_fighting_after_weeks_of_quiet_is_a_new_story() -> None:
    offensive = begun(seen(the_offensive()))
    again = a_reading("again", claims=[a_claim(3, side="ARM")], actors=["AZE.MIL", "ARM.MIL"], events=["armed_clash"])

    assert not placed(again, offensive, hours=5 * 24).new
    assert placed(again, offensive, hours=28 * 24).new


def test_bulletins_without_victims_do_not_keep_a_story_hot() -> None:
    story = begun(seen(the_offensive()))
    bulletin = a_reading("bulletin", truces=[a_truce("violated")], actors=["AZE.MIL", "ARM.MIL"], events=["ceasefire", "shelling"])
    for day in range(1, 29):
        story = joined(story, seen(bulletin, hours=24 * day))
    again = a_reading("again", claims=[a_claim(3, side="ARM")], actors=["AZE.MIL", "ARM.MIL"], events=["armed_clash"])

    assert placed(again, story, hours=29 * 24).new


def test_a_late_article_joins_and_widens_its_story() -> None:
    offensive = begun(seen(the_offensive(), hours=10))
    late = seen(the_offensive("late", toll=5), hours=2)
    widened = joined(offensive, late)

    assert assign([offensive], late, gazetteer=GAZETTEER).story_id == offensive.story_id
    assert widened.began_at == late.seen_at
    assert widened.last_at == offensive.last_at


def test_the_order_of_the_stories_does_not_matter() -> None:
    first = begun(seen(the_offensive("first")))
    second = begun(seen(the_offensive("second"), hours=1))

    assert placed(the_offensive("third"), first, second).story_id == placed(the_offensive("third"), second, first).story_id


def test_background_and_nil_figures_are_no_mark_of_a_story() -> None:
    article = seen(a_reading("background", claims=[a_claim(30000, current=False), a_claim(0)]))

    assert article.figures == frozenset()
    assert not article.happening


@given(st.lists(st.tuples(st.integers(1, 500), st.sampled_from(["NKR", "AZE", "GEO", None]), st.integers(0, 200)), max_size=12))
def test_a_stored_story_is_restored_as_it_was(told: list[tuple[int, str | None, int]]) -> None:
    story = begun(seen(the_offensive()))
    for number, (toll, side, hours) in enumerate(told):
        story = joined(story, seen(a_reading(str(number), claims=[a_claim(toll, side=side)], places=["tartar"]), hours=hours))

    assert StoryProfile.restored(story.story_id, story.title, story.began_at, story.last_at, story.stored()) == story
    assert story.articles == len(told) + 1
    assert story.began_at <= story.hot_at <= story.last_at


def test_a_name_that_no_list_holds_ties_two_languages() -> None:
    def accident(name: str, names: tuple[str, ...], language: str) -> StoryArticle:
        reading = a_reading(name, actors=["GEO.GOV", "GEO.CVL"], events=["accident"], language=language)
        return story_article(reading, seen_at=THE_MORNING, title="", gazetteer=GAZETTEER, names=names)

    story = begun(accident("first", ("minde", "zaza"), "en"))

    assert assign([story], accident("same", ("minde",), "ru")).story_id == story.story_id
    assert assign([story], accident("another", ("kvirike",), "ru")).new


def test_talk_of_the_same_parties_belongs_to_the_fighting() -> None:
    offensive = begun(seen(the_offensive()))
    talk = a_reading("talk", actors=["AZE.GOV", "NKR.GOV", "ARM.GOV"], events=["diplomacy"], places=["stepanakert"])

    assert placed(talk, offensive).story_id == offensive.story_id


def test_a_text_in_the_language_of_one_side_need_not_name_its_own_army() -> None:
    battle = begun(seen(a_reading("hy", claims=[a_claim(3, side="ARM")], actors=["ARM.MIL", "AZE.MIL"], events=["armed_clash"])))
    at_home = a_reading("az", claims=[a_claim(4, side="ARM", claimant=None)], actors=["NKR.MIL"], events=["armed_clash"], language="az")

    assert placed(at_home, battle).story_id == battle.story_id


def test_who_counts_the_dead_of_a_battle_is_a_party_to_it() -> None:
    article = seen(a_reading("claim", claims=[a_claim(20, side="ARM", claimant="AZE.MIL")], actors=[]))

    assert set(article.parties) == {"ARM", "AZE"}


def test_a_protest_in_the_capital_is_tied_by_the_capital() -> None:
    def night(name: str, hurt: int, language: str) -> Reading:
        claims = [a_claim(hurt, effect="wounded", side="GEO", claimant="GEO.GOV")]
        return a_reading(
            name, claims=claims, actors=["GEO.POL", "GEO.OPP"], events=["protest", "detention"], places=["tbilisi"], language=language
        )

    story = begun(seen(night("en", 39, "en")))

    assert placed(night("ru", 240, "ru"), story).story_id == story.story_id


def test_reports_that_name_nothing_nearer_than_the_region_are_tied_by_it() -> None:
    def vague(name: str, language: str) -> Reading:
        return a_reading(name, claims=[a_claim(4, claimant=None)], actors=["NKR.GOV"], places=["nagorno-karabakh"], language=language)

    story = begun(seen(vague("hy", "hy")))

    assert placed(vague("en", "en"), story).story_id == story.story_id


def test_a_mine_that_the_story_has_told_of_is_no_other_kind() -> None:
    prelude = a_reading(
        "prelude", claims=[a_claim(2, side="AZE")], actors=["AZE.MIL", "NKR.GOV"], events=["mine_blast", "shelling"], places=["martakert"]
    )
    story = joined(begun(seen(the_offensive())), seen(prelude, hours=1))
    again = a_reading(
        "again",
        claims=[a_claim(2, side="AZE", claimant="AZE.MIL")],
        actors=["AZE.MIL", "NKR.GOV"],
        events=["mine_blast"],
        places=["martakert"],
    )

    assert placed(again, story, hours=2).story_id == story.story_id
