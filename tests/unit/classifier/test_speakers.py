from __future__ import annotations

import pytest

from tests.unit.classifier.reader import claims_in


def bodies(text: str, *, day: str = "2023-09-20") -> list[str | None]:
    """The body that each figure is claimed by."""
    return [claim.claimant.split(".")[0] if claim.claimant else None for claim in claims_in(text, day=day)]


@pytest.mark.parametrize(
    ("text", "claimants"),
    [
        ("The Defence Ministry in Baku said that two soldiers were killed.", ["AZE"]),
        ("Two soldiers were killed, the Defence Ministry in Baku said on Tuesday.", ["AZE"]),
        ("Two soldiers were killed, said the Azerbaijani Defence Ministry.", ["AZE"]),
        ("According to Armenia's Defence Ministry, two soldiers were killed.", ["ARM"]),
        ("Two soldiers were killed, according to Armenia's Defence Ministry.", ["ARM"]),
        ("By Tbilisi's reckoning 14 policemen died.", ["GEO"]),
        ("Armenian state media reported, citing the Azerbaijani Defence Ministry, that two soldiers were killed.", ["AZE"]),
        ("Two soldiers were killed near Agdam.", [None]),
    ],
)
def test_a_source_is_found_on_either_side(text: str, claimants: list[str | None]) -> None:
    assert bodies(text) == claimants


def test_each_source_has_its_own_figure() -> None:
    text = "Armenia's Defence Ministry said two soldiers were killed, while the Defence Ministry in Baku spoke of five dead."
    assert bodies(text) == ["ARM", "AZE"]


def test_a_source_speaks_on_within_its_paragraph_and_no_further() -> None:
    text = "The Defence Ministry in Baku said two soldiers were killed. Three were wounded.\n\nFive civilians died near Agdam."
    assert bodies(text) == ["AZE", "AZE", None]


def test_pronouns_and_bare_offices_mean_the_last_that_fits() -> None:
    text = "The Defence Ministry in Baku said two soldiers were killed.\n\nThe ministry added that three were wounded. It said nine were missing."
    assert bodies(text) == ["AZE", "AZE", "AZE"]


def test_an_apposition_tells_for_whom_a_person_speaks() -> None:
    assert bodies("Artsrun Petrosyan, a spokesman for Armenia's Defence Ministry, said two soldiers were killed.") == ["ARM"]


def test_a_surname_speaks_for_the_body_it_was_introduced_with() -> None:
    text = "Aram Testyan, the Armenian health minister, visited a hospital and said he was sad.\n\nTestyan said three people had died."
    assert bodies(text) == ["ARM"]


def test_a_quotation_over_several_sentences_has_the_source_that_closes_it() -> None:
    text = '"A hundred soldiers have been killed. Two lads were wounded," the Azerbaijani Defence Ministry said.'
    assert bodies(text) == ["AZE", "AZE"]


def test_two_verbs_share_one_subject() -> None:
    text = "Georgia's health minister put the dead at 175 and warned that 20 people were missing."
    assert bodies(text) == ["GEO", "GEO"]


def test_a_lead_has_the_source_of_the_next_sentence() -> None:
    text = "Four Armenian soldiers died on Tuesday near Nerkin Hand. Armenia's Defence Ministry said that a fifth man was hurt."
    assert bodies(text)[0] == "ARM"
