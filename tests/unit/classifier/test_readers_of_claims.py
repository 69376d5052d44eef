from __future__ import annotations

import pytest

from tests.unit.classifier.reader import a_document, claims_in


@pytest.mark.parametrize(
    ("code", "text", "told"),
    [
        (
            "en",
            "The Defence Ministry in Baku said two soldiers were killed and three wounded.",
            [("killed", 2, "AZE"), ("wounded", 3, "AZE")],
        ),
        (
            "ru",
            "Минобороны Азербайджана сообщило, что двое военнослужащих погибли, ещё трое ранены.",
            [("killed", 2, "AZE"), ("wounded", 3, "AZE")],
        ),
        (
            "hy",
            "Ադրբեջանի պաշտպանության նախարարությունը հայտնել է, որ զոհվել է երկու զինծառայող, վիրավորվել է երեքը։",
            [("killed", 2, "AZE"), ("wounded", 3, "AZE")],
        ),
        (
            "fr",
            "Deux soldats ont été tués et trois blessés, a annoncé le ministère azerbaïdjanais de la Défense.",
            [("killed", 2, "AZE"), ("wounded", 3, "AZE")],
        ),
        (
            "de",
            "Das Verteidigungsministerium in Baku teilte mit, zwei Soldaten seien getötet und drei verletzt worden.",
            [("killed", 2, "AZE"), ("wounded", 3, "AZE")],
        ),
        (
            "ka",
            "აზერბაიჯანის თავდაცვის სამინისტროს ინფორმაციით, დაიღუპა ორი ჯარისკაცი და დაიჭრა სამი.",
            [("killed", 2, "AZE"), ("wounded", 3, "AZE")],
        ),
    ],
)
def test_one_grammar_reads_every_language_of_a_lexicon(code: str, text: str, told: list[tuple[str, int, str]]) -> None:
    assert a_document(text).language == code
    claims = claims_in(text)
    assert [(claim.effect.value, claim.low, (claim.claimant or "-").split(".")[0]) for claim in claims] == told


@pytest.mark.parametrize(
    "text",
    [
        "Россия направила в регион 2000 миротворцев и 12 танков.",
        "La Russie a envoyé 2 000 soldats de la paix et 12 chars dans la région.",
        "Russland schickte 2000 Friedenssoldaten und 12 Panzer in die Region.",
        "Ռուսաստանը տարածաշրջան է ուղարկել 2000 խաղաղապահ և 12 տանկ։",
        "რუსეთმა რეგიონში 2000 სამშვიდობო და 12 ტანკი გაგზავნა.",
    ],
)
def test_those_who_are_only_sent_are_no_casualties(text: str) -> None:
    assert claims_in(text) == ()


def test_a_collective_number_comes_near_its_value() -> None:
    [claim] = claims_in("Une vingtaine de soldats ont été tués mardi dans le Haut-Karabakh, selon Bakou.")
    assert (claim.low, claim.high, claim.bound.value) == (20, 20, "about")


def test_a_scale_belongs_to_both_ends_of_a_range() -> None:
    [claim] = claims_in("Война унесла от 25 до 30 тысяч жизней, считают в Ереване.")
    assert (claim.low, claim.high) == (25_000, 30_000)
