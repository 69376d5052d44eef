"""Numbers that no rule takes: counted where the weights are sure, left alone where they count nobody."""

from __future__ import annotations

import json
from importlib import resources

import pytest

from services.classifier.core import counts
from services.classifier.core.claims import told
from services.classifier.core.counts import EFFECTS, Possibility, chances_of
from services.classifier.core.lines import Line
from tests.unit.classifier.reader import a_document, claims_in


def weighed(text: str) -> list[tuple[str, int | None]]:
    """(effect, low) of what was found by the weights alone."""
    return [(claim.effect.value, claim.low) for claim in claims_in(text) if claim.rule == "counts"]


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("Killed by shelling in Martakert, officials said, were 14 conscripts.", [("killed", 14)]),
        ("The ministry said two soldiers were killed. In hospital with wounds, it said, lie 11.", [("wounded", 11)]),
        (
            "The ministry in Yerevan said five soldiers had been wounded. A day earlier it had spoken of three wounded, on Saturday of two.",
            [("wounded", 2)],
        ),
    ],
)
def test_what_the_rules_leave_open_is_counted(text: str, figures: list[tuple[str, int]]) -> None:
    assert weighed(text) == figures


@pytest.mark.parametrize(
    "text",
    [
        "Two soldiers were killed, the ministry said. Six buses carried wounded men to Goris.",
        "Минобороны сообщило о двух погибших. В колонне, перевозившей раненых, было 14 машин.",
        "Two soldiers were killed, the ministry said. Some 300 people followed the coffins of the dead.",
        "Two soldiers were killed, the ministry said, in a raid by 20 saboteurs on post 14.",
        "If 14 conscripts were killed by shelling in Martakert, officials said, the truce would be over.",
        "The Investigative Committee has held three officers.",
        "Volunteers saved 40 lives in the flood.",
    ],
)
def test_numbers_beside_casualties_that_count_others_are_left_alone(text: str) -> None:
    assert weighed(text) == []


def test_the_chances_of_a_quantity_add_up_with_nothing_to_one() -> None:
    seen: list[Possibility] = []

    def note(line: Line, possibility: Possibility) -> None:
        del line
        seen.append(possibility)

    told(a_document("Two soldiers were killed and 11 of 40 wounded, the ministry said."), note)
    assert len(seen) == 3
    for possibility in seen:
        chances = chances_of(possibility)
        assert set(chances) == set(EFFECTS)
        assert all(0 <= chance <= 1 for chance in chances.values())
        assert sum(chances.values()) <= 1


def test_without_weights_nothing_is_added(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "tables", lambda: ({}, {effect: {} for effect in EFFECTS}))
    assert weighed("Killed by shelling in Martakert, officials said, were 14 conscripts.") == []


def test_every_weight_is_of_a_sign_that_is_made() -> None:
    weights = json.loads((resources.files("services.classifier") / "weights" / "counts.json").read_text(encoding="utf-8"))["weights"]
    effects = {effect.value for effect in EFFECTS}
    for name in weights:
        effect, bar, sign = name.partition("|")
        assert not bar or (effect in effects and (sign == "bias" or sign.startswith(counts.PAIRED))), name
