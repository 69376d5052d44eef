from __future__ import annotations

from services.classifier.core.vouching import Candidate, vouched
from tests.unit.classifier.reader import claims_in, drafts_in

KARABAKH = "STEPANAKERT - The defence ministry in Baku said on Tuesday that two soldiers were killed near Talish."


def test_nobody_is_always_a_candidate() -> None:
    [draft] = drafts_in("Two soldiers were killed near Talish.")
    assert None in {candidate.code for candidate in draft.choice}


def test_a_body_collects_the_signs_of_every_way_in_which_it_came_into_reach() -> None:
    [draft] = drafts_in(KARABAKH)
    [signs] = [candidate.signs for candidate in draft.choice if candidate.code == "AZE.MIL"]
    assert {"rule:said-before", "voice:said-before:in:ahead", "voice:in:composed"} <= set(signs) or "voice:in:named" in signs


def test_the_signs_are_also_taken_with_the_figure_s_own() -> None:
    [draft] = drafts_in("Two soldiers were killed near Talish.")
    [signs] = [candidate.signs for candidate in draft.choice if candidate.code is None]
    assert "none|now" in signs


def test_the_rules_are_overruled_only_by_a_clear_sum() -> None:
    ruled = Candidate("ARM.MIL", ["rule:said-before"])
    unknown = Candidate("AZE.MIL", ["a sign without a weight"])
    assert vouched([unknown, ruled])[0] == "ARM.MIL"


def test_bodies_that_act_as_a_whole_are_told_without_a_sector() -> None:
    [claim] = claims_in("The United Nations said two civilians were killed in Stepanakert.")
    assert claim.claimant == "UNO"


def signs_for(text: str, body: str) -> set[str]:
    """The signs of a body as claimant of the only figure."""
    [draft] = drafts_in(text)
    return {sign for candidate in draft.choice if (candidate.code or "").startswith(body) for sign in candidate.signs}


def test_an_official_count_is_that_of_the_state() -> None:
    assert "official" in signs_for("BESLAN, Russia - Officially 335 hostages died.", "RUS.GOV")
    assert "official" in signs_for("In Baku, by official figures, 20 Azerbaijani soldiers were killed.", "AZE")


def test_an_official_is_no_official_count() -> None:
    assert "official" not in signs_for("In Baku an official counted 20 Azerbaijani soldiers killed.", "AZE")


def test_a_federal_body_speaks_for_russia_in_its_department_for_a_republic() -> None:
    [claim] = claims_in("Three men were killed, the Investigative Committee's department for Kabardino-Balkaria informed.")
    assert claim.claimant == "RUS.POL"
    [claim] = claims_in("Three men were killed, the Interior Ministry of Kabardino-Balkaria informed.")
    assert claim.claimant is not None
    assert claim.claimant.startswith("KBR")
