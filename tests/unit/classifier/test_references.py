"""Whom a bare office, a pronoun, a bracket or a count means; each way with a neighbour in which it means another."""

from __future__ import annotations

import pytest

from tests.unit.classifier.reader import claims_in


def bodies(text: str, *, title: str = "") -> list[str | None]:
    """The body that each figure is claimed by."""
    return [claim.claimant.split(".")[0] if claim.claimant else None for claim in claims_in(text, title=title)]


@pytest.mark.parametrize(
    ("text", "claimants"),
    [
        # The place behind an office says whose it is, before a possessive does.
        ("Azerbaijan denied it. Its press centre in Stepanakert said two soldiers were killed.", ["NKR"]),
        ("Azerbaijan's army opened fire. Its press centre said two soldiers were killed.", ["AZE"]),
        # The capital that opens the clause.
        ("Armenia's Defence Ministry spoke of shelling. In Baku, the military said that three soldiers were killed.", ["AZE"]),
        ("Armenia's Defence Ministry spoke of shelling. Later the military said that three soldiers were killed.", ["ARM"]),
        # Whoever any office of the paragraph belongs to.
        (
            "The Defence Ministry in Baku reported losses.\n\nArmenia's police opened a case. The department said two men were killed.",
            ["ARM"],
        ),
        # The source before a relative.
        ("Shots were fired, according to the ministry in Yerevan, which raised the number of its dead soldiers to four.", ["ARM"]),
        # Both sides, a foreigner and the outlet itself vouch for nobody.
        ("A Western diplomat in Baku believes that several hundred men were killed.", [None]),
        ("An Azerbaijani diplomat in Vienna believes that several hundred men were killed.", ["AZE"]),
    ],
)
def test_an_office_belongs_to_whom_the_words_around_it_say(text: str, claimants: list[str | None]) -> None:
    assert bodies(text) == claimants


@pytest.mark.parametrize(
    ("text", "claimants"),
    [
        ("Monday evening - 20 dead, 138 injured (ministry of health, Baku).", ["AZE", "AZE"]),
        ("Monday evening - 20 dead, 138 injured (they come from Baku).", [None, None]),
        ("Baku: two soldiers dead.", ["AZE"]),
        ("Armenia, Azerbaijan: two soldiers dead.", [None]),
        ("By its defence ministry's count Azerbaijan lost 2,823 servicemen.", ["AZE"]),
        ("Az Ermənistan? Baş Prokurorluğun son məlumatı: 13 mülki şəxs öldürülüb.", ["AZE"]),
        ("Взрыв прогремел в Гяндже. Погибли девять человек. Об этом сообщила Генпрокуратура Азербайджана.", ["AZE"]),
        ("Взрыв прогремел в Гяндже.\n\nПогибли девять человек. Движение открыто, сообщила Генпрокуратура Азербайджана.", [None]),
    ],
)
def test_a_source_need_not_stand_with_a_verb_before_its_figure(text: str, claimants: list[str | None]) -> None:
    assert bodies(text) == claimants


def test_a_correction_of_the_outlet_ends_whoever_spoke_before() -> None:
    text = "The Defence Ministry in Baku said two soldiers were killed. We wrote of four dead."
    assert bodies(text) == ["AZE", None]
