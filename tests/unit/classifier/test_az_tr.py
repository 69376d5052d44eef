"""Azerbaijani and Turkish: numbers with endings, shares, tolls, final verbs, possessors; and texts that must yield nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from schemas.reading import Article, CasualtyClaim
from schemas.vocabulary import Bound, Effect, Group
from services.classifier.core.claims import find_claims
from services.classifier.core.document import take_apart
from services.classifier.core.packs import load
from services.classifier.core.text import fold
from services.region import Region

AZ = "Azərbaycan və Ermənistan sərhədində vəziyyət gərgin olaraq qalır."
TR = "Azerbaycan ile Ermenistan arasındaki sınırda gerginlik sürüyor, taraflar birbirini suçluyor."


def claims_of(sentence: str, language: str, day: str = "2022-09-14") -> tuple[CasualtyClaim, ...]:
    """What a paragraph claims, behind a first one that tells its language."""
    article = Article(
        id="x",
        title="",
        text=f"{AZ if language == 'az' else TR}\n\n{sentence}",
        published_at=datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC),
    )
    region = Region.load()
    return find_claims(take_apart(article, region), region)


def told(sentence: str, language: str, day: str = "2022-09-14") -> list[tuple[str, int | None, int | None]]:
    """(effect, low, high) of every claim."""
    return [(claim.effect.value, claim.low, claim.high) for claim in claims_of(sentence, language, day)]


@pytest.mark.parametrize(
    ("language", "word", "stem"),
    [("az", "ikisinin", "=ikisinin"), ("az", "beşə", "=beşə"), ("tr", "dördünün", "=dördünün"), ("tr", "sekizi", "=sekizi")],
)
def test_a_number_word_is_known_with_the_endings_that_agree(language: str, word: str, stem: str) -> None:
    pack = load(language)
    assert pack is not None
    assert stem in pack.keys(fold(word))


@pytest.mark.parametrize(("language", "word"), [("az", "altında"), ("az", "minaya"), ("az", "onu"), ("az", "üçün"), ("tr", "altında")])
def test_a_word_that_only_looks_like_a_number_is_none(language: str, word: str) -> None:
    pack = load(language)
    assert pack is not None
    assert not [key for key in pack.keys(fold(word)) if key.startswith("=")]


@pytest.mark.parametrize(
    ("sentence", "language", "expected"),
    [
        ("Atışmada iki hərbi qulluqçu şəhid olub, üç nəfər yaralanıb.", "az", [("killed", 2, 2), ("wounded", 3, 3)]),
        ("Partlayışda 20 nəfərdən çox adam ölüb.", "az", [("killed", 20, None)]),
        ("Hücumda 30-dək mülki şəxs yaralanıb.", "az", [("wounded", None, 30)]),
        ("Azı beş əsgər həlak olub.", "az", [("killed", 5, None)]),
        ("Onlarla insan evini tərk edib.", "az", [("displaced", None, None)]),
        ("Şəhidlərin sayı 71-ə çatıb.", "az", [("killed", 71, 71)]),
        ("6 min 650 nəfər evlərini tərk edib.", "az", [("displaced", 6650, 6650)]),
        ("Çatışmada iki asker öldü, beş asker yaralandı.", "tr", [("killed", 2, 2), ("wounded", 5, 5)]),
        ("Patlamada en az 20 kişi hayatını kaybetti.", "tr", [("killed", 20, None)]),
        ("Saldırıda 50'den fazla kişi yaralandı.", "tr", [("wounded", 50, None)]),
        ("Ölenlerin sayısı 13'e yükseldi.", "tr", [("killed", 13, 13)]),
        ("Can kaybının 11'e çıktığını duyurdu.", "tr", [("killed", 11, 11)]),
        ("Saldırıda 12 ölü, 7 yaralı var.", "tr", [("killed", 12, 12), ("wounded", 7, 7)]),
        ("Köye 13 bin 350 kişinin ülkeye ulaştığını bildirdi.", "tr", [("displaced", 13350, 13350)]),
    ],
)
def test_figures_are_read_with_their_endings_and_bounds(
    sentence: str, language: str, expected: list[tuple[str, int | None, int | None]]
) -> None:
    assert told(sentence, language) == expected


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        ("Təlimə 500 əsgər və 40 tank cəlb olunub.", "az"),
        ("İki nazir dörd saat danışıb.", "az"),
        ("Komanda üç qolla uduzub, 12 min azarkeş oyunu izləyib.", "az"),
        ("Yolda 120 nəfər və 35 avtomobil postdan keçib.", "az"),
        ("Tatbikata 600 asker ve 50 tank katıldı.", "tr"),
        ("Polis 226 kişiyi gözaltına aldı.", "tr"),
        ("İki bakan dört saat görüştü, 311 kilometrelik sınır kapalı kaldı.", "tr"),
        ("Uçaklar haftada 180 yolcu taşıyacak.", "tr"),
    ],
)
def test_numbers_of_other_things_claim_nothing(sentence: str, language: str) -> None:
    assert told(sentence, language) == []


@pytest.mark.parametrize(
    ("sentence", "language", "effect"),
    [
        ("Sakinlərdən ölən yoxdur.", "az", Effect.KILLED),
        ("Hadisədə heç kim xəsarət almayıb.", "az", Effect.WOUNDED),
        ("Rus askerleri arasında can kaybı yok.", "tr", Effect.KILLED),
        ("Saldırıda hiç kimse yaralanmadı.", "tr", Effect.WOUNDED),
    ],
)
def test_nobody_is_a_claim_of_nought(sentence: str, language: str, effect: Effect) -> None:
    found = claims_of(sentence, language)
    assert [(claim.effect, claim.low, claim.high) for claim in found] == [(effect, 0, 0)]


@pytest.mark.parametrize(
    ("sentence", "language", "group"),
    [
        ("Hücumda on nəfər ölüb, onlardan ikisi polisdir.", "az", Group.POLICE),
        ("Çatışmada yedi kişi öldü, bunlardan ikisi çocuk.", "tr", Group.CHILDREN),
    ],
)
def test_a_number_with_an_ending_of_possession_is_a_share(sentence: str, language: str, group: Group) -> None:
    whole, share = claims_of(sentence, language)
    assert not whole.subset
    assert share.subset
    assert (share.low, share.group) == (2, group)


@pytest.mark.parametrize(
    ("sentence", "language", "claimant", "side"),
    [
        ("Ermənistan Müdafiə Nazirliyi iki hərbçisinin həlak olduğunu bildirib.", "az", "ARM", "ARM"),
        ("Azərbaycan Müdafiə Nazirliyi düşmənin 12 əsgərinin məhv edildiyini açıqlayıb.", "az", "AZE", "ARM"),
        ("Azərbaycan Müdafiə Nazirliyinin məlumatına görə, üç hərbçi yaralanıb.", "az", "AZE", "AZE"),
        ("Ermenistan Savunma Bakanlığı iki askerinin öldüğünü bildirdi.", "tr", "ARM", "ARM"),
        ("Azerbaycan Savunma Bakanlığı'na göre üç Ermeni askeri öldü.", "tr", "AZE", "ARM"),
    ],
)
def test_the_source_before_a_final_verb_or_a_postposition_vouches(sentence: str, language: str, claimant: str, side: str) -> None:
    (claim,) = claims_of(sentence, language)
    assert (claim.claimant or "").split(".", maxsplit=1)[0] == claimant
    assert claim.side == side


def test_a_vague_number_has_neither_limit() -> None:
    (claim,) = claims_of("Saldırıda onlarca kişi yaralandı.", "tr")
    assert claim.bound is Bound.VAGUE
    assert claim.low is None
    assert claim.high is None
