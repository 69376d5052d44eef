"""The region finds what a text names, in every language, and composes countries with their bodies."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.region import Region
from services.region.folding import fold

APRIL_2016 = date(2016, 4, 2)


@pytest.fixture(scope="module")
def region() -> Region:
    return Region.load()


def codes(region: Region, text: str, day: date | None = APRIL_2016) -> list[str]:
    return [m.code for m in region.find(text, day) if m.code]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("the Azerbaijani Defence Ministry said", "AZE.MIL"),
        ("the defence ministry of Azerbaijan said", "AZE.MIL"),
        ("Azerbaijan's defense ministry said", "AZE.MIL"),
        ("the Defence Ministry in Baku said", "AZE.MIL"),
        ("two Armenian conscripts fell", "ARM.MIL"),
        ("Georgian Interior Ministry officers", "GEO.POL"),
        ("Минобороны Азербайджана сообщило", "AZE.MIL"),
        ("в министерстве обороны Армении сообщили", "ARM.MIL"),
        ("азербайджанскими военнослужащими", "AZE.MIL"),
        ("армянского пограничника", "ARM.POL"),
        ("Azərbaycanın Müdafiə Nazirliyindən bildirilib", "AZE.MIL"),
        ("erməni əsgərinin", "ARM.MIL"),
        ("Gürcüstan Daxili İşlər Nazirliyi", "GEO.POL"),
        ("Ադրբեջանի պաշտպանության նախարարությունից հայտնել են", "AZE.MIL"),
        ("հայ զինծառայողներից երկուսը", "ARM.MIL"),
        ("ადრ. აზერბაიჯანის თავდაცვის სამინისტროს", "AZE.MIL"),
        ("რუსი ჯარისკაცი", "RUS.MIL"),
        ("Ermenistan Savunma Bakanlığı'ndan yapılan", "ARM.MIL"),
        ("Azerbaycan askerleri", "AZE.MIL"),
        ("le ministère arménien de la Défense", "ARM.MIL"),
        ("des soldats azerbaïdjanais", "AZE.MIL"),
        ("aserbaidschanische Soldaten", "AZE.MIL"),
        ("die Polizei in Tiflis", "GEO.POL"),
    ],
)
def test_country_and_body_compose_in_every_language(region: Region, text: str, code: str) -> None:
    assert code in codes(region, text)


def test_two_countries_share_the_body_that_follows_or_precedes_them(region: Region) -> None:
    assert codes(region, "Armenian and Russian border guards") == ["ARM.POL", "RUS.POL"]
    assert codes(region, "the foreign ministers of Armenia and Azerbaijan") == ["ARM.GOV", "AZE.GOV"]


def test_a_bare_ministry_has_a_sector_but_no_code(region: Region) -> None:
    (ministry,) = region.find("the defence ministry said")
    assert (ministry.code, ministry.entry.sector) == (None, "MIL")


def test_rebels_are_rebels_whoever_they_are(region: Region) -> None:
    assert codes(region, "Chechen rebels") == ["REB"]


@pytest.mark.parametrize(
    "text",
    [
        "Степанакерту, Степанакертом и под Степанакертом",
        "Xankəndidən Xankəndiyə",
        "Ստեփանակերտում եւ Ստեփանակերտից",
        "სტეფანაკერტში, სტეფანაკერტის",
        "Khankendi, Xankendi, Hankendi'de",
    ],
)
def test_names_are_found_inflected_and_under_rival_forms(region: Region, text: str) -> None:
    found = [m.entry.id for m in region.find(text)]
    assert set(found) == {"stepanakert"}
    assert len(found) >= 2


def test_words_that_only_begin_like_a_name_are_left_alone(region: Region) -> None:
    assert region.find("The pace of the match; горит лес; hayat davam edir; հայտնել է; karsinogen") == ()


def test_acronyms_count_in_capitals_only(region: Region) -> None:
    assert codes(region, "the EU and the UN") == ["EUR", "UNO"]
    assert codes(region, "un homme, eu égard, is it") == []


def test_a_phrase_that_rules_a_name_out(region: Region) -> None:
    assert "georgia" not in [m.entry.id for m in region.find("Rain in Georgia; the suspect fled Atlanta")]
    assert "georgia" in [m.entry.id for m in region.find("Rain in Georgia; the suspect fled Batumi")]
    assert "nagorno-karabakh" not in [m.entry.id for m in region.find("“Qarabağ” UEFA kubokunda oynadı")]


def test_the_body_of_an_article_tells_what_its_title_names(region: Region) -> None:
    assert [m.entry.id for m in region.find("Georgia beats Florida", beside="The Bulldogs won.")] == []
    assert [m.entry.id for m in region.find("Georgia beats Florida", beside="Tbilisi cheered.")] == ["georgia"]


@pytest.mark.parametrize(
    ("place", "day", "holder"),
    [
        ("aghdam", date(1992, 1, 1), "AZE"),
        ("aghdam", date(2016, 4, 2), "NKR"),
        ("aghdam", date(2021, 1, 1), "AZE"),
        ("stepanakert", date(2023, 9, 19), "NKR"),
        ("stepanakert", date(2023, 9, 21), "AZE"),
        ("kodori", date(2006, 7, 25), "GEO"),
        ("kodori", date(2010, 1, 1), "ABK"),
        ("makhachkala", date(2010, 1, 1), "DAG"),
        ("goris", None, "ARM"),
    ],
)
def test_who_holds_a_place_depends_on_the_day(region: Region, place: str, day: date | None, holder: str) -> None:
    assert region.entry(place).holder(day) == holder


def test_a_person_speaks_for_the_office_held_on_that_day(region: Region) -> None:
    assert codes(region, "Serzh Sargsyan", date(2016, 4, 2)) == ["ARM.GOV"]
    assert codes(region, "Serzh Sargsyan", date(2021, 4, 2)) == ["ARM.OPP"]


def test_wars_carry_their_dates(region: Region) -> None:
    war = region.entry("second-karabakh-war")
    assert (war.began, war.ended) == (date(2020, 9, 27), date(2020, 11, 10))
    assert war in region.wars


@given(st.text(alphabet="Armenian Azərbaycanİıյոև\u00ad\u200b\u0301-'’\n.Й", max_size=80))
@settings(max_examples=200, deadline=None)
def test_every_surface_is_cut_from_the_stored_text(text: str) -> None:
    for mention in Region.load().find("Baku " + text + " Ереван"):
        assert ("Baku " + text + " Ереван")[mention.start : mention.end] == mention.surface


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_folding_keeps_the_way_back(text: str) -> None:
    folded = fold(text)
    for i in range(len(folded.text)):
        start, end = folded.span(i, i + 1)
        assert 0 <= start < end <= len(text)


def test_unseen_characters_do_not_hide_a_name(region: Region) -> None:
    (mention,) = region.find("Step\u00adana\u200bkert")
    assert (mention.entry.id, mention.surface) == ("stepanakert", "Step\u00adana\u200bkert")


def test_hostile_text_takes_no_more_than_its_share(region: Region) -> None:
    assert region.find("Армени" * 20_000) == ()
    assert len(region.find("Baku " * 5_000)) == 5_000
    assert region.find("ministry of defence of " * 3_000) != ()
