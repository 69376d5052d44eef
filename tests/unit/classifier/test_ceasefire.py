"""What is said of a truce: status by verb, polarity and mood; now or background; of this conflict or another."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from services.classifier.core.ceasefire import find_ceasefire
from services.region import Region
from tests.unit.classifier.newsroom import document, story

LEADS = {
    "en": "Fighting went on between Armenian and Azerbaijani soldiers near Kalbajar, the ministry said on Monday.",
    "ru": "Бои между армянскими и азербайджанскими военными у Кельбаджара продолжались, сообщили в министерстве.",
    "az": "Kəlbəcər yaxınlığında erməni və azərbaycanlı əsgərlər arasında döyüşlər davam edib, nazirlik bildirib.",
    "tr": "Kelbecer yakınlarında Ermeni ve Azerbaycan askerleri arasında çatışmalar sürdü, bakanlık bunu pazartesi duyurdu.",
    "hy": "Քելբաջարի մոտ հայ և ադրբեջանցի զինծառայողների միջև մարտերը շարունակվել են, հայտնել է նախարարությունը։",
    "ka": "ქელბაჯართან სომეხ და აზერბაიჯანელ ჯარისკაცებს შორის ბრძოლა გრძელდებოდა, განაცხადა სამინისტრომ ორშაბათს.",
    "fr": "Les combats entre soldats arméniens et azerbaïdjanais se sont poursuivis près de Kelbadjar, a annoncé le ministère.",
    "de": "Die Gefechte zwischen armenischen und aserbaidschanischen Soldaten bei Kelbadschar dauerten an, teilte das Ministerium mit.",
}


SEPTEMBER_2023 = datetime(2023, 9, 20, 12, tzinfo=UTC)
PHRASES = [
    (language, row["says"], sorted(row["statuses"]))
    for language, rows in yaml.safe_load((Path(__file__).parent / "truces.yaml").read_text(encoding="utf-8")).items()
    for row in rows
]


def statuses(sentence: str, language: str = "en") -> list[tuple[str, bool]]:
    found = find_ceasefire(story(sentence, lead=LEADS[language]), Region.load())
    return sorted((str(s.status), s.current) for s in found)


@pytest.mark.parametrize(
    ("sentence", "status"),
    [
        ("The two governments declared a ceasefire from midnight.", "agreed"),
        ("Both sides have agreed to stop shooting at noon, a mediator said.", "agreed"),
        ("They accepted a Russian proposal to halt hostilities.", "agreed"),
        ("A truce came into force at noon.", "agreed"),
        ("The ceasefire was largely holding on Tuesday evening.", "in_force"),
        ("Both presidents promised to abide by the truce.", "in_force"),
        ("Armenian units breached the ceasefire 14 times in a day, it said.", "violated"),
        ("Baku accused Yerevan of breaking the truce.", "violated"),
        ("The ceasefire collapsed within hours.", "collapsed"),
        ("Tehran proposed a humanitarian truce of three days.", "proposed"),
        ("The European Union urged both sides to respect the ceasefire.", "called_for"),
        ("Moscow called for an immediate cessation of hostilities.", "called_for"),
        ("Baku rejected the ceasefire.", "rejected"),
        ("There is no ceasefire, his spokesman said.", "denied"),
    ],
)
def test_the_status_is_told_by_the_words_around_the_truce(sentence: str, status: str) -> None:
    assert statuses(sentence) == [(status, True)]


@pytest.mark.parametrize(
    ("language", "sentence", "status"),
    [
        ("ru", "Стороны договорились о прекращении огня.", "agreed"),
        ("ru", "Режим прекращения огня был нарушен 46 раз.", "violated"),
        ("ru", "В ЕС призвали стороны соблюдать перемирие.", "called_for"),
        ("ru", "Баку отверг предложение о перемирии.", "rejected"),
        ("az", "Ermənistan bölmələri atəşkəs rejimini 30 dəfə pozub.", "violated"),
        ("az", "Tərəflər atəşkəs barədə razılaşıb.", "agreed"),
        ("tr", "Taraflar ateşkes ilan etti.", "agreed"),
        ("tr", "Ermenistan ordusu ateşkesi 40 kez ihlal etti.", "violated"),
        ("hy", "Հակառակորդը հրադադարը խախտել է 20 անգամ։", "violated"),
        ("hy", "Կողմերին կոչ են արել պահպանել հրադադարը։", "called_for"),
        ("ka", "მხარეებს ცეცხლის შეწყვეტისკენ მოუწოდეს.", "called_for"),
        ("ka", "ცეცხლის შეწყვეტის რეჟიმი ღამით დაირღვა.", "violated"),
        ("fr", "Paris a appelé les deux camps à respecter le cessez-le-feu.", "called_for"),
        ("fr", "Bakou accuse Erevan d'avoir violé la trêve.", "violated"),
        ("de", "Baku warf Eriwan den Bruch der Waffenruhe vor.", "violated"),
        ("de", "Moskau verlangte, das Feuer einzustellen.", "called_for"),
    ],
)
def test_every_language_has_its_words(language: str, sentence: str, status: str) -> None:
    assert statuses(sentence, language) == [(status, True)]


@pytest.mark.parametrize(
    "sentence",
    [
        "A truce signed in 1994 left the region in Armenian hands.",
        "The war ended with a truce brokered by Moscow.",
        "Russian troops were deployed under the trilateral statement.",
        "The region was quiet under the ceasefire of May 1994.",
    ],
)
def test_an_older_truce_is_background(sentence: str) -> None:
    assert statuses(sentence) == [("agreed", False)]


def test_an_old_truce_on_paper_is_in_force_in_the_background() -> None:
    assert statuses("The truce of 1994 still stands on paper.") == [("in_force", False)]


@pytest.mark.parametrize(
    "sentence",
    [
        "In Gaza a ceasefire collapsed within hours.",
        "Talk of a ceasefire in Ukraine has come to nothing.",
        "The fire brigade stopped the blaze before dawn.",
        "The lull lasted a week.",
        "Neither side spoke of peace.",
        "He held talks with the minister and began his tour.",
    ],
)
def test_other_wars_and_other_calms_say_nothing(sentence: str) -> None:
    assert statuses(sentence) == []


@pytest.mark.parametrize(("language", "sentence", "expected"), PHRASES)
def test_the_phrases(language: str, sentence: str, expected: list[str]) -> None:
    article = document(f"{LEADS[language]}\n\n{sentence}", at=SEPTEMBER_2023)
    found = find_ceasefire(article, Region.load())
    assert sorted(("" if s.current else "-") + str(s.status) for s in found) == expected


def test_a_truce_without_a_conflict_is_none() -> None:
    bazaar = document("In Sadakhlo the traders made a truce with the landlord. A customer in Tbilisi broke it.")
    assert find_ceasefire(bazaar, Region.load()) == ()


def test_the_offer_is_the_truce_that_was_offered() -> None:
    assert statuses("Tehran proposed a truce of three days. Baku turned the offer down.") == [("proposed", True), ("rejected", True)]


def test_a_truce_reached_and_broken_is_two_statements() -> None:
    assert statuses("The truce, agreed on Monday, was broken the same night.") == [("agreed", True), ("violated", True)]


def test_each_side_counts_its_own_breaches_once() -> None:
    text = "The ceasefire was violated 46 times, Baku said. In Stepanakert the army counted 150 violations of the ceasefire."
    assert statuses(text) == [("violated", True), ("violated", True)]


def test_the_evidence_is_cut_from_the_text() -> None:
    article = story("Armenian units breached the ceasefire 14 times.")
    (statement,) = find_ceasefire(article, Region.load())
    evidence = statement.evidence
    assert article.article.text[evidence.start : evidence.end] == evidence.text == "breached the ceasefire"


@pytest.mark.parametrize(
    ("language", "sentence", "statuses_of_it"),
    [
        ("en", "The ceasefire lasted twenty minutes.", [("collapsed", True)]),
        ("en", "The ceasefire has not been violated since Monday.", [("in_force", True)]),
        ("ru", "Перемирие продержалось три часа.", [("collapsed", True)]),
        ("ru", "Перемирие ни разу не нарушалось.", [("in_force", True)]),
        ("tr", "Ateşkes iki saat sürdü.", [("collapsed", True)]),
        ("az", "Atəşkəs bir saat belə davam etməyib.", [("collapsed", True)]),
        ("ka", "ზავმა ორ დღეს გაძლო.", [("collapsed", True)]),
    ],
)
def test_a_truce_that_lasted_hours_is_over_and_one_not_broken_holds(
    language: str, sentence: str, statuses_of_it: list[tuple[str, bool]]
) -> None:
    assert statuses(sentence, language) == statuses_of_it


@pytest.mark.parametrize(
    ("sentence", "status"),
    [
        ("France called for a ceasefire. Baku refused.", [("called_for", True), ("rejected", True)]),
        ("A ceasefire was agreed on Monday. Each side reported violations by the other.", [("agreed", True), ("violated", True)]),
        ("A ceasefire was agreed on Monday. Each side reported three wounded.", [("agreed", True)]),
        ("France called for a ceasefire. Baku refused to name its losses.", [("called_for", True)]),
    ],
)
def test_the_sentence_behind_a_truce_may_answer_it(sentence: str, status: list[tuple[str, bool]]) -> None:
    assert statuses(sentence) == status
