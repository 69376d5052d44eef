"""Who is an actor: whoever speaks, acts or is hit, with the sector; not whoever merely has a border."""

from __future__ import annotations

import pytest

from schemas.reading import CasualtyClaim, Evidence
from schemas.vocabulary import Effect, Group
from services.classifier.core.actors import find_actors
from services.region import Region
from tests.unit.classifier.newsroom import document


def actors(text: str, *claims: CasualtyClaim) -> set[str]:
    return {tag.code for tag in find_actors(document(text), claims, Region.load())}


def claim(side: str, group: Group, *, claimant: str | None = None, heads: int = 2) -> CasualtyClaim:
    evidence = Evidence(field="text", start=0, end=1, text="x")
    return CasualtyClaim(effect=Effect.KILLED, low=heads, high=heads, side=side, group=group, claimant=claimant, evidence=evidence)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The Azerbaijani Defence Ministry said its posts had come under fire.", "AZE.MIL"),
        ("President Ilham Aliyev said the army would answer.", "AZE.GOV"),
        ("The OSCE called on both sides to stop.", "OSCE"),
        ("The Georgian Interior Ministry said three men were arrested.", "GEO.POL"),
        ("Russian peacekeepers closed the road.", "RUS.PKO"),
        ("Минобороны Армении сообщило об обстреле.", "ARM.MIL"),
        ("Azərbaycan Xarici İşlər Nazirliyi bəyanat yayıb.", "AZE.GOV"),
        ("Ադրբեջանի պաշտպանության նախարարությունը հայտնել է կրակոցների մասին։", "AZE.MIL"),
        ("საქართველოს შინაგან საქმეთა სამინისტრომ განცხადება გაავრცელა.", "GEO.POL"),
        ("Ermenistan Savunma Bakanlığı açıklama yaptı.", "ARM.MIL"),
        ("Le ministère arménien de la Défense a démenti.", "ARM.MIL"),
        ("Das aserbaidschanische Verteidigungsministerium meldete Verluste.", "AZE.MIL"),
    ],
)
def test_a_named_body_is_an_actor(text: str, code: str) -> None:
    assert code in actors(text)


def test_the_sectors_of_the_victims_and_the_claimants_are_actors() -> None:
    found = actors("Two people died.", claim("ARM", Group.MILITARY, claimant="ARM.MIL"), claim("AZE", Group.CIVILIAN))
    assert {"ARM.MIL", "AZE.CVL"} <= found


def test_a_group_without_casualties_is_none() -> None:
    assert "ARM.POL" not in actors("Nobody was hurt.", claim("ARM", Group.POLICE, heads=0))


def test_a_place_alone_is_no_actor() -> None:
    assert actors("A hailstorm passed over the hills near Goris on Sunday.") == set()


def test_the_surest_comes_first() -> None:
    found = find_actors(document("The Azerbaijani Defence Ministry said Moscow had been told."), (), Region.load())
    assert found[0].code == "AZE.MIL"
    assert [tag.confidence for tag in found] == sorted((tag.confidence for tag in found), reverse=True)
