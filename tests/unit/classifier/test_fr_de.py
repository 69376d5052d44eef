"""French and German: elisions, numbers, adjectives behind the noun, compounds, final participles; and texts that must yield nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from schemas.reading import Article, CasualtyClaim
from schemas.vocabulary import Bound, Effect, Group
from services.classifier.core.claims import find_claims
from services.classifier.core.document import take_apart
from services.classifier.core.packs import load
from services.classifier.core.sentences import sentences_of
from services.classifier.core.tokens import tokenise
from services.region import Region

FR = "La situation reste tendue à la frontière entre l'Arménie et l'Azerbaïdjan, où les deux voisins se font face."
DE = "An der Grenze zwischen Armenien und Aserbaidschan bleibt die Lage angespannt, die beiden Nachbarn stehen sich gegenüber."


def claims_of(sentence: str, language: str) -> tuple[CasualtyClaim, ...]:
    """What a paragraph claims, behind a first one that tells its language."""
    article = Article(
        id="x",
        title="",
        text=f"{FR if language == 'fr' else DE}\n\n{sentence}",
        published_at=datetime(2022, 9, 14, 12, tzinfo=UTC),
    )
    region = Region.load()
    return find_claims(take_apart(article, region), region)


def told(sentence: str, language: str) -> list[tuple[str, int | None, int | None]]:
    """(effect, low, high) of every claim."""
    return [(claim.effect.value, claim.low, claim.high) for claim in claims_of(sentence, language)]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Au moins 34 personnes sont mortes dans l'explosion.", [("killed", 34, None)]),
        ("L'attaque a fait cinq morts et douze blessés.", [("killed", 5, 5), ("wounded", 12, 12)]),
        ("L'avalanche a coûté la vie à vingt-trois personnes.", [("killed", 23, 23)]),
        ("Quatre-vingt-douze soldats ont été tués.", [("killed", 92, 92)]),
        ("Vingt et un civils ont été blessés.", [("wounded", 21, 21)]),
        ("Une quinzaine de soldats ont péri.", [("killed", 15, 15)]),
        ("Plus d'une dizaine de civils ont été tués.", [("killed", 10, None)]),
        ("Des dizaines de personnes ont été blessées.", [("wounded", None, None)]),
        ("Plus de 65 000 personnes ont fui leurs foyers.", [("displaced", 65000, None)]),
        ("Un policier a trouvé la mort et un autre a été grièvement blessé.", [("killed", 1, 1), ("wounded", 1, 1)]),
        ("Personne n'a été blessé.", [("wounded", 0, 0)]),
        ("L'armée a perdu la trace de trois hommes.", [("missing", 3, 3)]),
        (
            "Le siège a fait 300 morts et jeté des milliers de personnes sur les routes.",
            [("killed", 300, 300), ("displaced", None, None)],
        ),
    ],
)
def test_french_figures(sentence: str, expected: list[tuple[str, int | None, int | None]]) -> None:
    assert told(sentence, "fr") == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Bei dem Gefecht wurden am Dienstag mindestens vier Soldaten getötet.", [("killed", 4, None)]),
        ("Bei dem Unglück sind dreiundzwanzig Bergleute ums Leben gekommen.", [("killed", 23, 23)]),
        ("Bei dem Unglück kamen sechs Menschen ums Leben, drei wurden verletzt.", [("killed", 6, 6), ("wounded", 3, 3)]),
        ("Das Gefecht kostete vier Soldaten das Leben.", [("killed", 4, 4)]),
        ("Mehr als 65.000 Menschen sind geflohen.", [("displaced", 65000, None)]),
        ("Ein Polizist kam ums Leben, ein weiterer wurde schwer verletzt.", [("killed", 1, 1), ("wounded", 1, 1)]),
        ("Niemand wurde verletzt.", [("wounded", 0, 0)]),
        ("Am 13. September wurden 49 Soldaten getötet.", [("killed", 49, 49)]),
        ("Ein 32 Jahre alter Hirte wurde getötet.", [("killed", 1, 1)]),
        ("Es gab Dutzende Verletzte.", [("wounded", None, None)]),
        ("Zwölf Soldaten wurden gefangen genommen.", [("captured", 12, 12)]),
        ("Zwei Grenzsoldaten und fünf Regierungssoldaten fielen bei dem Angriff.", [("killed", 2, 2), ("killed", 5, 5)]),
    ],
)
def test_german_figures(sentence: str, expected: list[tuple[str, int | None, int | None]]) -> None:
    assert told(sentence, "de") == expected


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("fr", "Les visiteurs ont perdu deux joueurs sur carton rouge après un quart d'heure."),
        ("fr", "La réforme reste lettre morte depuis cinq ans."),
        ("fr", "Trois postes et deux chars ont été détruits."),
        ("fr", "Si deux soldats étaient tués, la trêve serait rompue."),
        ("de", "Seine Partei hatte sechs Sitze verloren."),
        ("de", "Die Waffenruhe wurde am 13. September dreimal gebrochen, es fielen Schüsse."),
        ("de", "Der Trainer sprach von einem toten Rennen."),
        ("de", "Er wurde bei einer Verpuffung verletzt."),
        ("de", "Drei Stellungen und zwei Panzer wurden vernichtet."),
    ],
)
def test_a_neighbour_of_casualties_yields_nothing(language: str, sentence: str) -> None:
    assert told(sentence, language) == []


def test_the_adjective_behind_the_french_noun_tells_the_side() -> None:
    (claim,) = claims_of("Quatre soldats azerbaïdjanais ont été tués, a affirmé Erevan.", "fr")
    assert (claim.side, claim.claimant, claim.group) == ("AZE", "ARM.GOV", Group.MILITARY)


def test_a_french_verb_holds_the_speaker_of_the_paragraph() -> None:
    claims = claims_of(
        "Le ministère de la Défense à Bakou a reconnu la mort de sept de ses militaires. Dix autres ont été blessés, a-t-il précisé.", "fr"
    )
    assert [(claim.low, claim.claimant, claim.side) for claim in claims] == [(7, "AZE.MIL", "AZE"), (10, "AZE.MIL", "AZE")]


def test_about_a_dozen_is_no_exact_number() -> None:
    (claim,) = claims_of("Une vingtaine de civils ont été blessés.", "fr")
    assert claim.bound is Bound.ABOUT


@pytest.mark.parametrize(
    "sentence",
    [
        "Nach Angaben des armenischen Verteidigungsministeriums wurden vier Soldaten getötet.",
        "Vier Soldaten seien getötet worden, teilte das armenische Verteidigungsministerium mit.",
        "Wie das armenische Verteidigungsministerium mitteilte, wurden vier Soldaten getötet.",
        "Vier Soldaten wurden getötet, wie das armenische Verteidigungsministerium mitteilte.",
        "Dem armenischen Verteidigungsministerium zufolge wurden vier Soldaten getötet.",
        "„Vier Soldaten wurden getötet“, sagte der Sprecher des armenischen Verteidigungsministeriums.",
    ],
)
def test_a_german_source_is_heard_wherever_it_stands(sentence: str) -> None:
    (claim,) = claims_of(sentence, "de")
    assert (claim.effect, claim.low, claim.claimant, claim.side) == (Effect.KILLED, 4, "ARM.MIL", "ARM")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Am 3. September schwiegen die Waffen. Es blieb ruhig.", 2),
        ("Im 2. Krieg starben viele. Der Krieg endete.", 2),
        ("Die Zahl stieg auf 12. Die Suche dauert an.", 2),
    ],
)
def test_the_dot_of_a_german_ordinal_ends_no_sentence(text: str, count: int) -> None:
    assert len(list(sentences_of(text, 0, len(text), "de", frozenset()))) == count


def test_entries_match_elided_and_compound_words() -> None:
    french, german = load("fr"), load("de")
    assert french is not None
    assert german is not None
    assert any(kind.kind == "according" for kind in french.tags(tuple(tokenise("d'après l'armée", 0, 15, "fr"))))
    assert "*soldaten" in german.keys("regierungssoldaten")
    assert not any(key.startswith("*") for key in german.keys("soldaten"))
