"""Which articles are copies, and which only look like one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.reading import CasualtyClaim, Reading
from services.classifier.core.copies import Known, Shelf, copy_of, origin_of, signature, similarity, told
from tests.builders import THE_MORNING, a_claim, a_reading, a_truce

WIRE = """STEPANAKERT - Azerbaijani forces shelled towns in Nagorno-Karabakh on Tuesday, killing {toll} people and wounding {hurt}, the region's human
rights ombudsman said. Baku called it a local operation against terrorists and demanded that the Armenian units leave. Residents of the main city
spent the afternoon in cellars while the electricity failed, and the hospital asked for blood. Yerevan said it had no troops there and appealed to the
Security Council. Russian peacekeepers, whose mandate runs until 2025, said that they had been told of the attack minutes before it began."""
REWRITE = (
    WIRE.replace("on Tuesday", "yesterday")
    .replace("Residents of the main city", "People in the capital")
    .replace("appealed to", "called on")
)
OTHER = """TBILISI - Rescuers brought out the last two miners from a shaft at Tkibuli on Sunday, four days after a blast tore through the gallery. The
energy ministry opened an inquiry into the owner, and families stoned the gates of the works. Doctors in Kutaisi treat nine men for burns, two of whom
are in intensive care, while the trade union says that gas meters had been switched off so that the shift need not stop."""


def known(
    name: str,
    text: str,
    *,
    claims: Iterable[CasualtyClaim] = (),
    hours: float = 0,
    language: str = "en",
    root: str = "",
    reading: Reading | None = None,
) -> Known:
    return Known(
        article_id=name,
        language=language,
        signature=signature(text),
        told=told(reading or a_reading(claims=claims)),
        seen_at=THE_MORNING + timedelta(hours=hours),
        root=root,
    )


def copied(article: Known, *earlier: Known) -> str | None:
    shelf = Shelf()
    for one in earlier:
        shelf.put(one)
    return copy_of(article, shelf.alike(article))


def test_a_light_rewrite_with_the_same_figures_is_a_copy_of_the_first() -> None:
    first = known("first", WIRE.format(toll=5, hurt=80), claims=[a_claim(5)])
    scrape = known("scrape", REWRITE.format(toll=5, hurt=80), claims=[a_claim(5)], hours=2)

    assert copied(scrape, first) == "first"


def test_the_same_words_with_a_raised_toll_are_news_and_no_copy() -> None:
    first = known("first", WIRE.format(toll=5, hurt=80), claims=[a_claim(5)])
    update = known("update", WIRE.format(toll=25, hurt=80), claims=[a_claim(25)], hours=2)

    shelf = Shelf()
    shelf.put(first)
    nearest = shelf.alike(update)[0]

    assert nearest.similarity > 0.8
    assert not nearest.copy


def test_a_truce_that_was_broken_since_is_news_too() -> None:
    first = known("first", WIRE, reading=a_reading(truces=[a_truce("agreed")]))
    update = known("update", WIRE, reading=a_reading(truces=[a_truce("agreed"), a_truce("violated")]), hours=2)

    assert copied(update, first) is None


def test_background_and_claimants_do_not_make_a_difference() -> None:
    first = known("first", WIRE, claims=[a_claim(5, side="NKR"), a_claim(30000, current=False)])
    scrape = known("scrape", REWRITE, claims=[a_claim(5, side="ARM", claimant=None)])

    assert copied(scrape, first) == "first"


def test_a_copy_of_a_copy_leads_to_the_first() -> None:
    first = known("first", WIRE)
    second = known("second", WIRE, hours=1, root="first")
    third = known("third", REWRITE, hours=2)

    assert copied(third, second, first) == "first"
    assert copied(third, second) == "first"


def test_the_bulletin_of_another_day_in_the_same_words_is_no_copy() -> None:
    assert copied(known("next week", WIRE, hours=7 * 24), known("first", WIRE)) is None


def test_other_texts_and_other_languages_are_no_copies() -> None:
    assert copied(known("mine", OTHER), known("first", WIRE)) is None
    assert copied(known("first in another language", WIRE, language="ru"), known("first", WIRE)) is None


def test_a_flash_is_too_short_to_be_a_copy() -> None:
    assert signature("Azerbaijan opens fire on Stepanakert") == ()
    assert copied(known("flash", "Azerbaijan opens fire"), known("same flash", "Azerbaijan opens fire")) is None


def test_a_revision_takes_the_place_of_the_former_one_and_old_articles_are_forgotten() -> None:
    shelf = Shelf()
    shelf.put(known("first", WIRE))
    shelf.put(known("first", OTHER, hours=100))
    assert len(shelf) == 1
    assert shelf.alike(known("scrape", WIRE)) == []
    assert shelf.alike(known("scrape", OTHER))[0].known.article_id == "first"

    shelf.forget_before(THE_MORNING + timedelta(hours=101))
    assert len(shelf) == 0
    assert "first" not in shelf
    assert shelf.alike(known("scrape", OTHER)) == []


@given(st.text(max_size=2000))
def test_any_text_has_a_signature_that_does_not_change(text: str) -> None:
    assert signature(text) == signature(text)
    assert similarity(signature(text), signature(text)) in {0.0, 1.0}


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("CNN\nAzerbaijan has launched an operation in Karabakh, officials said.", "cnn"),
        ("Baku said its posts were hit. (Reporting by Reuters; editing by A. Name)", "reuters"),
        ("BAKU, Sept 19 (Reuters) - Azerbaijan sent troops on Tuesday.", "reuters"),
        ("YEREVAN (AFP) - Armenia said on Tuesday.", "afp"),
        ("The ambassador told Newsweek that talks go on. “We wait,” he told Newsweek.", "newsweek"),
        ("В ведомстве подтвердили гибель двух военных, сообщает ТАСС.", "tass"),
        ("Об этом передаёт РИА Новости со ссылкой на штаб.", "ria"),
        ("Житель села рассказал «Кавказскому узлу», что слышал стрельбу.", "caucasian-knot"),
        ("BAKI. İki hərbçi yaralanıb, APA xəbər verir.", "apa"),
        ("AFP'ye konuşan bir yetkili iki askerin öldüğünü söyledi.", "afp"),
        ("Երկու զինծառայող է վիրավորվել, «Արմենպրես»-ի հաղորդմամբ։", "armenpress"),
        ("Deux soldats ont été tués, a déclaré à l’AFP un porte-parole.", "afp"),
        ("Zwei Soldaten starben, meldet die Nachrichtenagentur Interfax.", "interfax"),
    ],
)
def test_the_outlet_that_a_text_credits_is_its_origin(text: str, origin: str) -> None:
    assert origin_of(text) == origin


@pytest.mark.parametrize(
    "text",
    [
        "Two soldiers died near Aghdam, the ministry said.",
        "The guardian of the bridge told his sister that the river rose.",
        "One man told Reuters that he had seen smoke. Another told AFP that he had not.",
        "The trend is plain: fewer shots were fired.",
        "",
    ],
)
def test_a_text_that_credits_nobody_or_several_has_no_origin(text: str) -> None:
    assert origin_of(text) is None


def test_an_outlet_that_names_itself_credits_nobody() -> None:
    assert origin_of("The ambassador told Newsweek that talks go on.", outlet="Newsweek") is None
