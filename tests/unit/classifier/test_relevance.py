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
        "TBILISI - A film crew was held up at the border, the ministry in Tbilisi said; two actors and a director were wounded in Gori.",
        "A coach with a football team fell into a ravine near Gori, the Georgian interior ministry said. Three people died.",
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
        ("Dinamo Tbilisi beat Kutaisi 3-1. The coach praised the striker, whose two goals decided the match.", "sport"),
        ("An Armenian film took the prize in Leipzig. The jury praised the screenplay and its actors, most of them from Yerevan.", "stage"),
        (
            "Kyrgyz and Tajik border guards agreed a truce, Kazakh and Chinese agencies report. An Armenian driver had to wait.",
            "passing",
        ),
        ("Shopkeepers in the Armenian Quarter of Jerusalem pulled down their shutters as rockets fell on Gaza.", "passing"),
    ],
)
def test_other_news_is_told_apart(text: str, why: str) -> None:
    assert reason(document(text)) == why


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("", "Two soldiers were killed when their vehicle hit a mine in the Agdere district, the ministry in Baku said."),
        (
            "Azerbaijan's SOCAR signs gas deal",
            "BAKU - State oil company SOCAR signed a gas supply agreement with Bulgaria and Serbia on Friday.",
        ),
        ("Georgia's parliament overrides veto", "TBILISI - Parliament overrode the president's veto of a media law."),
        ("Police in Vladikavkaz detain suspect", "Police detained a man in Vladikavkaz after a shooting at a market."),
        ("", "Russia's Kadyrov says his fighters will go to Ukraine. The Chechen leader spoke in Grozny."),
        (
            "Armenian genocide resolution passes in US House",
            "The US House of Representatives recognised the Armenian genocide on Tuesday, angering Turkey and pleasing Yerevan.",
        ),
        ("Пожар в торговом центре в Нальчике", "В Нальчике потушили пожар в торговом центре, пострадавших нет."),
        ("Карабахские беженцы", "В Ереване прошла акция переселенцев из Нагорного Карабаха."),
        ("Землетрясение в Дагестане", "Подземные толчки ощущались в Махачкале и Дербенте."),
        ("", "Հայաստանի վարչապետը մեկնել է Բրյուսել։"),
        ("", "Gəncədə yaşayış binasında yanğın olub, iki nəfər xəsarət alıb."),
        ("", "თბილისის მერიამ ახალი ავტობუსები შეიძინა."),
        ("", "Nahçıvan'da askeri uçak düştü."),
        ("", "Séisme ressenti à Erevan et dans le nord de l'Arménie."),
        ("", "Georgiens Präsidentin hat ihr Veto gegen das Gesetz eingelegt, hieß es in Tiflis."),
    ],
)
def test_short_news_of_the_area_is_kept(title: str, text: str) -> None:
    assert reason(document(text, title=title)) == "concerns"


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (
            "Georgia beats Florida in overtime",
            "ATLANTA - The Bulldogs scored a touchdown in overtime to beat Florida. Georgia coach Kirby Smart praised the quarterback; the match was the league's best.",
        ),
        (
            "Georgia Senate runoff",
            "Democrat Raphael Warnock won the Georgia Senate runoff, defeating the Republican; Fulton County counted last.",
        ),
        (
            "Qarabag lose to Chelsea",
            "Qarabag were beaten 6-0 by Chelsea in the Champions League. The Azerbaijani champions' coach said the goals came too early; their goalkeeper was hurt in the second half of the match at the stadium.",
        ),
        ("Kim Kardashian opens shop", "Kim Kardashian, whose father was of Armenian descent, opened a shop in Los Angeles on Friday."),
        ("Ceasefire in Gaza holds", "Israel and Hamas kept to a ceasefire in Gaza; Egypt, Qatar and the United States hailed it."),
        ("Взрыв в Казани", "В Казани взорвался газ, погибли трое. Среди раненых уроженец Дагестана."),
        ("Earthquake in Colombia", "An earthquake hit the city of Armenia in Quindío, Colombia."),
        (
            "Israel strikes Lebanon",
            "Israel struck Beirut. The patriarch of the Armenian church in Lebanon appealed for calm, as did leaders in Syria and Iraq.",
        ),
        (
            "Ukraine says it downed 40 drones",
            "Ukraine's air force said it had downed 40 drones over Kyiv and Odesa. Russia's Chechen fighters were reported near Bakhmut.",
        ),
        ("", "Шахматист Шахрияр Мамедъяров выиграл турнир в Норвегии; гроссмейстер обыграл в последнем туре чемпиона."),
        ("", "Irans Außenminister traf in Teheran seinen syrischen Kollegen, um über Gaza und den Libanon zu sprechen."),
        (
            "Sochi hosts talks on Syria",
            "SOCHI, Russia - The presidents of Russia, Turkey and Iran met in Sochi to discuss Syria, Ukraine and Libya.",
        ),
        (
            "Шесть голов в Лондоне",
            "«Карабах» проиграл «Челси» в матче Лиги чемпионов, пропустив шесть голов. Тренер азербайджанского клуба недоволен вратарём.",
        ),
    ],
)
def test_a_passing_name_or_a_namesake_is_not_enough(title: str, text: str) -> None:
    assert reason(document(text, title=title)) != "concerns"


@pytest.mark.parametrize(
    "text",
    [
        "The Armenian Defence Ministry said nine of its soldiers were killed.",
        "A Georgian offer of a ceasefire was dismissed by Moscow as a trick on Sunday.",
        "Shusha residents buried two teachers who were killed on Monday.",
    ],
)
def test_an_item_of_one_sentence_that_tells_of_victims_or_a_truce_need_not_name_the_area_twice(text: str) -> None:
    assert reason(document(text)) == "concerns"


def test_an_item_of_one_sentence_about_another_war_stays_out() -> None:
    assert reason(document("Armenian doctors were among nine people killed in Aleppo, Syria, on Friday.")) != "concerns"
