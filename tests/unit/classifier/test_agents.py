"""Who struck and who lost: each rule of sides with the neighbour that it must leave alone."""

from __future__ import annotations

import pytest

from tests.unit.classifier.reader import claims_in


def sides(text: str, *, day: str = "2023-09-20") -> list[str | None]:
    """The side of each figure."""
    return [claim.side for claim in claims_in(text, day=day)]


BOTH = "Armenia and Azerbaijan accused each other. Armenia and Azerbaijan exchanged fire.\n\n"
"""Two foes are spoken of, so that nobody is hurt by default."""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Twelve people died on the Armenian side.", ["ARM"]),
        ("С азербайджанской стороны погибли двое военных.", ["AZE"]),
        ("Azerbaijan's Defence Ministry said the enemy had lost 12 soldiers.", ["ARM"]),
        ("Azerbaijan's Defence Ministry said 12 soldiers were killed by enemy fire.", ["AZE"]),
        ("Azerbaijan's Defence Ministry said its units had killed 60 soldiers.", ["ARM"]),
        ("Azerbaijan's Defence Ministry said that its units had lost 60 soldiers.", ["AZE"]),
        ("Armenia's Defence Ministry said the attackers had left 14 dead behind.", ["AZE"]),
        ("Azerbaijani drones struck positions of the Armenian army, killing four servicemen.", ["ARM"]),
    ],
)
def test_whose_people_are_told_by_side_foe_field_and_doer(text: str, told: list[str | None]) -> None:
    assert sides(BOTH + text if text[0].isascii() else text) == told


def test_a_genitive_of_the_attack_owns_nobody() -> None:
    assert "ARM" not in sides("1992-ci ildə erməni silahlı dəstələrinin Xocalıya hücumu zamanı 613 nəfər öldürülüb.")


def test_the_peacekeepers_of_the_area_are_russia_s_unless_named_otherwise() -> None:
    text = "Russia keeps a force here. Colonel Ivanov of the Russian staff said {} were killed."
    assert sides(text.format("two peacekeepers")) == ["RUS"]
    assert sides(text.format("two Georgian peacekeepers")) == ["GEO"]
