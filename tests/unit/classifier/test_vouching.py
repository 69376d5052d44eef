from __future__ import annotations

from services.classifier.core.discourse import Voice
from services.classifier.core.vouching import Candidate, candidates, vouched
from tests.unit.classifier.reader import claims_in


def some(voices: tuple[Voice, ...] = (), **given: object) -> dict[str | None, list[str]]:
    told: dict[str, object] = {
        "by_rule": (None, ""), "carried": None, "lead": None, "before": None, "last": None, "next_": None, "home": None, "named": (), "context": ()
    }  # fmt: skip
    found = candidates(voices, 5, **{**told, **given})  # type: ignore[arg-type]  # the story names only what matters to it
    return {candidate.code: candidate.signs for candidate in found}


def test_nobody_is_always_a_candidate() -> None:
    assert some() == {None: ["none", "rule-none:none"]}


def test_a_body_collects_the_signs_of_every_way_in_which_it_came_into_reach() -> None:
    found = some((Voice("AZE.MIL", 3, 9, 3, "said-before"),), by_rule=("AZE.MIL", "said-before"), carried="AZE.GOV")
    assert found["AZE.MIL"] == ["rule:said-before", "voice:said-before:in:ahead", "carried:beside"]


def test_the_signs_are_also_taken_with_the_figure_s_own() -> None:
    assert some(context=("past",))[None] == ["none", "rule-none:none", "none|past", "rule-none:none|past"]


def test_the_rules_are_overruled_only_by_a_clear_sum() -> None:
    ruled = Candidate("ARM.MIL", ["rule:said-before"])
    unknown = Candidate("AZE.MIL", ["a sign without a weight"])
    assert vouched([unknown, ruled])[0] == "ARM.MIL"


def test_bodies_that_act_as_a_whole_are_told_without_a_sector() -> None:
    [claim] = claims_in("The United Nations said two civilians were killed in Stepanakert.")
    assert claim.claimant == "UNO"
