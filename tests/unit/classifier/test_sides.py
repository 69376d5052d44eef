from __future__ import annotations

import pytest

from tests.unit.classifier.reader import claims_in, drafts_in


def sides(text: str) -> list[str | None]:
    return [claim.side for claim in claims_in(text)]


@pytest.mark.parametrize(
    ("text", "whose"),
    [
        ("Two Armenian soldiers were killed.", ["ARM"]),
        ("Two servicemen of the Azerbaijani Army were killed.", ["AZE"]),
        ("The Azerbaijani Defence Ministry said two of its soldiers were killed.", ["AZE"]),
        ("The Azerbaijani Defence Ministry put Armenian losses at 100 dead.", ["ARM"]),
        ("Azerbaijan's Defence Ministry said Armenia had lost 12 of its men.", ["ARM"]),
        ("The ministry admits that Azerbaijan has lost 12 soldiers.", ["AZE"]),
        ("Azerbaijani shelling killed two civilians in Stepanakert.", ["NKR"]),
        ("At least 30 servicemen from both armies were left dead.", [None]),
    ],
)
def test_whose_people_are_told_by_noun_owner_agent_or_place(text: str, whose: list[str | None]) -> None:
    assert sides(text) == whose


def test_militants_of_the_north_caucasus_belong_to_no_state() -> None:
    [claim] = claims_in("Two militants were killed in Dagestan on Tuesday, Russia's National Antiterrorism Committee said.")
    assert claim.side == "REB"


def test_the_dead_of_the_republics_are_russia_s() -> None:
    [claim] = claims_in("Two policemen were killed in Dagestan on Tuesday.")
    assert claim.side == "RUS"


def pointers_of(text: str, title: str = "") -> set[tuple[str, str | None]]:
    """What speaks for whose people the last figure counts."""
    return set(drafts_in(text, title=title)[-1].pointers)


def test_a_surname_is_a_weak_sign_of_whose_a_victim_is() -> None:
    assert ("surname", "ARM") in pointers_of("Private Aram Vanatsyan was killed.")
    assert not any(sign == "surname" for sign, _ in pointers_of("Private Aram Vanatos was killed."))


def test_the_only_body_of_a_title_is_a_sign_and_one_of_two_is_none() -> None:
    text = "Two men were killed in the night."
    assert ("title-alone", "AZE") in pointers_of(text, title="Shots in Azerbaijan")
    assert not any(sign == "title-alone" for sign, _ in pointers_of(text, title="Shots between Azerbaijan and Armenia"))


def test_whom_the_sentence_before_was_about_is_a_sign() -> None:
    assert ("only-before:here:bare", "AZE") in pointers_of("Azerbaijan is mourning. Two men were killed.")
    assert not any(sign.startswith("only-before") for sign, _ in pointers_of("The town is mourning. Two men were killed."))
