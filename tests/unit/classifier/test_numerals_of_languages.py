"""Numbers as each language writes them in words: glued together, with endings that bound them, and ages, which count nobody."""

from __future__ import annotations

import pytest

from schemas.reading import CasualtyClaim
from services.classifier.core.claims import find_claims
from services.region import Region
from tests.unit.classifier.newsroom import document


def claims_of(text: str) -> tuple[CasualtyClaim, ...]:
    return find_claims(document(text), Region.load())


@pytest.mark.parametrize(
    ("language", "text", "low", "high"),
    [
        ("de", "Zweihundertvierzig armenische Soldaten wurden bei Martakert getötet, teilte Baku mit.", 240, 240),
        ("de", "Einhundertfünf Menschen wurden in Bergkarabach getötet, so der Ombudsmann.", 105, 105),
        ("de", "Achtundzwanzigtausend Armenier wurden aus Bergkarabach vertrieben, so die Regierung in Jerewan.", 28000, 28000),
        ("ka", "აფხაზეთში ორმოცდაოთხი ჯარისკაცი დაიღუპა, განაცხადა თავდაცვის სამინისტრომ.", 44, 44),
        ("ka", "აფხაზეთში ორმოცდაათამდე ჯარისკაცი დაიღუპა, განაცხადა თავდაცვის სამინისტრომ.", None, 50),
        ("hy", "Արցախում զոհվել է վաթսունհինգ զինծառայող, հայտնել է պաշտպանության նախարարությունը։", 65, 65),
    ],
)
def test_a_number_in_one_word_is_read_whole(language: str, text: str, low: int | None, high: int | None) -> None:
    read = document(text)
    assert read.language == language
    assert [(claim.low, claim.high) for claim in find_claims(read, Region.load())] == [(low, high)]


@pytest.mark.parametrize(
    "text",
    [
        "Արցախում հրթիռից զոհվել է յոթ տարեկան տղա, հայտնել է պաշտպանության նախարարությունը։",
        "აფხაზეთში ჭურვით ექვსი წლის ბავშვი დაიღუპა, განაცხადა თავდაცვის სამინისტრომ.",
    ],
)
def test_an_age_in_words_counts_nobody(text: str) -> None:
    assert {claim.low for claim in claims_of(text)} <= {1}
