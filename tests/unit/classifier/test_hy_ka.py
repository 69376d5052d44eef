"""How Armenian and Georgian are read: order of words, endings, marks of their own, and neighbours that tell nothing."""

from __future__ import annotations

import pytest

from tests.unit.classifier.reader import claims_in

ARMENIAN = [
    ("Զոհվել է երկու զինծառայող, վիրավորվել է երեքը։", [("killed", 2), ("wounded", 3)]),
    ("Սահմանին երկու զինվոր է զոհվել, հայտնել է ՀՀ պաշտպանության նախարարությունը։", [("killed", 2)]),
    ("Զոհվել է 5 մարդ, որոնցից մեկը՝ երեխա։", [("killed", 5), ("killed", 1)]),
    ("Զոհերի թիվը հասել է 32-ի։", [("killed", 32)]),
    ("Վիրավորների թիվն անցնում է երկու հարյուրից։", [("wounded", 200)]),
    ("Վթարից ոչ ոք չի տուժել, հայտնել են փրկարարները։", [("wounded", 0)]),
    ("Հայտնի է նաև, որ 12 զինծառայող գերեվարվել է։", [("captured", 12)]),
    ("Զոհվե՛լ է երկու զինվոր:", [("killed", 2)]),
    ("Նախարարությանը հանձնվել է 12 տանկ և հինգ հրանոթ։", []),
    ("Զինծառայողները 20 կիլոմետր են անցել։", []),
    ("Թիմը կորցրեց երեք միավոր։", []),
]

GEORGIAN = [
    ("შეტაკებისას ორი ჯარისკაცი დაიღუპა, ექვსი კი დაიჭრა.", [("killed", 2), ("wounded", 6)]),
    ("დაიღუპა პოლიციელი და დაშავდა ორი გამვლელი.", [("killed", 1), ("wounded", 2)]),
    ("დაღუპულთა რიცხვმა 201-ს მიაღწია.", [("killed", 201)]),
    ("სულ მცირე სამი ადამიანი გარდაიცვალა, მათ შორის ერთი ბავშვი.", [("killed", 3), ("killed", 1)]),
    ("დაბომბვას ერთი მშვიდობიანი მოქალაქე ემსხვერპლა.", [("killed", 1)]),
    ("წვრთნაში მონაწილეობს 2 500 სამხედრო და 12 ტანკი.", []),
    ("სტუმრებმა სამი ქულა დაკარგეს.", []),
    ("მაშველებმა ვერტმფრენით 170 ადამიანი გადაარჩინეს.", []),
]


@pytest.mark.parametrize(("text", "told"), ARMENIAN)
def test_armenian_figures(text: str, told: list[tuple[str, int]]) -> None:
    assert [(claim.effect.value, claim.low) for claim in claims_in(text)] == told


@pytest.mark.parametrize(("text", "told"), GEORGIAN)
def test_georgian_figures(text: str, told: list[tuple[str, int]]) -> None:
    assert [(claim.effect.value, claim.low) for claim in claims_in(text)] == told
