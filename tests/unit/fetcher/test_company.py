"""What a feed of the whole world is kept for, told by headlines: the real region, and all that only bears its names."""

from __future__ import annotations

import pytest

from schemas.vocabulary import FeedScope
from services.fetcher.core.company import Company
from services.fetcher.core.keywords import matched
from services.region import Region


def kept(headline: str) -> bool:
    title, _, text = headline.partition("|")
    return matched(Region.load().find, FeedScope.WORLD, title, text).kept


@pytest.mark.parametrize(
    "headline",
    [
        "Georgian parliament overrides veto on foreign agents law",
        "Georgia protests: police use water cannon|Protesters gathered on Rustaveli Avenue.",
        "Georgia's ruling party wins vote",
        "Georgia says Russian drone fell near Gori",
        "Unrest in Georgia as opposition rejects election",
        "Géorgie : manifestation devant le Parlement",
        "Georgien: Proteste in Tiflis",
        "Georgiens Regierung tritt zurück",
        "Tschetschenischer Kämpfer in Wien gefasst",
        "в Лачинском районе",
        "Тавушская область: оползень",
        "Աբխազիայում ընտրություններ են",
        "Armenia and Azerbaijan trade fire at border",
        "Armenia pursues its goals in Europe",
        "Two killed in Dagestan shooting|Gunmen attacked a police post in Makhachkala.",
        "Olympic champion killed in Dagestan|The wrestler was shot.",
        "UEFA chief visits Baku as shelling resumes at the border, two soldiers killed",
        "В Северной Осетии упал беспилотник",
        "Жители Степанакерта покидают город",
        "Ingushetia: man detained",
        "Грозный: прогремел взрыв",
        "Пожар в Грозном",
        "Climbers rescued on Elbrus",
        "Laçın dəhlizi açıldı",
        "Şuşanın mərkəzində yanğın",
        "Бои на линии соприкосновения в Карабахе",
        "Ermenistan sınırında çatışma",
        "Հայաստանում երկրաշարժ",
        "თბილისში აფეთქება",
        "Haut-Karabakh : Erevan accuse Bakou",
        "Südossetien plant Referendum",
    ],
)
def test_what_tells_of_the_region_is_kept(headline: str) -> None:
    assert kept(headline)


@pytest.mark.parametrize(
    "headline",
    [
        "Georgia governor Brian Kemp signs bill|The Atlanta lawmaker said.",
        "Georgia school shooting leaves four dead|The shooting at Apalachee High School in Winder, officials said.",
        "Storm hits Florida, Georgia and South Carolina",
        "Immigration raid at Hyundai plant in Georgia|South Korean workers were detained by ICE.",
        "Mount Vernon, Georgia man charged",
        "Trump called Georgia secretary of state to find votes",
        "Tropensturm trifft Georgia und Florida",
        "Georgia Stanway scores for England|The midfielder",
        "Georgia O'Keeffe exhibition opens in Santa Fe",
        "Jordan Henderson and Georgia Harrison",
        "South Georgia penguins hit by bird flu",
        "Georgian house for sale in London|An 18th-century Georgian terrace.",
        "Earthquake shakes Armenia, Quindío|The Colombian city of Armenia",
        "Qarabag hold Chelsea in Champions League",
        "Qarabağ FK - Neftçi matçı",
        "«Карабах» сыграл вничью с «Челси» в Лиге чемпионов",
        "Karabağ, Şampiyonlar Ligi'nde berabere kaldı|Karabağ futbol maçı",
        "Georgia beat Turkey in Euro 2028 qualifier",
        "Baku Grand Prix: Verstappen wins|Formula 1 race in the Azerbaijani capital",
        "Armenian wrestler wins gold medal at European Championship",
        "Visit Baku! Cheap flights from 99 euros",
        "Caucasian man wanted in Ohio",
        "Грозные тучи над Лондоном",
        "Elbrus processor released",
        "Nicolas Batum scores 20 points",
        "Susan and Susanna win the county fair",
        "Société générale: résultats en hausse",
        "ВС РФ продвинулись на линии соприкосновения под Купянском",
        "The dividing line between art and craft",
        "YAP 2015 winner Andrés Jaque to install Cosmo",
    ],
)
def test_what_only_bears_its_names_is_not(headline: str) -> None:
    assert not kept(headline)


def test_a_feed_of_the_region_keeps_it_all() -> None:
    assert matched(Region.load().find, FeedScope.REGION, "Qarabağ FK - Neftçi matçı", "").kept


def test_one_name_that_nobody_doubts_is_enough() -> None:
    company = Company([{"about": "a state", "names": ["georgia"], "company": [["tbilisi"]], "against": [["florida"]]}])
    assert not company.settles({"Georgia"}, "Georgia")
    assert company.settles({"Georgia"}, "Georgia and Tbilisi")
    assert not company.settles({"Georgia"}, "Georgia, Florida and Tbilisi the café")
    assert company.settles({"Georgia", "Yerevan"}, "Georgia, Florida, Yerevan")


def test_a_word_between_underscores_is_whole() -> None:
    company = Company([{"about": "sport", "names": "any", "beside": [["match"]], "company": [["_war_"]]}])
    assert not company.settles({"Baku"}, "Baku: a match in warm weather")
    assert company.settles({"Baku"}, "Baku: a match in times of war.")
