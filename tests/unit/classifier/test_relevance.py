"""Whether an article concerns the South or the North Caucasus: recall first, but not every chess board."""

from __future__ import annotations

import pytest

from services.classifier.core.relevance import is_relevant, reason
from services.region import Region
from tests.unit.classifier.newsroom import document


@pytest.mark.parametrize(
    "text",
    [
        "TBILISI - Thousands marched through the Georgian capital on Friday.",
        "A landslide buried two houses in Keda district, Adjara, the mayor said.",
        "MAKHACHKALA. Two policemen were wounded, officials in Dagestan said.",
        "Взрыв газа в жилом доме в Грозном: погибли двое, сообщили в МЧС.",
        "Ermənistan bölmələri Kəlbəcər istiqamətində atəş açıb.",
        "Ադրբեջանի պաշտպանության նախարարությունը հայտնել է կորուստների մասին։",
        "ტყიბულის შახტაში აფეთქება მოხდა, განაცხადა სამინისტრომ.",
        "The governor of Stavropol said three people had drowned when the river burst its banks.",
    ],
)
def test_the_watch_area_is_recognised(text: str) -> None:
    assert is_relevant(document(text), Region.load())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Sudan's army agreed to prolong a ceasefire in Khartoum by 72 hours.", "unnamed"),
        (
            "ATLANTA - Police in Georgia arrested a man in Cobb County. The sheriff thanked the governor and the senator.",
            "unnamed",
        ),
        (
            "PINE FALLS - A tornado cut through two counties in Georgia. The sheriff said Georgia had asked the governor for the National Guard.",
            "american",
        ),
        (
            "Yerevan's favourite sacrificed a pawn in the eighth round. The grandmaster then lost a bishop and a rook in the endgame of the tournament.",
            "sport",
        ),
        ("Shopkeepers in the Armenian Quarter of Jerusalem pulled down their shutters as rockets fell on Gaza.", "passing"),
    ],
)
def test_other_news_is_told_apart(text: str, why: str) -> None:
    assert reason(document(text)) == why
